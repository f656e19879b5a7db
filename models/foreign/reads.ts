/** Which tokens the head reads: followed from the logits against the current to the last value that holds them all. */
import { intOf, intsOf } from '../onnx/attributes.ts';
import type { Node } from '../onnx/schema.ts';
import { type Attention, mixedOfFirst } from './attention.ts';
import { parting, partOf } from './carry.ts';
import { type Flow, writtenSoftmax } from './flow.ts';

export interface Reads {
  /** Tokens that come alone, by index. */
  picked: ReadonlySet<number>;
  /** Tokens of which several became one: their mean, their greatest numbers, a weighted sum. */
  joined: ReadonlySet<number>;
}

/** More operators no head has. */
const farthest = 256;

/** What a value holds of tokens; those that still lie apart do so along `axis`, in the order of `list`. */
interface Held extends Reads {
  axis: number | null;
  list: readonly number[];
}

const none: Held = { axis: null, list: [], picked: new Set(), joined: new Set() };
const shaping = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
const pools = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'MaxPool']);
const range = (length: number) => Array.from({ length }, (_, i) => i);
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** No axis of tokens is left. */
function ended({ axis, list, picked, joined }: Held): Held {
  if (axis === null) return { ...none, picked, joined };
  const alone = list.length === 1;
  return {
    ...none,
    picked: alone ? new Set([...picked, ...list]) : picked,
    joined: alone ? joined : new Set([...joined, ...list]),
  };
}

class Reader {
  readonly #flow: Flow;
  readonly #tokens: number;
  readonly #known = new Map<string, Held>();
  #steps = 0;

  constructor(flow: Flow, { tokens }: Attention, first: ReturnType<typeof mixedOfFirst>) {
    this.#flow = flow;
    this.#tokens = tokens;
    // Attention brings every token to each: whose rows they are is what lies apart.
    if (first) this.#known.set(first.value, { ...none, axis: 2, list: range(first.asked) });
  }

