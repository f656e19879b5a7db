/** Requests made from the contract's own schemas: valid ones, and valid ones with something broken. Seeded. */
import { z } from 'zod';
import { verbs } from '../../../main/contract/verbs.ts';
import type { VerbName } from '../../../main/contract/verbs.ts';

export type Random = () => number;

/** mulberry32: 0 ≤ x < 1. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

const words = ['a', '0123456789abcdef', 'owner/name', 'ünï "#%\n\0', '../../etc/passwd'];

function string(random: Random, schema: Schema): string {
  if (schema.pattern === undefined) return pick(random, words);
  const pattern = new RegExp(schema.pattern);
  const fitting = words.filter((word) => pattern.test(word));
  if (fitting.length === 0) throw new Error(`No word here fits ${schema.pattern}: add one.`);
  return pick(random, fitting);
}

function make(random: Random, schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(random, schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return make(random, pick(random, either));
  const least = schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) || random() < 0.5)
          .map(([key, inner]) => [key, make(random, inner)]),
      );
    case 'array':
      if (schema.prefixItems) return schema.prefixItems.map((inner) => make(random, inner));
      return Array.from({ length: Math.max(schema.minItems ?? 0, Math.floor(random() * 3)) }, () =>
        make(random, schema.items ?? {}),
      );
    case 'string':
      return string(random, schema);
    case 'integer':
      return Math.floor(least + random() * Math.min(1000, (schema.maximum ?? 1e6) - least));
    case 'number':
      return least > 1 ? least : random() * Math.min(1, schema.maximum ?? 1);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default:
      throw new Error(`No maker for ${JSON.stringify(schema)}: add one.`);
  }
}

export const verbNames = Object.keys(verbs) as VerbName[];

const schemas = new Map(
  verbNames.map((verb) => [verb, z.toJSONSchema(verbs[verb].request, { io: 'input' }) as Schema]),
);

export function validRequest(random: Random, verb: VerbName): Record<string, unknown> {
  return make(random, schemas.get(verb)!) as Record<string, unknown>;
}

const rubbish: readonly unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  -1,
  0.5,
  2 ** 53,
  '',
  '\0',
  'x'.repeat(40_000),
  [],
  [[[[]]]],
  {},
  { __proto__: null, constructor: 1 },
  new Uint8Array(3),
  JSON.parse('{"__proto__": {"polluted": true}}'),
];

/** A valid request with one of its parts replaced, removed or added: mostly invalid, never certainly. */
export function brokenRequest(random: Random, verb: VerbName): unknown {
  const request = validRequest(random, verb);
  const keys = Object.keys(request);
  const way = random();
  if (way < 0.2 || keys.length === 0) return pick(random, rubbish);
  if (way < 0.4)
    return { ...request, [pick(random, ['extra', 'constructor', 'toString'])]: pick(random, rubbish) };
  const key = pick(random, keys);
  if (way < 0.5) return Object.fromEntries(Object.entries(request).filter(([name]) => name !== key));
  return { ...request, [key]: pick(random, rubbish) };
}
