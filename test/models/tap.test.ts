import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { ModelManifest } from '../../models/manifest.ts';
import { readOnnx } from '../../models/onnx/read.ts';
import { encodeModel, make, type Model, type Node } from '../../models/onnx/schema.ts';
import { analyse } from '../../models/foreign/analyse.ts';
import { tapOnnx, type TapOptions } from '../../models/foreign/tap.ts';
import { golden, needsShared, shared, within } from '../shared.ts';
import {
  foreign,
  foreignCnn,
  foreignMixer,
  type ForeignOptions,
  foreignVit,
  inFloat32,
  inLevels,
  inOldOpset,
  inOpset,
  scaled,
} from './foreign.ts';
import { openSession, type Outputs, runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'tap');

const { height, width, rows, columns, heads, depth, classes, width_: wide } = foreign;
const patches = rows * columns;
const photos = 3;
const pixels = { data: randomNumbers(photos * 3 * height * width, 1, 42), shape: [photos, 3, height, width] };

type Level = 'disabled' | 'all';

function manifestOf(
  files: string[],
  input: { height: number; width: number } = { height, width },
  count: number = classes,
): ModelManifest {
  return { input, labels: Array.from({ length: count }, (_, i) => ({ id: `${i}`, name: `${i}` })), weights: { files } } as ModelManifest; // prettier-ignore
}

function tapModel(model: Model, options: TapOptions) {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  return tapOnnx(root, manifestOf(['model.onnx']), options);
}

/** The model as it is, run as its own author would. */
async function runPlain(model: Model, level: Level, shown = pixels): Promise<Outputs> {
  const session = await openSession(
    { model: encodeModel(inFloat32(model)) },
    { graphOptimizationLevel: level },
  );
  const photo = new ort.Tensor('float32', shown.data, shown.shape);
  const outputs = (await session.run({ [session.inputNames[0]!]: photo })) as unknown as Outputs;
  await session.release();
  return outputs;
}

/** What the maps should be, worked out number by number from the softmax of each layer. */
function expectedMaps(
  truth: Outputs,
  special: number,
  pool: 'cls' | 'mean' | 'tokens',
  specialLast = false,
  count = photos,
) {
  const tokens = patches + special;
  const first = specialLast ? 0 : special;
  const cls = specialLast ? patches : 0;
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  const p = (layer: number, b: number, h: number, q: number, k: number) =>
    truth[`truth.${layer}`]!.data[((b * heads + h) * tokens + q) * tokens + k]!;
  const one = range(tokens).map((t) => Number(t === cls));
  const isAveraged = (t: number) => pool === 'tokens' || (t >= first && t < first + patches);
  const averaged = range(tokens).filter(isAveraged).length;
  const mean = range(tokens).map((t) => (isAveraged(t) ? 1 / averaged : 0));
  const start = pool === 'cls' ? one : mean;
  const rowOf = (weights: number[], layer: number, b: number, h: number) =>
    range(tokens).map((k) => weights.reduce((sum, weight, q) => sum + weight * p(layer, b, h, q, k), 0));
  const overHeads = (weights: number[], layer: number, b: number) => {
    const rows = range(heads).map((h) => rowOf(weights, layer, b, h));
    return range(tokens).map((k) => rows.reduce((sum, row) => sum + row[k]! / heads, 0));
  };
  const seen = (row: number[]) => row.slice(first, first + patches);
  const everyRow = range(count).flatMap((b) =>
    range(depth).flatMap((l) =>
      range(heads).map((h) => rowOf(special && pool !== 'tokens' ? one : mean, l, b, h)),
    ),
  );
  return {
    clsAttention: everyRow.flatMap(seen),
    map: range(count).flatMap((b) => seen(overHeads(start, depth - 1, b))),
    rollout: range(count).flatMap((b) => {
      const step = (weights: number[], layer: number) =>
        overHeads(weights, layer, b).map((value, k) => 0.5 * value + 0.5 * weights[k]!);
      return seen(range(depth).reduceRight(step, start));
    }),
  };
}

