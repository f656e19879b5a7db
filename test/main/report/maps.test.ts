import assert from 'node:assert/strict';
import test from 'node:test';
import type { Inspection } from '../../../main/contract/entities/inspection.ts';
import { commonRange, mapOf } from '../../../main/report/maps.ts';

/** Two layers, two heads, a grid of one row and three columns. */
const inspection: Inspection = {
  model: 'two-by-two',
  head: null,
  placement: {
    provider: 'cpu',
    device: 'unknown',
    driver: 'unknown',
    precision: 'fp32',
    batch: 1,
    nodesOnCpu: 0,
    reason: 'asked for',
  },
  photo: { width: 30, height: 10 },
  seen: { x: 0, y: 0, width: 30, height: 10 },
  grid: { rows: 1, columns: 3, patchSize: 10 },
  layers: 2,
  heads: 2,
  logits: new Float32Array(2),
  predictions: [],
  clsFeature: new Float32Array(1),
  clsAttention: Float32Array.from({ length: 12 }, (_, i) => i),
  attentionOf: 'cls',
  rollout: Float32Array.of(0.1, 0.2, 0.3),
  rolloutOptions: { fusion: 'mean', discardRatio: 0 },
  contribution: {
    classIndex: 1,
    patches: Float32Array.of(1, -2, 3, 10, 20, -30),
    special: new Float32Array(2),
    mlp: new Float32Array(2),
    bias: new Float32Array(2),
    start: 0,
    head: 0,
    sum: 2,
  },
  absent: {},
};
const values = (...asked: Parameters<typeof mapOf> extends [unknown, ...infer Rest] ? Rest : never) => [
  ...mapOf(inspection, ...asked).values,
];

test('one head of one layer is its own row', () => {
  assert.deepEqual(values('cls', 0, 1), [3, 4, 5]);
  assert.deepEqual(values('cls', null, 0), [6, 7, 8], 'the last layer where none is asked for');
});

test('heads are joined by mean, largest or smallest', () => {
  assert.deepEqual(values('cls', 1, 'mean'), [7.5, 8.5, 9.5]);
  assert.deepEqual(values('cls', 1, 'max'), [9, 10, 11]);
  assert.deepEqual(values('cls', 1, 'min'), [6, 7, 8]);
});

test('contributions are one layer or the sum over layers', () => {
  assert.deepEqual(values('class', 1, 'mean'), [10, 20, -30]);
  assert.deepEqual(values('class', null, 'mean'), [11, 18, -27]);
});

test('layers and heads that are not there are refused by number', () => {
  assert.throws(() => values('cls', 2, 0), { code: 'no-such-layer', message: /layers 1 to 2; asked for 3/ });
  assert.throws(() => values('cls', 0, 2), { code: 'no-such-head', message: /heads 1 to 2; asked for 3/ });
});

test('a map that the model has not says why', () => {
  const absent = { class: 'Its blocks are normalised after the sum.', cls: 'It has no attention.' };
  const without = { ...inspection, clsAttention: null, contribution: null, rollout: null, absent };
  assert.throws(() => mapOf(without, 'class', null, 'mean'), { code: 'map-absent', message: absent.class });
  assert.throws(() => mapOf(without, 'cls', null, 'mean'), { code: 'map-absent', message: absent.cls });
  assert.throws(() => mapOf(without, 'rollout', null, 'mean'), { code: 'map-absent', message: /"rollout"/ });
  assert.throws(() => mapOf({ ...inspection, grid: null }, 'cls', 0, 0), { code: 'map-absent' });
});

test('the range of a folder spans all its maps', () => {
  assert.deepEqual(
    commonRange([
      { values: Float32Array.of(1, 2) },
      { values: Float32Array.of(-3, 0) },
      { values: Float32Array.of(1, 5) },
    ]),
    [-3, 5],
  );
});
