/**
 * Sets of ids, a bit an id, that statements ask by number: `inSet`, and `ids_of(number)` for `json_each`. Ids come out of
 * SQLite as one list (`idList`), in a third of the time that it takes to hand over a row each.
 */
import type Database from 'better-sqlite3';

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

/** All ids of a group, or of all rows, as one list for `idsIn`; null: there are none. */
export const idList = 'CAST(group_concat(id) AS BLOB)';

const [comma, zero] = [44, 48];

/** Of a list in decimal digits, parted by commas, as bytes: a text of them would take half as long again. */
function eachId(list: Uint8Array, take: (id: number) => void): void {
  let id = 0;
  for (const code of list)
    if (code === comma) {
      take(id);
      id = 0;
    } else id = id * 10 + code - zero;
  take(id);
}

export function idsIn(list: Uint8Array): Int32Array {
  const ids = new Int32Array((list.length >> 1) + 1);
  let count = 0;
  eachId(list, (id) => (ids[count++] = id));
  return ids.slice(0, count);
}

/** What is asked of a catalog here. */
interface Columns {
  column<Value>(text: string, ...values: unknown[]): Value[];
}

const listOf = (catalog: Columns, sql: string, values: unknown[]): Uint8Array | null =>
  catalog.column<Uint8Array | null>(`SELECT ${idList} FROM (${sql})`, ...values)[0] ?? null;

/** Of what `sql` selects, in its order. */
export function idsOfAll(catalog: Columns, sql: string, ...values: unknown[]): Int32Array {
  const list = listOf(catalog, sql, values);
  return list ? idsIn(list) : new Int32Array();
}

/** Those that `sql` selects. */
export function addIds(catalog: Columns, bits: Uint8Array, sql: string, ...values: unknown[]): void {
  const list = listOf(catalog, sql, values);
  if (list) eachId(list, (id) => addId(bits, id));
}

/** Those that `sql` selects. */
export function dropIds(catalog: Columns, bits: Uint8Array, sql: string, ...values: unknown[]): void {
  const list = listOf(catalog, sql, values);
  if (list) eachId(list, (id) => (bits[id >> 3]! &= ~(1 << (id & 7))));
}

export function addId(bits: Uint8Array, id: number): void {
  bits[id >> 3]! |= 1 << (id & 7);
}

export const has = (bits: Uint8Array, id: number): boolean => (((bits[id >> 3] ?? 0) >> (id & 7)) & 1) === 1;

const bitsIn = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** Those that are in both. */
export function common(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, i) => byte & (other[i] ?? 0));
}

export function sizeOf(bits: Uint8Array): number {
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
