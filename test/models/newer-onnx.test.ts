/** Graphs as newer exporters and newer versions of ONNX write them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ModelManifest } from '../../models/manifest.ts';
import { analyse, type Analysis } from '../../models/foreign/analyse.ts';
import { tapOnnx, type TapOptions } from '../../models/foreign/tap.ts';
import { attribute, initializer } from '../../models/onnx/builder.ts';
import { readOnnx } from '../../models/onnx/read.ts';
import { encodeModel, make, type Model, type Node } from '../../models/onnx/schema.ts';
import type { AttributeValue, TensorData } from '../../models/onnx/types.ts';
import { largestDifference } from '../shared.ts';
import { foreign, type ForeignOptions, foreignVit, inOpset } from './foreign.ts';
import { openSession, type Outputs, runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'newer-onnx');

const { height, width, rows, columns, heads, depth, classes } = foreign;
const patches = rows * columns;
const photos = 2;
const pixels = { data: randomNumbers(photos * 3 * height * width, 1, 42), shape: [photos, 3, height, width] };

function tapModel(model: Model, options: TapOptions = { kind: 'inspect', map: null }) {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  const labels = Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `${i}` }));
  return tapOnnx(root, { input: { height, width }, labels, weights: { files: ['model.onnx'] } } as unknown as ModelManifest, options); // prettier-ignore
}

function analysed(model: Model): Analysis {
  writeFileSync(join(root, 'model.onnx'), encodeModel(model));
  return analyse(readOnnx(join(root, 'model.onnx')), { height, width }, classes);
}

const inspect = (model: Model) => runGraph(tapModel(model), pixels, -1, { graphOptimizationLevel: 'disabled' }); // prettier-ignore

/** The file as it is. */
async function runPlain(model: Model): Promise<Outputs> {
  const session = await openSession({ model: encodeModel(model) }, { graphOptimizationLevel: 'disabled' });
  const ort = await import('onnxruntime-node');
  try {
    const photo = new ort.Tensor('float32', pixels.data, pixels.shape);
    return (await session.run({ [session.inputNames[0]!]: photo })) as unknown as Outputs;
  } finally {
    await session.release();
  }
}

let made = 0;
const node = (opType: string, input: string[], output: string[], attributes: Record<string, AttributeValue> = {}, domain = '') => // prettier-ignore
  make('node', { name: `own${made++}`, opType, domain, input, output, attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)) }); // prettier-ignore

/** Every node of `opType` gives its first output to `build`, which makes what its readers read from then on. */
function behind(model: Model, opType: string, build: (from: string, to: string) => Node[]): Model {
  const graph = model.graph!;
  graph.node = graph.node.flatMap((each) => {
    if (each.opType !== opType) return [each];
    const [to = ''] = each.output;
    each.output[0] = `${to}/before`;
    return [each, ...build(each.output[0], to)];
  });
  return model;
}

function withTensor(model: Model, name: string, data: TensorData, shape: number[]): Model {
  model.graph!.initializer.push(initializer(name, data, shape));
  return model;
}

/** The patches' part of [CLS]'s rows, photo by photo, layer by layer, head by head. */
function clsRows(truth: Outputs, tokens: number, first: number): number[] {
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  return range(photos).flatMap((b) =>
    range(depth).flatMap((layer) =>
      range(heads).flatMap((h) => {
        const row = ((b * heads + h) * tokens + 0) * tokens + first;
        return [...truth[`truth.${layer}`]!.data.slice(row, row + patches)];
      }),
    ),
  );
}

function close(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6) {
  assert.equal(actual.length, expected.length, what);
  const difference = largestDifference(actual, expected);
  assert.ok(difference <= tolerance, `${what} differs by ${difference}, allowed ${tolerance}`);
}

test('registers behind the patches, [CLS] in front: the map begins at the first patch', async () => {
  const options: ForeignOptions = { style: 'softmax', special: 3, specialAround: true };
  const { attention, cls } = analysed(foreignVit(options));
  assert.deepEqual([attention?.firstPatch, attention?.special, cls], [1, 3, 0]);
  const truth = await runPlain(foreignVit({ ...options, truth: true }));
  const seen = await inspect(foreignVit(options));
  close('cls_attention', seen['cls_attention']!.data, clsRows(truth, patches + 3, 1));
});

