/** Reading configuration files that somebody else wrote: every field is checked where it is taken. */
import { basename, dirname } from 'node:path';
import { SaccadeError } from '../error.ts';
import { largest, readIn } from '../folder.ts';

export class Fields {
  readonly file: string;
  readonly values: Record<string, unknown>;

  constructor(file: string, values: unknown) {
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw new SaccadeError('bad-config', `${basename(file)} should hold a JSON object.`);
    this.file = file;
    this.values = values as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name) && this.values[name] !== null && this.values[name] !== undefined;
  }

  error(name: string, expected: string): SaccadeError {
    const found = this.has(name) ? JSON.stringify(this.values[name])?.slice(0, 200) : 'nothing';
    return new SaccadeError(
      'bad-config',
      `${basename(this.file)}: "${name}" should be ${expected}; found ${found}.`,
    );
  }

  number(name: string, fallback?: number): number {
    const value = this.has(name) ? this.values[name] : fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.error(name, 'a number');
    return value;
  }

  /** What is added to a variance before its root is taken. */
  epsilon(name: string, fallback: number): number {
    const value = this.number(name, fallback);
    if (value < 0) throw this.error(name, 'a number of 0 or more');
    return value;
  }

  /** A whole number from 1 to `most`. */
  count(name: string, fallback?: number, most = 1_000_000): number {
    const value = this.number(name, fallback);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw this.error(name, `a whole number from 1 to ${most}`);
    return value;
  }

  text(name: string, fallback?: string): string {
    const value = this.has(name) ? this.values[name] : fallback;
    if (typeof value !== 'string') throw this.error(name, 'a text');
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.has(name) ? this.values[name] : fallback;
    if (typeof value !== 'boolean') throw this.error(name, 'true or false');
    return value;
  }

  /** Three numbers, one a channel. */
  channels(name: string, fallback?: [number, number, number]): [number, number, number] {
    const value = this.has(name) ? this.values[name] : fallback;
    if (!Array.isArray(value) || value.length !== 3 || !value.every((v) => Number.isFinite(v)))
      throw this.error(name, 'three numbers, for red, green and blue');
    return value as [number, number, number];
  }

  /** Three numbers above 0, which are divided by. */
  deviations(name: string, fallback?: [number, number, number]): [number, number, number] {
    const values = this.channels(name, fallback);
    if (!values.every((value) => value > 0))
      throw this.error(name, 'three numbers above 0, which photos are divided by');
    return values;
  }

  object(name: string): Fields {
    const value = this.values[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.error(name, 'an object'); // prettier-ignore
    return new Fields(this.file, this.values[name]);
  }

  objectOr(name: string): Fields {
    return this.has(name) ? this.object(name) : new Fields(this.file, {});
  }
}

/** Null where there is no such file. @throws SaccadeError `bad-config`, `unsafe-file`, `lfs-pointer` */
export function readFields(file: string): Fields | null {
  const text = readIn(dirname(file), basename(file), largest.config);
  if (text === null) return null;
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new SaccadeError('bad-config', `${basename(file)} should be JSON, and is not.`, { cause });
  }
  return new Fields(file, values);
}
