/** Kinds of checkpoints that are easily taken for what they are not, made small. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SaccadeError } from '../../models/error.ts';
import type { Answers } from '../../models/formats/answers.ts';
import { architectureOf } from '../../models/formats/timm-architectures.ts';
import { importModel } from '../../models/import.ts';
import { buildGraph } from '../../models/load.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { encodeModel, make } from '../../models/onnx/schema.ts';
import { listBroken, listModels, removeModel } from '../../models/store.ts';
import { outputActivationIn, tried } from '../../models/try-out.ts';
import { encodeSafetensors, type Writable } from '../../models/weights/encode-safetensors.ts';
import { foreignVit } from './foreign.ts';
import { runGraph } from './session.ts';
import { temporaryFolder } from '../temporary.ts';
import { huggingFaceTensors, randomNumbers, timmConfig, timmTensors, tinyShape, torchvisionTensors, writeTimm } from './tiny.ts'; // prettier-ignore

const root = temporaryFolder({ after }, 'kinds');
let count = 0;
const fresh = () => join(root, `case-${++count}`);

const side = tinyShape.grid * tinyShape.patchSize;
const pixels = { data: randomNumbers(3 * side * side, 1), shape: [1, 3, side, side] };
const half: [number, number, number] = [0.5, 0.5, 0.5];
const told: Answers = { heads: tinyShape.heads, mean: half, std: half, resize: { mode: 'exact', height: side, width: side }, interpolation: 'bilinear' }; // prettier-ignore

const config = {
  ...{ model_type: 'vit', hidden_size: tinyShape.width, num_hidden_layers: tinyShape.depth },
  ...{ num_attention_heads: tinyShape.heads, image_size: side, patch_size: tinyShape.patchSize },
  ...{ layer_norm_eps: 1e-6 },
};
const processor = { size: { height: side, width: side }, image_mean: half, image_std: half };

function write(tensors: Writable, files: Record<string, unknown>): string {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

const huggingFace = (changed: object = {}, tensors = huggingFaceTensors(tinyShape)) =>
  write(tensors, { 'config.json': { ...config, ...changed }, 'preprocessor_config.json': processor });

async function logitsOf(folder: string, answers?: Answers): Promise<Float32Array> {
  const model = await importModel(folder, fresh(), { name: 'm', ...(answers && { answers }) });
  const options = { kind: 'classify', precision: 'fp32', map: null } as const;
  return (await runGraph(await buildGraph(model.folder, model.manifest, options), pixels))['logits']!.data;
}

async function refused(folder: string, code: string, words: RegExp, answers?: Answers): Promise<void> {
  const installed = fresh();
  await assert.rejects(
    importModel(folder, installed, { name: 'm', ...(answers && { answers }) }),
    (error) => {
      assert.ok(error instanceof SaccadeError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      return true;
    },
  );
  assert.deepEqual(existsSync(installed) ? readdirSync(installed) : [], [], 'nothing is installed');
}

const wrapped = (prefix: string, tensors: Writable): Writable =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

test('what a training framework puts before every name comes off, also twice', async () => {
  const plain = await logitsOf(huggingFace());
  const frameworks = ['model.', '_orig_mod.', 'module._orig_mod.', 'teacher.', 'student.module.', 'vit.'];
  for (const prefix of [...frameworks, '0.', 'classifier_net.', 'LightningModule.vit_model.'])
    assert.deepEqual(await logitsOf(huggingFace({}, wrapped(prefix, huggingFaceTensors(tinyShape)))), plain);
  const some = { ...huggingFaceTensors(tinyShape), 'model.extra': { shape: [1], data: randomNumbers(1) } };
  await refused(huggingFace({}, some), 'unknown-architecture', /model\.extra/);
});

test('names that transformers 5 has while it computes, or writes by mistake, are those of its files', async () => {
  const tensors = Object.entries(huggingFaceTensors(tinyShape));
  const computing: [RegExp, string][] = [
    [/encoder\.layer\./, 'layers.'],
    [/attention\.output\.dense/, 'attention.o_proj'],
    [/attention\.attention\.(.)[a-z]+/, 'attention.$1_proj'],
    [/intermediate\.dense/, 'mlp.fc1'],
    [/output\.dense/, 'mlp.fc2'],
  ];
  const inMemory = (name: string) => computing.reduce((each, [from, to]) => each.replace(from, to), name);
  const half = (name: string) => name.replace('vit.encoder.', 'encoder.');
  const plain = await logitsOf(huggingFace({ model_type: 'vit_msn' }));
  for (const [what, renamed] of Object.entries({ inMemory, half })) {
    const named = Object.fromEntries(tensors.map(([name, tensor]) => [renamed(name), tensor]));
    assert.ok(what === 'half' || named['vit.layers.1.attention.q_proj.bias']);
    for (const prefix of ['', 'model.'])
      assert.deepEqual(await logitsOf(huggingFace({ model_type: 'vit_msn' }, wrapped(prefix, named))), plain);
  }
  const twice = { ...Object.fromEntries(tensors), 'vit.layers.0.attention.q_proj.bias': { shape: [24], data: randomNumbers(24) } }; // prettier-ignore
  await refused(huggingFace({}, twice), 'unknown-architecture', /vit\.layers\.0\.attention\.q_proj/);
});

test('weights in double precision are the same rounded to single', async () => {
  const tensors = Object.entries(huggingFaceTensors(tinyShape));
  const header: Record<string, object> = {};
  const doubles = tensors.map(([, { data }]) => Buffer.from(new Float64Array(data).buffer));
  for (const [i, [name, { shape }]] of tensors.entries()) {
    const begin = doubles.slice(0, i).reduce((sum, { length }) => sum + length, 0);
    header[name] = { dtype: 'F64', shape, data_offsets: [begin, begin + doubles[i]!.length] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const folder = huggingFace();
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, text, ...doubles]));
  assert.deepEqual(await logitsOf(folder), await logitsOf(huggingFace()));
  doubles[0]!.writeDoubleLE(1e300);
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, text, ...doubles]));
  await refused(folder, 'not-finite', /NaN or infinity/);
});

test('weights alone are read by their shapes, and what those do not show is asked for', async () => {
  const timm = await logitsOf(writeTimm(fresh(), tinyShape));
  assert.deepEqual(await logitsOf(write(timmTensors(tinyShape), {}), told), timm);
  assert.deepEqual(await logitsOf(write(torchvisionTensors(tinyShape), {}), told), timm);
  await refused(write(timmTensors(tinyShape), {}), 'missing-preprocessing', /attention heads.*mean.*deviation.*resized/); // prettier-ignore
  const rest: Answers = { ...told };
  delete rest.heads;
  await refused(
    write(torchvisionTensors(tinyShape), {}),
    'missing-heads',
    /the number of attention heads/,
    rest,
  );
});

test('labels: none, whole numbers, a list, turned round, empty', async () => {
  const labels = async (changed: object) =>
    (await importModel(huggingFace(changed), fresh(), { name: 'm' })).manifest.labels.map(({ name }) => name);
  assert.deepEqual(await labels({}), ['class 0', 'class 1', 'class 2', 'class 3', 'class 4']);
  assert.deepEqual(await labels({ id2label: { 0: 7, 1: 8, 2: 9, 3: 10, 4: 11 } }), ['7', '8', '9', '10', '11']); // prettier-ignore
  assert.deepEqual(await labels({ id2label: ['a', 'b', 'c', 'd', ''] }), ['a', 'b', 'c', 'd', 'class 4']);
  assert.deepEqual(await labels({ label2id: { e: 4, d: 3, c: 2, b: 1, a: 0 } }), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual((await importModel(huggingFace({ id2label: ['a', 'b (4)', 'b', 'c', 'b'] }), fresh(), { name: 'm' })).manifest.labels.map(({ id }) => id), ['a', 'b (4)', 'b', 'c', 'b (4) (4)']); // prettier-ignore
  // Both: the other way round may lack names or hold those that come by default, and may not say another class.
  const both = (id2label: object, label2id: object) => huggingFace({ id2label, label2id });
  const [five, default2] = [['a', 'b', 'c', 'd', 'a'], { LABEL_0: 0, LABEL_1: 1 }];
  for (const label2id of [{ a: 4, b: 1 }, { a: '0', c: '2' }, default2, { B: 3 }])
    assert.deepEqual(await labels({ id2label: five, label2id }), five);
  await refused(
    both(five, { a: 0, b: 2, c: 1 }),
    'bad-config',
    /found "b" as 1 in the one and 2 in the other/,
  );
  // As editors on Windows save it, and in bytes that say nothing.
  const chinese = JSON.stringify({ ...config, id2label: ['猫', '狗', '鸟', '船', '车'] });
  const saved = (bytes: Buffer) => {
    const folder = huggingFace();
    writeFileSync(join(folder, 'config.json'), bytes);
    return folder;
  };
  const wide = await importModel(saved(Buffer.from(`\uFEFF${chinese}`, 'utf16le')), fresh(), { name: 'm' });
  assert.equal(wide.manifest.labels[0]!.name, '猫');
  const gbk = Buffer.from(chinese.replace('猫', '@'));
  gbk[gbk.indexOf('@')] = 0xc3;
  await refused(saved(gbk), 'unsafe-file', /config\.json to be text in UTF-8/);
  await refused(huggingFace({ id2label: 'abc' }), 'bad-config', /"id2label" should be an object; found "abc"/); // prettier-ignore
  await refused(huggingFace({ id2label: { 0: 'a', 1: 'b' } }), 'bad-config', /id2label.*0 to 4.*2 names/);
});

test('timm: names in each of the places where its versions write them', async () => {
  const five = ['crack', 'dent', 'scratch', 'stain', 'fine'];
  const plain = timmConfig(tinyShape);
  const data = plain['pretrained_cfg'] as object;
  const flat = { ...plain, pretrained_cfg: undefined };
  for (const config of [
    { ...plain, label_names: five },
    { ...plain, label_names: null, pretrained_cfg: { ...data, label_names: five } },
    { ...plain, labels: five },
    { ...flat, ...data, labels: five },
  ]) {
    const { manifest } = await importModel(writeTimm(fresh(), tinyShape, undefined, config), fresh());
    assert.deepEqual(manifest.labels.map(({ name }) => name), five); // prettier-ignore
  }
  const few = writeTimm(fresh(), tinyShape, undefined, { ...plain, labels: ['crack'] });
  await refused(few, 'bad-config', /"labels" should be a list of 5 names/);
});

test('timm: what is pooled, said twice or against the tensors, is refused', async () => {
  const plain = timmConfig(tinyShape);
  const args = { ...(plain['model_args'] as object), global_pool: 'avg' };
  await refused(writeTimm(fresh(), tinyShape, undefined, { ...plain, model_args: args }), 'bad-config', /"global_pool" should be "token", as it is above; found "avg"/); // prettier-ignore
  const { 'norm.weight': weight, 'norm.bias': bias, ...others } = timmTensors(tinyShape);
  const tensors = { ...others, 'fc_norm.weight': weight!, 'fc_norm.bias': bias! };
  await refused(writeTimm(fresh(), tinyShape, tensors, plain), 'bad-config', /"global_pool" should be "avg".*"fc_norm".*; found "token"/); // prettier-ignore
});

test('outputs: several labels at once, a number alone, a regression', async () => {
  const { manifest } = await importModel(huggingFace({ problem_type: 'multi_label_classification' }), fresh(), { name: 'm' }); // prettier-ignore
  assert.equal(manifest.outputActivation, 'sigmoid');
  assert.deepEqual(manifest.doubt, { method: 'max-probability', threshold: 0.5 });
  await refused(huggingFace({ problem_type: 'regression' }), 'unsupported-output', /"regression"/);
  const one = huggingFace({}, huggingFaceTensors({ ...tinyShape, classes: 1 }));
  await refused(one, 'unsupported-output', /one output/);
});

test('GELU written out is GELU', async () => {
  const exact = await logitsOf(huggingFace());
  assert.deepEqual(await logitsOf(huggingFace({ hidden_act: 'gelu_python' })), exact);
  assert.notDeepEqual(await logitsOf(huggingFace({ hidden_act: 'gelu_new' })), exact);
});

test('a size that says more than is built is refused, and a crop only where it is said', async () => {
  const prepared = (changed: object) =>
    write(huggingFaceTensors(tinyShape), { 'config.json': config, 'preprocessor_config.json': { ...processor, ...changed } }); // prettier-ignore
  const refusals: [object, string, RegExp][] = [
    [{ size: { shortest_edge: side, longest_edge: 40 } }, 'bad-config', /"size".*longest_edge/],
    [{ size: { height: side, width: side, shortest_edge: 40 } }, 'bad-config', /"size"/],
    [{ size: { longest_edge: side } }, 'bad-config', /"size".*"shortest_edge" alone/],
    [{ size: '32' }, 'bad-config', /"size" should be an object; found "32"/],
    [{ size: side, default_to_square: false }, 'unsupported-preprocessing', /scales the shorter side/],
    [{ crop_size: 24 }, 'bad-config', /"do_center_crop"/],
  ];
  for (const [changed, code, words] of refusals) await refused(prepared(changed), code, words);
  await refused(huggingFace({ layer_norm_eps: -1 }), 'bad-config', /layer_norm_eps.*0 or more/);
  const { manifest } = await importModel(prepared({ crop_size: 24, do_center_crop: false }), fresh(), { name: 'm' }); // prettier-ignore
  assert.equal(manifest.preprocessing.crop, null);
  await refused(huggingFace({ image_size: null }), 'bad-config', /"image_size".*pixels.*found nothing/);
  // What its kind of processor leaves out.
  const dino = { image_processor_type: 'DINOv3ViTImageProcessorFast', image_mean: null, image_std: null };
  const { mean, std, interpolation } = (await importModel(prepared(dino), fresh(), { name: 'm' })).manifest.preprocessing; // prettier-ignore
  assert.deepEqual([mean, std, interpolation], [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 'bilinear']);
});

test('what a graph ends in is believed when a trial run agrees', () => {
  const manifest = { kind: 'onnx', labels: [1, 2, 3] } as unknown as ModelManifest;
  const each = (outputActivation: string, ...rows: number[][]) =>
    outputActivationIn({ ...manifest, outputActivation } as ModelManifest, rows);
  assert.equal(each('none', [0.2, 0.3, 0.5], [1, 0, 0]), 'none');
  assert.equal(each('softmax', [0.2, 0.3, 0.5], [1, 0, 0]), 'none', 'no softmax on top of one');
  assert.equal(each('softmax', [0.2, 0.3, 0.5], [3, -1, 0]), 'softmax');
  assert.equal(each('none-each', [0.2, 0.3, 0.9]), 'none-each');
  assert.throws(() => each('none', [20, 30, 50]), { code: 'unsupported-output' });
  assert.throws(() => each('softmax', [NaN, 0, 1]), { code: 'not-finite' });
});

test('evidence of a graph that a trial run disproves is absent, beside what else is', () => {
  const taps = {
    outputActivation: 'softmax',
    labels: [],
    architecture: { heads: 3, absent: { rollout: 'none' } },
  };
  const of = (kind: 'onnx' | 'vit', noEvidence: string | null) =>
    tried({ ...taps, kind } as unknown as ModelManifest, { rows: [], noEvidence }).architecture;
  assert.deepEqual(of('onnx', 'Why.'), { heads: 3, absent: { rollout: 'none', class: 'Why.' } });
  assert.deepEqual(of('onnx', null), taps.architecture);
  assert.deepEqual(of('vit', 'Why.'), taps.architecture);
});

test('a name is a structure only as a whole', async () => {
  assert.equal(architectureOf('vit_base_patch16_gap_224')?.heads, 16);
  assert.equal(architectureOf('vit_base_patch16_rpn_224')?.norm, 'residual-post');
  assert.equal(architectureOf('vit_base_patch16_rpn_999'), null);
  const named = (architecture: string, changed: object = {}) =>
    writeTimm(fresh(), tinyShape, undefined, { ...timmConfig(tinyShape), architecture, ...changed });
  await refused(named('vit_base_patch16_rpn_999'), 'unknown-architecture', /rpn_999/);
  // Rotary positions, and pooling over registers too, leave no tensor behind.
  for (const name of ['vit_pe_core_tiny_patch16_384', 'vit_small_patch16_dinov3', 'test_vit3'])
    await refused(named(name), 'unknown-architecture', new RegExp(name));
  await refused(named('vit_strange', { model_args: {} }), 'missing-heads', /vit_strange.*attention heads/);
  const activations = await Promise.all(['gelu', 'quick_gelu', 'relu', 'silu'].map((act_layer) => logitsOf(named('vit_custom', { model_args: { num_heads: tinyShape.heads, act_layer } })))); // prettier-ignore
  assert.equal(new Set(activations.map(String)).size, 4, 'each activation is computed');
  await refused(named('vit_custom', { model_args: { num_heads: 5 } }), 'bad-config', /24 columns and 5 attention heads/); // prettier-ignore
});

test('registers with positions of their own', async () => {
  const tensors = timmTensors({ ...tinyShape, registers: 4 });
  const rows = tinyShape.grid ** 2 + 5;
  tensors['pos_embed'] = { shape: [1, rows, tinyShape.width], data: randomNumbers(rows * tinyShape.width) };
  const { manifest } = await importModel(writeTimm(fresh(), tinyShape, tensors), fresh(), { name: 'm' });
  assert.deepEqual(manifest.architecture['positions'], { rows: 4, columns: 4, special: true, registers: true }); // prettier-ignore
});

test(
  'a folder that is not what it says is refused before it is read',
  { skip: process.platform === 'win32' && 'SKIPPED: no devices and links there' },
  async () => {
    // prettier-ignore
    const device = huggingFace();
    symlinkSync('/dev/zero', join(device, 'README.md'));
    await refused(device, 'unsafe-file', /README\.md.*device/);
    const outside = huggingFace();
    writeFileSync(join(root, 'secret.md'), 'secret');
    symlinkSync(join(root, 'secret.md'), join(outside, 'README.md'));
    await refused(outside, 'unsafe-file', /README\.md.*link out of it/);
    const pointer = huggingFace();
    writeFileSync(join(pointer, 'model.safetensors'), `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 100524\n`); // prettier-ignore
    await refused(pointer, 'lfs-pointer', /git lfs pull/);
  },
);

test('a graph of more nodes than any model is refused before its nodes are read', async () => {
  const folder = fresh();
  mkdirSync(folder);
  const model = foreignVit({ style: 'softmax' });
  const nothing = make('node', { opType: 'Identity', input: ['a'], output: ['b'] });
  model.graph!.node = Array.from({ length: 70_000 }, () => nothing);
  writeFileSync(join(folder, 'model.onnx'), encodeModel(model));
  await refused(folder, 'bad-onnx', /over 60000 nodes/);
});

test('a broken model is listed with its reason and can be removed', async () => {
  const installed = fresh();
  const roots = { installed, builtIn: join(root, 'none') };
  await importModel(writeTimm(fresh(), tinyShape), installed, { name: 'sound' });
  mkdirSync(join(installed, 'broken'));
  writeFileSync(join(installed, 'broken', 'model.json'), '{"format": 1, "id": "broken"}');
  assert.deepEqual(listModels(roots).map(({ manifest }) => manifest.id), ['sound']); // prettier-ignore
  assert.deepEqual(listBroken(roots).map(({ id }) => id), ['broken']); // prettier-ignore
  removeModel(roots, 'broken');
  assert.deepEqual(readdirSync(installed), ['sound']);
});
