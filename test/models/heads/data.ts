/** Clouds of seeded random numbers around a centre for each label. */
import { randomNumbers } from '../tiny.ts';
import type { Examples } from '../../../models/heads/examples.ts';
import type { HeadFit } from '../../../models/heads/head.ts';

export interface Clouds {
  /** [n, F] */
  x: Float32Array;
  /** [n]: which cloud. */
  index: Int32Array;
}

/** @param apart how far centres lie from each other, in widths of a cloud */
export function clouds(count: number, length: number, labels: number, apart: number): Clouds {
  const x = randomNumbers(count * length, 1, 1);
  const centres = randomNumbers(labels * length, apart, 2);
  const index = Int32Array.from({ length: count }, (_, i) => i % labels);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < length; j++) x[i * length + j]! += centres[index[i]! * length + j]!;
  return { x, index };
}

export const names = ['boat', 'receipt', 'zebra', 'blurred', 'tree', 'cake', 'door', 'lamp', 'shoe', 'bird'];
export const labelsOf = (count: number) => names.slice(0, count).map((name) => ({ id: name, name }));

export const fitsOf = (length: number): HeadFit => ({
  model: 'tiny',
  weights: 'a'.repeat(64),
  feature: 'cls',
  length,
});

export function examplesOf({ x, index }: Clouds, length: number): Examples {
  return {
    features: { data: x, length },
    labels: Array.from(index, (label) => [names[label]!]),
    names: Array.from(index, (_, i) => `${i}.jpg`),
  };
}