  held(value: string): Held {
    const known = this.#known.get(value);
    if (known) return known;
    if (this.#steps > farthest) return none;
    this.#steps++;
    const found = this.#whole(value) ?? this.#made(value);
    this.#steps--;
    this.#known.set(value, found);
    return found;
  }

  /** [B, T, D] or [T, B, D] */
  #whole(value: string): Held | null {
    const shape = this.#flow.shape(value);
    const sides = [this.#flow.batch, this.#tokens];
    if (shape?.length !== 3 || this.#flow.isConstant(value)) return null;
    const axis = shape[0] === sides[0] && shape[1] === sides[1] ? 1 : shape[0] === sides[1] && shape[1] === sides[0] ? 0 : null; // prettier-ignore
    return axis === null ? null : { ...none, axis, list: range(this.#tokens) };
  }

  #made(value: string): Held {
    const flow = this.#flow;
    const node = flow.maker(value);
    if (!node) return none;
    const parts = flow.activations(node).map((input) => this.held(input));
    const first = this.held(node.input[0] ?? '');
    const [from, to] = [flow.shape(node.input[0] ?? ''), flow.shape(value)];
    if (first.axis === null || !from || !to) return union(parts, to);
    const moved = (axis: number | undefined) => (axis === undefined || axis < 0 ? ended(first) : { ...first, axis }); // prettier-ignore
    if (node.opType === 'Transpose') return moved((intsOf(node, 'perm') ?? from.map((_, i) => from.length - 1 - i)).indexOf(first.axis)); // prettier-ignore
    if (shaping.has(node.opType)) return moved(axisAfter(from, to, first.axis));
    if (parting.has(node.opType)) return this.#part(node, value, first, from.length, to);
    if (node.opType.startsWith('Reduce') || pools.has(node.opType)) return moved(this.#afterReduction(node, first.axis, from, to)); // prettier-ignore
    if (node.opType === 'Concat') return concatenated(node, parts, to);
    return union(parts, to);
  }

  #part(node: Node, value: string, first: Held, rank: number, to: readonly number[]): Held {
    const part = partOf(this.#flow, node, value, rank);
    const axis = first.axis!;
    if (!part || !Number.isInteger(part.start)) return ended(first);
    if (part.axis !== axis) return { ...first, axis: part.drops && part.axis < axis ? axis - 1 : axis };
    const list = first.list.slice(part.start, part.start + (part.drops ? 1 : to[axis]!));
    return part.drops ? ended({ ...first, list }) : { ...first, list };
  }

  /** Where the axis is behind a sum, mean or pool; undefined: it was one of those summed. */
  #afterReduction(node: Node, axis: number, from: readonly number[], to: readonly number[]): number | undefined {
    if (pools.has(node.opType)) return axis >= 2 ? undefined : axis;
    const axes = intsOf(node, 'axes') ?? this.#flow.known(node.input[1] ?? '').values;
    const gone = (axes ?? from.map((_, i) => i)).map((each) => (each < 0 ? each + from.length : each));
    if (gone.includes(axis)) return undefined;
    return to.length === from.length ? axis : axis - gone.filter((each) => each < axis).length;
  } // prettier-ignore
}

/** The axis of the same side with as many numbers before it. */
function axisAfter(from: readonly number[], to: readonly number[], axis: number): number {
  const before = sizeOf(from.slice(0, axis));
  return to.findIndex((side, i) => side === from[axis] && sizeOf(to.slice(0, i)) === before);
}

function union(parts: readonly Held[], to: readonly number[] | null): Held {
  const apart = parts.filter(({ axis }) => axis !== null);
  const [one] = apart;
  const keeps = one && to?.[one.axis!] === one.list.length && apart.every(({ axis, list }) => axis === one.axis && String(list) === String(one.list)); // prettier-ignore
  const rest = keeps ? parts : parts.map(ended);
  return {
    axis: keeps ? one.axis : null,
    list: keeps ? one.list : [],
    picked: new Set(rest.flatMap(({ picked }) => [...picked])),
    joined: new Set(rest.flatMap(({ joined }) => [...joined])),
  };
}

function concatenated(node: Node, parts: readonly Held[], to: readonly number[]): Held {
  const at = intOf(node, 'axis', 0);
  const axis = at < 0 ? at + to.length : at;
  if (!parts.every((part) => part.axis === axis)) return union(parts, to);
  return { ...union(parts.map((part) => ({ ...part, axis: null })), to), axis, list: parts.flatMap(({ list }) => list) }; // prettier-ignore
}

/** @param attention null: nothing is known of tokens, and none is read */
export function readsOf(flow: Flow, logits: string, attention: Attention | null): Reads {
  if (!attention) return none;
  return ended(new Reader(flow, attention, mixedOfFirst(flow, attention)).held(logits));
}

/**
 * Why maps of the mean patch would not be of what the head reads: behind the last layer it weighs tokens by what they
 * hold, or takes the greatest number of all. Null: it does neither.
 */
export function joinsUnevenly(
  flow: Flow,
  logits: string,
  { layers, tokens, special }: Attention,
): string | null {
  const last = flow.position(layers.at(-1)!.node);
  const isBehind = (node: Node) => flow.position(node) > last;
  const isTokens = (side: number | undefined) => side === tokens || side === tokens - special;
  const sentence = (how: string) => `This model's head reads its patches ${how}, and not their mean, so no map of what it reads can be made.`; // prettier-ignore
  for (const node of flow.upstream(logits, isBehind)) {
    const [from, to] = [flow.shape(node.input[0] ?? ''), flow.shape(node.output[0] ?? '')];
    if (!isBehind(node) || !from || from.length < 3) continue;
    const joins = (sum: readonly number[] | null) => from.some((side, axis) => axis > 0 && isTokens(side) && sum?.[axis] !== side); // prettier-ignore
    const written = writtenSoftmax(flow, node);
    const axis = intOf(node, 'axis', flow.opset < 13 ? 1 : -1);
    const weighs = written
      ? joins(flow.shape(written.sum))
      : node.opType === 'Softmax' && isTokens(from.at(axis));
    if (weighs) return sentence('weighed by what they hold');
    // The greatest score is what a softmax that is written out takes off first.
    const isScore = flow.readers(node.output[0]!).some(({ opType }) => opType === 'Sub');
    const greatest =
      (node.opType === 'ReduceMax' && !isScore && joins(to)) || node.opType === 'GlobalMaxPool';
    if (greatest) return sentence('by their greatest numbers');
  }
  return null;
}
