import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../../models/config.ts';
import { analyse } from '../../../models/foreign/analyse.ts';
import { exportedGraph, type ExportedGraphOptions } from '../../../models/exported/graph.ts';
import { applyHead, headLogits } from '../../../models/heads/apply.ts';
import type { Head } from '../../../models/heads/head.ts';
import { fitOf } from '../../../models/heads/own.ts';
import { noneOfThese } from '../../../models/heads/label-names.ts';
import { describeOnnx } from '../../../models/formats/onnx.ts';
import { probabilitiesOf } from '../../../main/inference/answering/answers.ts';
import { importModel } from '../../../models/import.ts';
import { buildGraph } from '../../../models/load.ts';
import { decodeModel, encodeModel } from '../../../models/onnx/schema.ts';
import { onnxPieces } from '../../../models/onnx/file.ts';
import { readOnnx } from '../../../models/onnx/read.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { readVitWeights } from '../../../models/weights/read.ts';
import { WeightSource } from '../../../models/weights/source.ts';
import { golden, largestDifference, needsShared, shared, within } from '../../shared.ts';
import { openSession, runGraph } from '../session.ts';
import { randomNumbers, tinyShape, writeTimm } from '../tiny.ts';
import { temporaryFolder } from '../../temporary.ts';

const root = temporaryFolder({ after }, 'exported');

const everyMap = ['cls', 'rollout', 'class'] as const;
type Installed = Pick<InstalledModel, 'folder' | 'manifest'>;
type Outputs = Record<string, Float32Array>;

let written = 0;

/** As a file, or two, in a folder of its own. */
function write(
  { folder, manifest }: Installed,
  options: Partial<ExportedGraphOptions> = {},
  most?: number,
): { file: string; folder: string; outputs: string[]; metadata: Record<string, string> } {
  using source = new WeightSource(manifest.weights.files.map((each) => join(folder, each)));
  const weights = readVitWeights(source, manifest.architecture as unknown as VitConfig);
  const graph = exportedGraph(manifest, weights, {
    precision: 'fp32',
    maps: everyMap,
    head: null,
    ...options,
  });
  const to = mkdtempSync(join(root, `${++written}-`));
  const { model, data } = onnxPieces(graph.message, graph.external, 'model.onnx.data', most);
  const file = join(to, 'model.onnx');
  writeFileSync(file, Buffer.concat(model));
  if (data) writeFileSync(join(to, 'model.onnx.data'), Buffer.concat(data));
  const metadata = Object.fromEntries(graph.message.metadataProps.map(({ key, value }) => [key, value]));
  return { file, folder: to, outputs: graph.outputs.map(({ name }) => name), metadata };
}

/** As any program would: from the file, with nothing known but its path. */
async function run(
  file: string,
  pixels: { data: Float32Array; shape: number[] },
  classIndex: number | null = -1,
): Promise<Outputs> {
  const session = await openSession({ model: file });
  try {
    const given = await session.run({
      pixel_values: new ort.Tensor('float32', pixels.data, pixels.shape),
      ...(classIndex !== null && {
        class_index: new ort.Tensor('int64', BigInt64Array.of(BigInt(classIndex)), [1]),
      }),
    });
    return Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data as Float32Array]));
  } finally {
    await session.release();
  }
}

let tiny: Promise<Installed> | null = null;
const tinyModel = () =>
  (tiny ??= importModel(writeTimm(join(root, 'tiny-source'), tinyShape), root, { name: 'tiny' }));

function tinyPixels({ manifest }: Installed, count = 2) {
  const { height, width } = manifest.input;
  return { data: randomNumbers(count * 3 * height * width, 1), shape: [count, 3, height, width] };
}

