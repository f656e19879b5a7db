/** Which pictures are the same one, by their perceptual hashes. */
import { distance } from './phash.ts';

/** No two of 31,125 pairs of different photos were as near; the same photo saved anew mostly lies within 4. */
export const mostBits = 10;
const quarters = 4;
const bitsOfQuarter = 16;

/** Numbers of 16 bits with at most `most` (1 or 2) bits set: 17 or 137. */
function changesOf(most: 1 | 2): Uint16Array {
  const changes = [0];
  for (let a = 0; a < bitsOfQuarter; a++) {
    changes.push(1 << a);
    if (most === 2) for (let b = a + 1; b < bitsOfQuarter; b++) changes.push((1 << a) | (1 << b));
  }
  return Uint16Array.from(changes);
}

/**
 * Pairs of hashes at most ten bits apart, each once, a before b. Of four quarters of 16 bits one of the first three is
 * at most two apart then, or the last at most one (3 + 3 + 3 + 2 would be eleven), so only those are compared whose
 * quarter is (Norouzi, Punjani & Fleet 2012, "Fast Search in Hamming Space with Multi-Index Hashing").
 */
export function* nearPairs(hashes: BigUint64Array): Generator<[a: number, b: number]> {
  const count = hashes.length;
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * count);
  const parts = new Uint16Array(hashes.buffer, hashes.byteOffset, quarters * count);
  // A list for each number that a quarter can be: its newest hash, and for each hash the one before it.
  const tables = Array.from({ length: quarters }, (_, quarter) => ({
    quarter,
    changes: changesOf(quarter < quarters - 1 ? 2 : 1),
    newest: new Int32Array(1 << bitsOfQuarter).fill(-1),
    before: new Int32Array(count),
  }));
  const last = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++)
    for (const { quarter, changes, newest, before } of tables) {
      const part = parts[quarters * i + quarter]!;
      for (const change of changes)
        for (let other = newest[part ^ change]!; other >= 0; other = before[other]!) {
          if (last[other] === i) continue;
          last[other] = i;
          if (distance(words, other, i) <= mostBits) yield [other, i];
        }
      before[i] = newest[part]!;
      newest[part] = i;
    }
}

/**
 * Groups of two and more of `count` things, in order, by pairs of them that are near.
 * @param same looks closer at a pair
 */
export function groupPairs(
  count: number,
  pairs: Iterable<readonly [a: number, b: number]>,
  same: (a: number, b: number) => boolean,
): number[][] {
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const root = (of: number): number => {
    let at = of;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (const [a, b] of pairs) {
    const [x, y] = [root(a), root(b)];
    if (x === y || !same(a, b)) continue;
    const [first, second] = x < y ? [x, y] : [y, x];
    // The firsts of both groups are compared too: a chain of small changes must not lead to another picture.
    if ((first === a && second === b) || same(first, second)) parent[second] = first;
  }
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const group = groups.get(root(i));
    if (group) group.push(i);
    else groups.set(root(i), [i]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Groups of two and more of the same picture, in order. @param same looks closer at a pair */
export const groupDuplicates = (
  hashes: BigUint64Array,
  same: (a: number, b: number) => boolean,
): number[][] => groupPairs(hashes.length, nearPairs(hashes), same);

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
