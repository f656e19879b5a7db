import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { importModel } from '../../models/import.ts';
import { prepareGraph, readManifest } from '../../models/load.ts';
import { encodeSafetensors } from '../../models/weights/safetensors.ts';
import { largestDifference } from '../shared.ts';
import { runGraph } from './session.ts';
import { randomNumbers } from './tiny.ts';

const starter = join(import.meta.dirname, '../../models/starter');
const recipe = join(starter, 'train');
const root = mkdtempSync(join(tmpdir(), 'saccade-starter-'));
after(() => rmSync(root, { recursive: true }));

const python = '/usr/bin/python3';
const torch = spawnSync(python, ['-c', 'import torch, numpy, PIL']).status === 0;
const skip = torch ? false : `SKIPPED: ${python} with torch, numpy and Pillow is not here`;

test('the starter ships whole: weights as model.json says, at most 25 MB, with its card', () => {
  const manifest = readManifest(starter);
  const files = manifest.weights.files.map((file) => readFileSync(join(starter, file)));
  const bytes = Buffer.concat(files);
  assert.equal(bytes.length, manifest.weights.bytes);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), manifest.weights.sha256);
  assert.ok(bytes.length <= 25e6, `${bytes.length} bytes`);
  assert.equal(manifest.id, 'starter');
  assert.ok(manifest.licence);
  const card = readFileSync(join(starter, manifest.card as string), 'utf8');
  assert.match(card, /## Terms/);
  assert.match(card, new RegExp(manifest.parameters.toLocaleString('en')), 'the card is of this model');
});

test('every label of the starter has an English and a Simplified Chinese name', () => {
  const { labels, architecture } = readManifest(starter);
  assert.equal(labels.length, architecture.classes);
  for (const { id, name, names } of labels) {
    assert.match(name, /^[a-z][a-z -]*$/, id);
    assert.match(names?.['zh-CN'] ?? '', /^\p{Script=Han}+$/u, id);
  }
});

test('the starter is calibrated and knows doubt', () => {
  const { calibration, doubt } = readManifest(starter);
  assert.ok(calibration.temperature > 0.2 && calibration.temperature < 5);
  assert.ok(doubt && Number.isFinite(doubt.threshold));
});

test("Saccade's graph of the starter answers as the recipe's PyTorch model does", { skip }, async () => {
  const manifest = readManifest(starter);
  const { height, width } = manifest.input;
  const pixels = randomNumbers(2 * 3 * height * width, 1);
  const input = join(root, 'pixels.safetensors');
  writeFileSync(input, encodeSafetensors({ pixels: { shape: [2, 3, height, width], data: pixels } }));
  const script = `
import json, sys, torch
sys.path.insert(0, sys.argv[1])
import weights
from model import Shape, VisionTransformer, load_into
a = json.load(open(sys.argv[2] + '/model.json'))['architecture']
model = VisionTransformer(Shape(a['imageSize']['height'], a['patchSize'], a['width'], a['depth'], a['heads'], a['mlpWidth'], a['classes'])).eval()
load_into(model, weights.read(sys.argv[2] + '/model.safetensors'))
with torch.no_grad(): print(json.dumps(model(weights.read(sys.argv[3])['pixels']).flatten().tolist()))`;
  const expected = JSON.parse(
    execFileSync(python, ['-c', script, recipe, starter, input], { encoding: 'utf8' }),
  ) as number[];
  const graph = await prepareGraph(starter, manifest, { kind: 'classify', precision: 'fp32', map: null });
  const { logits } = await runGraph(graph, { data: pixels, shape: [2, 3, height, width] });
  assert.ok(largestDifference(logits!.data, Float32Array.from(expected)) < 1e-4);
});

/** Two classes that a few steps can tell apart, in two shapes and formats. */
async function paintData(folder: string): Promise<void> {
  for (const part of ['train', 'test'])
    for (const [name, background] of [
      ['dark', 40],
      ['light', 210],
    ] as const) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const tone = background + ((i * 7) % 30);
        const picture = sharp({
          create: { width: 20 + i, height: 24, channels: 3, background: { r: tone, g: tone, b: background } },
        });
        await picture.toFile(join(folder, part, name, `${i}.${i % 2 ? 'jpg' : 'png'}`));
      }
    }
}

const config = {
  id: 'smoke',
  name: 'Smoke',
  licence: 'none',
  source: 'a test',
  model: { image: 16, patch: 4, width: 16, depth: 2, heads: 2, mlp: 32 },
  recipe: { epochs: 4, fullEpochs: 1, batch: 8, learningRate: 3e-3, ema: 0.5 },
  labels: { dark: { name: 'dark', names: { 'zh-CN': '暗' } } },
};

function train(out: string, ...more: string[]): string {
  const arguments_ = ['--config', join(root, 'config.json'), '--data', join(root, 'data'), '--out', out];
  return execFileSync(python, [join(recipe, 'train.py'), ...arguments_, ...more], { encoding: 'utf8' });
}

test(
  'the recipe turns class folders into a model that imports and answers; a resumed run ends the same',
  { skip },
  async () => {
    await paintData(join(root, 'data'));
    writeFileSync(join(root, 'config.json'), JSON.stringify(config));
    const whole = train(join(root, 'whole'));
    assert.match(whole, /^epoch 4\/4 loss [\d.]+ top-1 [\d.]+ /m);
    train(join(root, 'parts'), '--stop-after', '2');
    assert.ok(!existsSync(join(root, 'parts/model')), 'an unfinished run ships nothing');
    const rest = train(join(root, 'parts'));
    assert.match(rest, /resumed after epoch 2 of 4/);
    const weightsOf = (run: string) => readFileSync(join(root, run, 'model/model.safetensors'));
    assert.ok(weightsOf('whole').equals(weightsOf('parts')), 'resuming changes nothing');

    const { folder, manifest } = await importModel(join(root, 'whole/model'), join(root, 'installed'), {});
    assert.deepEqual(
      manifest.labels.map(({ name, names }) => [name, names?.['zh-CN']]),
      [
        ['dark', '暗'],
        ['light', undefined],
      ],
    );
    const graph = await prepareGraph(folder, manifest, { kind: 'classify', precision: 'fp32', map: 'cls' });
    const pixels = new Float32Array(2 * 3 * 16 * 16).fill(-0.6, 0, 768).fill(0.7, 768);
    const { logits } = await runGraph(graph, { data: pixels, shape: [2, 3, 16, 16] });
    const [a, b, c, d] = logits!.data as unknown as [number, number, number, number];
    assert.ok(a > b && d > c, `a dark and a light picture: ${[a, b, c, d]}`);
  },
);

test('--init takes other weights: a new head, positions of another grid', { skip }, async () => {
  await paintData(join(root, 'data'));
  const larger = {
    ...config,
    model: { ...config.model, image: 24 },
    recipe: { ...config.recipe, epochs: 1 },
  };
  writeFileSync(join(root, 'config.json'), JSON.stringify(larger));
  const from = join(root, 'from.safetensors');
  const script = `
import sys
sys.path.insert(0, sys.argv[1])
import weights
from model import Shape, VisionTransformer
weights.write(sys.argv[2], VisionTransformer(Shape(16, 4, 16, 2, 2, 32, 7)).state_dict())`;
  execFileSync(python, ['-c', script, recipe, from]);
  const said = train(join(root, 'tuned'), '--init', from);
  assert.match(said, /head of 7 classes replaced by one of 2/);
  assert.match(said, /positions resized from 4 × 4 to 6 × 6/);
});