for (const [what, shape, precision, most] of [
  ['a plain model', {}, 'fp32', 1e-5],
  ['a plain model in fp16', {}, 'fp16', 2e-3],
  ['one with registers and LayerScale', { registers: 2, layerScale: true, activation: 'swiglu' }, 'fp32', 1e-5], // prettier-ignore
  ['one that reads two tokens', { distillation: true }, 'fp32', 1e-5],
] as const)
  test(`an exported file that comes back in shows what the model did: ${what}`, async (t) => {
    const model = await importModel(writeTimm(join(root, `source-${++written}`), { ...tinyShape, ...shape }), root, { name: `shown-first-${written}` }); // prettier-ignore
    const { file } = write(model, { precision, maps: [] });
    const again = await importModel(file, root, { name: `shown-${written}` });
    const pixels = tinyPixels(model, 1);
    const both = async (kind: 'inspect' | 'attend', run_: typeof runGraph) => {
      const graphs = await Promise.all([model, again].map(({ folder, manifest }) => buildGraph(folder, manifest, { kind, precision: 'fp32', map: null }))); // prettier-ignore
      return Promise.all(graphs.map((graph) => run_(graph, pixels, kind === 'inspect' ? 3 : undefined)));
    };
    const [own, seen] = await both('inspect', runGraph);
    const named = ['cls_attention', 'rollout', 'class_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head']; // prettier-ignore
    for (const name of named) within(t, name, seen![name]!.data, own![name]!.data, most);
    const asking: typeof runGraph = async (graph) => {
      const session = await openSession(graph);
      try {
        const query = new ort.Tensor('int64', BigInt64Array.of(7n), [1]);
        const photo = new ort.Tensor('float32', pixels.data, pixels.shape);
        return (await session.run({ pixel_values: photo, query })) as unknown as Awaited<ReturnType<typeof runGraph>>; // prettier-ignore
      } finally {
        await session.release();
      }
    };
    const [rows, found] = await both('attend', asking);
    for (const name of ['token_attention', 'attention_distance'])
      within(t, `${name} of a token whose row the file does not compute`, found![name]!.data, rows![name]!.data, most); // prettier-ignore
  });

test('an exported file in whole numbers that comes back shows the attention that it gives itself', async (t) => {
  const model = await tinyModel();
  const { file } = write(model, { maps: ['cls', 'rollout'], precision: 'int8' });
  const { folder, manifest } = await importModel(file, root, { name: 'whole-numbers' });
  const pixels = tinyPixels(model, 1);
  const own = await run(file, pixels, null);
  for (const map of ['cls', 'rollout'] as const) {
    const graph = await buildGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map });
    within(t, map, (await runGraph(graph, pixels))['map']!.data, own[`${map}_map`]!, 1e-5);
  }
  const inspect = await buildGraph(folder, manifest, { kind: 'inspect', precision: 'fp32', map: null });
  assert.match(inspect.absent.class ?? '', /can't be taken apart into what each patch adds/);
});

test('rows of tokens that a file does not compute are not made up where it treats the first ones alone', async () => {
  const model = await tinyModel();
  const { file } = write(model, { maps: [] });
  const onnx = readOnnx(file);
  const bias = onnx.graph.initializer.find(({ name }) => name === 'blocks.1/query.bias')!;
  bias.dims = [1n, 1n, ...bias.dims]; // as a position that is the first token's own
  assert.match(analyse(onnx, model.manifest.input, 5).absent ?? '', /make no common map/);
});

test('ViT-Tiny as an ONNX file: logits, feature and rollout are those of PyTorch', needsShared, async (t) => {
  const expected = golden('vit-tiny-patch16-224.safetensors');
  const model = await importModel(join(shared, 'models/vit-tiny-patch16-224/timm'), root, {
    name: 'vit-tiny',
  });
  const { file, outputs } = write(model);
  assert.deepEqual(outputs, ['logits', 'probabilities', 'feature', 'cls_map', 'rollout_map', 'class_map']);
  const found = await run(file, expected('chelsea.timm.pixel_values'));
  within(t, 'logits', found['logits']!, expected('chelsea.timm.logits').data, 1e-4);
  within(t, 'feature', found['feature']!, expected('chelsea.timm.cls_feature').data, 1e-4);
  within(t, 'rollout', found['rollout_map']!, expected('chelsea.timm.rollout').data, 1e-4);
  assert.ok(Math.abs(found['probabilities']!.reduce((a, b) => a + b) - 1) < 1e-5);
  const { graph } = readOnnx(file);
  const names = graph.node.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of [
    'embeddings/Conv',
    'blocks.0/attention/qkv/MatMul',
    'blocks.11/mlp/fc1/Gelu',
    'head/MatMul',
  ])
    assert.ok(
      names.some((each) => each.startsWith(name.replace('/fc1/Gelu', '/Gelu'))),
      `${name} among ${names.slice(0, 40)}`,
    );
  assert.ok(
    graph.input.every(({ docString }) => docString) && graph.output.every(({ docString }) => docString),
  );
});