const tokens = patches + 1;
const masks: Record<string, number[]> = {
  'of two axes': [tokens, tokens],
  'a head each': [heads, tokens, tokens],
};
for (const [what, shape] of Object.entries(masks))
  test(`numbers added to the scores of ONNX's own Attention: ${what}`, async () => {
    const mask = randomNumbers(
      shape.reduce((a, b) => a * b, 1),
      2,
      9,
    );
    const fused = withTensor(inOpset(foreignVit({ style: 'standard Attention' }), 23), 'mask', mask, shape);
    for (const each of fused.graph!.node) if (each.opType === 'Attention') each.input[3] = 'mask';
    const open = withTensor(foreignVit({ style: 'softmax', truth: true }), 'mask', mask, shape);
    open.graph!.node = open.graph!.node.flatMap((each) => {
      if (each.opType !== 'Softmax') return [each];
      const [scores = ''] = each.input;
      each.input[0] = `${scores}/masked`;
      return [node('Add', [scores, 'mask'], [each.input[0]]), each];
    });
    const truth = await runPlain(open);
    const plain = await runPlain(fused);
    const seen = await inspect(fused);
    assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
    close('logits', seen['logits']!.data, truth['logits']!.data, 1e-5);
    close('cls_attention', seen['cls_attention']!.data, clsRows(truth, tokens, 1));
  });

test('a shorter mask ends its rows, and so no map is told', () => {
  const fused = withTensor(inOpset(foreignVit({ style: 'standard Attention' }), 23), 'mask', new Float32Array(tokens * 5), [tokens, 5]); // prettier-ignore
  for (const each of fused.graph!.node) if (each.opType === 'Attention') each.input[3] = 'mask';
  assert.match(analysed(fused).absent ?? '', /it masks tokens/);
});

test('attention that is changed behind its softmax gives no evidence, which would not add up', () => {
  const gated = withTensor(foreignVit({ style: 'softmax' }), 'gate', Float32Array.of(0.5, 1.5), [1, heads, 1, 1]); // prettier-ignore
  behind(gated, 'Softmax', (from, to) => [node('Mul', [from, 'gate'], [to])]);
  const { absent } = tapModel(gated);
  assert.match(absent.class ?? '', /changed once more before it weighs the values/);
  assert.equal(absent.cls, undefined);
});

/** What stands between the last norm, [B, T, D], and the head, [B, D]. */
const poolings: Record<string, { pool: string; why?: RegExp; write(from: string, to: string): Node[] }> = {
  'Split and Squeeze': {
    pool: 'cls',
    write: (from, to) => [node('Split', [from, 'one and rest'], ['first', 'rest'], { axis: 1 }), node('Squeeze', ['first', 'one'], [to])], // prettier-ignore
  },
  'Slice from the end': {
    pool: 'cls',
    write: (from, to) => [node('Slice', [from, 'minus all', 'one', 'minus two'], ['first']), node('Squeeze', ['first', 'one'], [to])], // prettier-ignore
  },
  'a turn and Gather': {
    pool: 'cls',
    why: /not in a way that is known/,
    write: (from, to) => [node('Transpose', [from], ['turned'], { perm: [1n, 0n, 2n] }), node('Gather', ['turned', 'zero'], [to], { axis: 0 })], // prettier-ignore
  },
  GlobalAveragePool: {
    pool: 'mean',
    why: /not in a way that is known/,
    write: (from, to) => [
      node('Slice', [from, 'one', 'all', 'one'], ['seen']),
      node('Transpose', ['seen'], ['turned'], { perm: [0n, 2n, 1n] }),
      node('GlobalAveragePool', ['turned'], ['pooled']),
      node('Squeeze', ['pooled', 'two'], [to]),
    ],
  },
  'a mean over rows and columns': {
    pool: 'mean',
    why: /not in a way that is known/,
    write: (from, to) => [
      node('Slice', [from, 'one', 'all', 'one'], ['seen']),
      node('Reshape', ['seen', 'as picture'], ['picture']),
      node('ReduceMean', ['picture', 'one and two'], [to], { keepdims: 0 }),
    ],
  },
  'a product with shares': {
    pool: 'mean',
    why: /not in a way that is known/,
    write: (from, to) => [node('MatMul', ['shares', from], ['pooled']), node('Squeeze', ['pooled', 'one'], [to])], // prettier-ignore
  },
  'a mean by rows, and then of those': {
    pool: 'mean',
    why: /not in a way that is known/,
    write: (from, to) => [
      node('Slice', [from, 'one', 'all', 'one'], ['seen']),
      node('Reshape', ['seen', 'as picture'], ['picture']),
      node('ReduceMean', ['picture', 'one'], ['columns'], { keepdims: 1 }),
      node('ReduceMean', ['columns', 'one and two'], [to], { keepdims: 0 }),
    ],
  },
  'a mean of those that a mask leaves': {
    pool: 'mean',
    why: /not in a way that is known/,
    write: (from, to) => [node('Mul', [from, 'mask'], ['masked']), node('ReduceSum', ['masked', 'one'], ['sum'], { keepdims: 0 }), node('Div', ['sum', 'count'], [to])], // prettier-ignore
  },
  'a product with shares of [CLS] too': {
    pool: 'tokens',
    why: /not in a way that is known/,
    write: (from, to) => [node('MatMul', ['even shares', from], ['pooled']), node('Squeeze', ['pooled', 'one'], [to])], // prettier-ignore
  },
};
for (const [what, { pool, why, write }] of Object.entries(poolings))
  test(`what the head reads: ${what}`, async () => {
    const model = foreignVit({ style: 'softmax' });
    const graph = model.graph!;
    const lists = { one: [1], two: [2], all: [tokens], zero: [0], 'minus all': [-tokens], 'minus two': [-2], 'one and rest': [1, patches], 'one and two': [1, 2], 'as picture': [0, rows, columns, foreign.width_] }; // prettier-ignore
    for (const [name, list] of Object.entries(lists))
      withTensor(model, name, BigInt64Array.from(list, BigInt), name === 'zero' ? [] : [list.length]);
    withTensor(model, 'shares', new Float32Array(tokens).fill(1 / patches, 1), [1, tokens]);
    withTensor(model, 'even shares', new Float32Array(tokens).fill(1 / tokens), [1, tokens]);
    withTensor(model, 'mask', new Float32Array(tokens).fill(1, 1), [1, tokens, 1]);
    withTensor(model, 'count', Float32Array.of(patches), []);
    const at = graph.node.findLastIndex(({ opType }) => opType === 'Gather');
    const { input, output } = graph.node[at]!;
    graph.node.splice(at, 1, ...write(input[0]!, output[0]!));
    assert.equal(analysed(model).pool, pool);
    const { absent } = tapModel(model);
    if (why) assert.match(absent.class ?? '', why);
    else assert.equal(absent.class, undefined);
    // Patches that nobody attends to would still be averaged.
    const { whole } = tapModel(model, { kind: 'ablate', map: null });
    assert.equal(whole === null, pool === 'cls');
    const [plain, seen] = [await runPlain(model), await inspect(model)];
    assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
  });

