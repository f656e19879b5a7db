/** Evidence for a label as shares of a photo, so that photos can be put together whatever their logits. Pure. N patches. */

export interface Grid {
  rows: number;
  columns: number;
}

/** [N]: what speaks for the label, summing to 1; null: nothing does. @param power 2: strong patches count for more */
export function sharesOf(values: ArrayLike<number>, power: 1 | 2 = 1): Float64Array | null {
  const shares = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < shares.length; i++) {
    const value = Math.max(0, values[i]!);
    total += shares[i] = power === 1 ? value : value * value;
  }
  if (!(total > 0)) return null;
  for (let i = 0; i < shares.length; i++) shares[i]! /= total;
  return shares;
}

/** [N] → [N]: each patch's share spread evenly over itself and its neighbours; the sum stays. */
export function spreadOut(shares: Float64Array, { rows, columns }: Grid): Float64Array {
  const out = new Float64Array(shares.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [top, bottom] = [Math.max(0, row - 1), Math.min(rows - 1, row + 1)];
      const [left, right] = [Math.max(0, column - 1), Math.min(columns - 1, column + 1)];
      const part = shares[row * columns + column]! / ((bottom - top + 1) * (right - left + 1));
      if (part === 0) continue;
      for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) out[y * columns + x]! += part;
    }
  return out;
}

/** [N]: mean of maps of the same length; zeros where there are none. */
export function meanOf(maps: readonly ArrayLike<number>[], length: number): Float64Array {
  const mean = new Float64Array(length);
  for (const map of maps) for (let i = 0; i < length; i++) mean[i]! += map[i]! / maps.length;
  return mean;
}

/** [N]: the middle one of maps of the same length, patch by patch. */
export function medianOf(maps: readonly ArrayLike<number>[], length: number): Float64Array {
  const column = new Float64Array(maps.length);
  return Float64Array.from({ length }, (_, i) => {
    for (let m = 0; m < maps.length; m++) column[m] = maps[m]![i]!;
    const sorted = column.slice().sort();
    const middle = (sorted.length - 1) / 2;
    return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  });
}