const classOutputs = ['class_map', 'class_bias_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head']; // prettier-ignore

/** Largest difference between a class's logit and what its terms add up to. */
function residual(outputs: Outputs, index: number): number {
  const terms = classOutputs.filter((name) => name !== 'class_bias_map').map((name) => outputs[name]!.data);
  const differences = Array.from({ length: photos }, (_, photo) => {
    const share = (data: Float32Array) => data.slice((photo * data.length) / photos, ((photo + 1) * data.length) / photos); // prettier-ignore
    const sum = terms.reduce((total, data) => total + share(data).reduce((a, b) => a + b, 0), 0);
    const logits = share(outputs['logits']!.data);
    return Math.abs(sum - (index < 0 ? Math.max(...logits) : logits[index]!));
  });
  return Math.max(...differences);
}

interface Sample {
  options: ForeignOptions;
  /** Why no class can be explained. */
  noSum?: RegExp;
  /** The graph shows no softmax: attention as in the plain graph of the same weights, this far off. */
  unseen?: number;
  write?: (model: Model) => Model;
  tolerance?: number;
  /** How far the terms of a class may be from its logit. */
  residualAllowed?: number;
}

const samples: Record<string, Sample> = {
  'a plain softmax': { options: { style: 'softmax' } },
  'opset 11, axes as attributes, weights as inputs': {
    options: { style: 'softmax' },
    write: (model) => asInputs(inOldOpset(model, 11)),
  },
  'a softmax written as Exp, ReduceSum and Div': { options: { style: 'decomposed' } },
  'heads merged with the batch': { options: { style: 'merged heads' } },
  'Einsum with tokens before heads': {
    noSum: /multiplied in an unknown way/,
    options: { style: 'tokens before heads' },
  },
  'heads that share keys and values': {
    noSum: /several of its heads share values/,
    options: { style: 'shared keys' },
  },
  'queries, keys and values from one product': { options: { style: 'fused qkv' } },
  "PyTorch's nn.MultiheadAttention, tokens before photos": { options: { style: 'tokens before photos' } },
  'a distillation token': { options: { style: 'softmax', special: 2 } },
  'special tokens behind the patches': { options: { style: 'softmax', special: 2, specialLast: true } },
  'pooled patches without [CLS]': { options: { style: 'softmax', special: 0, pool: 'mean' } },
  'pooled patches with an unread [CLS]': { options: { style: 'softmax', special: 1, pool: 'mean' } },
  'all tokens pooled, [CLS] among them': { options: { style: 'softmax', special: 1, pool: 'tokens' } },
  'all tokens pooled, registers behind the patches among them': {
    options: { style: 'merged heads', special: 3, specialLast: true, pool: 'tokens' },
  },
  fp16: {
    residualAllowed: 2e-3,
    options: { style: 'softmax', type: 'float16', input: 'pixel_values' },
    tolerance: 2e-3,
  },
  'fused Attention': { options: { style: 'Attention' }, unseen: 1e-6 },
  'fused Attention, pooled patches': {
    options: { style: 'Attention', special: 0, pool: 'mean' },
    unseen: 1e-6,
  },
  'fused MultiHeadAttention': { options: { style: 'MultiHeadAttention' }, unseen: 1e-6 },
  "ONNX's own Attention": { options: { style: 'standard Attention' }, unseen: 1e-6, write: (model) => inOpset(model, 23) }, // prettier-ignore
  'integer products with dynamic scales': {
    noSum: /its head is not one matrix/,
    options: { style: 'dynamically quantised' },
  },
  'quantised QAttention': { options: { style: 'QAttention' }, unseen: 2e-3 },
  'quantised and dequantised values': {
    noSum: /is not plain/,
    options: { style: 'quantised and dequantised' },
  },
  'other names, and ours taken by its own values': {
    options: { style: 'softmax', input: 'map', output: 'rollout' },
  },
};