const unevenly: Record<string, { says: RegExp; write(from: string, to: string): Node[] }> = {
  'shares that differ from patch to patch': {
    says: /not known to be their mean/,
    write: (from, to) => [node('MatMul', ['shares', from], ['pooled']), node('Squeeze', ['pooled', 'one'], [to])], // prettier-ignore
  },
  'factors that differ from patch to patch': {
    says: /not known to be their mean/,
    write: (from, to) => [node('Mul', [from, 'factors'], ['weighed']), node('ReduceMean', ['weighed', 'one'], [to], { keepdims: 0 })], // prettier-ignore
  },
  'some of the patches': {
    says: /not known to be their mean/,
    write: (from, to) => [node('Slice', [from, 'two', 'all', 'one'], ['some']), node('ReduceMean', ['some', 'one'], [to], { keepdims: 0 })], // prettier-ignore
  },
  'a mean of powers': {
    says: /reads its patches by a mean of their powers, and not their mean/,
    write: (from, to) => [
      node('Slice', [from, 'one', 'all', 'one'], ['patches read']),
      node('Clip', ['patches read', 'least'], ['positive']),
      node('Pow', ['positive', 'p'], ['powers']),
      node('ReduceMean', ['powers', 'one'], ['mean of powers'], { keepdims: 0 }),
      node('Pow', ['mean of powers', '1/p'], [to]),
    ],
  },
  'a mean of squares over rows and columns': {
    says: /reads its patches by a mean of their powers, and not their mean/,
    write: (from, to) => [
      node('Slice', [from, 'one', 'all', 'one'], ['patches read']),
      node('Reshape', ['patches read', 'as picture'], ['picture read']),
      node('Transpose', ['picture read'], ['turned'], { perm: [0n, 3n, 1n, 2n] }),
      node('Mul', ['turned', 'turned'], ['squares']),
      node('GlobalAveragePool', ['squares'], ['mean of squares']),
      node('Sqrt', ['mean of squares'], ['root']),
      node('Flatten', ['root'], [to]),
    ],
  },
  'one patch alone': {
    says: /patches each by itself/,
    write: (from, to) => [node('Gather', [from, 'five'], [to], { axis: 1 })],
  },
  'all patches side by side': {
    says: /patches each by itself/,
    write: (from, to) => [node('Reshape', [from, 'flat'], ['row']), node('MatMul', ['row', 'narrow'], [to])],
  },
};
for (const [what, { says, write }] of Object.entries(unevenly))
  test(`a head that reads its patches in another way than by their mean has no map: ${what}`, () => {
    const model = foreignVit({ style: 'softmax' });
    const { node: nodes } = model.graph!;
    for (const [name, list] of Object.entries({
      one: [1],
      two: [2],
      all: [tokens],
      five: [5],
      flat: [0, tokens * foreign.width_],
      'as picture': [0, rows, columns, foreign.width_],
    }))
      // prettier-ignore
      withTensor(model, name, BigInt64Array.from(list, BigInt), name === 'five' ? [] : [list.length]);
    for (const [name, value] of Object.entries({ least: 1e-6, p: 3, '1/p': 1 / 3 }))
      withTensor(model, name, Float32Array.of(value), []);
    withTensor(model, 'shares', randomNumbers(tokens, 1, 3), [1, tokens]);
    withTensor(model, 'factors', randomNumbers(tokens, 1, 3), [1, tokens, 1]);
    withTensor(model, 'narrow', randomNumbers(tokens * foreign.width_ ** 2, 1, 3), [tokens * foreign.width_, foreign.width_]); // prettier-ignore
    const at = nodes.findLastIndex(({ opType }) => opType === 'Gather');
    const { input, output } = nodes[at]!;
    nodes.splice(at, 1, ...write(input[0]!, output[0]!));
    const { absent } = tapModel(model);
    for (const map of ['cls', 'rollout', 'class'] as const) assert.match(absent[map] ?? '', says);
  });

