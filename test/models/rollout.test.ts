import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { RolloutOptions } from '../../models/explain/options.ts';
import type { VitConfig } from '../../models/config.ts';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { encodeModel, type Model } from '../../models/onnx/schema.ts';
import { Graft } from '../../models/foreign/graft.ts';
import { tapOnnx } from '../../models/foreign/tap.ts';
import { Vit } from '../../models/vit.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { largestDifference } from '../shared.ts';
import { foreign, foreignVit, inOpset } from './foreign.ts';
import { type Outputs, runGraph } from './session.ts';
import { randomNumbers, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'rollout');

const choices: RolloutOptions[] = (['mean', 'max', 'min'] as const).flatMap((fusion) =>
  [0, 0.5, 0.9].map((discardRatio) => ({ fusion, discardRatio })),
);
const named = ({ fusion, discardRatio }: RolloutOptions) => `${fusion} of heads, ${discardRatio} discarded`;

/**
 * One photo's rollout as its papers write it: L whole matrices of (A + I) / 2, rows divided by their sums, multiplied.
 * `attention` holds [H, T, T] of each layer; [CLS] is the only special token, in front.
 */
function reference(attention: Float32Array[], heads: number, tokens: number, options: RolloutOptions) {
  const range = Array.from({ length: tokens }, (_, i) => i);
  let product = range.map((i) => range.map((j) => Number(i === j)));
  for (const layer of attention) {
    const join = { mean: (v: number[]) => v.reduce((a, b) => a + b) / heads, max: (v: number[]) => Math.max(...v), min: (v: number[]) => Math.min(...v) }[options.fusion]; // prettier-ignore
    const fused = Array.from({ length: tokens * tokens }, (_, i) =>
      join(Array.from({ length: heads }, (_h, h) => layer[h * tokens * tokens + i]!)),
    );
    const order = [...fused.keys()].sort((a, b) => fused[a]! - fused[b]!);
    for (const i of order.slice(0, Math.floor(fused.length * options.discardRatio))) if (i) fused[i] = 0;
    const rows = range.map((i) => {
      const row = range.map((j) => fused[i * tokens + j]! + Number(i === j));
      const sum = row.reduce((a, b) => a + b);
      return row.map((value) => value / sum);
    });
    product = rows.map((row) =>
      range.map((j) => row.reduce((sum, value, k) => sum + value * product[k]![j]!, 0)),
    );
  }
  return product[0]!.slice(1);
}

test('our own graph joins heads and discards as whole matrices do', async (t) => {
  const shape = { width: 24, depth: 3, heads: 3, patchSize: 8, grid: 4, classes: 5, distillation: false, registers: 0, layerScale: false, activation: 'gelu', mlpRatio: 2, scale: 0.3 } as const; // prettier-ignore
  const { folder, manifest } = await importModel(writeTimm(join(root, 'tiny'), shape), join(root, 'models'), { name: 'tiny' }); // prettier-ignore
  const config = manifest.architecture as unknown as VitConfig;
  const pixels = { data: randomNumbers(3 * 32 * 32, 1, 5), shape: [1, 3, 32, 32] };
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const vit = new Vit(config, readVitWeights(source, config), { type: 'float32', allRows: true });
  for (const [layer, { probabilities }] of vit.encode().blocks.entries())
    vit.g.output(`truth.${layer}`, probabilities, 'float32', ['batch', 3, 17, 17]);
  const whole = await runGraph(vit.g.finish('whole'), pixels);
  const attention = Object.values(whole).map(({ data }) => data);
  for (const rollout of choices) {
    const graph = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null, rollout }); // prettier-ignore
    const seen = (await runGraph(graph, pixels, -1))['rollout']!.data;
    const off = largestDifference(seen, reference(attention, 3, 17, rollout));
    t.diagnostic(`${named(rollout)}: off by ${off.toExponential(1)}`);
    assert.ok(off < 1e-6, named(rollout));
  }
});

const { height, width, rows, columns, heads, depth, classes } = foreign;
const tokens = rows * columns + 1;
const photos = { data: randomNumbers(2 * 3 * height * width, 1, 42), shape: [2, 3, height, width] };
const manifest = {
  input: { height, width },
  labels: Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `${i}` })),
  weights: { files: ['model.onnx'] },
} as unknown as ModelManifest;

function tapped(model: Model, rollout: RolloutOptions) {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  return tapOnnx(root, manifest, { kind: 'inspect', map: null, rollout });
}

for (const [what, model] of [
  ['as exported', () => foreignVit({ style: 'softmax' })],
  ['in opset 18, whose reductions take axes as inputs', () => inOpset(foreignVit({ style: 'softmax' }), 18)],
  ['fused', () => foreignVit({ style: 'MultiHeadAttention' })],
] as const)
  test(`a foreign graph does the same for every photo of a batch: ${what}`, async (t) => {
    const truth: Outputs = await runGraph({ model: encodeModel(foreignVit({ style: 'softmax', truth: true })), externalData: [] }, photos); // prettier-ignore
    for (const rollout of choices) {
      const seen = (await runGraph(tapped(model(), rollout), photos, -1))['rollout']!.data;
      const size = heads * tokens * tokens;
      const expected = [0, 1].flatMap((photo) => {
        const layers = Array.from({ length: depth }, (_, l) =>
          truth[`truth.${l}`]!.data.slice(photo * size, (photo + 1) * size),
        );
        return reference(layers, heads, tokens, rollout);
      });
      const off = largestDifference(seen, expected);
      t.diagnostic(`${named(rollout)}: off by ${off.toExponential(1)}`);
      assert.ok(off < 1e-5, named(rollout));
    }
  });

test('operators too old to discard are told', () => {
  const g = new Graft(foreignVit({ style: 'softmax' }).graph!, 10, new Set());
  assert.throws(() => g.smallest('x', 2), { code: 'old-opset' });
});
