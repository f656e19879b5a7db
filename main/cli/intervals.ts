/** Means over photos with confidence intervals. Pure. */

export interface Interval {
  mean: number;
  /** Half the width of the two-sided 95 % interval by Student's t; NaN for fewer than two values. */
  margin: number;
}

/**
 * 97.5 % quantile of Student's t. Exact for 1 and 2 degrees of freedom; otherwise the expansion about the normal
 * quantile (Abramowitz and Stegun 26.7.5), off by 0.7 % at 3 degrees and less beyond.
 */
export function studentQuantile(degrees: number): number {
  if (degrees === 1) return 12.7062;
  if (degrees === 2) return 4.30265;
  const z = 1.959964;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3 + g4 / degrees ** 4;
}

export function meanInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, margin: NaN };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, margin: studentQuantile(n - 1) * Math.sqrt(variance / n) };
}
