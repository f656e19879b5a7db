/** Which pictures are the same one, by their perceptual hashes. */
import { distance } from './phash.ts';

/** No two of 31,125 pairs of different photos were as near; the same photo saved anew mostly lies within 4. */
export const mostBits = 10;
const quarters = 4;

/** Numbers of 16 bits with at most two bits set: 137. */
const near = [0, ...Array.from({ length: 16 }, (_, i) => 1 << i)];
for (let a = 0; a < 16; a++) for (let b = a + 1; b < 16; b++) near.push((1 << a) | (1 << b));

/**
 * Pairs of hashes at most ten bits apart, each once, a before b. Of four quarters of 16 bits one is at most two apart
 * then, so only those are compared whose quarter is (Norouzi, Punjani & Fleet 2012, "Fast Search in Hamming Space with
 * Multi-Index Hashing").
 */
export function* nearPairs(hashes: BigUint64Array): Generator<[a: number, b: number]> {
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * hashes.length);
  const parts = new Uint16Array(hashes.buffer, hashes.byteOffset, quarters * hashes.length);
  const tables = Array.from({ length: quarters }, (_, quarter) => {
    const table = new Map<number, number[]>();
    for (let i = 0; i < hashes.length; i++) {
      const key = parts[quarters * i + quarter]!;
      const same = table.get(key);
      if (same) same.push(i);
      else table.set(key, [i]);
    }
    return table;
  });
  const last = new Int32Array(hashes.length).fill(-1);
  for (let i = 0; i < hashes.length; i++)
    for (const [quarter, table] of tables.entries())
      for (const change of near)
        for (const other of table.get(parts[quarters * i + quarter]! ^ change) ?? []) {
          if (other <= i || last[other] === i) continue;
          last[other] = i;
          if (distance(words, i, other) <= mostBits) yield [i, other];
        }
}

/**
 * Groups of two and more of the same picture, in order.
 * @param same looks closer at a pair, and knows what a person has said of it
 */
export function groupDuplicates(hashes: BigUint64Array, same: (a: number, b: number) => boolean): number[][] {
  const parent = Int32Array.from(hashes.keys());
  const root = (of: number): number => {
    let at = of;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (const [a, b] of nearPairs(hashes)) {
    const [first, second] = [root(a), root(b)].sort((x, y) => x - y) as [number, number];
    // The firsts of both groups are compared too: a chain of small changes must not lead to another picture.
    if (first !== second && same(a, b) && same(first, second)) parent[second] = first;
  }
  const groups = new Map<number, number[]>();
  for (const i of hashes.keys()) {
    const group = groups.get(root(i));
    if (group) group.push(i);
    else groups.set(root(i), [i]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

export interface Copy {
  /** Pixels. */
  width: number;
  height: number;
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/** Which of the same picture to keep: most pixels, then most bytes (less compressed), then the oldest. */
export function bestCopy(copies: readonly Copy[]): number {
  const order = [...copies.keys()].sort((a, b) => {
    const [x, y] = [copies[a]!, copies[b]!];
    return y.width * y.height - x.width * x.height || y.bytes - x.bytes || x.modified - y.modified || a - b;
  });
  return order[0] ?? -1;
}
