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
  /**
   * Photos of each part that stands under a heading, in their order; absent: one part without. A part begins a row of its
   * own, unless it and its neighbours find room in one.
   */
  parts?: readonly number[] | undefined;
  /** Height of a heading. */
  heading?: number;
}

/** One part of the list, or several in one row: `start` ≤ position < `end`, from `top` on, the heading included. */
interface Band {
  start: number;
  end: number;
  top: number;
  /** Height of its headings. */
  heading: number;
  /** Index of its first part, and how many there are. */
  part: number;
  parts: number;
}

export interface GridLayout {
  columns: number;
  /** Side of a tile's picture, so that the columns fill the width. */
  tile: number;
  rowHeight: number;
  /** Never empty. */
  bands: readonly Band[];
  /** Pixels of all rows, and of the element that stands for them. */
  fullHeight: number;
  areaHeight: number;
  viewport: number;
}

export function layOut(measure: GridMeasure): GridLayout {
  const { width, height, tile, gap, caption, total, parts, heading = 0 } = measure;
  const columns = Math.max(1, Math.floor((width + gap) / (tile + gap)));
  const side = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rowHeight = side + caption + gap;
  const bands = bandsOf(parts ?? [total], parts ? heading : 0, { columns, rowHeight, total });
  const fullHeight = bottomOf(bands.at(-1)!, { columns, rowHeight });
  return {
    columns,
    tile: side,
    rowHeight,
    bands,
    fullHeight,
    areaHeight: Math.min(fullHeight, tallest),
    viewport: height,
  };
}

type Cell = Pick<GridLayout, 'columns' | 'rowHeight'>;

const bottomOf = ({ start, end, top, heading }: Omit<Band, 'part' | 'parts'>, { columns, rowHeight }: Cell) =>
  top + heading + Math.ceil((end - start) / columns) * rowHeight;

/** The parts were counted at another moment than the list: the last one takes what is more, or gives what is less. */
function bandsOf(parts: readonly number[], heading: number, cell: Cell & { total: number }): Band[] {
  const bands: Band[] = [];
  for (let part = 0, next = 0; part < parts.length; part = next) {
    const before = bands.at(-1);
    const start = before?.end ?? 0;
    if (start >= cell.total && before) break;
    let count = parts[next++]!;
    while (next < parts.length && count + parts[next]! <= cell.columns) count += parts[next++]!;
    const end = next === parts.length ? cell.total : Math.min(cell.total, start + count);
    bands.push({ start, end, heading, top: before ? bottomOf(before, cell) : 0, part, parts: next - part });
  }
  return bands.length ? bands : [{ start: 0, end: cell.total, heading: 0, top: 0, part: 0, parts: 1 }];
}

/** The last band for which `begins` is at most `value`. */
function bandBy(bands: readonly Band[], value: number, begins: (band: Band) => number): number {
  let [low, high] = [0, bands.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (begins(bands[middle]!) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index of the band that a place in the list lies in. */
export const bandAt = ({ bands }: GridLayout, listTop: number): number =>
  bandBy(bands, listTop, ({ top }) => top);
/** Index of the band that a position lies in. */
export const bandOf = ({ bands }: Pick<GridLayout, 'bands'>, position: number): number =>
  bandBy(bands, position, ({ start }) => start);

/** Where a tile stands: its column, and the top of its row in the list. */
export function tilePlace(layout: GridLayout, position: number): { column: number; top: number } {
  const { start, top, heading } = layout.bands[bandOf(layout, position)]!;
  const row = Math.floor((position - start) / layout.columns);
  return { column: (position - start) % layout.columns, top: top + heading + row * layout.rowHeight };
}

/** The first position of the row at a place in the list. */
export function positionAt(layout: GridLayout, listTop: number): number {
  const { start, end, top, heading } = layout.bands[bandAt(layout, listTop)]!;
  const row = Math.max(0, Math.floor((listTop - top - heading) / layout.rowHeight));
  const last = Math.max(0, Math.ceil((end - start) / layout.columns) - 1);
  return start + Math.min(row, last) * layout.columns;
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

/** The least movement of `listTop` that shows the whole row of a position, the first row of a part with its heading. */
export function reveal(layout: GridLayout, listTop: number, position: number): number {
  const { top } = tilePlace(layout, position);
  const band = layout.bands[bandOf(layout, position)]!;
  const from = top === band.top + band.heading ? band.top : top;
  if (from < listTop) return from;
  return Math.max(listTop, top + layout.rowHeight - layout.viewport);
}

/** Positions to draw: the rows in view and `spare` rows on either side. */
export function visible(
  layout: GridLayout,
  listTop: number,
  total: number,
  spare: number,
): { first: number; end: number } {
  if (total === 0) return { first: 0, end: 0 };
  const { columns, rowHeight, viewport } = layout;
  const from = positionAt(layout, listTop);
  const to = positionAt(layout, listTop + viewport);
  const first = Math.max(0, positionAt(layout, Math.max(0, tilePlace(layout, from).top - spare * rowHeight)));
  const end = positionAt(layout, tilePlace(layout, to).top + spare * rowHeight) + columns;
  return { first, end: Math.min(total, end) };
}
