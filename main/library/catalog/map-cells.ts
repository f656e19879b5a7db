/**
 * Places as one number, in Morton's order: of a level's 4^level squares of the map (Mercator), each is a range of them.
 * So an index of it counts the photos of any square, however large, in one go.
 */
import { onMap } from '../../contract/mercator.ts';
import type { Coordinates } from '../../contract/mercator.ts';
import type { GeoBox } from '../../contract/entities/place.ts';

/** Squares of the finest level are 2.4 m wide at the equator; their numbers have 48 bits. */
export const finest = 24;

/** Cells of a square of a level. */
export const cellsWide = (level: number): number => 4 ** (finest - level);

/** Bits 0 … 11 at the even places of 24. */
function spread(bits: number): number {
  let wide = (bits | (bits << 8)) & 0x00ff00ff;
  wide = (wide | (wide << 4)) & 0x0f0f0f0f;
  wide = (wide | (wide << 2)) & 0x33333333;
  return (wide | (wide << 1)) & 0x55555555;
}

const half = finest / 2;
const low = 2 ** half - 1;

const interleaved = (column: number, row: number): number =>
  (spread(column >>> half) | (spread(row >>> half) << 1)) * 2 ** finest +
  (spread(column & low) | (spread(row & low) << 1));

const steps = (share: number, level: number): number =>
  Math.min(2 ** level - 1, Math.max(0, Math.floor(share * 2 ** level)));

export function cellOf(coordinates: Coordinates): number {
  const { x, y } = onMap(coordinates);
  return interleaved(steps(x, finest), steps(y, finest));
}

/** Columns and rows of a level that boxes touch, their edges included: two boxes where one lies over the date line. */
function sidesOf(box: GeoBox, level: number): { left: number; top: number; columns: number; rows: number }[] {
  const { south, west, north, east } = box;
  if (west > east)
    return [...sidesOf({ ...box, east: 180 }, level), ...sidesOf({ ...box, west: -180 }, level)];
  const from = onMap({ latitude: north, longitude: west });
  const to = onMap({ latitude: south, longitude: east });
  const [left, top] = [steps(from.x, level), steps(from.y, level)];
  return [{ left, top, columns: steps(to.x, level) - left + 1, rows: steps(to.y, level) - top + 1 }];
}

/** The first cell of each square of a level that a box touches. */
export function squaresOver(box: GeoBox, level: number): number[] {
  const scale = 2 ** (finest - level);
  const squares = sidesOf(box, level).flatMap(({ left, top, columns, rows }) =>
    Array.from({ length: columns * rows }, (_, i) =>
      interleaved((left + (i % columns)) * scale, (top + Math.floor(i / columns)) * scale),
    ),
  );
  // One that goes nearly around touches a square from both sides.
  return [...new Set(squares)];
}

/** The finest level, up to one, of which a box touches at most so many squares. */
export function levelFor(box: GeoBox, level: number, most: number): number {
  const touched = (at: number) =>
    sidesOf(box, at).reduce((sum, { columns, rows }) => sum + columns * rows, 0);
  let fit = Math.min(level, finest);
  while (fit > 0 && touched(fit) > most) fit--;
  return fit;
}

export const wholeMap: GeoBox = { south: -90, west: -180, north: 90, east: 180 };