/** Before IR 4 every initializer was an input as well. */
function asInputs(model: Model): Model {
  model.irVersion = 3n;
  const graph = model.graph!;
  for (const { name, dims, dataType } of graph.initializer) {
    const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
    graph.input.push(make('valueInfo', { name, type: { tensorType: { elemType: dataType, shape } } }));
  }
  return model;
}

for (const [
  what,
  { options, unseen, write = (model: Model) => model, tolerance = 1e-6, noSum, residualAllowed = 1e-5 },
] of Object.entries(samples)) {
  test(`attention is found and logits stay as they are: ${what}`, async (t) => {
    const exported = (truth = false) => write(foreignVit({ ...options, truth }));
    const { special = 1, pool = 'cls', specialLast } = options;
    const truth = await runPlain(unseen ? foreignVit({ ...options, style: 'softmax', truth: true }) : exported(true), 'disabled'); // prettier-ignore
    const expected = expectedMaps(truth, special, pool, specialLast);
    const inspect = tapModel(exported(), { kind: 'inspect', map: null });
    assert.deepEqual(inspect.outputs.slice(0, 4), ['logits', 'feature', 'cls_attention', 'rollout']);
    if (noSum) assert.match(inspect.absent.class ?? '', noSum);
    else assert.deepEqual([inspect.outputs.slice(4), inspect.absent], [classOutputs, {}]);
    assert.deepEqual([inspect.layers, inspect.heads], [depth, heads]);
    const allowed = unseen ?? tolerance;
    for (const level of ['disabled', 'all'] as const) {
      const plain = await runPlain(exported(), level);
      const seen = await runGraph(inspect, pixels, -1, { graphOptimizationLevel: level });
      const logits = plain[options.output ?? 'logits']!.data;
      if (level === 'disabled') assert.deepEqual([...seen['logits']!.data], [...logits]);
      within(t, `${level}: logits`, seen['logits']!.data, logits, 1e-5);
      within(t, `${level}: cls_attention`, seen['cls_attention']!.data, expected.clsAttention, allowed);
      within(t, `${level}: rollout`, seen['rollout']!.data, expected.rollout, allowed);
      assert.deepEqual(seen['cls_attention']!.dims, [photos, depth, heads, patches]);
      assert.equal(seen['feature']!.dims.length, 2);
    }
    if (!noSum)
      for (const index of [-1, 3]) {
        const seen = await runGraph(inspect, pixels, index);
        const least = residual(seen, index);
        t.diagnostic(`class ${index}: terms add up to the logit within ${least.toExponential(1)}`);
        assert.ok(least < residualAllowed, `terms of class ${index} are off by ${least}`);
        const own = await runGraph(tapModel(foreignVit({ style: 'softmax', special, pool, specialLast }), { kind: 'inspect', map: null }), pixels, index); // prettier-ignore
        for (const name of ['class_map', 'class_bias_map'])
          within(t, `class ${index}: ${name}`, seen[name]!.data, own[name]!.data, Math.max(residualAllowed, 10 * allowed)); // prettier-ignore
      }
    for (const map of ['cls', 'rollout'] as const) {
      const classify = tapModel(exported(), { kind: 'classify', map });
      assert.deepEqual(classify.outputs, ['logits', 'feature', 'map']);
      const seen = await runGraph(classify, pixels);
      within(t, `${map} map`, seen['map']!.data, map === 'cls' ? expected.map : expected.rollout, allowed);
    }
  });
}

for (const [what, model, reason] of [
  ['a convolutional network', foreignCnn, /no attention between tokens/],
  ['an MLP-Mixer with a softmax over tokens', foreignMixer, /no attention between tokens/],
  [
    'two attentions a block',
    () => foreignVit({ style: 'softmax', parallel: true }),
    /several attentions beside each other/,
  ],
  [
    'two attentions a block, fused,',
    () => foreignVit({ style: 'MultiHeadAttention', parallel: true }),
    /several attentions beside each other/,
  ],
  ['attention within windows', () => foreignVit({ style: 'windows', special: 0, pool: 'mean' }), /does not go from every token/], // prettier-ignore
] as const)
  test(`${what} classifies, and says why it has no map`, async () => {
    const plain = await runPlain(model(), 'disabled');
    const tapped = tapModel(model(), { kind: 'inspect', map: null });
    assert.deepEqual(tapped.outputs, ['logits', 'feature']);
    for (const map of ['cls', 'rollout', 'class'] as const) assert.match(tapped.absent[map] ?? '', reason);
    const seen = await runGraph(tapped, pixels, -1, { graphOptimizationLevel: 'disabled' });
    assert.deepEqual([...seen['logits']!.data], [...Object.values(plain)[0]!.data]);
  });

