import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnsure, softmax, storeMap, topK } from '../../../main/inference/answering/answers.ts';
import { pciName } from '../../../main/inference/runtime/devices.ts';

test('softmax divides by the temperature and survives large logits', () => {
  const [a, b] = softmax(Float32Array.of(1000, 1000 + Math.log(3) * 2), 2);
  assert.ok(Math.abs(a! - 0.25) < 1e-5 && Math.abs(b! - 0.75) < 1e-5);
});

test('top-k is best first, ties by index, and no longer than there are classes', () => {
  const best = topK(Float32Array.of(0.1, 0.4, 0.1, 0.4), 99);
  assert.deepEqual(
    best.map(({ index }) => index),
    [1, 3, 0, 2],
  );
});

test('the few best of many are those that sorting all would give', () => {
  const values = Float32Array.from({ length: 300 }, (_, i) => Math.round(50 * Math.sin(i * i * 0.7)) / 50);
  const all = topK(values, 300);
  assert.deepEqual(
    all.map(({ index }) => index),
    Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b),
  );
  for (const k of [0, 1, 2, 5, 37]) assert.deepEqual(topK(values, k), all.slice(0, k), `${k}`);
});

test('doubt is measured by probability or by energy, and never without a threshold', () => {
  const logits = Float32Array.of(2, 0);
  const probabilities = softmax(logits);
  assert.equal(isUnsure(logits, probabilities, null), false);
  for (const [threshold, unsure] of [
    [0.9, true],
    [0.8, false],
  ] as const)
    assert.equal(isUnsure(logits, probabilities, { method: 'max-probability', threshold }), unsure);
  const energy = Math.log(Math.exp(2) + 1);
  for (const [threshold, unsure] of [
    [energy + 0.01, true],
    [energy - 0.01, false],
  ] as const)
    assert.equal(isUnsure(logits, probabilities, { method: 'energy', threshold }), unsure);
});

test('a map is stored only where its patches make a grid', () => {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5);
  const grid = { rows: 2, columns: 3, patchSize: 16 };
  assert.deepEqual(storeMap(values, 'rollout', 12, 7, grid)?.layers, [0, 11]);
  assert.equal(storeMap(values, 'class', 12, 7, grid)?.classIndex, 7);
  assert.equal(storeMap(values, 'cls', 12, 7, null), null);
  assert.equal(storeMap(values, 'cls', 12, 7, { ...grid, rows: 3 }), null);
});

test('a graphics processor is named from the system table of PCI devices, or by its numbers', () => {
  const table =
    '# x\n10de  NVIDIA Corporation\n\t2330  GH100 [H100 SXM5 80GB]\n\t\t10de 1626  x\n8086  Intel\n\t46a6  Iris\n';
  assert.equal(pciName(table, '10de', '2330'), 'NVIDIA Corporation GH100 [H100 SXM5 80GB]');
  assert.equal(pciName(table, '10de', '46a6'), 'NVIDIA Corporation 10de:46a6');
  assert.equal(pciName('', '1002', '1234'), 'PCI 1002:1234');
  assert.equal(pciName(table, '', ''), 'unknown');
});
