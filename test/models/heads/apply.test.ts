import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyHead, headLogits } from '../../../models/heads/apply.ts';
import { checkFits, type Head } from '../../../models/heads/head.ts';
import { randomNumbers } from '../tiny.ts';
import { fitsOf, labelsOf } from './data.ts';

const length = 7;
const photos = 1501; // odd, and more than one chunk

function headOf(labels: number, change: Partial<Head> = {}): Head {
  return {
    name: 'ours',
    kind: 'taught',
    reads: { how: 'linear' },
    answers: 'one',
    labels: labelsOf(labels),
    none: false,
    calibration: { temperature: 1 },
    doubt: { threshold: 0.5 },
    fits: fitsOf(length),
    origin: { from: 'model' },
    weight: randomNumbers((labels + (change.none ? 1 : 0)) * length, 1, 5),
    bias: randomNumbers(labels + (change.none ? 1 : 0), 1, 6),
    ...change,
  };
}

const data = randomNumbers(photos * length, 1, 7);

test('logits are x · wᵀ + b for every number of labels', () => {
  for (const labels of [1, 2, 3, 4, 5, 8, 9]) {
    const head = headOf(labels);
    const logits = headLogits(head, { data, length });
    for (const photo of [0, 1, 1022, 1023, 1024, 1500])
      for (let label = 0; label < labels; label++) {
        let expected = head.bias[label]!;
        for (let i = 0; i < length; i++)
          expected += data[photo * length + i]! * head.weight[label * length + i]!;
        assert.ok(Math.abs(logits[photo * labels + label]! - expected) < 1e-5);
      }
  }
});

test('a cosine head sees the direction of a feature and not its length', () => {
  const head = headOf(3, { reads: { how: 'cosine', scale: 20 } });
  const doubled = data.map((value) => value * 2);
  const plain = headLogits(head, { data, length });
  const other = headLogits(head, { data: doubled, length });
  for (const [i, value] of plain.entries()) assert.ok(Math.abs(value - other[i]!) < 1e-4);
  const norm = Math.hypot(...data.subarray(0, length));
  const dot = data.subarray(0, length).reduce((sum, value, i) => sum + value * head.weight[i]!, 0);
  assert.ok(Math.abs(plain[0]! - ((20 * dot) / norm + head.bias[0]!)) < 1e-4);
});

test('features in 16 bits give the logits of the numbers they hold', () => {
  const half = new Float16Array(data);
  assert.deepEqual(
    headLogits(headOf(5), { data: half, length }),
    headLogits(headOf(5), { data: new Float32Array(half), length }),
  );
});

test('the likeliest come first, over the calibrated softmax, and doubt is told', () => {
  const head = headOf(6, { calibration: { temperature: 2 }, doubt: { threshold: 0.35 }, none: true });
  const logits = headLogits(head, { data, length });
  const { k, rows, probabilities, unsure } = applyHead(head, { data, length }, 3);
  assert.equal(k, 3);
  for (let photo = 0; photo < photos; photo++) {
    const own = [...logits.subarray(photo * 7, photo * 7 + 7)].map((value) => Math.exp(value / 2));
    const sum = own.reduce((a, b) => a + b, 0);
    const order = [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, 3);
    assert.deepEqual([...rows.subarray(photo * 3, photo * 3 + 3)], order);
    for (const [i, row] of order.entries())
      assert.ok(Math.abs(probabilities[photo * 3 + i]! - own[row]! / sum) < 1e-5);
    assert.equal(unsure[photo], probabilities[photo * 3]! < 0.35 ? 1 : 0);
  }
  assert.ok(unsure.some((value) => value === 1) && unsure.some((value) => value === 0));
});

test('any of these: independent probabilities, and unsure where one decision is or none holds', () => {
  const head = headOf(3, { answers: 'any', doubt: { threshold: 0.6 } });
  const logits = headLogits(head, { data, length });
  const { rows, probabilities, unsure } = applyHead(head, { data, length }, 9);
  for (let photo = 0; photo < photos; photo++) {
    let least = 1;
    let most = 0;
    for (let i = 0; i < 3; i++) {
      const p = 1 / (1 + Math.exp(-logits[photo * 3 + rows[photo * 3 + i]!]!));
      assert.ok(Math.abs(probabilities[photo * 3 + i]! - p) < 1e-6);
      least = Math.min(least, Math.max(p, 1 - p));
      most = Math.max(most, p);
    }
    assert.equal(unsure[photo], least < 0.6 || most < 0.5 ? 1 : 0);
  }
});

test('a head of another backbone is refused by name', () => {
  const head = headOf(3);
  checkFits(head, fitsOf(length));
  const another = { ...fitsOf(length), model: 'vit-base', weights: 'b'.repeat(64) };
  assert.throws(() => checkFits(head, another), { code: 'head-of-another-model', message: /tiny.*vit-base/ });
  assert.throws(() => checkFits(head, { ...fitsOf(length), feature: 'cls+mean' }), /"cls".*"cls\+mean"/);
  assert.throws(() => headLogits(head, { data, length: 8 }), { code: 'head-of-another-model' });
});