test('constants in every kind of attribute, and operators of opset 18 to 23, keep the shapes that follow from them', async () => {
  const model = inOpset(foreignVit({ style: 'softmax' }), 23);
  const graph = model.graph!;
  const [photo] = graph.input;
  const first = graph.node.find(({ input }) => input.includes(photo!.name))!;
  first.input = first.input.map((name) => (name === photo!.name ? 'prepared' : name));
  const floats = node('Constant', [], ['shift']);
  floats.attribute.push(make('attribute', { name: 'value_floats', type: 6, floats: [0.25] }));
  const ints = node('Constant', [], ['pads']);
  ints.attribute.push(attribute('value_ints', [1n, 1n]));
  const axis = node('Constant', [], ['axis'], { value_int: 2 });
  graph.node.unshift(
    floats,
    ints,
    axis,
    node('Add', [photo!.name, 'shift'], ['shifted']),
    node('Reshape', ['axis', 'one'], ['axes']),
    node('Pad', ['shifted', 'pads', '', 'axes'], ['padded']),
    node('Resize', ['padded', '', '', 'sizes'], ['prepared'], { axes: [2n, 3n], mode: 'linear' }),
  );
  withTensor(model, 'one', BigInt64Array.of(1n), [1]);
  withTensor(model, 'sizes', BigInt64Array.of(BigInt(height), BigInt(width)), [2]);
  const plain = await runPlain(model);
  const seen = await inspect(model);
  assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
  assert.deepEqual(seen['cls_attention']!.dims, [photos, depth, heads, patches]);
});

test('queries and keys that are turned by RotaryEmbedding', async () => {
  const model = inOpset(foreignVit({ style: 'standard Attention' }), 23);
  const half = Float32Array.from({ length: tokens * 4 }, (_, i) => i / 7);
  withTensor(model, 'cosines', half.map(Math.cos), [tokens, 4]);
  withTensor(model, 'sines', half.map(Math.sin), [tokens, 4]);
  withTensor(model, 'every', BigInt64Array.from({ length: photos * tokens }, (_, i) => BigInt(i % tokens)), [photos, tokens]); // prettier-ignore
  model.graph!.node = model.graph!.node.flatMap((each) => {
    if (each.opType !== 'Attention') return [each];
    const [queries = '', keys = ''] = each.input;
    each.input.splice(0, 2, `${queries}/turned`, `${keys}/turned`);
    const turn = (from: string) => node('RotaryEmbedding', [from, 'cosines', 'sines', 'every'], [`${from}/turned`], { num_heads: heads }); // prettier-ignore
    return [turn(queries), turn(keys), each];
  });
  const plain = await runPlain(model);
  const seen = await inspect(model);
  assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
  assert.deepEqual(seen['cls_attention']!.dims, [photos, depth, heads, patches]);
});