test('what is multiplied and added behind the classifier is taken into the evidence', async (t) => {
  const explained = async (head: ForeignOptions['head']) => {
    const tapped = tapModel(foreignVit({ style: 'softmax', head }), { kind: 'inspect', map: null });
    assert.deepEqual(tapped.absent, {});
    const seen = await runGraph(tapped, pixels, 3);
    const least = residual(seen, 3);
    assert.ok(least < 1e-5, `terms are off by ${least}`);
    assert.deepEqual(seen['feature']!.dims, [photos, wide]);
    return seen;
  };
  const [plain, behind] = [await explained('plain'), await explained('scaled')];
  const factor = (Math.exp(scaled.exponent) * scaled.each[3]!) / scaled.by;
  const expected = plain['class_map']!.data.map((value) => value * factor);
  within(t, 'class_map', behind['class_map']!.data, expected, 1e-5);
  const offset = (behind['logits']!.data[3]! - plain['logits']!.data[3]! * factor) * scaled.by;
  assert.ok(Math.abs(offset + scaled.less * scaled.each[3]!) < 1e-5); // the graph is what the test says
});

test('two classifiers that are averaged are one of what both read', async () => {
  const model = () => foreignVit({ style: 'softmax', special: 2, head: 'two' });
  const tapped = tapModel(model(), { kind: 'inspect', map: null });
  assert.deepEqual([tapped.absent, tapped.direction], [{}, 2 * wide]);
  const seen = await runGraph(tapped, pixels, 3);
  const least = residual(seen, 3);
  assert.ok(least < 1e-5, `terms are off by ${least}`);
  const { data, dims } = seen['feature']!;
  assert.deepEqual(dims, [photos, 2 * wide]);
  const weightsOf = (name: string) => new Float32Array(new Uint8Array(model().graph!.initializer.find((each) => each.name === name)!.rawData).buffer); // prettier-ignore
  const [one, two] = [weightsOf('head.weight'), weightsOf('head2.weight')];
  const row = Array.from({ length: wide }, (_, i) => data[i]! * one[i * classes + 3]! + data[wide + i]! * two[i * classes + 3]!); // prettier-ignore
  const biases = weightsOf('head.bias')[3]! + weightsOf('head2.bias')[3]!;
  const logit = (row.reduce((a, b) => a + b, 0) + biases) / 2;
  assert.ok(Math.abs(logit - seen['logits']!.data[3]!) < 1e-5);
});

test('a graph that takes colours last is given them so', async (t) => {
  const [first, last] = await Promise.all(
    [false, true].map(
      (coloursLast) =>
      runGraph(tapModel(foreignVit({ style: 'softmax', coloursLast }), { kind: 'inspect', map: null }), pixels, 3), // prettier-ignore
    ),
  );
  for (const name of ['logits', 'cls_attention', 'class_map'])
    within(t, name, last![name]!.data, first![name]!.data, 1e-6);
});

test('a graph that takes whole numbers is given the nearest ones', async (t) => {
  for (const coloursLast of [false, true]) {
    const model = () => foreignVit({ style: 'softmax', coloursLast });
    const levels = Float32Array.from(pixels.data, (_, i) => (i * 37) % 256);
    const given = (data: Float32Array) => ({ ...pixels, data });
    // As far as division by 255 and by its inverse leaves them from whole numbers, and below all of them.
    const near = levels.map((level, i) => (level === 0 ? -3 : level * (1 + (i % 2 ? 1e-6 : -1e-6))));
    const options = { kind: 'inspect', map: null } as const;
    const expected = await runGraph(tapModel(model(), options), given(levels), 3);
    const seen = await runGraph(tapModel(inLevels(model()), options), given(near), 3);
    for (const name of ['logits', 'cls_attention', 'class_map'])
      within(t, name, seen[name]!.data, expected[name]!.data, 1e-6);
  }
});

