/** Halves of a photo's patches, drawn at random and reproducibly, for maps that are measured (models/overlay/measured.ts). */
import { seeded } from '../random.ts';

/** Cells a side of a smooth field, on a grid of twice as many patches or more. */
const fieldCells = 7;

/** Well apart for neighbouring passes, which a generator seeded with their number alone is not. */
function seedOf(seed: number, pass: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(pass + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * A value a patch: a coarse grid of random numbers, shifted by a random part of a cell (as RISE does) and made smooth
 * by bilinear interpolation.
 */
function smoothField(rows: number, columns: number, random: () => number): Float64Array {
  const cells = (side: number) => Math.max(1, Math.min(fieldCells, Math.ceil(side / 2)));
  const [down, across] = [cells(rows), cells(columns)];
  const coarse = Float64Array.from({ length: (down + 2) * (across + 2) }, random);
  const [shiftY, shiftX] = [random(), random()];
  const at = (row: number, column: number) => coarse[row * (across + 2) + column]!;
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const y = shiftY + (Math.floor(i / columns) * down) / rows;
    const x = shiftX + ((i % columns) * across) / columns;
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [v, u] = [y - top, x - left];
    return (
      (1 - v) * ((1 - u) * at(top, left) + u * at(top, left + 1)) +
      v * ((1 - u) * at(top + 1, left) + u * at(top + 1, left + 1))
    );
  });
}

/** The half of the patches (rounded up) that pass `pass` keeps, ascending. The same for the same arguments. */
export function randomHalf(
  { rows, columns }: { rows: number; columns: number },
  fields: 'single' | 'smooth',
  seed: number,
  pass: number,
): number[] {
  const random = seeded(seedOf(seed, pass));
  const patches = rows * columns;
  const values =
    fields === 'smooth' ? smoothField(rows, columns, random) : Float64Array.from({ length: patches }, random);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  return order.slice(0, Math.ceil(patches / 2)).sort((a, b) => a - b);
}