test('of functions of the same name the one that is called', async () => {
  const model = foreignVit({ style: 'softmax' });
  for (const [i, each] of model.graph!.node.filter(({ opType }) => opType === 'Relu').entries())
    Object.assign(each, { opType: 'activation', domain: 'pkg.own', overload: i ? 'second' : 'first' });
  const functions = { first: 'Relu', second: 'QuickGelu' };
  const { producerName, graph } = model;
  const whole = make('model', {
    irVersion: 10n,
    producerName,
    opsetImport: [...model.opsetImport.map(({ domain, version }) => ({ domain, version })), { domain: 'pkg.own', version: 1n }], // prettier-ignore
    functions: Object.entries(functions).map(([overload, opType]) => ({
      name: 'activation',
      domain: 'pkg.own',
      overload,
      input: ['x'],
      output: ['y'],
      opsetImport: ['', 'com.microsoft'].map((domain) => ({ domain, version: domain ? 1n : model.opsetImport[0]!.version })), // prettier-ignore
      node: [
        {
          opType,
          domain: opType === 'Relu' ? '' : 'com.microsoft',
          name: 'inner',
          input: ['x'],
          output: ['y'],
        },
      ],
    })),
  });
  whole.graph = graph!;
  const plain = await runPlain(whole);
  const seen = await inspect(whole);
  close('logits', seen['logits']!.data, plain['logits']!.data, 1e-6);
});

test('the sum that SkipLayerNormalization gives beside its norm is carried on', async () => {
  const model = foreignVit({ style: 'softmax' });
  const graph = model.graph!;
  const [photo] = graph.input;
  const start = graph.node.findLast(({ opType, input }) => opType === 'Add' && input.includes('positions'))!;
  const [tokensIn = ''] = start.input;
  withTensor(model, 'ones', new Float32Array(foreign.width_).fill(1), [foreign.width_]);
  withTensor(model, 'row', new Float32Array(tokens * foreign.width_).fill(0.1), [1, tokens, foreign.width_]);
  const at = graph.node.indexOf(start);
  graph.node.splice(at, 1,
    node('Mul', [tokensIn, 'row'], ['skipped']),
    node('SkipLayerNormalization', [tokensIn, 'skipped', 'ones'], ['normed', '', '', 'sum'], { epsilon: { float: 1e-5 } }, 'com.microsoft'),
    node('Add', ['sum', 'positions'], [start.output[0]!]),
  ); // prettier-ignore
  model.opsetImport.push(...foreignVit({ style: 'Attention' }).opsetImport.filter(({ domain }) => domain));
  assert.equal(photo!.name, 'pixel_values');
  const plain = await runPlain(model);
  const seen = await inspect(model);
  assert.deepEqual([...seen['logits']!.data], [...plain['logits']!.data]);
});

test('heads that are joined without being turned beside each other give no evidence, which would mix tokens', () => {
  const model = foreignVit({ style: 'softmax' });
  const mixed = new Set(model.graph!.node.filter(({ input }) => input.some((name) => name.includes('Softmax'))).map(({ output }) => output[0])); // prettier-ignore
  const turns = model.graph!.node.filter(
    ({ opType, input }) => opType === 'Transpose' && mixed.has(input[0]),
  );
  assert.equal(turns.length, depth);
  for (const each of turns) Object.assign(each, { opType: 'Identity', attribute: [] });
  assert.match(tapModel(model).absent.class ?? '', /do not add up to the last token/);
});

test('a last norm that is written out over the tokens is none over the numbers of each', () => {
  const model = foreignVit({ style: 'softmax' });
  const means = model.graph!.node.filter(({ opType }) => opType === 'ReduceMean').slice(-2);
  for (const each of means) each.input[1] = 'over tokens';
  withTensor(model, 'over tokens', BigInt64Array.of(1n), [1]);
  assert.match(tapModel(model).absent.class ?? '', /does not read normalised tokens/);
});

test('a last norm over the tokens is not taken for one over the numbers of each', () => {
  const model = foreignVit({ style: 'softmax' });
  const graph = model.graph!;
  const at = graph.node.findLastIndex(({ opType }) => opType === 'Gather');
  const [normed = ''] = graph.node[at]!.input;
  withTensor(model, 'scale', new Float32Array(tokens * foreign.width_).fill(2), [tokens, foreign.width_]);
  const end = graph.node.findIndex(({ output }) => output[0] === normed);
  const last = graph.node.slice(0, end).findLast(({ opType }) => opType === 'Sub')!.input[0]!;
  graph.node.splice(end, 1, node('LayerNormalization', [last, 'scale', 'scale'], [normed], { axis: 1 }));
  assert.match(tapModel(model).absent.class ?? '', /does not read normalised tokens/);
});