test('attention that the answer is not made of is no layer', () => {
  const options = { style: 'softmax', special: 1 } as const;
  const tapped = tapModel(foreignVit({ ...options, aside: true }), { kind: 'inspect', map: null });
  assert.deepEqual([tapped.layers, tapped.absent], [depth, {}]);
});

test('a model that answers with probabilities gives the logits before them', async () => {
  const plain = await runPlain(foreignVit({ style: 'softmax' }), 'disabled');
  const tapped = tapModel(foreignVit({ style: 'softmax', endsInSoftmax: true }), {
    kind: 'classify',
    map: null,
  });
  const seen = await runGraph(tapped, pixels, undefined, { graphOptimizationLevel: 'disabled' });
  assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
});

test('a model exported for one photo at a time says so and runs', async (t) => {
  const one = { data: pixels.data.slice(0, 3 * height * width), shape: [1, 3, height, width] };
  const fixed = () => withFixedBatch(foreignVit({ style: 'merged heads', batch: 1 }));
  const tapped = tapModel(fixed(), { kind: 'inspect', map: null });
  assert.equal(tapped.batch, 1);
  const truth = await runPlain(foreignVit({ style: 'softmax', truth: true }), 'disabled', one);
  const expected = expectedMaps(truth, 1, 'cls', false, 1);
  const seen = await runGraph(tapped, one, -1);
  within(t, 'cls_attention', seen['cls_attention']!.data, expected.clsAttention, 1e-6);
});

/** Reshapes with the batch written out, as tracing does. */
function withFixedBatch(model: Model): Model {
  for (const tensor of model.graph!.initializer)
    if (tensor.name === `ints.-1_${heads}_${patches + 1}_8`) {
      const sides = new BigInt64Array(new Uint8Array(tensor.rawData).buffer);
      sides[0] = 1n;
      tensor.rawData = new Uint8Array(sides.buffer);
    }
  return model;
}

test('dynamic quantisation, whose scale spans the batch, asks for one photo at a time', () => {
  const tapped = tapModel(foreignVit({ style: 'dynamically quantised' }), { kind: 'classify', map: null });
  assert.equal(tapped.batch, 1);
  assert.equal(tapModel(foreignVit({ style: 'softmax' }), { kind: 'classify', map: null }).batch, null);
});

test('what the head reads is found', () => {
  const poolOf = (options: ForeignOptions) => {
    writeFileSync(join(root, 'pool.onnx'), encodeModel(foreignVit(options)));
    return analyse(readOnnx(join(root, 'pool.onnx')), { height, width }, classes).pool;
  };
  assert.equal(poolOf({ style: 'softmax' }), 'cls');
  assert.equal(poolOf({ style: 'softmax', pool: 'mean' }), 'mean');
  assert.equal(poolOf({ style: 'softmax', pool: 'mean', special: 0 }), 'mean');
  assert.equal(poolOf({ style: 'softmax', pool: 'tokens', special: 0 }), 'mean');
  assert.equal(poolOf({ style: 'softmax', pool: 'tokens' }), 'tokens');
});

