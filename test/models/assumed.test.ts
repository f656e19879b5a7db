/** What an import takes by custom is told, and is not taken where something speaks against it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { metadataOf, readMetadata } from '../../models/exported/metadata.ts';
import type { Answers } from '../../models/formats/answers.ts';
import { describeOnnx } from '../../models/formats/onnx.ts';
import { importModel } from '../../models/import.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { GraphBuilder } from '../../models/onnx/builder.ts';
import { encodeModel } from '../../models/onnx/schema.ts';
import { tried } from '../../models/try-out.ts';
import { inlined } from './foreign.ts';
import { randomNumbers, timmConfig, tinyShape, timmTensors, writeTimm } from './tiny.ts';
import { temporaryFolder } from '../temporary.ts';

const root = temporaryFolder({ after }, 'assumed');
let count = 0;
const fresh = () => join(root, String(count++));

/** Tells 1000 classes apart by the mean of three channels. */
function thousand(): Uint8Array {
  const g = new GraphBuilder();
  const photo = g.input('image', 'float32', ['n', 3, 32, 32]);
  const flat = g.op('Flatten', [g.op('GlobalAveragePool', [photo])], { axis: 1 });
  const head = g.tensor('head', randomNumbers(3000, 1), [3, 1000]);
  g.output('logits', g.matmul(flat, head), 'float32', ['n', 1000]);
  return encodeModel(inlined(g));
}

function onnx(beside: Record<string, unknown>, answers: Answers = {}) {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.onnx'), thousand());
  for (const [name, content] of Object.entries(beside)) writeFileSync(join(folder, name), JSON.stringify(content)); // prettier-ignore
  const { assumed, labels } = describeOnnx(join(folder, 'model.onnx'), answers);
  return { assumed, first: labels[0]!.name, labels };
}

const data = { input_size: [3, 32, 32], crop_pct: 0.9, interpolation: 'bicubic', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }; // prettier-ignore
const timm = { architecture: 'vit_custom', num_classes: 1000, pretrained_cfg: data };
const names = Array.from({ length: 1000 }, (_, i) => `bird ${i}`);
const refused = { code: 'missing-labels' };

test('1000 classes of a timm export that nothing names are ImageNet-1k’s as an assumption, and only where nothing speaks against it', () => {
  const { first, assumed } = onnx({ 'config.json': timm });
  assert.deepEqual([first, assumed], ['tench', ['labels']]);
  const named = onnx({ 'config.json': { ...timm, label_names: names } });
  assert.deepEqual([named.first, named.assumed], ['bird 0', undefined]);
  const beside = onnx({ 'config.json': timm, 'labels.json': names });
  assert.deepEqual([beside.first, beside.assumed], ['bird 0', undefined]);
  assert.equal(onnx({ 'config.json': timm }, { labels: names }).assumed, undefined);
  const made = (of: object) => () => onnx({ 'config.json': { ...timm, pretrained_cfg: { ...data, ...of } } });
  assert.throws(made({ num_classes: 21_843 }), refused);
  assert.throws(made({ tag: 'augreg_in21k' }), refused);
  assert.deepEqual(made({ tag: 'augreg_in21k_ft_in1k', num_classes: 1000 })().assumed, ['labels']);
});

test('a file of labels that has the configuration’s names in another order is refused', () => {
  const config = { model_type: 'vit', id2label: Object.fromEntries(names.entries()) };
  const size = { size: { height: 32, width: 32 } };
  const files = { 'config.json': config, 'preprocessor_config.json': size };
  assert.throws(() => onnx({ ...files, 'labels.json': names.toSorted() }), { code: 'bad-labels', message: /class 2 is "bird 10" in the one and "bird 2" in the other/ }); // prettier-ignore
  assert.equal(onnx({ ...files, 'labels.json': names }).first, 'bird 0');
  const better = names.map((name) => `a ${name}`);
  assert.equal(onnx({ ...files, 'labels.json': better }).first, 'a bird 0');
});

