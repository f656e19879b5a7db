import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blur, gaussian } from '../../../main/inference/answering/blur.ts';
import { area, orderOf } from '../../../main/inference/answering/faithfulness.ts';
import type { CreateSession, Outputs } from '../../../main/inference/runtime/inference-session.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import { featureWidth, type VitConfig } from '../../../models/config.ts';
import type { Head } from '../../../models/heads/head.ts';
import { importModel } from '../../../models/import.ts';
import { readManifest } from '../../../models/load.ts';
import { timmTensors, tinyShape, writeTimm } from '../../models/tiny.ts';
import {
  across,
  classCount,
  context,
  depth,
  handlers,
  onCpu,
  patchCount,
  photo,
  photosIn,
  side,
  modelFolder,
} from './parts.ts';

const patch = 2 * across + 3; // row 2, column 3, counted from 0
const patchSide = side / across;
const classes = classCount;

/** The mean of red in one patch of the first channel. */
function seen(pixels: Float32Array, photoIndex: number): number {
  let sum = 0;
  for (let y = 2 * patchSide; y < 3 * patchSide; y++)
    for (let x = 3 * patchSide; x < 4 * patchSide; x++)
      sum += pixels[photoIndex * 3 * side * side + y * side + x]!;
  return sum / patchSide ** 2;
}

/** A model whose first logit is one patch, and whose maps say so, or say the opposite. */
function onePatchModel(values: number[]): CreateSession {
  return async () => ({
    nodes: () => null,
    release: async () => {},
    async run(feeds): Promise<Outputs> {
      const count = photosIn(feeds);
      const logits = new Float32Array(count * classes);
      for (let i = 0; i < count; i++) {
        const value = seen(feeds['pixel_values']!.data as Float32Array, i);
        values.push(value);
        logits[i * classes] = 1 + value;
      }
      const peak = new Float32Array(patchCount).map((_, i) => (i === patch ? 1 : 0));
      const trough = peak.map((value) => -value);
      // Layers before the last one must not count for `cls`.
      const attention = new Float32Array(depth * 3 * patchCount).fill(0.2, 0, (depth - 1) * 3 * patchCount);
      for (let head = 0; head < 3; head++) attention.set(peak, ((depth - 1) * 3 + head) * patchCount);
      const contributions = new Float32Array(depth * patchCount);
      contributions.set(peak, patchCount);
      return {
        logits: { data: logits, dims: [count, classes] },
        cls_attention: { data: attention, dims: [1, depth, 3, patchCount] },
        rollout: { data: trough, dims: [1, patchCount] },
        class_map: { data: contributions, dims: [1, depth, patchCount] },
      };
    },
  });
}

const { temperature } = readManifest(modelFolder).calibration;
const probability = (value: number): number => {
  const share = Math.exp((1 + value) / temperature);
  return share / (share + classes - 1);
};

test('curves of a model that sees one patch are those worked out by hand', async () => {
  const values: number[] = [];
  const { load, faithfulness } = handlers({ create: onePatchModel(values) });
  const { handle } = await load({ ...onCpu, batch: 5 }, context);
  values.length = 0;
  const steps = 16;
  const methods = ['cls', 'class', 'rollout', 'random'] as const;
  const { path } = await photo(7, 200, 200);
  const { classIndex, curves } = await faithfulness({ handle, path, methods: [...methods], steps }, context);
  assert.equal(classIndex, 0);
  const whole = probability(values[0]!);
  const gone = probability(values[steps]!);
  assert.ok(Math.abs(whole - gone) > 1e-6, 'the blur changes the patch');
  // The patch is replaced at the first step by maps that name it first, at the last by one that names it last.
  for (const [i, method] of methods.entries()) {
    const { deletion, insertion, deletionAuc, insertionAuc } = curves[i]!;
    assert.deepEqual([deletion.length, insertion.length], [steps + 1, steps + 1]);
    if (method === 'random') continue;
    const at = method === 'rollout' ? steps : 1;
    const expected = Array.from({ length: steps + 1 }, (_, step) => (step < at ? whole : gone));
    for (const [step, value] of expected.entries()) {
      assert.ok(Math.abs(deletion[step]! - value) < 1e-5, `${method} ${step}`);
      assert.ok(Math.abs(insertion[step]! - (whole + gone - value)) < 1e-5, `${method} ${step}`);
    }
    const lost = (whole + gone) / 2 + (at === 1 ? (steps - 1) * gone : (steps - 1) * whole);
    assert.ok(Math.abs(deletionAuc - lost / steps) < 1e-5);
    assert.ok(Math.abs(insertionAuc - (whole + gone - lost / steps)) < 1e-5);
  }
  const again = await faithfulness({ handle, path, methods: ['random'], steps }, context);
  assert.deepEqual(again.curves[0], curves[3], 'random is the same every time');
});

