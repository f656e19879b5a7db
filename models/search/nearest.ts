/** The nearest vectors by cosine, in float: of all, or of the candidates that models/search/graph.ts finds. */
import type { Features } from '../heads/apply.ts';

/** Vectors of one graph of models/search/graph.ts: 77 MB at 768 numbers, small enough that sessions get ready one after the other. */
export const chunkSize = 100_000;

export interface Nearest {
  /** Rows of the features, nearest first. */
  rows: Int32Array;
  /** Cosine, −1 … 1; 0 for a vector of zeros. */
  scores: Float32Array;
}

/** Of length 1; a vector of zeros stays as it is. */
export function unit(vector: ArrayLike<number>): Float64Array {
  const wide = Float64Array.from(vector);
  const norm = Math.sqrt(wide.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? wide.map((value) => value / norm) : wide;
}

/**
 * What one or several photos have in common: the mean of their unit vectors, of length 1. What is asked for as
 * "more like these".
 */
export function queryOf({ data, length }: Features, rows: readonly number[]): Float32Array {
  const sum = new Float64Array(length);
  for (const row of rows)
    for (const [i, value] of unit(data.subarray(row * length, (row + 1) * length)).entries())
      sum[i]! += value;
  return new Float32Array(unit(sum));
}

function cosine(query: Float64Array, data: Features['data'], at: number): number {
  let dot = 0;
  let squares = 0;
  for (let i = 0; i < query.length; i++) {
    const value = data[at + i]!;
    dot += query[i]! * value;
    squares += value * value;
  }
  return squares > 0 ? dot / Math.sqrt(squares) : 0;
}

/** The `top` best of `rows`, each scored in float. Ties go to the earlier row. */
export function rescore(
  query: ArrayLike<number>,
  { data, length }: Features,
  rows: Iterable<number>,
  top: number,
): Nearest {
  // prettier-ignore
  const direction = unit(query);
  const found = Array.from(rows, (row) => ({ row, score: cosine(direction, data, row * length) }));
  found.sort((a, b) => b.score - a.score || a.row - b.row);
  const best = found.slice(0, top);
  return {
    rows: Int32Array.from(best, ({ row }) => row),
    scores: Float32Array.from(best, ({ score }) => score),
  };
}

/** Cosine of each vector with the query, exact, [n]; 0 for a vector of zeros. */
export function scoresOf(query: ArrayLike<number>, { data, length }: Features): Float32Array {
  const direction = unit(query);
  const count = length ? data.length / length : 0;
  const scores = new Float32Array(count);
  // Numbers of 16 bits are widened a thousand vectors at a time, which is faster than one by one.
  const wide = data instanceof Float32Array ? null : new Float32Array(1000 * length);
  for (let from = 0; from < count; from += 1000) {
    const end = Math.min(from + 1000, count);
    wide?.set(data.subarray(from * length, end * length));
    for (let row = from; row < end; row++)
      scores[row] = cosine(direction, wide ?? data, (wide ? row - from : row) * length);
  }
  return scores;
}

/** The `top` best of all, exact. */
export const nearestOfAll = (query: ArrayLike<number>, features: Features, top: number): Nearest =>
  best(scoresOf(query, features), top);

/** The largest of `scores`, by a heap whose root is the least that is kept. Ties go to the earlier row. */
export function best(scores: Float32Array, most: number): Nearest {
  const top = Math.min(most, scores.length);
  const heap = new Int32Array(top);
  const below = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  let kept = 0;
  const sink = (): void => {
    for (let place = 0; ;) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < kept && below(heap[child]!, heap[least]!)) least = child;
      if (least === place) return;
      [heap[place], heap[least]] = [heap[least]!, heap[place]!];
      place = least;
    }
  };
  for (let row = 0; row < scores.length; row++) {
    if (kept < top) {
      heap[kept] = row;
      for (let place = kept++; place > 0 && below(heap[place]!, heap[(place - 1) >> 1]!);) {
        const parent = (place - 1) >> 1;
        [heap[place], heap[parent]] = [heap[parent]!, heap[place]!];
        place = parent;
      }
    } else if (top > 0 && below(heap[0]!, row)) {
      heap[0] = row;
      sink();
    }
  }
  const rows = heap.sort((a, b) => (below(b, a) ? -1 : 1));
  return { rows, scores: Float32Array.from(rows, (row) => scores[row]!) };
}

/** What share of the `top` truly nearest was found: recall@top. */
export function recallAt(top: number, found: Nearest, truth: Nearest): number {
  const right = truth.rows.subarray(0, top);
  const given = new Set(found.rows.subarray(0, top));
  return right.length ? right.filter((row) => given.has(row)).length / right.length : 1;
}
