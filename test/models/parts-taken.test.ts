import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { ModelManifest } from '../../models/manifest.ts';
import { tapOnnx, type TappedGraph } from '../../models/foreign/tap.ts';
import { encodeModel, type Model } from '../../models/onnx/schema.ts';
import { largestDifference } from '../shared.ts';
import {
  type AttentionStyle,
  foreign,
  type ForeignOptions,
  foreignVit,
  inFloat32,
  inOpset,
} from './foreign.ts';
import { openSession } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'parts');

const { height, width, rows, columns, heads, depth, classes, width_: wide, patch: side } = foreign;
const patches = rows * columns;
const size = wide / heads;
const pixels = randomNumbers(3 * height * width, 1, 42);

const manifest = {
  input: { height, width },
  labels: Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `${i}` })),
  weights: { files: ['model.onnx'] },
} as ModelManifest;

async function logitsOf(
  model: Uint8Array,
  feeds: Record<string, ort.Tensor>,
  data = pixels,
): Promise<Float32Array> {
  const session = await openSession({ model });
  const photo = new ort.Tensor('float32', data, [1, 3, height, width]);
  const outputs = await session.run({ [session.inputNames[0]!]: photo, ...feeds });
  await session.release();
  return outputs['logits']!.data as Float32Array;
}

/** The author's own graph in which nothing of those heads is read: their rows of the output projection are zero. */
function unread(model: Model, off: readonly (readonly [number, number])[]): Model {
  for (const [layer, head] of off) {
    const matrix = model.graph!.initializer.find(({ name }) => name === `layer${layer}.out.weight`)!;
    const bytes = matrix.rawData.length / (wide * wide);
    matrix.rawData = new Uint8Array(matrix.rawData).fill(0, head * size * wide * bytes, (head + 1) * size * wide * bytes); // prettier-ignore
  }
  return model;
}

interface Sample extends Omit<ForeignOptions, 'style'> {
  write?: (model: Model) => Model;
  /** Numbers whose rounding spans all of a layer round a little otherwise where a part is gone. */
  tolerance?: number;
}
const samples: Partial<Record<AttentionStyle, Sample>> = {
  softmax: {},
  decomposed: {},
  'merged heads': {},
  'shared keys': {},
  'tokens before heads': {},
  'fused qkv': {},
  'tokens before photos': {},
  MultiHeadAttention: {},
  Attention: {},
  'standard Attention': { write: (model) => inOpset(model, 23) },
  QAttention: { tolerance: 2e-3 },
  'dynamically quantised': { tolerance: 2e-2 },
  'quantised and dequantised': {},
  QLinearSoftmax: {},
};

function ablated(model: Model): TappedGraph {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  return tapOnnx(root, manifest, { kind: 'ablate', map: null });
}
const headMask = (off: readonly (readonly [number, number])[]) => {
  const mask = new Float32Array(depth * heads).fill(1);
  for (const [layer, head] of off) mask[layer * heads + head] = 0;
  return { head_mask: new ort.Tensor('float32', mask, [depth, heads]) };
};
const tokenMask = (without: readonly number[], { first, all }: { first: number; all: number }) => {
  const mask = new Float32Array(all).fill(1);
  for (const gone of without) mask[first + gone] = 0;
  return { token_mask: new ort.Tensor('float32', mask, [all]) };
};

for (const [style, { write = (model: Model) => model, tolerance = 1e-5, ...options }] of Object.entries(
  samples,
)) {
  const exported = () => write(foreignVit({ style: style as AttentionStyle, ...options }));

  test(`heads are switched off as if nothing read them: ${style}`, async (t) => {
    const graph = ablated(exported());
    assert.equal(graph.allHeads, null);
    const all = graph.whole === null ? tokenMask([], graph.tokens!) : {};
    const whole = await logitsOf(graph.model, { ...headMask([]), ...all });
    assert.ok(largestDifference(whole, await logitsOf(encodeModel(inFloat32(exported())), {})) < 1e-5);
    for (const off of [
      [[0, 1]],
      [[1, 0]],
      [
        [0, 0],
        [1, 1],
      ],
      [
        [0, 0],
        [0, 1],
      ],
    ] as [number, number][][]) {
      // prettier-ignore
      const found = await logitsOf(graph.model, { ...headMask(off), ...all });
      const truth = await logitsOf(encodeModel(inFloat32(unread(exported(), off))), {});
      const apart = largestDifference(found, truth);
      t.diagnostic(`${JSON.stringify(off)}: ${apart.toExponential(1)}`);
      assert.ok(apart < tolerance, `${JSON.stringify(off)}: ${apart}`);
      assert.ok(largestDifference(found, whole) > Math.max(1e-3, 2 * apart), 'they said something');
    }
  });

  test(`tokens are left out so that nothing depends on them: ${style}`, async (t) => {
    const graph = ablated(exported());
    if (style === 'QLinearSoftmax') {
      assert.match(graph.whole ?? '', /whole numbers/);
      return;
    }
    assert.equal(graph.whole, null);
    const without = [0, 3, 4, 9];
    const feeds = { ...headMask([]), ...tokenMask(without, graph.tokens!) };
    const found = await logitsOf(graph.model, feeds);
    const changed = pixels.slice();
    for (const patch of without)
      for (let i = 0; i < changed.length; i++) {
        const [row, column] = [Math.floor(i / width) % height, i % width];
        if (Math.floor(row / side) * columns + Math.floor(column / side) === patch) changed[i]! *= -1;
      }
    const elsewhere = await logitsOf(graph.model, feeds, changed);
    const apart = largestDifference(found, elsewhere);
    t.diagnostic(`other pixels there change ${apart.toExponential(1)}`);
    assert.ok(apart < tolerance);
    const all = { ...headMask([]), ...tokenMask([], graph.tokens!) };
    assert.ok(largestDifference(found, await logitsOf(graph.model, all)) > Math.max(1e-3, 2 * apart));
    const seen = largestDifference(
      await logitsOf(graph.model, all),
      await logitsOf(graph.model, all, changed),
    );
    assert.ok(seen > Math.max(1e-3, 2 * apart), 'they are seen where they are not left out');
    if (style === 'shared keys') return; // has other weights
    // And what is left is answered as by the same weights with a softmax in sight.
    const plain = ablated(foreignVit({ style: 'softmax', ...options }));
    const same = await logitsOf(plain.model, feeds);
    const near = style === 'dynamically quantised' || style === 'QAttention' || style === 'quantised and dequantised' ? 0.3 : 1e-4; // prettier-ignore
    assert.ok(largestDifference(found, same) < near, `${largestDifference(found, same)}`);
  });
}

test('a model without an attention that is known says why heads stay', () => {
  const graph = ablated(foreignVit({ style: 'windows', special: 0, pool: 'mean' }));
  assert.match(graph.allHeads ?? '', /does not go from every token/);
  assert.match(graph.whole ?? '', /does not go from every token/);
  assert.equal(patches, 12);
});