/** A head whose first label is one number of the feature. */
function headOf(length: number): Head {
  const label = (name: string) => ({ id: name, name });
  const weight = new Float32Array(3 * length);
  weight[5] = 4;
  return {
    name: 'taught',
    kind: 'taught',
    reads: { how: 'linear' },
    answers: 'one',
    labels: [label('fifth'), label('other')],
    none: true,
    calibration: { temperature: 2 },
    doubt: { threshold: 0.5 },
    fits: { model: 'starter', weights: 'a'.repeat(64), feature: 'cls', length },
    origin: { from: 'examples', examples: 10, l2: 1, report: null },
    weight,
    bias: Float32Array.of(1, 0, -9),
  };
}

test('the answer of another head is followed, and its own evidence ordered by', async () => {
  const directions: Float32Array[] = [];
  const features: number[] = [];
  const { load, faithfulness } = handlers({
    create: async (graph, provider) => {
      const session = await createOrtSession(graph, provider);
      return {
        ...session,
        async run(feeds) {
          const outputs = await session.run(feeds);
          if (feeds['direction']) directions.push(feeds['direction'].data as Float32Array);
          else
            for (let i = 0; i < photosIn(feeds); i++)
              features.push(outputs['feature']!.data[i * outputs['feature']!.dims[1]! + 5]!);
          return outputs;
        },
      };
    },
  });
  const { handle } = await load({ ...onCpu, batch: 3 }, context);
  directions.length = features.length = 0;
  const { path } = await photo(3, 90, 70);
  const head = headOf(featureWidth(readManifest(modelFolder).architecture as unknown as VitConfig));
  const { classIndex, curves } = await faithfulness({ handle, path, methods: ['class'], steps: 4, head }, context); // prettier-ignore
  const of = (value: number) => {
    const terms = [4 * value + 1, 0, -9].map((logit) => Math.exp(logit / 2));
    return terms.map((term) => term / terms.reduce((a, b) => a + b, 0));
  };
  assert.deepEqual([...directions.at(-1)!], [...head.weight.subarray(classIndex * head.fits.length).subarray(0, head.fits.length)]); // prettier-ignore
  const followed = [...curves[0]!.deletion, ...curves[0]!.insertion];
  assert.equal(followed.length, features.length);
  for (const [i, value] of followed.entries())
    assert.ok(Math.abs(value - of(features[i]!)[classIndex]!) < 1e-5, `${i}`);
  assert.equal(classIndex, of(features[0]!).indexOf(Math.max(...of(features[0]!))));
  await assert.rejects(
    async () => faithfulness({ handle, path, methods: ['class'], steps: 4, head: headOf(7) }, context),
    { code: 'head-of-another-model' },
  );
});

test('of a model that names nothing there is no answer to follow, and a head gives it one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'saccade-headless-'));
  const tensors = timmTensors(tinyShape);
  for (const name of ['head.weight', 'head.bias']) delete tensors[name];
  const source = writeTimm(join(root, 'source'), { ...tinyShape, classes: 0 }, tensors);
  const { folder, manifest } = await importModel(source, join(root, 'models'));
  const { load, faithfulness } = handlers();
  const { handle } = await load({ ...onCpu, modelFolder: folder }, context);
  const { path } = await photo(4);
  const asked = { handle, path, methods: ['class' as const], steps: 2 };
  await assert.rejects(async () => faithfulness(asked, context), { code: 'no-answer' });
  const head = headOf(featureWidth(manifest.architecture as unknown as VitConfig));
  const { curves } = await faithfulness({ ...asked, head }, context);
  assert.equal(curves[0]!.deletion.length, 3);
  rmSync(root, { recursive: true });
});

test('areas are trapezoids over 0 … 1', () => {
  assert.equal(area([1, 1, 1]), 1);
  assert.equal(area([1, 0]), 0.5);
  assert.equal(area([0, 0, 1]), 0.25);
});

test('patches go from the largest value down, ties in reading order', () => {
  assert.deepEqual(orderOf(Float32Array.of(1, 3, -2, 3)), [1, 3, 0, 2]);
});

test('the blur keeps constants and sums, and spreads a point as the product of two Gaussians', () => {
  const flat = blur(new Float32Array(2 * 20 * 30).fill(0.7), 20, 30, 12);
  assert.ok(flat.every((value) => Math.abs(value - 0.7) < 1e-5));
  const point = new Float32Array(41 * 51);
  point[20 * 51 + 25] = 1;
  const spread = blur(point, 41, 51, 3);
  const weights = gaussian(3);
  for (const [y, x] of [
    [20, 25],
    [18, 30],
    [11, 25],
  ] as const)
    assert.ok(Math.abs(spread[y * 51 + x]! - weights[y - 20 + 12]! * weights[x - 25 + 12]!) < 1e-7);
  assert.ok(Math.abs(spread.reduce((a, b) => a + b, 0) - 1) < 1e-5);
});
