import assert from 'node:assert/strict';
import test from 'node:test';
import { quantileOf, rangeOf, spread, whyNotDrawable } from '../../../models/overlay/normalise.ts';

const map = (...values: number[]) => Float32Array.from(values);
const cannot = { code: 'map-not-drawable' };

test('a photo is scaled to its own values, a signed one symmetrically about zero', () => {
  assert.deepEqual(rangeOf(map(1, 2, 5, 3), false, 'photo'), [1, 5]);
  assert.deepEqual(rangeOf(map(-1, 2, -5, 3), true, 'photo'), [-5, 5]);
});

test('the folder scale is the same for every photo of the folder', () => {
  assert.deepEqual(rangeOf(map(1, 2), false, 'folder', [0, 9]), [0, 9]);
  assert.deepEqual(rangeOf(map(-1, 2), true, 'folder', [-3, 9]), [-9, 9]);
});

test('the absolute scale depends on the number of patches only', () => {
  assert.deepEqual(rangeOf(map(0.25, 0.25, 0.25, 0.25), false, 'absolute'), [0, 2]);
  assert.deepEqual(rangeOf(map(-3, 1), true, 'absolute'), [-0.5, 0.5]);
});

test('an even map scaled to itself is refused, on the absolute scale it is drawn', () => {
  assert.throws(() => rangeOf(map(0.5, 0.5), false, 'photo'), cannot);
  assert.throws(() => rangeOf(map(0.5, 0.5), false, 'folder', [0.5, 0.5]), cannot);
  assert.deepEqual(rangeOf(map(0.5, 0.5), false, 'absolute'), [0, 4]);
});

test('what can not be drawn honestly is named', () => {
  assert.match(whyNotDrawable(map(1, NaN), 1, 2)!, /NaN/);
  assert.match(whyNotDrawable(map(1, Infinity), 1, 2)!, /infinite/);
  assert.match(whyNotDrawable(map(0, 0, 0), 1, 3)!, /zero everywhere/);
  assert.match(whyNotDrawable(map(1), 1, 1)!, /single patch/);
  assert.match(whyNotDrawable(map(1, 2, 3), 2, 2)!, /4 values; this one has 3/);
  assert.match(whyNotDrawable(map(), 0, 4)!, /at least one row/);
  assert.equal(whyNotDrawable(map(0, 1), 2, 1), null);
});

test('spread is 0 for one patch, 1 for all alike, and between by entropy', () => {
  assert.equal(spread(map(0, 0, 7, 0)), 0);
  assert.equal(spread(map(2, 2, 2, 2)), 1);
  assert.ok(Math.abs(spread(map(1, -1, 0, 0)) - 0.5) < 1e-12);
  assert.ok(Number.isNaN(spread(map(0, 0))) && Number.isNaN(spread(map(1, NaN))));
});

test('a quantile lies between its neighbours', () => {
  assert.equal(quantileOf(map(4, 1, 3, 2, 0), 0.5), 2);
  assert.equal(quantileOf(map(10, 0), 0.25), 2.5);
});
