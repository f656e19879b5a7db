/**
 * Photos that look alike without being the same picture: groups of features that are near. Vectors are dealt to the
 * centres they are nearest to and compared within (the inverted file of Sivic & Zisserman 2003, "Video Google"), since
 * comparing all pairs would take hours from a hundred thousand on. Each goes to two centres, so that few pairs are
 * torn apart; how many the test tells.
 */
import type { Features } from '../heads/apply.ts';
import { groupPairs } from './duplicates.ts';
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

/** [n, F] of length 1, in 32 bits. */
function unitVectors({ data, length }: Features): Float32Array {
  const vectors = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += length) vectors.set(unit(data.subarray(at, at + length)), at);
  return vectors;
}

function dot(vectors: Float32Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += vectors[a + i]! * vectors[b + i]!;
  return sum;
}

/** Rows spread over all, the same each time. */
const spread = (count: number, of: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => Math.floor((i * of) / count));

/** Cosine from which on photos look alike, by how alike photos of this library are on the whole. */
function leastCosine(vectors: Float32Array, length: number): number {
  const count = vectors.length / length;
  if (count < fewestForMean) return usual;
  let sum = 0;
  // The golden ratio's multiples, so that neighbours in the list, which may look alike, are not what is compared.
  for (let i = 0; i < sampled; i++) {
    const a = i % count;
    const b = (a + 1 + Math.floor(((i * 0.6180339887) % 1) * (count - 1))) % count;
    sum += dot(vectors, a * length, b * length, length);
  }
  return 1 - shareOfMean * (1 - sum / sampled);
}

type Step = (done: number, of: number) => void;

/** Rows by centre, each at its two nearest. */
function dealt(vectors: Float32Array, length: number, onstep: Step): number[][] {
  const count = vectors.length / length;
  if (count < fewestForCentres) return [Array.from({ length: count }, (_, i) => i)];
  const centres = spread(Math.round(Math.sqrt(count)), count);
  const cells = Array.from(centres, (): number[] => []);
  for (let row = 0; row < count; row++) {
    if (row % 1000 === 0) onstep(row, 2 * count);
    let [first, second] = [-1, -1];
    let [best, next] = [-Infinity, -Infinity];
    for (let cell = 0; cell < centres.length; cell++) {
      const near = dot(vectors, row * length, centres[cell]! * length, length);
      if (near > best) [second, next, first, best] = [first, best, cell, near];
      else if (near > next) [second, next] = [cell, near];
    }
    cells[first]!.push(row);
    cells[second]!.push(row);
  }
  return cells;
}

function* pairsWithin(
  cells: number[][],
  near: (a: number, b: number) => boolean,
  onstep: Step,
): Generator<[number, number]> {
  for (const [done, cell] of cells.entries()) {
    onstep(cells.length + done, 2 * cells.length);
    for (let i = 1; i < cell.length; i++)
      for (let j = 0; j < i; j++) if (near(cell[j]!, cell[i]!)) yield [cell[j]!, cell[i]!];
  }
}

/** Groups of two and more rows that look alike, in order. Vectors of zeros look like nothing. */
export function alikeGroups(features: Features, onstep: Step = () => {}): number[][] {
  const { length } = features;
  if (length === 0 || features.data.length === 0) return [];
  const vectors = unitVectors(features);
  const least = leastCosine(vectors, length);
  const near = (a: number, b: number) => dot(vectors, a * length, b * length, length) >= least;
  const cells = dealt(vectors, length, onstep);
  return groupPairs(vectors.length / length, pairsWithin(cells, near, onstep), near);
}
