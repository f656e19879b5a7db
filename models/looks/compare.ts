/** Two maps of one photo that may be of different grids and crops. Pure. */
import { rankCorrelation } from '../overlay/measured.ts';
import type { Grid } from './shares.ts';

export interface MapOnPhoto extends Grid {
  /** [rows · columns] */
  values: ArrayLike<number>;
  /** What of the photo it lies over, in the photo's pixels. */
  seen: { x: number; y: number; width: number; height: number };
}

/** Cells a side of the grid that both are read on, where they differ. */
const cells = 14;

/** The value at a point of the photo; NaN outside. */
function at({ values, seen, rows, columns }: MapOnPhoto, x: number, y: number): number {
  const column = Math.floor(((x - seen.x) / seen.width) * columns);
  const row = Math.floor(((y - seen.y) / seen.height) * rows);
  return row >= 0 && row < rows && column >= 0 && column < columns ? values[row * columns + column]! : NaN;
}

const sameGrid = (a: MapOnPhoto, b: MapOnPhoto) =>
  a.rows === b.rows &&
  a.columns === b.columns &&
  (['x', 'y', 'width', 'height'] as const).every((side) => Math.abs(a.seen[side] - b.seen[side]) < 0.5);

/** Spearman's, over patches, or over cells of what both saw of the photo where grids or crops differ; NaN: nothing to compare. */
export function mapCorrelation(a: MapOnPhoto, b: MapOnPhoto): number {
  if (sameGrid(a, b)) return rankCorrelation(a.values, b.values);
  const left = Math.max(a.seen.x, b.seen.x);
  const top = Math.max(a.seen.y, b.seen.y);
  const right = Math.min(a.seen.x + a.seen.width, b.seen.x + b.seen.width);
  const bottom = Math.min(a.seen.y + a.seen.height, b.seen.y + b.seen.height);
  if (!(right > left && bottom > top)) return NaN;
  const one: number[] = [];
  const other: number[] = [];
  for (let i = 0; i < cells * cells; i++) {
    const x = left + (((i % cells) + 0.5) / cells) * (right - left);
    const y = top + ((Math.floor(i / cells) + 0.5) / cells) * (bottom - top);
    const [first, second] = [at(a, x, y), at(b, x, y)];
    if (Number.isNaN(first) || Number.isNaN(second)) continue;
    one.push(first);
    other.push(second);
  }
  return rankCorrelation(one, other);
}
