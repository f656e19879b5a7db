import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { SafetensorsFile, toFloat32 } from '../../../models/weights/safetensors.ts';
import { keepPace } from '../../measured-home.ts';
import { jsonLines, saccade, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('inspect');
const home = join(work, 'home');
await keepPace(home);
const verdicts = readFileSync(join(home, 'verdicts.json'), 'utf8');
const photo = join('samples', 'cat.jpg');

test('an inspection is written with its shapes, and its parts add up to the logit', async () => {
  const file = join(work, 'cat.safetensors');
  const values = join(work, 'cat.npy');
  const heads = join(work, 'heads.png');
  const overlay = join(work, 'cat.png');
  const words = ['--output', file, '--values', values, '--heads', heads, '--overlay', overlay];
  const { code, stdout, stderr } = await saccade(['inspect', photo, '--model', 'starter', ...words], {
    home,
  });
  assert.equal(code, 0, stderr);
  assert.equal(
    readFileSync(join(home, 'verdicts.json'), 'utf8'),
    verdicts,
    'a pace that is known is not measured',
  );
  using tensors = new SafetensorsFile(file);
  const read = (name: string) => {
    const { dtype, shape } = tensors.info(name);
    return { shape, values: toFloat32(name, dtype, tensors.bytes(name)) };
  };
  const metadata = tensors.header.metadata;
  const grid = JSON.parse(metadata['grid']!) as { rows: number; columns: number };
  const patches = grid.rows * grid.columns;
  const [layers, headCount] = read('cls_attention').shape as [number, number];
  assert.deepEqual(read('cls_attention').shape, [layers, headCount, patches]);
  assert.deepEqual(read('rollout').shape, [patches]);
  assert.deepEqual(read('class_map').shape, [layers, patches]);
  assert.equal(read('feature').shape.length, 1);
  assert.ok('resize' in JSON.parse(metadata['preprocessing']!));
  const parts = ['class_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head'];
  const sum = parts.flatMap((name) => [...read(name).values]).reduce((total, value) => total + value, 0);
  const logit = read('logits').values[Number(metadata['class_index'])]!;
  assert.ok(Math.abs(sum - logit) < 1e-2, `${sum} and ${logit}`);
  assert.match(stdout, /What makes up the logit/);

  const npy = readFileSync(values);
  assert.match(npy.toString('latin1', 0, 128), new RegExp(`'shape': \\(${grid.rows}, ${grid.columns}\\)`));
  const size = (await sharp(join(photo)).metadata()).autoOrient;
  const drawn = await sharp(overlay).metadata();
  assert.deepEqual([drawn.width, drawn.height], [size.width, size.height]);
  assert.ok((await sharp(heads).metadata()).height! > layers * 100);
});

test('layers and files that are not there are named', async () => {
  const layer = await saccade(['inspect', photo, '--layer', '999', '--overlay', join(work, 'x.png')], {
    home,
  });
  assert.equal(layer.code, 1);
  assert.match(layer.stderr, /^no-such-layer: .*asked for 999/);
  const gone = await saccade(['inspect', join(work, 'gone.jpg')], { home });
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /gone\.jpg/);
});

test('faithfulness has a line a photo and a summary of the paired differences', async () => {
  const words = ['--methods', 'class,random', '--steps', '3', '--format', 'jsonl'];
  const { code, stdout, stderr } = await saccade(['faithfulness', photo, ...words], { home });
  assert.equal(code, 0, stderr);
  const [one, summary] = jsonLines(stdout) as [Record<string, unknown>, Record<string, unknown>];
  const curves = one['curves'] as { method: string; deletion: number[]; deletionAuc: number }[];
  assert.deepEqual(curves.map(({ method }) => method).sort(), ['class', 'random']);
  assert.equal(curves[0]!.deletion.length, 4, 'three steps have four ends');
  assert.equal(summary['status'], 'summary');
  assert.equal(summary['baseline'], 'random');
});
