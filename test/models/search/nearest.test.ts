import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { buildSearchGraph, roomForVectors, roundInto } from '../../../models/search/graph.ts';
import { best, nearestOfAll, queryOf, recallAt, rescore, scoresOf } from '../../../models/search/nearest.ts';
import { openSession } from '../session.ts';
import { randomNumbers } from '../tiny.ts';

const length = 72; // no multiple of a block
const count = 3000;

/** Clouds of fifty, so that there is something to be near to. */
function features(): Float32Array {
  const data = randomNumbers(count * length, 1, 1);
  const centres = randomNumbers((count / 50) * length, 1, 2);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < length; i++) data[row * length + i]! += centres[Math.floor(row / 50) * length + i]!;
  return data;
}

test('a scan finds what sorting all cosines finds, in 32 and in 16 bits', () => {
  const data = features();
  data.fill(0, 5 * length, 6 * length); // a vector of zeros is near to nothing
  const half = new Float16Array(data);
  for (const held of [data, half]) {
    const all = { data: held, length };
    const query = queryOf(all, [7]);
    const cosines = Array.from({ length: count }, (_, row) => {
      const vector = held.subarray(row * length, (row + 1) * length);
      const norm = Math.hypot(...vector);
      return norm ? [...vector].reduce((sum, value, i) => sum + value * query[i]!, 0) / norm : 0;
    });
    const expected = [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]!).slice(0, 20);
    const found = nearestOfAll(query, all, 20);
    assert.deepEqual([...found.rows], expected);
    assert.equal(found.rows[0], 7);
    for (const [i, row] of expected.entries()) assert.ok(Math.abs(found.scores[i]! - cosines[row]!) < 1e-6);
    assert.equal(nearestOfAll(query, all, count).rows.length, count);
    assert.equal(nearestOfAll(query, all, count).scores[count - 1], Math.fround(Math.min(...cosines)));
  }
});

test('several photos are asked for by what they have in common', () => {
  const all = { data: features(), length };
  const query = queryOf(all, [100, 101, 102]);
  assert.ok(Math.abs(Math.hypot(...query) - 1) < 1e-6);
  const { rows } = nearestOfAll(query, all, 10);
  assert.ok(rows.every((row) => row >= 100 && row < 150));
});

test('eight bits in two parts, the best scored again in float, find the ten nearest', async (t) => {
  const all = { data: features(), length };
  const room = roomForVectors(count, length);
  const half = { data: all.data.subarray(0, 2000 * length), length };
  roundInto(room, 0, half);
  roundInto(room, 2000, { data: new Float16Array(all.data.subarray(2000 * length)), length });
  const { model, externalData } = buildSearchGraph(room);
  const session = await openSession({ model, externalData });
  let recall = 0;
  const asked = [3, 517, 1999, 2000, 2750, 2999];
  for (const row of asked) {
    const query = queryOf(all, [row]);
    const out = await session.run({ query: new ort.Tensor('float32', query, [1, length]) });
    assert.deepEqual(out['scores']!.dims, [1, count]);
    const scores = out['scores']!.data as Float32Array;
    const exact = scoresOf(query, all);
    const off = Math.max(...scores.map((score, i) => Math.abs(score - exact[i]!)));
    assert.ok(off < 0.02, `a score is off by ${off}`);
    const found = rescore(query, all, best(scores, 110).rows, 10);
    assert.equal(found.rows[0], row);
    recall += recallAt(10, found, nearestOfAll(query, all, 10));
  }
  t.diagnostic(`recall@10 ${recall / asked.length}`);
  assert.equal(recall, asked.length);
  await session.release();
});

test('a vector of zeros is near to nothing in eight bits', async () => {
  const room = roomForVectors(2, length);
  const one = new Float32Array(length).fill(-3);
  roundInto(room, 1, { data: one, length });
  const { model, externalData } = buildSearchGraph(room);
  const session = await openSession({ model, externalData });
  const query = new Float32Array(length).fill(-1 / Math.sqrt(length));
  const { scores } = await session.run({ query: new ort.Tensor('float32', query, [1, length]) });
  const [none, same] = scores!.data as Float32Array;
  assert.equal(none, 0);
  assert.ok(Math.abs(same! - 1) < 0.01);
  await session.release();
});

test('recall counts what of the truth was found', () => {
  const nearest = (...rows: number[]) => ({
    rows: Int32Array.from(rows),
    scores: new Float32Array(rows.length),
  });
  assert.equal(recallAt(4, nearest(1, 9, 3, 8), nearest(1, 2, 3, 4)), 0.5);
  assert.equal(recallAt(10, nearest(), nearest()), 1);
});
