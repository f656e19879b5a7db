/** Where a key leads in a grid of photos. Pure. */
export type GridMove = 'left' | 'right' | 'up' | 'down' | 'page-up' | 'page-down' | 'start' | 'end';

/** The position after a move; null in an empty list. The first move lands on the first photo. */
export function moved(
  from: number | null,
  by: GridMove,
  shape: { columns: number; rows: number },
  total: number,
): number | null {
  if (total === 0) return null;
  if (by === 'start') return 0;
  if (by === 'end') return total - 1;
  if (from === null) return 0;
  const page = shape.columns * shape.rows;
  const step = {
    left: -1,
    right: 1,
    up: -shape.columns,
    down: shape.columns,
    'page-up': -page,
    'page-down': page,
  }[by];
  const to = from + step;
  // Up and down stay in the column where they can; the last row may be short.
  if (by === 'up' && to < 0) return from;
  if (by === 'down' && to >= total) {
    const lastRow = Math.floor((total - 1) / shape.columns);
    return Math.floor(from / shape.columns) === lastRow ? from : total - 1;
  }
  return Math.min(total - 1, Math.max(0, to));
}