test('the same of safetensors, where what speaks against it leaves classes their numbers', async () => {
  const shape = { ...tinyShape, classes: 1000 };
  const imported = async (of: object) => {
    const config = timmConfig(shape);
    config['pretrained_cfg'] = { ...(config['pretrained_cfg'] as object), interpolation: 'bicubic', ...of };
    const folder = writeTimm(fresh(), shape, timmTensors(shape), config);
    const { manifest } = await importModel(folder, fresh(), { name: 'm' });
    return [manifest.labels[0]!.name, manifest.assumed];
  };
  assert.deepEqual(await imported({}), ['tench', ['labels']]);
  assert.deepEqual(await imported({ tag: 'inat21' }), ['class 0', undefined]);
});

test('what timm would take by default is an assumption where its configuration leaves it out', () => {
  const { input_size, interpolation, std } = data;
  const less = { input_size, interpolation, std };
  const config = { ...timm, label_names: names, pretrained_cfg: less };
  assert.deepEqual(onnx({ 'config.json': config }).assumed, ['resize', 'mean']);
  assert.deepEqual(onnx({ 'config.json': config }, { mean: [0, 0, 0] }).assumed, ['resize']);
});

test('an image processor of no kind that is named has ViT’s defaults as assumptions; a kind’s own are none', () => {
  const labels = { 'labels.json': names };
  const size = { height: 32, width: 32 };
  const bare = { 'preprocessor_config.json': { size }, ...labels };
  assert.deepEqual(onnx(bare).assumed, ['interpolation', 'mean', 'std', 'activation']);
  const kind = { 'preprocessor_config.json': { size, image_processor_type: 'ViTImageProcessor' } };
  assert.deepEqual(onnx({ ...labels, ...kind }).assumed, ['activation']);
  assert.equal(onnx({ ...bare, 'config.json': { model_type: 'swin' } }).assumed, undefined);
  const shorter = { 'preprocessor_config.json': { size: { shortest_edge: 32 }, image_processor_type: 'ViTImageProcessor' } }; // prettier-ignore
  assert.deepEqual(onnx({ ...labels, ...shorter }).assumed, ['crop', 'activation']);
});

test('a processor without a name has the defaults of the model’s own, as transformers takes them', () => {
  const folder = fresh();
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.onnx'), thousand());
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'dinov2', num_labels: 1000 }));
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify({ size: 36, crop_size: 32 }));
  const { preprocessing } = describeOnnx(join(folder, 'model.onnx'));
  assert.deepEqual(preprocessing.resize, { mode: 'shortest-edge', size: 36 });
  assert.deepEqual(preprocessing.crop, { height: 32, width: 32 });
  assert.deepEqual(preprocessing.mean, [0.48145466, 0.4578275, 0.40821073]);
});

test('a trial that shows probabilities leaves nothing assumed of them, and an export tells on what was assumed', () => {
  const manifest = { kind: 'onnx', labels: [{}, {}], architecture: {}, assumed: ['mean', 'activation'] } as unknown as ModelManifest; // prettier-ignore
  const shows = (rows: number[][]) => tried(manifest, { rows, noEvidence: null }).assumed;
  assert.deepEqual(shows([[2, -1]]), ['mean', 'activation']);
  assert.deepEqual(shows([[0.25, 0.75]]), ['mean']);
  const { labels, assumed } = { labels: [{ id: 'a', name: 'a' }], assumed: ['labels', 'mean'] as const };
  const exported = { name: 'm', weights: {}, calibration: { temperature: 1 }, input: { height: 8, width: 8 }, grid: null, doubt: null, source: null, assumed }; // prettier-ignore
  const preprocessing = { resize: { mode: 'shortest-edge', size: 8 }, interpolation: 'bilinear', crop: null, mean: [0, 0, 0], std: [1, 1, 1] }; // prettier-ignore
  const metadataProps = metadataOf({ ...exported, preprocessing } as unknown as ModelManifest, null, labels);
  assert.deepEqual(readMetadata({ metadataProps })?.assumed, ['labels', 'mean']);
});
