/** Figures of how good a head is, with how far they can be trusted. */
import type { Share } from './report.ts';

/** 0.975 quantile of the normal distribution. */
const z95 = 1.959963984540054;

/**
 * Wilson 1927, "Probable inference, the law of succession, and statistical inference": holds for few examples and for
 * shares near 0 and 1, where ± 2 deviations does not. Null where nothing was counted.
 *
 * @param population how many there are in all, where `of` of them were drawn without replacement: the interval
 *   shrinks as they are used up (finite population correction); default: without end
 */
export function wilson(right: number, of: number, population = Infinity): Share | null {
  if (of === 0) return null;
  const share = right / of;
  const left = population === Infinity ? 1 : (population - of) / Math.max(1, population - 1);
  const z2 = z95 * z95 * left;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Math.sqrt(z2) / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), right, of };
}

/** A table of more labels is read by nobody, and of ten thousand would be a hundred million numbers. */
const mostConfused = 500;

/**
 * [C, C]: rows by a person's word, columns by the head; null for more labels than a table has room for. Examples with a
 * negative index are not counted.
 */
export function confusion(
  truth: ArrayLike<number>,
  said: ArrayLike<number>,
  labels: number,
): number[][] | null {
  if (labels > mostConfused) return null;
  const counts = Array.from({ length: labels }, () => new Array<number>(labels).fill(0));
  for (let i = 0; i < truth.length; i++)
    if (truth[i]! >= 0 && said[i]! >= 0) counts[truth[i]!]![said[i]!]! += 1;
  return counts;
}
