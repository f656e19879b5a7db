/**
 * Photos that look alike without being the same picture: groups of features that are near. Vectors are dealt to the
 * centres they are nearest to and compared within (the inverted file of Sivic & Zisserman 2003, "Video Google"), since
 * comparing all pairs would take hours from a hundred thousand on. Each goes to several centres, so that few pairs are
 * torn apart; how many the test and `bench --only duplicates` tell. Both steps are products of matrices, which the
 * caller gives: for very many they are onnxruntime's.
 */
import type { Features } from '../heads/apply.ts';
import { PairGroups } from './duplicates.ts';
import { unit } from './nearest.ts';

/**
 * Of two photos that look alike, where nothing is known of others. ViT-Tiny gave 1 of 179,700 pairs of everyday photos
 * as much, half of all photos cropped by a seventh, and every mirrored one.
 */
const usual = 0.92;
/** Models differ in how near all of their features are: a pair counts from a tenth of the mean distance on. */
const shareOfMean = 0.1;
const fewestForMean = 50;
const sampled = 2000;
/** Below, all pairs are compared. */
const fewestForCentres = 2000;
const centresEach = 3;
/** Rows of a product. */
const blockSize = 1024;
/** Rows of a cell in 32 bits at once: 50 MB of 768 numbers. */
const mostGathered = 16_384;

/** Rows of length 1 in order, [a, F] and [b, F] → [a, b], their scalar products. */
export type Products = (a: Float32Array, b: Float32Array, length: number) => Float32Array | Promise<Float32Array>; // prettier-ignore

export const plainProducts: Products = (a, b, length) => {
  const [rows, columns] = [a.length / length, b.length / length];
  const found = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      const [from, other] = [row * length, column * length];
      for (let i = 0; i < length; i++) sum += a[from + i]! * b[other + i]!;
      found[row * columns + column] = sum;
    }
  return found;
};

/** [rows, F] of length 1, in 32 bits. Vectors of zeros stay. */
function unitRows({ data, length }: Features, rows: ArrayLike<number>): Float32Array {
  const vectors = new Float32Array(rows.length * length);
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i]! * length;
    const into = vectors.subarray(i * length, (i + 1) * length);
    into.set(data.subarray(at, at + length));
    let squares = 0;
    for (const value of into) squares += value * value;
    const norm = Math.sqrt(squares) || 1;
    for (let j = 0; j < length; j++) into[j]! /= norm;
  }
  return vectors;
}

function cosine({ data, length }: Features, a: number, b: number): number {
  const [one, other] = [a, b].map((row) => unit(data.subarray(row * length, (row + 1) * length)));
  return one!.reduce((sum, value, i) => sum + value * other![i]!, 0);
}

/** Rows spread over all, the same each time. */
const spread = (count: number, of: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => Math.floor((i * of) / count));

/** Cosine from which on photos look alike, by how alike photos of this library are on the whole. */
export function leastCosine(features: Features): number {
  const count = features.data.length / features.length;
  if (count < fewestForMean) return usual;
  let sum = 0;
  let counted = 0;
  // The golden ratio's multiples, so that neighbours in the list, which may look alike, are not what is compared.
  for (let i = 0; i < sampled; i++) {
    const a = i % count;
    const b = (a + 1 + Math.floor(((i * 0.6180339887) % 1) * (count - 1))) % count;
    const near = cosine(features, a, b);
    if (!Number.isFinite(near)) continue; // a vector that 16 bits could not hold is like none
    sum += near;
    counted++;
  }
  return counted ? 1 - shareOfMean * (1 - sum / counted) : usual;
}

/** Places of the largest of a row, the largest first. */
function largest(products: Float32Array, from: number, to: number): Int32Array {
  const places = new Int32Array(centresEach).fill(-1);
  const values = new Float32Array(centresEach).fill(-Infinity);
  for (let at = from; at < to; at++) {
    const value = products[at]!;
    let place = centresEach;
    while (place > 0 && value > values[place - 1]!) place--;
    if (place === centresEach) continue;
    values.copyWithin(place + 1, place);
    places.copyWithin(place + 1, place);
    values[place] = value;
    places[place] = at - from;
  }
  return places;
}

const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);

/** Rows by centre, each at its nearest ones. Yields shares of the whole. */
async function* dealt(features: Features, products: Products): AsyncGenerator<number, Int32Array[]> {
  const count = features.data.length / features.length;
  if (count < fewestForCentres) return [range(0, count)];
  const centres = unitRows(features, spread(Math.round(2 * Math.sqrt(count)), count));
  const many = centres.length / features.length;
  const cells = Array.from({ length: many }, (): number[] => []);
  for (let from = 0; from < count; from += blockSize) {
    const rows = range(from, Math.min(from + blockSize, count));
    const near = await products(unitRows(features, rows), centres, features.length);
    for (let i = 0; i < rows.length; i++)
      for (const cell of largest(near, i * many, (i + 1) * many)) if (cell >= 0) cells[cell]!.push(from + i);
    yield from / count;
  }
  return cells.map((cell) => Int32Array.from(cell));
}

/** Pairs of a cell that are near. Yields after each product. */
async function* compared(
  cell: Int32Array,
  features: Features,
  products: Products,
  near: (product: number, a: number, b: number) => void,
): AsyncGenerator<void, void> {
  const { length } = features;
  // Gathered once where there is room for all of it.
  const whole = cell.length <= mostGathered ? unitRows(features, cell) : null;
  const vectorsOf = (from: number) =>
    whole?.subarray(from * length, (from + blockSize) * length) ??
    unitRows(features, cell.subarray(from, from + blockSize));
  for (let from = 0; from < cell.length; from += blockSize) {
    const rows = cell.subarray(from, from + blockSize);
    const vectors = vectorsOf(from);
    // With those before, so that each two blocks meet once.
    for (let start = 0; start <= from; start += blockSize) {
      const others = cell.subarray(start, start + blockSize);
      const columns = start === from ? vectors : vectorsOf(start);
      const found = await products(vectors, columns, features.length);
      for (let row = 0; row < rows.length; row++) {
        const first = row * others.length;
        const many = start === from ? row : others.length;
        for (let other = 0; other < many; other++) near(found[first + other]!, others[other]!, rows[row]!);
      }
      yield;
    }
  }
}

/**
 * Groups of two and more rows that look alike, in order. Vectors of zeros look like nothing. Yields the share that is
 * done, so that a caller can tell it, or stop.
 */
export async function* alikeGroups(
  features: Features,
  products: Products = plainProducts,
): AsyncGenerator<number, number[][]> {
  const { length } = features;
  if (length === 0 || features.data.length === 0) return [];
  const least = leastCosine(features);
  const found = new PairGroups(features.data.length / length, (a, b) => cosine(features, a, b) >= least);
  const near = (product: number, a: number, b: number): void => {
    if (product >= least) found.add(a, b, true);
  };
  const dealing = dealt(features, products);
  let step = await dealing.next();
  for (; !step.done; step = await dealing.next()) yield step.value / 2;
  const cells = step.value;
  for (const [done, cell] of cells.entries()) {
    const comparing = compared(cell, features, products, near);
    while (!(await comparing.next()).done) yield 0.5 + done / cells.length / 2;
  }
  return found.groups();
}

/** All of it at once. */
export async function groupedAlike(
  features: Features,
  {
    products = plainProducts,
    onstep = () => {},
  }: { products?: Products; onstep?: (share: number) => void } = {},
): Promise<number[][]> {
  const steps = alikeGroups(features, products);
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) onstep(step.value);
  return step.value;
}
