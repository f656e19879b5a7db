/** Places of the grid that evidence may lie in without being about the thing itself. Pure. */
import type { Grid } from './shares.ts';

export const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export const edges = ['top', 'right', 'bottom', 'left'] as const;
type Corner = (typeof corners)[number];
export type Edge = (typeof edges)[number];
/** `outside`: what is left when the middle half of rows and columns is taken away. */
export type Place = Corner | Edge | 'outside';
export const places: readonly Place[] = [...corners, ...edges, 'outside'];

/** Corners are a quarter of each side, edges a seventh of their side without the corners; one patch at least. */
const cornerSide = (side: number) => Math.max(1, Math.floor(side / 4));
const edgeDepth = (side: number) => Math.max(1, Math.floor(side / 7));

function isIn(place: Place, row: number, column: number, { rows, columns }: Grid): boolean {
  const [tall, wide] = [cornerSide(rows), cornerSide(columns)];
  const up = row < tall;
  const down = row >= rows - tall;
  const leftward = column < wide;
  const rightward = column >= columns - wide;
  switch (place) {
    case 'top-left':
      return up && leftward;
    case 'top-right':
      return up && rightward;
    case 'bottom-left':
      return down && leftward;
    case 'bottom-right':
      return down && rightward;
    case 'top':
      return row < edgeDepth(rows) && !leftward && !rightward;
    case 'bottom':
      return row >= rows - edgeDepth(rows) && !leftward && !rightward;
    case 'left':
      return column < edgeDepth(columns) && !up && !down;
    case 'right':
      return column >= columns - edgeDepth(columns) && !up && !down;
    case 'outside':
      return up || down || leftward || rightward;
  }
}

/** Indices of the grid, ascending. */
export function patchesIn(place: Place, grid: Grid): number[] {
  return Array.from({ length: grid.rows * grid.columns }, (_, i) => i).filter((i) =>
    isIn(place, Math.floor(i / grid.columns), i % grid.columns, grid),
  );
}

/** Sides of what the model saw at which a part of the photo was cut off, of the photo's own length at least this much. */
const cutShare = 0.05;

/** @param seen in pixels of the photo, as models/overlay/geometry.ts gives it */
export function cutSides(
  seen: { x: number; y: number; width: number; height: number },
  photo: { width: number; height: number },
): Edge[] {
  if (!(photo.width > 0 && photo.height > 0)) return [];
  const cut: Record<Edge, number> = {
    top: seen.y / photo.height,
    bottom: 1 - (seen.y + seen.height) / photo.height,
    left: seen.x / photo.width,
    right: 1 - (seen.x + seen.width) / photo.width,
  };
  return edges.filter((edge) => cut[edge] >= cutShare);
}

/** Patches of the outermost row or column of some sides. */
export function rim(sides: readonly Edge[], { rows, columns }: Grid): number[] {
  return Array.from({ length: rows * columns }, (_, i) => i).filter((i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return sides.some(
      (side) =>
        (side === 'top' && row === 0) ||
        (side === 'bottom' && row === rows - 1) ||
        (side === 'left' && column === 0) ||
        (side === 'right' && column === columns - 1),
    );
  });
}
