/** Which pictures are the same one, by their perceptual hashes. */
/** No two of 31,125 pairs of different photos were as near; the same photo saved anew mostly lies within 4. */
export const mostBits = 10;
const quarters = 4;
const bitsOfQuarter = 16;

/** Numbers of 16 bits with at most `most`, 1 or 2, bits set: 17 or 137. */
function changesOf(most: number): Uint16Array {
  const changes = [0];
  for (let a = 0; a < bitsOfQuarter; a++) {
    changes.push(1 << a);
    if (most === 2) for (let b = a + 1; b < bitsOfQuarter; b++) changes.push((1 << a) | (1 << b));
  }
  return Uint16Array.from(changes);
}

/** How many bits are set in a number of 16. */
const ones = new Uint8Array(1 << bitsOfQuarter);
for (let i = 1; i < ones.length; i++) ones[i] = ones[i >> 1]! + (i & 1);

interface Sorted {
  /** [65536 + 1]: where the hashes of each value of the quarter begin. */
  start: Uint32Array;
  rows: Int32Array;
  /** The hashes themselves in that order, so that those of a value are read one after the other. */
  low: Uint32Array;
  high: Uint32Array;
}

function sortedBy(quarter: number, parts: Uint16Array, words: Uint32Array): Sorted {
  const count = words.length / 2;
  const start = new Uint32Array((1 << bitsOfQuarter) + 1);
  for (let i = 0; i < count; i++) start[parts[quarters * i + quarter]! + 1]!++;
  for (let value = 0; value < 1 << bitsOfQuarter; value++) start[value + 1]! += start[value]!;
  const next = start.slice();
  const rows = new Int32Array(count);
  const [low, high] = [new Uint32Array(count), new Uint32Array(count)];
  for (let i = 0; i < count; i++) {
    const at = next[parts[quarters * i + quarter]!]!++;
    rows[at] = i;
    low[at] = words[2 * i]!;
    high[at] = words[2 * i + 1]!;
  }
  return { start, rows, low, high };
}

/** Rows, from place `from` to before `to`, that are near the hash at place `at`. */
function nearTo({ rows, low, high }: Sorted, at: number, from: number, to: number, found: number[]): void {
  const l = low[at]!;
  const h = high[at]!;
  for (let other = from; other < to; other++) {
    const x = l ^ low[other]!;
    const y = h ^ high[other]!;
    if (ones[x & 0xffff]! + ones[x >>> 16]! + ones[y & 0xffff]! + ones[y >>> 16]! <= mostBits)
      found.push(rows[other]!);
  }
}

/** Told of: so many times in a comparison. */
const told = 256;

/**
 * Pairs of hashes at most ten bits apart, each once, a before b. Of four quarters of 16 bits one of the first three is
 * at most two apart then, or the last at most one (3 + 3 + 3 + 2 would be eleven), so only those are compared whose
 * quarter is (Norouzi, Punjani & Fleet 2012, "Fast Search in Hamming Space with Multi-Index Hashing"). Hashes lie sorted
 * by that quarter: all of one value are compared with all of another, which both lie in the processor's cache.
 */
export function* nearPairs(
  hashes: BigUint64Array,
  onstep: (done: number, of: number) => void = () => {},
): Generator<[a: number, b: number]> {
  const count = hashes.length;
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * count);
  const parts = new Uint16Array(hashes.buffer, hashes.byteOffset, quarters * count);
  const mostOf = (quarter: number) => (quarter < quarters - 1 ? 2 : 1);
  const values = 1 << bitsOfQuarter;
  for (let quarter = 0; quarter < quarters; quarter++) {
    const sorted = sortedBy(quarter, parts, words);
    const { start, rows } = sorted;
    const changes = changesOf(mostOf(quarter));
    /** Found by an earlier quarter. */
    const known = (a: number, b: number): boolean => {
      for (let q = 0; q < quarter; q++)
        if (ones[parts[quarters * a + q]! ^ parts[quarters * b + q]!]! <= mostOf(q)) return true;
      return false;
    };
    const found: number[] = [];
    for (let value = 0; value < values; value++) {
      const done = quarter * values + value;
      if ((done * told) % (quarters * values) === 0) onstep(done, quarters * values);
      const end = start[value + 1]!;
      if (end === start[value]!) continue;
      for (const change of changes) {
        const other = value ^ change;
        // Each two values once.
        if (other < value || start[other] === start[other + 1]) continue;
        for (let at = start[value]!; at < end; at++) {
          nearTo(sorted, at, other === value ? at + 1 : start[other]!, start[other + 1]!, found);
          const a = rows[at]!;
          for (const b of found) if (!known(a, b)) yield a < b ? [a, b] : [b, a];
          found.length = 0;
        }
      }
    }
  }
}

/** Pairs of firsts whose comparison is remembered: in dense groups the same two are asked for time and again. */
const remembered = 1_000_000;

/** Of `count` things, put together pair by pair. */
export class PairGroups {
  readonly #parent: Int32Array;
  readonly #same: (a: number, b: number) => boolean;
  readonly #apart = new Set<number>();

  /** @param same looks closer at a pair */
  constructor(count: number, same: (a: number, b: number) => boolean) {
    this.#parent = Int32Array.from({ length: count }, (_, i) => i);
    this.#same = same;
  }

  #root(of: number): number {
    const parent = this.#parent;
    let at = of;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  }

  /** A pair that is near. `sure`: it need not be looked at closer. */
  add(a: number, b: number, sure = false): void {
    const [x, y] = [this.#root(a), this.#root(b)];
    if (x === y) return;
    const [first, second] = x < y ? [x, y] : [y, x];
    const these = first === Math.min(a, b) && second === Math.max(a, b);
    // The firsts of both groups are compared too: a chain of small changes must not lead to another picture.
    const key = first * this.#parent.length + second;
    if (this.#apart.has(key)) return;
    if (!sure && !this.#same(a, b)) return;
    if (these || this.#same(first, second)) this.#parent[second] = first;
    else {
      if (this.#apart.size >= remembered) this.#apart.clear();
      this.#apart.add(key);
    }
  }

  /** Groups of two and more, in order. */
  groups(): number[][] {
    const all = Map.groupBy(this.#parent.keys(), (i) => this.#root(i));
    return [...all.values()].filter((group) => group.length > 1);
  }
}

/** Groups of two and more of the same picture, in order. @param same looks closer at a pair */
export function groupDuplicates(hashes: BigUint64Array, same: (a: number, b: number) => boolean): number[][] {
  const found = new PairGroups(hashes.length, same);
  for (const [a, b] of nearPairs(hashes)) found.add(a, b);
  return found.groups();
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
