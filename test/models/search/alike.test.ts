import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alikeGroups } from '../../../models/search/alike.ts';
import { randomNumbers } from '../tiny.ts';

/** `count` vectors around `centres` ones of their own, each moved by `noise` of its length. */
function around(centres: number, each: number, length: number, noise: number): Float32Array {
  const base = randomNumbers(centres * length, 1, 1);
  const moved = randomNumbers(centres * each * length, noise, 2);
  return moved.map((value, i) => value + base[Math.floor(i / length / each) * length + (i % length)]!);
}

test('vectors that are near are one group, whatever their length, and others none', () => {
  const length = 64;
  const data = around(30, 3, length, 0.15);
  // Every third is twice as long.
  for (let row = 0; row < 90; row += 3) for (let i = 0; i < length; i++) data[row * length + i]! *= 2;
  const groups = alikeGroups({ data, length });
  assert.deepEqual(
    groups,
    Array.from({ length: 30 }, (_, i) => [3 * i, 3 * i + 1, 3 * i + 2]),
  );
  assert.deepEqual(alikeGroups({ data: randomNumbers(90 * length, 1, 3), length }), []);
  assert.deepEqual(alikeGroups({ data: new Float32Array(0), length: 0 }), []);
  assert.deepEqual(alikeGroups({ data: new Float32Array(2 * length), length }), [], 'zeros');
});

test('where all features are near, only the nearest are alike', () => {
  const length = 64;
  const shared = randomNumbers(length, 3, 5);
  const data = around(60, 1, length, 0).map((value, i) => value * 0.5 + shared[i % length]!);
  data.copyWithin(7 * length, 3 * length, 4 * length);
  assert.deepEqual(alikeGroups({ data, length }), [[3, 7]]);
});

test('of very many nearly every group is found', (t) => {
  const length = 32;
  const data = around(2500, 2, length, 0.12);
  const found = new Set(alikeGroups({ data, length }).map((group) => group.join()));
  const right = Array.from({ length: 2500 }, (_, i) => `${2 * i},${2 * i + 1}`);
  const share = right.filter((group) => found.has(group)).length / right.length;
  t.diagnostic(`${(100 * share).toFixed(1)} % of the pairs`);
  assert.ok(share > 0.95 && found.size <= right.length);
});
