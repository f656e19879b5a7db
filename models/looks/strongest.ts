/** The patches that speak most for a label, or against it, over many photos. Pure. */
import type { Grid } from './shares.ts';

export interface Strong {
  /** Which map. */
  at: number;
  patch: number;
  /** Logit units. */
  value: number;
}

/** Of one photo no more, so that it does not fill the list. */
const ofOnePhoto = 2;

/** Patches that no neighbour exceeds, of the sign asked for; the strongest first. */
function peaks(values: ArrayLike<number>, { rows, columns }: Grid, sign: 1 | -1): number[] {
  const found: number[] = [];
  for (let i = 0; i < rows * columns; i++) {
    const value = sign * values[i]!;
    if (!(value > 0)) continue;
    const [row, column] = [Math.floor(i / columns), i % columns];
    let highest = true;
    for (let y = Math.max(0, row - 1); highest && y <= Math.min(rows - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++)
        if (sign * values[y * columns + x]! > value) highest = false;
    if (highest) found.push(i);
  }
  return found.sort((a, b) => sign * (values[b]! - values[a]!)).slice(0, ofOnePhoto);
}

/** @param side 1: for the label; −1: against it. The strongest first, ties in the order of maps. */
export function strongest(
  maps: readonly ArrayLike<number>[],
  grid: Grid,
  side: 1 | -1,
  count: number,
): Strong[] {
  const all = maps.flatMap((values, at) =>
    peaks(values, grid, side).map((patch) => ({ at, patch, value: values[patch]! })),
  );
  return all.sort((a, b) => side * (b.value - a.value) || a.at - b.at).slice(0, count);
}