test('a head that reads no mean of its patches has no map of one, and says so', () => {
  const found = (change: (mean: Node, nodes: Node[]) => void) => {
    const model = foreignVit({ style: 'softmax', pool: 'mean', special: 0 });
    const nodes = model.graph!.node;
    change(
      nodes.findLast(({ opType }) => opType === 'ReduceMean')!,
      nodes,
    );
    writeFileSync(join(root, 'pool.onnx'), encodeModel(model));
    return analyse(readOnnx(join(root, 'pool.onnx')), { height, width }, classes);
  };
  assert.equal(found(() => undefined).absent, null);
  const greatest = found((mean) => (mean.opType = 'ReduceMax'));
  assert.equal(greatest.attention, null);
  assert.match(greatest.absent!, /reads its patches by their greatest numbers, and not their mean/);
  const weighed = found((mean, nodes) => {
    const tokens = mean.input[0]!;
    const axis = { name: 'axis', type: 2, i: 1n };
    const softmax = make('node', { opType: 'Softmax', name: 'weights', input: [tokens], output: ['weights'], attribute: [axis] }); // prettier-ignore
    const product = make('node', { opType: 'Mul', name: 'weighed', input: [tokens, 'weights'], output: ['weighed'] }); // prettier-ignore
    nodes.splice(nodes.indexOf(mean), 0, softmax, product);
    mean.opType = 'ReduceSum';
    mean.input[0] = 'weighed';
  });
  assert.equal(weighed.attention, null);
  assert.match(weighed.absent!, /reads its patches weighed by what they hold/);
});

test("PyTorch 1.13's export of ViT-Tiny gives PyTorch's maps", needsShared, async (t) => {
  const folder = join(shared, 'models/vit-tiny-patch16-224/onnx-torch1.13');
  const manifest = manifestOf(['model.onnx'], { height: 224, width: 224 }, 1000);
  const expected = golden('vit-tiny-patch16-224.safetensors');
  const classMaps = golden('vit-tiny-patch16-224.class-map.safetensors');
  const tapped = tapOnnx(folder, manifest, { kind: 'inspect', map: null });
  assert.deepEqual([tapped.layers, tapped.heads], [12, 3]);
  const session = await openSession(
    { model: join(folder, 'model.onnx') },
    { graphOptimizationLevel: 'disabled' },
  );
  for (const photo of ['chelsea', 'coffee', 'rocket']) {
    const shown = expected(`${photo}.timm.pixel_values`);
    const plain = await session.run({ pixel_values: new ort.Tensor('float32', shown.data, shown.shape) });
    const seen = await runGraph(tapped, shown, -1, { graphOptimizationLevel: 'disabled' });
    assert.deepEqual(seen['logits']!.data, plain['logits']!.data);
    const own = Float32Array.from(
      seen['class_map']!.data,
      (value, i) => value + seen['class_bias_map']!.data[i]!,
    );
    within(t, `${photo} class_map`, own, classMaps(`${photo}.timm.class_map`).data, 1e-3);
    for (const [name, tolerance] of Object.entries({
      logits: 2e-3,
      feature: 2e-3,
      cls_attention: 1e-5,
      rollout: 1e-5,
    }))
      // prettier-ignore
      within(t, `${photo} ${name}`, seen[name]!.data, expected(`${photo}.timm.${name === 'feature' ? 'cls_feature' : name}`).data, tolerance);
  }
  await session.release();
});

test(
  "PyTorch 1.13's export of ViT-Tiny keeps its five labels with graph optimisation on",
  needsShared,
  async (t) => {
    const folder = join(shared, 'models/vit-tiny-patch16-224/onnx-torch1.13');
    const manifest = manifestOf(['model.onnx'], { height: 224, width: 224 }, 1000);
    const expected = golden('vit-tiny-patch16-224.safetensors');
    const session = await openSession({ model: join(folder, 'model.onnx') });
    const best = (logits: Float32Array) =>
      [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 5);
    const shown = expected('coffee.timm.pixel_values');
    const plain = (await session.run({ pixel_values: new ort.Tensor('float32', shown.data, shown.shape) })) as unknown as Outputs; // prettier-ignore
    for (const map of ['cls', 'rollout'] as const) {
      const seen = await runGraph(tapOnnx(folder, manifest, { kind: 'classify', map }), shown);
      within(t, `logits beside the ${map} map`, seen['logits']!.data, plain['logits']!.data, 1e-5);
      assert.deepEqual(best(seen['logits']!.data), best(plain['logits']!.data));
      if (map === 'rollout')
        within(t, 'rollout', seen['map']!.data, expected('coffee.timm.rollout').data, 1e-5);
    }
    await session.release();
  },
);
