/** Sets of ids that statements ask by number: `in_set(number, id)`, and `ids_of(number)` for `json_each`. A bit an id. */
import type Database from 'better-sqlite3';

export interface IdSet {
  number: number;
  bits: Uint8Array;
  size: number;
}

/** Of the last ones that were used; a million ids are 125 KB. */
const most = 64;

export class IdSets {
  readonly #bits = new Map<number, Uint8Array>();
  #last = 0;

  constructor(database: Database.Database) {
    database.function('in_set', (number, id) => {
      const bits = this.#of(Number(number));
      const at = Number(id);
      return ((bits[at >> 3] ?? 0) >> (at & 7)) & 1;
    });
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

export function addIds(bits: Uint8Array, ids: readonly number[]): void {
  for (const id of ids) bits[id >> 3]! |= 1 << (id & 7);
}

export function dropIds(bits: Uint8Array, ids: readonly number[]): void {
  for (const id of ids) bits[id >> 3]! &= ~(1 << (id & 7));
}

const bitsIn = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function sizeOf(bits: Uint8Array): number {
  let size = 0;
  for (const byte of bits) size += bitsIn[byte]!;
  return size;
}

function idsOf(bits: Uint8Array): number[] {
  const ids: number[] = [];
  for (let i = 0; i < bits.length; i++)
    for (let rest = bits[i]!; rest; rest &= rest - 1) ids.push(i * 8 + (31 - Math.clz32(rest & -rest)));
  return ids;
}
