/** Real weights and goldens beside the project; tests that need them say loudly when they are not there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SafetensorsFile, toFloat32 } from '../models/weights/safetensors.ts';

export const shared = fileURLToPath(new URL('../../shared/', import.meta.url));

/** For `test(name, needsShared, …)`. */
export const needsShared = {
  skip: existsSync(shared)
    ? false
    : 'SKIPPED: ../shared with real weights and goldens is not beside the project',
};

export interface Golden {
  data: Float32Array;
  shape: number[];
}

export function golden(file: string): (name: string) => Golden {
  const opened = new SafetensorsFile(`${shared}golden/${file}`);
  return (name) => {
    const { dtype, shape } = opened.info(name);
    return { data: toFloat32(name, dtype, opened.bytes(name)), shape };
  };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** Tells how far they are apart. @throws where that is more than `tolerance`, or where one is longer */
export function within(
  t: TestContext,
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  const difference = largestDifference(actual, expected);
  t.diagnostic(`${what}: largest difference ${difference.toExponential(1)}, allowed ${tolerance}`);
  assert.ok(difference <= tolerance, `${what} differs by ${difference}, allowed ${tolerance}`);
}
