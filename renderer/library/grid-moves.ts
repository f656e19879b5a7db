/** Where a key leads in a grid of photos. Pure. */
export type GridMove = 'left' | 'right' | 'up' | 'down' | 'page-up' | 'page-down' | 'start' | 'end';

export interface GridShape {
  columns: number;
  /** That the window shows at once. */
  rows: number;
  /** Parts that begin rows of their own; absent: one. */
  bands?: readonly { start: number; end: number }[];
}

/** The position after a move; null in an empty list. The first move lands on the first photo. */
export function moved(from: number | null, by: GridMove, shape: GridShape, total: number): number | null {
  if (total === 0) return null;
  if (by === 'start') return 0;
  if (by === 'end') return total - 1;
  if (from === null) return 0;
  if (by === 'left') return Math.max(0, from - 1);
  if (by === 'right') return Math.min(total - 1, from + 1);
  const bands = shape.bands ?? [{ start: 0, end: total }];
  const step = by === 'up' || by === 'page-up' ? above : below;
  let to = from;
  for (let i = by === 'up' || by === 'down' ? 1 : shape.rows; i > 0; i--) to = step(to, bands, shape.columns);
  // A page leads to the ends.
  if (to === from && by === 'page-up') return 0;
  if (to === from && by === 'page-down') return total - 1;
  return Math.min(total - 1, to);
}

type Bands = readonly { start: number; end: number }[];
const bandOf = (bands: Bands, position: number) => bands.findLastIndex(({ start }) => start <= position);

/** In the column where it can; the last row of a part may be short. */
function above(from: number, bands: Bands, columns: number): number {
  const at = bandOf(bands, from);
  const { start } = bands[at]!;
  if (from - columns >= start) return from - columns;
  const before = bands[at - 1];
  if (!before) return from;
  const row = before.start + Math.floor((before.end - 1 - before.start) / columns) * columns;
  return Math.min(before.end - 1, row + ((from - start) % columns));
}

function below(from: number, bands: Bands, columns: number): number {
  const at = bandOf(bands, from);
  const { start, end } = bands[at]!;
  if (from + columns < end) return from + columns;
  const lastRow = start + Math.floor((end - 1 - start) / columns) * columns;
  if (from < lastRow) return end - 1;
  const after = bands[at + 1];
  return after ? Math.min(after.end - 1, after.start + ((from - start) % columns)) : from;
}