test('the file says where a model is from, but no path of whoever exported it', async () => {
  const model = await tinyModel();
  const told = (source: string | null) =>
    write({ ...model, manifest: { ...model.manifest, source } }).metadata;
  assert.equal(told('huggingface.co/a/b@main')['saccade.source'], 'huggingface.co/a/b@main');
  for (const own of ['/home/somebody/model', 'C:\\Users\\somebody\\model', null])
    assert.equal(told(own)['saccade.source'], 'unknown');
  assert.ok(!('saccade.head' in told(null)), 'no head but its own');
});

test('names say where in the model a node, a value and a weight stand', async () => {
  const model = await tinyModel();
  const layer = /^blocks\.\d+(\/(norm1|norm2|attention|mlp)(\/(qkv|query|out|fc1|fc2))?)?$/;
  const others = ['embeddings', 'norm', 'feature', 'head', 'logits', 'probabilities', 'cls_map', 'rollout_map', 'class_map']; // prettier-ignore
  const weight =
    /^(patch|posEmbed|prefix|norm|head|blocks\.\d+\/\w+)(\.(weight|bias|scale|shift|quantized|zero|scales?|zeroPoint))?$/;
  for (const [precision, opset] of [
    ['fp32', 13],
    ['fp32', 21],
    ['fp16', 20],
  ] as const) {
    const { graph } = readOnnx(write(model, { precision, opset }).file);
    const given = new Set(graph.output.map(({ name }) => name));
    const values = new Set<string>();
    for (const { name, opType, output } of graph.node) {
      const at = name.lastIndexOf('/');
      const place = name.slice(0, at);
      assert.ok(layer.test(place) || others.includes(place), `${name}: no part of the model`);
      assert.match(name.slice(at + 1), new RegExp(`^${opType}(_\\d+)?$`), name);
      for (const [i, value] of output.entries()) {
        assert.ok(given.has(value) || value === `${name}:${i}`, `${value} of ${name}`);
        assert.ok(!values.has(value), `${value} twice`);
        values.add(value);
      }
    }
    assert.equal(new Set(graph.node.map(({ name }) => name)).size, graph.node.length);
    const weights = graph.initializer.map(({ name }) => name).filter((name) => !/^(ints|float32|float16)(\[[\d,]*\])?\.\S{1,60}$/.test(name)); // prettier-ignore
    assert.deepEqual(
      weights.filter((name) => !weight.test(name)),
      [],
      'weights are called as in the model',
    );
    assert.ok(weights.length > 20);
    const taken = new Set(graph.node.flatMap(({ input }) => input));
    const leads = (name: string) => taken.has(name) || given.has(name);
    const nowhere = graph.node.filter(({ output }) => !output.some(leads)).map(({ name }) => name);
    assert.deepEqual(nowhere, [], 'every node leads to an output');
    assert.deepEqual(graph.initializer.map(({ name }) => name).filter((name) => !taken.has(name)), []); // prettier-ignore
  }
});

test('every opset gives the same numbers', async (t) => {
  const model = await tinyModel();
  const pixels = tinyPixels(model);
  const expected = await run(write(model).file, pixels);
  for (const opset of [13, 14, 15, 16, 17, 18, 19, 20, 21]) {
    const { file } = write(model, { opset });
    assert.equal(readOnnx(file).opset, opset);
    const found = await run(file, pixels);
    for (const name of Object.keys(expected))
      within(t, `${name}, opset ${opset}`, found[name]!, expected[name]!, 1e-5);
  }
});

