import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupedAlike, leastCosine } from '../../../models/search/alike.ts';
import { unit } from '../../../models/search/nearest.ts';
import { randomNumbers } from '../tiny.ts';

/** `count` vectors around `centres` ones of their own, each moved by `noise` of its length. */
function around(centres: number, each: number, length: number, noise: number): Float32Array {
  const base = randomNumbers(centres * length, 1, 1);
  const moved = randomNumbers(centres * each * length, noise, 2);
  return moved.map((value, i) => value + base[Math.floor(i / length / each) * length + (i % length)]!);
}

test('vectors that are near are one group, whatever their length, and others none', async () => {
  const length = 64;
  const data = around(30, 3, length, 0.15);
  // Every third is twice as long.
  for (let row = 0; row < 90; row += 3) for (let i = 0; i < length; i++) data[row * length + i]! *= 2;
  const groups = await groupedAlike({ data, length });
  assert.deepEqual(
    groups,
    Array.from({ length: 30 }, (_, i) => [3 * i, 3 * i + 1, 3 * i + 2]),
  );
  assert.deepEqual(await groupedAlike({ data: randomNumbers(90 * length, 1, 3), length }), []);
  assert.deepEqual(await groupedAlike({ data: new Float32Array(0), length: 0 }), []);
  assert.deepEqual(await groupedAlike({ data: new Float32Array(2 * length), length }), [], 'zeros');
});

test('where all features are near, only the nearest are alike', async () => {
  const length = 64;
  const shared = randomNumbers(length, 3, 5);
  const data = around(60, 1, length, 0).map((value, i) => value * 0.5 + shared[i % length]!);
  data.copyWithin(7 * length, 3 * length, 4 * length);
  assert.deepEqual(await groupedAlike({ data, length }), [[3, 7]]);
});

/** As comparing all pairs tells. */
function pairsOf(data: Float32Array, length: number): Set<string> {
  const least = leastCosine({ data, length });
  const rows = Array.from({ length: data.length / length }, (_, row) =>
    unit(data.subarray(row * length, (row + 1) * length)),
  );
  const pairs = new Set<string>();
  for (let b = 0; b < rows.length; b++)
    for (let a = 0; a < b; a++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += rows[a]![i]! * rows[b]![i]!;
      if (sum >= least) pairs.add(`${a},${b}`);
    }
  return pairs;
}

test('of very many nearly every pair is found that comparing all finds, and none that it does not', async (t) => {
  for (const [length, noise] of [
    [32, 0.12],
    [192, 0.2],
  ] as const) {
    const data = around(1200, 2, length, noise);
    const right = pairsOf(data, length);
    const shares: number[] = [];
    const found = await groupedAlike({ data, length }, { onstep: (share) => shares.push(share) });
    const told = found.flatMap((group) => group.flatMap((b, i) => group.slice(0, i).map((a) => `${a},${b}`)));
    const share = told.filter((pair) => right.has(pair)).length / right.size;
    t.diagnostic(`${(100 * share).toFixed(1)} % of ${right.size} pairs, ${length} numbers`);
    assert.ok(right.size > 1000 && share > 0.97, String(share));
    assert.ok(told.every((pair) => right.has(pair)));
    assert.ok(shares.length > 10 && shares.every((each, i) => each >= (shares[i - 1] ?? 0) && each <= 1));
  }
});
