import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomHalf } from '../../models/explain/random-parts.ts';
import {
  emptyTally,
  measuredMap,
  rankCorrelation,
  standardisedSum,
  tallied,
} from '../../models/overlay/measured.ts';

test('a score that is a sum over kept patches is measured as its terms, within its own standard error', () => {
  const grid = { rows: 6, columns: 8 };
  const worth = Float64Array.from({ length: 48 }, (_, i) => Math.sin(i * 1.7));
  let tally = emptyTally(48);
  for (let pass = 0; pass < 3000; pass++) {
    const kept = new Uint8Array(48);
    for (const patch of randomHalf(grid, 'single', 5, pass)) kept[patch] = 1;
    // Far from zero: differences must not drown in it.
    const score = 1e6 + kept.reduce((sum, one, i) => sum + one * worth[i]!, 0);
    tally = tallied(tally, [score], kept);
  }
  const { values, errors } = measuredMap(tally);
  const mean = worth.reduce((a, b) => a + b, 0) / 48;
  // With exactly half kept, a patch that stays pushes others out: its worth is measured against the others' mean.
  const expected = worth.map((one) => ((one - mean) * 48) / 47);
  const off = expected.map((one, i) => (values[i]! - one) / errors[i]!);
  assert.ok(
    off.every((deviations) => Math.abs(deviations) < 4.5),
    `${Math.max(...off.map(Math.abs))}`,
  );
  const spread = Math.sqrt(off.reduce((sum, one) => sum + one * one, 0) / 48);
  assert.ok(spread > 0.7 && spread < 1.3, `standard errors are right: ${spread}`);
});

test('before there are two passes of either kind there is no number', () => {
  const tally = tallied(emptyTally(2), [1, 2], Uint8Array.of(1, 0, 1, 0));
  assert.deepEqual([...measuredMap(tally).values], [NaN, NaN]);
});

test('halves are reproducible, differ from pass to pass, and smooth ones hang together', () => {
  const grid = { rows: 14, columns: 14 };
  const neighbours = (kept: number[]) => kept.filter((patch) => kept.includes(patch + 1)).length;
  for (const fields of ['single', 'smooth'] as const) {
    assert.deepEqual(randomHalf(grid, fields, 1, 7), randomHalf(grid, fields, 1, 7));
    assert.notDeepEqual(randomHalf(grid, fields, 1, 7), randomHalf(grid, fields, 1, 8));
    assert.equal(new Set(randomHalf(grid, fields, 1, 7)).size, 98);
  }
  const mean = (fields: 'single' | 'smooth') =>
    Array.from({ length: 20 }, (_, pass) => neighbours(randomHalf(grid, fields, 0, pass))).reduce((a, b) => a + b) / 20; // prettier-ignore
  assert.ok(mean('smooth') > 1.3 * mean('single'));
  // Over many passes every patch is kept about half of the time.
  for (const fields of ['single', 'smooth'] as const) {
    const times = new Float64Array(196);
    for (let pass = 0; pass < 800; pass++)
      for (const patch of randomHalf(grid, fields, 2, pass)) times[patch]!++;
    assert.ok(times.every((count) => count > 280 && count < 520), `${fields}: ${Math.min(...times)} … ${Math.max(...times)}`); // prettier-ignore
  }
});

test('rank correlation is Spearman’s, with ties shared', () => {
  assert.equal(rankCorrelation([1, 2, 3], [10, 200, 3000]), 1);
  assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // scipy.stats.spearmanr([1, 2, 2, 4, 7], [2, 1, 3, 3, 9])
  assert.ok(Math.abs(rankCorrelation([1, 2, 2, 4, 7], [2, 1, 3, 3, 9]) - 0.7631578947368421) < 1e-12);
  assert.ok(Number.isNaN(rankCorrelation([1, 1], [1, 2])));
});

test('a sum of maps weighs each by its own spread', () => {
  assert.deepEqual([...standardisedSum([0, 2], [100, 300])], [-2, 2]);
  assert.deepEqual([...standardisedSum([5, 5], [1, 3])], [-1, 1]);
});