test('weights beyond what a file may hold lie in a file beside it, with the same numbers', async () => {
  const model = await tinyModel();
  const pixels = tinyPixels(model);
  const inside = write(model);
  const beside = write(model, {}, 50_000);
  assert.deepEqual(readdirSync(inside.folder), ['model.onnx']);
  assert.deepEqual(readdirSync(beside.folder).sort(), ['model.onnx', 'model.onnx.data']);
  assert.deepEqual(readOnnx(beside.file).files, ['model.onnx', 'model.onnx.data']);
  assert.deepEqual(await run(beside.file, pixels), await run(inside.file, pixels));
});

test('fp16 and int8 are near, and take float32', async (t) => {
  const model = await tinyModel();
  const pixels = tinyPixels(model);
  const expected = await run(write(model).file, pixels);
  for (const [precision, most] of [
    ['fp16', 2e-2],
    ['int8', 0.2],
  ] as const) {
    const found = await run(write(model, { precision }).file, pixels);
    assert.deepEqual(Object.keys(found), Object.keys(expected));
    for (const name of ['logits', 'feature', 'class_map']) {
      const size = expected[name]!.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      within(t, `${name} in ${precision}`, found[name]!, expected[name]!, most * size);
    }
  }
});

test('class_index asks for the evidence of another class, and −1 for that of the likeliest', async () => {
  const model = await tinyModel();
  const { file } = write(model);
  const pixels = tinyPixels(model, 1);
  const usual = await run(file, pixels);
  const best = usual['logits']!.indexOf(Math.max(...usual['logits']!));
  assert.deepEqual((await run(file, pixels, best))['class_map'], usual['class_map']);
  const other = await run(file, pixels, (best + 1) % 5);
  assert.ok(largestDifference(other['class_map']!, usual['class_map']!) > 1e-3);
});

function headOf({ manifest }: Installed, change: Partial<Head>): Head {
  const fits = fitOf(manifest)!;
  return {
    name: 'Mine',
    kind: 'taught',
    reads: { how: 'linear' },
    answers: 'one',
    labels: ['boat', 'receipt'].map((name) => ({ id: name, name })),
    none: true,
    calibration: { temperature: 2 },
    doubt: { threshold: 0.5 },
    fits,
    origin: { from: 'examples', examples: 3, l2: 1, report: null },
    weight: randomNumbers(3 * fits.length, 1, 5),
    bias: Float32Array.of(0.1, -0.2, 0.3),
    ...change,
  };
}

for (const [what, change] of [
  ['a linear head', {}],
  ['any of these', { answers: 'any' }],
  ['a head by cosine', { reads: { how: 'cosine', scale: 20 } }],
] as const)
  test(`${what} is part of the graph, with its evidence`, async () => {
    const model = await tinyModel();
    const head = headOf(model, change);
    const pixels = tinyPixels(model);
    const found = await run(write(model, { head }).file, pixels);
    const features = { data: found['feature']!, length: head.fits.length };
    const logits = headLogits(head, features);
    assert.ok(largestDifference(found['logits']!, logits) < 1e-4);
    const { rows, probabilities, k } = applyHead(head, features, 3);
    for (let photo = 0; photo < 2; photo++)
      for (let i = 0; i < k; i++)
        assert.ok(
          Math.abs(
            found['probabilities']![photo * 3 + rows[photo * k + i]!]! - probabilities[photo * k + i]!,
          ) < 1e-5,
        );
    assert.equal(found['class_map']!.length, 2 * 16);
    assert.ok(found['class_map']!.some((value) => Math.abs(value) > 1e-3));
  });

const own = { calibration: { temperature: 0.7762 }, doubt: { method: 'max-probability', threshold: 0.6 } } as const; // prettier-ignore

