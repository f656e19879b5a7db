/** Vectors that are made for measuring, and how long work takes. */
import type { Features } from '../../models/heads/apply.ts';

/** Marsaglia 2003, "Xorshift RNGs": hundreds of millions of numbers are drawn. */
export function fill(data: Float32Array | Float16Array, length: number, seed: number): void {
  // Around one of a thousand centres, as photos of the same things lie together.
  const centres = new Float32Array(1000 * length);
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  for (let i = 0; i < centres.length; i++) centres[i] = next();
  for (let at = 0; at < data.length; at += length) {
    const centre = Math.floor(Math.abs(next()) * 1000) % 1000;
    for (let i = 0; i < length; i++) data[at + i] = centres[centre * length + i]! + 0.7 * next();
  }
}

export function manyFeatures(count: number, length: number): Features {
  const data = new Float16Array(count * length);
  fill(data, length, 7);
  return { data, length };
}

export async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now();
  const value = await work();
  return { ms: performance.now() - began, value };
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
/** Vectors handed to the inference process at once, as the library does. */
export const partSize = 2000;
