/** A map out of many looks at parts of one photo, and how well two maps agree. Pure. N patches. */

/** What was seen so far: scores of passes, each of which kept some patches. */
export interface Tally {
  passes: number;
  /** Of all passes, as differences from the first score: sums of large numbers would lose the small differences. */
  first: number;
  sum: number;
  squares: number;
  /** [N]: passes that kept the patch, and of those the sums. */
  kept: Float64Array;
  keptSum: Float64Array;
  keptSquares: Float64Array;
}

export function emptyTally(patches: number): Tally {
  const zeros = () => new Float64Array(patches);
  return {
    passes: 0,
    first: 0,
    sum: 0,
    squares: 0,
    kept: zeros(),
    keptSum: zeros(),
    keptSquares: zeros(),
  };
}

/** @param kept [passes, N], 1 where the pass kept the patch; @returns a new tally with these passes counted in */
export function tallied(before: Tally, scores: ArrayLike<number>, kept: Uint8Array): Tally {
  const patches = before.kept.length;
  const tally = {
    ...before,
    kept: before.kept.slice(),
    keptSum: before.keptSum.slice(),
    keptSquares: before.keptSquares.slice(),
  };
  for (let pass = 0; pass < scores.length; pass++) {
    if (tally.passes === 0) tally.first = scores[pass]!;
    const score = scores[pass]! - tally.first;
    tally.passes++;
    tally.sum += score;
    tally.squares += score * score;
    for (let i = 0; i < patches; i++) {
      if (!kept[pass * patches + i]) continue;
      tally.kept[i]!++;
      tally.keptSum[i]! += score;
      tally.keptSquares[i]! += score * score;
    }
  }
  return tally;
}

const variance = (count: number, sum: number, squares: number) =>
  Math.max(0, squares - (sum * sum) / count) / (count - 1);

/**
 * RISE (Petsiuk et al. 2018) as a difference: the mean score of the passes that kept a patch minus that of those that
 * left it out, and its standard error by Welch. NaN where fewer than two passes are of either kind. [N] each.
 */
export function measuredMap(tally: Tally): { values: Float32Array; errors: Float32Array } {
  const patches = tally.kept.length;
  const values = new Float32Array(patches).fill(NaN);
  const errors = new Float32Array(patches).fill(NaN);
  for (let i = 0; i < patches; i++) {
    const [inside, sum, squares] = [tally.kept[i]!, tally.keptSum[i]!, tally.keptSquares[i]!];
    const outside = tally.passes - inside;
    if (inside < 2 || outside < 2) continue;
    values[i] = sum / inside - (tally.sum - sum) / outside;
    errors[i] = Math.sqrt(
      variance(inside, sum, squares) / inside +
        variance(outside, tally.sum - sum, tally.squares - squares) / outside,
    );
  }
  return { values, errors };
}

/** Mean 0, standard deviation 1; zeros for a map that is the same everywhere. */
function standardised(values: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  return all.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** The sum of two maps, each standardised over its patches first. [N] */
export function standardisedSum(a: ArrayLike<number>, b: ArrayLike<number>): Float32Array {
  const other = standardised(b);
  return Float32Array.from(standardised(a), (value, i) => value + other[i]!);
}

/** [N]: 1 the smallest; equal values share the mean of their places. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const places = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) places[order[at]!] = (from + to + 1) / 2;
    from = to;
  }
  return places;
}

/** Spearman's rank correlation of two maps, −1 … 1; NaN where one is the same everywhere. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - mean) * (y[i]! - mean);
    xx += (x[i]! - mean) ** 2;
    yy += (y[i]! - mean) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}
