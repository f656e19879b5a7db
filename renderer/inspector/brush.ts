/** Which patches a brush covers, and sets of patches as a shape. Pure. */

export interface Grid {
  rows: number;
  columns: number;
}
export interface Cell {
  row: number;
  column: number;
}

/** Indices of a square of `size` × `size` patches around a cell, those inside the grid. */
export function brushed({ row, column }: Cell, size: number, { rows, columns }: Grid): number[] {
  const reach = (size - 1) / 2;
  const found: number[] = [];
  for (let y = Math.ceil(row - reach); y <= row + reach; y++)
    for (let x = Math.ceil(column - reach); x <= column + reach; x++)
      if (y >= 0 && y < rows && x >= 0 && x < columns) found.push(y * columns + x);
  return found;
}

/** Cells that a quick stroke passes from one to the other, both among them. */
export function between(from: Cell, to: Cell): Cell[] {
  const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column), 1);
  return Array.from({ length: steps + 1 }, (_, i) => ({
    row: Math.round(from.row + ((to.row - from.row) * i) / steps),
    column: Math.round(from.column + ((to.column - from.column) * i) / steps),
  }));
}

/** The patches as a path in units of the whole grid, 0 … 1: runs of a row are one rectangle. */
export function outlineOf(patches: ReadonlySet<number>, { rows, columns }: Grid): string {
  let path = '';
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (!patches.has(row * columns + column)) continue;
      const from = column;
      while (column + 1 < columns && patches.has(row * columns + column + 1)) column++;
      const [x, y] = [from / columns, row / rows];
      path += `M${x} ${y}h${(column + 1 - from) / columns}v${1 / rows}h${-(column + 1 - from) / columns}z`;
    }
  return path;
}

/** The `count` patches of largest value among those that are not in `gone`; ties in reading order. */
export function strongest(values: Float32Array, gone: ReadonlySet<number>, count: number): number[] {
  return Array.from(values.keys())
    .filter((patch) => !gone.has(patch))
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, count);
}
