/**
 * Sets of ids, a bit an id, that statements ask by number: `inSet`, and `ids_of(number)` for `json_each`. Ids come out of
 * SQLite as one text, in half the time that it takes to hand over a row each.
 */
import type Database from 'better-sqlite3';
import type { Catalog } from './database.ts';

export interface IdSet {
  number: number;
  bits: Uint8Array;
  size: number;
}

/**
 * Whether an id is in the set whose number is bound here. SQLite reads the byte itself: a function would be called for
 * every row. A byte an id is made for each statement.
 */
export const inSet = (column: string): string => `substr(set_bytes(?), ${column} + 1, 1) = x'01'`;

/** Of the last ones that were used; a million ids are 125 KB. */
const most = 64;

export class IdSets {
  readonly #bits = new Map<number, Uint8Array>();
  #last = 0;

  constructor(database: Database.Database) {
    // Deterministic, so that it is asked once a statement: numbers are given once.
    database.function('set_bytes', { deterministic: true }, (number) => bytesOf(this.#of(Number(number))));
    database.function('ids_of', (number) => JSON.stringify(idsOf(this.#of(Number(number)))));
  }

  make(bits: Uint8Array): IdSet {
    return { number: ++this.#last, bits, size: sizeOf(bits) };
  }

  /** Before a statement with its number is run. */
  use({ number, bits }: IdSet): void {
    this.#bits.delete(number);
    this.#bits.set(number, bits);
    if (this.#bits.size > most) this.#bits.delete(this.#bits.keys().next().value!);
  }

  #of(number: number): Uint8Array {
    const bits = this.#bits.get(number);
    if (!bits) throw new Error(`the set ${number} is not kept any more`);
    return bits;
  }
}

export function bitsFor(largestId: number): Uint8Array {
  return new Uint8Array((largestId >> 3) + 1);
}

export function addIds(bits: Uint8Array, ids: Int32Array): void {
  for (const id of ids) bits[id >> 3]! |= 1 << (id & 7);
}

/** Of what `sql` selects, in its order. */
export function idsOfAll(catalog: Catalog, sql: string, ...values: unknown[]): Int32Array {
  const [text] = catalog.column<string | null>(`SELECT group_concat(id) FROM (${sql})`, ...values);
  return text ? idsIn(text) : new Int32Array();
}

const [comma, zero] = [44, 48];

/** Of a list in decimal digits, parted by commas. */
export function idsIn(text: string): Int32Array {
  const ids = new Int32Array((text.length >> 1) + 1);
  let count = 0;
  let id = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === comma) {
      ids[count++] = id;
      id = 0;
    } else id = id * 10 + code - zero;
  }
  ids[count++] = id;
  return ids.slice(0, count);
}

export const has = (bits: Uint8Array, id: number): boolean => (((bits[id >> 3] ?? 0) >> (id & 7)) & 1) === 1;

export function dropIds(bits: Uint8Array, ids: Int32Array): void {
  for (const id of ids) bits[id >> 3]! &= ~(1 << (id & 7));
}

const bitsIn = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function sizeOf(bits: Uint8Array): number {
  let size = 0;
  for (const byte of bits) size += bitsIn[byte]!;
  return size;
}

function bytesOf(bits: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(bits.length * 8);
  for (let id = 0; id < bytes.length; id++) bytes[id] = (bits[id >> 3]! >> (id & 7)) & 1;
  return bytes;
}

function idsOf(bits: Uint8Array): number[] {
  const ids: number[] = [];
  for (let i = 0; i < bits.length; i++)
    for (let rest = bits[i]!; rest; rest &= rest - 1) ids.push(i * 8 + (31 - Math.clz32(rest & -rest)));
  return ids;
}