for (const [what, manifest, options] of [
  ['its own labels', own, { maps: [] }],
  ['its own labels and maps', own, {}],
  ['its own labels in fp16', own, { precision: 'fp16' }],
  ['its own labels in int8', own, { precision: 'int8' }],
  ['several of its labels', { ...own, outputActivation: 'sigmoid' }, {}],
  ['a head', own, { head: {} }],
  ['a head with a doubt', own, { head: { doubt: { threshold: 0.4 } } }],
  ['a head of any labels', own, { head: { answers: 'any', doubt: { threshold: 0.4 } } }],
  ['a head by cosine', own, { head: { reads: { how: 'cosine', scale: 20 } } }],
] as const)
  test(`a file with ${what} is imported again as what it was, and answers so`, async () => {
    const tiny = await tinyModel();
    const labels = tiny.manifest.labels.map((label, i) => ({ ...label, id: `n${i}`, names: { 'zh-CN': `甲${i}` } })); // prettier-ignore
    const model = { ...tiny, manifest: { ...tiny.manifest, labels, licence: 'mit', ...manifest } };
    const head = 'head' in options ? headOf(tiny, options.head) : null;
    const { file } = write(model, { ...options, head });
    const { manifest: again, folder } = await importModel(file, root, { name: `again-${++written}` });
    const before = head ?? model.manifest;
    assert.deepEqual(again.labels, head ? [...head.labels, noneOfThese] : labels);
    assert.deepEqual(again.calibration, before.calibration);
    assert.deepEqual(again.preprocessing, model.manifest.preprocessing);
    assert.deepEqual(again.input, model.manifest.input);
    assert.equal(again.licence, 'mit');
    const each = head ? head.answers === 'any' : model.manifest.outputActivation === 'sigmoid';
    assert.equal(again.outputActivation, each ? 'sigmoid' : 'softmax');
    const said = head && (each ? Math.min(0.5, head.doubt.threshold) : head.doubt.threshold);
    assert.deepEqual(again.doubt, { method: 'max-probability', threshold: said ?? own.doubt.threshold });
    // int8 spans the whole batch with one scale.
    const pixels = tinyPixels(model, 1);
    const graph = await buildGraph(folder, again, { kind: 'classify', precision: 'fp32', map: null });
    const found = await runGraph(graph, pixels);
    const expected = await run(file, pixels, readOnnx(file).graph.input.length > 1 ? -1 : null);
    assert.ok(largestDifference(found['logits']!.data, expected['logits']!) < 1e-5);
    assert.ok(largestDifference(probabilitiesOf(found['logits']!.data, again), expected['probabilities']!) < 1e-5); // prettier-ignore
  });

test('what a file says of itself is believed where it is sound, and an answer wins', async () => {
  const { folder, manifest } = await tinyModel();
  const changed = (change: Record<string, string>, outputs?: string[]) => {
    const { file } = write({ folder, manifest: { ...manifest, ...own, outputActivation: 'sigmoid' } });
    const model = decodeModel(readFileSync(file));
    for (const entry of model.metadataProps) entry.value = change[entry.key] ?? entry.value;
    if (outputs) model.graph!.output = model.graph!.output.filter(({ name }) => outputs.includes(name));
    writeFileSync(file, encodeModel(model));
    return file;
  };
  const said = describeOnnx(changed({}, ['logits']));
  assert.deepEqual([said.outputActivation, said.calibration], ['sigmoid', own.calibration]);
  const mean: [number, number, number] = [0.1, 0.2, 0.3];
  assert.deepEqual(describeOnnx(changed({}), { mean }).preprocessing.mean, mean);
  for (const [key, value] of [
    ['labels', '["a", 3]'],
    ['labels', 'a'],
    ['preprocessing', '{}'],
    ['temperature', '0'],
    ['doubt', '{"method":"guess"}'],
  ] as const)
    assert.throws(() => describeOnnx(changed({ [`saccade.${key}`]: value })), {
      code: 'bad-onnx',
      message: new RegExp(`metadata "saccade\\.${key}.* is not what Saccade writes`),
    });
  assert.throws(() => describeOnnx(changed({ 'saccade.labels': '["a"]', 'saccade.classes': '[{"id":"a","name":"a"}]' })), { code: 'wrong-labels' }); // prettier-ignore
  assert.throws(() => describeOnnx(changed({ 'saccade.labels': '[]' })), {
    code: 'no-logits',
    message: /exported without labels/,
  });
});

test('a map that the model cannot give is refused, with why', needsShared, async () => {
  const headless = await importModel(join(shared, 'models/variants/dinov2-headless-timm'), root, {
    name: 'dino',
  });
  assert.throws(() => write(headless, { maps: ['class'] }), {
    code: 'cannot-export',
    message: /names nothing by itself/,
  });
  const { outputs } = write(headless, { maps: ['cls'] });
  assert.deepEqual(outputs, ['feature', 'cls_map']);
});
