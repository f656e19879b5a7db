import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate, suspects } from '../../../models/heads/audit.ts';
import { confusion, wilson } from '../../../models/heads/figures.ts';
import { teach } from '../../../models/heads/teach.ts';
import { clouds, examplesOf, fitsOf, labelsOf, names } from './data.ts';

const rounded = (value: number) => Number(value.toFixed(4));

test('the interval is that of Wilson', () => {
  // SciPy: binomtest(right, of).proportion_ci(method='wilson').
  const table = [
    [93, 100, 0.8625, 0.9657],
    [0, 20, 0, 0.1611],
    [10, 10, 0.7225, 1],
    [112, 120, 0.8739, 0.9658],
  ] as const;
  for (const [right, of, low, high] of table) {
    const share = wilson(right, of)!;
    assert.deepEqual([rounded(share.low), rounded(share.high)], [low, high]);
  }
  assert.equal(wilson(0, 0), null);
});

test('an estimate gets surer as fewer photos are left unjudged, and certain with none left', () => {
  const far = estimate(112, 120, 1e9)!;
  const half = estimate(112, 120, 240)!;
  const all = estimate(112, 120, 120)!;
  assert.equal(rounded(far.plusMinus), 0.0459);
  assert.ok(half.plusMinus < far.plusMinus);
  assert.equal(all.plusMinus, 0);
  assert.equal(all.low, all.share);
});

test('confusion counts what was given and what is said', () => {
  const truth = [0, 0, 0, 1, 1, 2, -1];
  const said = [0, 0, 1, 1, 0, 2, 0];
  const table = [[2, 1, 0], [1, 1, 0], [0, 0, 1]]; // prettier-ignore
  assert.deepEqual(confusion(truth, said, 3), table);
  // Of very many labels there is no table.
  assert.equal(confusion(truth, said, 10_000), null);
});

test('confident learning as the paper counts', () => {
  // Thresholds are the averages 0.6 and 0.7; the third and the last pass the other label's and not their own.
  const probabilities = Float32Array.of(0.9, 0.1, 0.7, 0.3, 0.2, 0.8, 0.05, 0.95, 0.25, 0.75, 0.6, 0.4);
  const found = suspects(probabilities, [0, 0, 0, 1, 1, 1], 2);
  assert.deepEqual(
    found.map(({ example, given, likely }) => [example, given, likely]),
    [
      [2, 0, 1],
      [5, 1, 0],
    ],
  );
  assert.ok(Math.abs(found[0]!.margin - 0.6) < 1e-6);
  assert.deepEqual(suspects(probabilities, [-1, -1, -1, -1, -1, -1], 2), []);
});

test('labels that were swapped on purpose are found by the audit', (t) => {
  const length = 16;
  const given = clouds(400, length, 4, 0.8);
  const wrong = new Set(Array.from({ length: 20 }, (_, i) => i * 19 + 3));
  const index = given.index.map((label, i) => (wrong.has(i) ? (label + 1) % 4 : label));
  const { heldOut } = teach(examplesOf({ x: given.x, index }, length), {
    name: 'ours',
    labels: labelsOf(4),
    answers: 'one',
    fits: fitsOf(length),
  });
  assert.equal(names.length, 10);
  const found = suspects(heldOut!.probabilities, heldOut!.examples.map((i) => index[i]!), 4); // prettier-ignore
  const first = found.slice(0, 20).filter(({ example }) => wrong.has(heldOut!.examples[example]!)).length;
  t.diagnostic(`${first} of the first 20 suspects were swapped; ${found.length} suspects`);
  assert.ok(first >= 14 && first / found.length > 0.8, `${first} of 20, ${found.length} in all`);
});
