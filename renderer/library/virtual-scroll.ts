/**
 * Rows of equal height in a scroll area, without their elements. Browsers clamp an element's height (Chromium near
 * 33.5 million pixels), so a longer list is scrolled through a shorter area: small steps move by as much as the
 * scrollbar did, long ones by proportion, and the two are brought together again once scrolling rests. Pure.
 */

/** Height in pixels that every browser takes. */
export const tallest = 15_000_000;

export interface GridMeasure {
  /** Inner width and height of the scroll area, pixels. */
  width: number;
  height: number;
  /** Wanted side of a tile's picture, the space between tiles, what stands below the picture. */
  tile: number;
  gap: number;
  caption: number;
  total: number;
}

export interface GridLayout {
  columns: number;
  /** Side of a tile's picture, so that the columns fill the width. */
  tile: number;
  rowHeight: number;
  rows: number;
  /** Pixels of all rows, and of the element that stands for them. */
  fullHeight: number;
  areaHeight: number;
  viewport: number;
}

export function layOut({ width, height, tile, gap, caption, total }: GridMeasure): GridLayout {
  const columns = Math.max(1, Math.floor((width + gap) / (tile + gap)));
  const side = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rowHeight = side + caption + gap;
  const rows = Math.ceil(total / columns);
  const fullHeight = rows * rowHeight;
  return {
    columns,
    tile: side,
    rowHeight,
    rows,
    fullHeight,
    areaHeight: Math.min(fullHeight, tallest),
    viewport: height,
  };
}

/** Where in the full list the viewport is, for where the scrollbar is. Both are tops in pixels. */
export interface ScrollPlace {
  scrollTop: number;
  listTop: number;
}

function spans({ fullHeight, areaHeight, viewport }: GridLayout): { list: number; area: number } {
  return { list: Math.max(0, fullHeight - viewport), area: Math.max(0, areaHeight - viewport) };
}

/** After the scrollbar moved to `scrollTop`. */
export function scrolled(layout: GridLayout, before: ScrollPlace, scrollTop: number): ScrollPlace {
  if (layout.fullHeight === layout.areaHeight) return { scrollTop, listTop: scrollTop };
  const { list, area } = spans(layout);
  const step = scrollTop - before.scrollTop;
  const atEnd = scrollTop <= 0 || scrollTop >= area;
  const near = Math.abs(step) < 2 * layout.viewport && !atEnd;
  const listTop = near ? before.listTop + step : (scrollTop / area) * list;
  return { scrollTop, listTop: Math.min(list, Math.max(0, listTop)) };
}

/** The scrollbar's place for a place in the list: to jump there, and to bring both together when scrolling rests. */
export function placeAt(layout: GridLayout, listTop: number): ScrollPlace {
  const { list, area } = spans(layout);
  const top = Math.min(list, Math.max(0, listTop));
  return { listTop: top, scrollTop: list === 0 ? 0 : (top / list) * area };
}

/** The least movement of `listTop` that shows the whole row of a position. */
export function reveal(layout: GridLayout, listTop: number, position: number): number {
  const top = Math.floor(position / layout.columns) * layout.rowHeight;
  if (top < listTop) return top;
  return Math.max(listTop, top + layout.rowHeight - layout.viewport);
}

/** Positions to draw: the rows in view and `spare` rows on either side. */
export function visible(
  layout: GridLayout,
  listTop: number,
  total: number,
  spare: number,
): { first: number; end: number } {
  const firstRow = Math.max(0, Math.floor(listTop / layout.rowHeight) - spare);
  const endRow = Math.min(layout.rows, Math.ceil((listTop + layout.viewport) / layout.rowHeight) + spare);
  return { first: firstRow * layout.columns, end: Math.min(total, Math.max(0, endRow) * layout.columns) };
}
