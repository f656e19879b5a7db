/** From a map's numbers to the range its colours span, and what can't be drawn honestly. Pure. */
import { SaccadeError } from '../error.ts';

export type Normalisation = 'photo' | 'folder' | 'absolute';
export const normalisations: readonly Normalisation[] = ['photo', 'folder', 'absolute'];

/** `absolute`: attention from 0 to this many times the share every patch would get if all got the same. */
export const absoluteShares = 8;
/** `absolute`: contributions from minus to plus this many logits a patch. */
export const absoluteLogits = 0.5;

/**
 * Why a map can't be shown as a picture, as a sentence; null where it can.
 * A blank or evenly stretched picture of nothing would be believed, so there is none.
 */
export function whyNotDrawable(values: Float32Array, rows: number, columns: number): string | null {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    return `The map's grid must have at least one row and one column; this one is ${rows} × ${columns}.`;
  if (values.length !== rows * columns)
    return `A map of ${rows} × ${columns} patches needs ${rows * columns} values; this one has ${values.length}.`;
  if (values.length === 1)
    return 'The model sees the photo as a single patch, so no part of it can stand out from another.';
  if (!values.every((value) => Number.isFinite(value)))
    return 'The map holds values that are not numbers (NaN or infinite): the model computed nonsense for this photo.';
  if (values.every((value) => value === 0))
    return 'The map is zero everywhere: the model gave no patch any weight.';
  return null;
}

/** Throws a SaccadeError `map-not-drawable`. */
export function assertDrawable(values: Float32Array, rows: number, columns: number): void {
  const reason = whyNotDrawable(values, rows, columns);
  if (reason) throw new SaccadeError('map-not-drawable', reason);
}

/** Smallest and largest finite value. */
export function extent(values: Iterable<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/**
 * The values that the first and the last colour stand for.
 *
 * - `photo`: this map's own smallest and largest value. Every photo uses all colours, however little its
 *   patches differ.
 * - `folder`: `folderRange`, the extent over all photos shown together; this map's own where there is none.
 * - `absolute`: the same for every photo and folder: 0 … `absoluteShares` even shares for attention,
 *   ± `absoluteLogits` for contributions. Values beyond take the last colour.
 *
 * Signed maps get a range that is symmetric about 0, so that the middle colour means none. Throws a SaccadeError
 * `map-not-drawable` for a range without extent: a map that is the same everywhere, scaled to itself.
 */
export function rangeOf(
  values: Float32Array,
  signed: boolean,
  normalisation: Normalisation,
  folderRange?: [number, number],
): [number, number] {
  let range: [number, number];
  if (normalisation === 'absolute')
    range = signed ? [-absoluteLogits, absoluteLogits] : [0, absoluteShares / values.length];
  else {
    const [low, high] = (normalisation === 'folder' && folderRange) || extent(values);
    const bound = Math.max(Math.abs(low), Math.abs(high));
    range = signed ? [-bound, bound] : [low, high];
  }
  if (!(range[1] > range[0]) || !Number.isFinite(range[1] - range[0]))
    throw new SaccadeError(
      'map-not-drawable',
      'Every patch has the same value, so nothing stands out when the map is scaled to itself; choose the folder or the absolute scale.',
    );
  return range;
}

/** Value at `quantile` (0 … 1) of the sorted values, linearly between neighbours. */
export function quantileOf(values: Float32Array, quantile: number): number {
  const sorted = Float32Array.from(values).sort();
  const at = quantile * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/**
 * How evenly a map spreads over its patches: entropy of |values| as shares, divided by log N; 0 (all in one patch)
 * … 1 (even). NaN for a map that can't be drawn.
 */
export function spread(values: Float32Array): number {
  if (whyNotDrawable(values, 1, values.length)) return NaN;
  let total = 0;
  for (const value of values) total += Math.abs(value);
  let entropy = 0;
  for (const value of values) {
    const share = Math.abs(value) / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.min(1, Math.max(0, entropy / Math.log(values.length)));
}
