import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { SafetensorsFile, toFloat32 } from '../../../models/weights/safetensors.ts';
import { keepPace } from '../../measured-home.ts';
import { starter, starterDepth } from '../../starter.ts';
import { query, quoted } from '../report/duckdb.ts';
import { jsonLines, oneProcess, saccade, temporaryFolder } from './saccade.ts';

const work = temporaryFolder('inspect');
const home = join(work, 'home');
await keepPace(home);
const inOneProcess = oneProcess({ home });
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
  const layer = await inOneProcess(['inspect', photo, '--layer', '999', '--overlay', join(work, 'x.png')]);
  assert.equal(layer.code, 1);
  assert.match(layer.stderr, /^no-such-layer: .*asked for 999/);
  const gone = await inOneProcess(['inspect', join(work, 'gone.jpg')]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /gone\.jpg/);
});

test('faithfulness has a line a photo and a summary of the paired differences', async () => {
  const words = ['--methods', 'class,random', '--steps', '3', '--format', 'jsonl'];
  const { code, stdout, stderr } = await inOneProcess(['faithfulness', photo, ...words]);
  assert.equal(code, 0, stderr);
  const [one, summary] = jsonLines(stdout) as [Record<string, unknown>, Record<string, unknown>];
  const curves = one['curves'] as { method: string; deletion: number[]; deletionAuc: number }[];
  assert.deepEqual(curves.map(({ method }) => method).sort(), ['class', 'random']);
  assert.equal(curves[0]!.deletion.length, 4, 'three steps have four ends');
  assert.equal(summary['status'], 'summary');
  assert.equal(summary['baseline'], 'random');
});

test('where faithfulness could be measured of no photo the file says so, and keeps nothing of an earlier time', async () => {
  const broken = join(work, 'unmeasured.jpg');
  writeFileSync(broken, 'no picture');
  const file = join(work, 'faithfulness.txt');
  writeFileSync(file, 'METHOD of other photos');
  const { code } = await inOneProcess(['faithfulness', broken, '--steps', '3', '--output', file]);
  assert.equal(code, 3);
  assert.equal(readFileSync(file, 'utf8'), 'No photo could be measured.\n');
});

test('a folder: numbers of each photo in a file of its own, distances over all, and what fails is told', async () => {
  const folder = join(work, 'folder');
  mkdirSync(join(folder, 'below'), { recursive: true });
  cpSync(photo, join(folder, 'cat.jpg'));
  cpSync(join('samples', 'frog.jpg'), join(folder, 'below', 'frog.jpg'));
  writeFileSync(join(folder, 'broken.jpg'), 'no picture');
  const [out, csv] = [join(work, 'numbers'), join(work, 'distance.csv')];
  const nowhere = await inOneProcess(['inspect', folder]);
  assert.equal(nowhere.code, 2, nowhere.stderr);
  assert.match(nowhere.stderr, /Expected --output or --distance/);
  const told = await inOneProcess(['inspect', folder, '--output', out, '--distance', csv]);
  assert.equal(told.code, 3, told.stderr);
  assert.match(told.stderr, /broken\.jpg/);
  assert.deepEqual(readdirSync(out, { recursive: true }).sort(), ['below', join('below', 'frog.jpg.safetensors'), 'cat.jpg.safetensors']); // prettier-ignore
  const own = ['cat.jpg', join('below', 'frog.jpg')].map((name) => {
    using file = new SafetensorsFile(join(out, `${name}.safetensors`));
    const { dtype, shape } = file.info('attention_distance');
    assert.deepEqual(shape, [starterDepth, 3]);
    return toFloat32('attention_distance', dtype, file.bytes('attention_distance'));
  });
  const rows = readFileSync(csv, 'utf8').trim().split('\n').slice(1);
  assert.equal(rows.length, starterDepth * 3);
  for (const [i, row] of rows.entries()) {
    const [layer, head, distance] = row.split(',').map(Number) as [number, number, number];
    assert.deepEqual([layer, head], [Math.floor(i / 3) + 1, (i % 3) + 1]);
    assert.ok(Math.abs(distance - (own[0]![i]! + own[1]![i]!) / 2) < 1e-3);
  }
});

test('a folder as one table holds the same numbers, a row a photo', async () => {
  const folder = join(work, 'pair');
  mkdirSync(folder, { recursive: true });
  for (const name of ['cat.jpg', 'frog.jpg']) cpSync(join('samples', name), join(folder, name));
  const [table, files] = [join(work, 'pair.parquet'), join(work, 'pair-files')];
  for (const output of [table, files]) {
    const told = await inOneProcess(['inspect', folder, '--output', output, '--distance', join(work, 'd.json')]); // prettier-ignore
    assert.equal(told.code, 0, told.stderr);
  }
  const rows = await query(`SELECT * FROM read_parquet(${quoted(table)}) ORDER BY path`);
  assert.equal(rows.length, 2);
  for (const [i, name] of ['cat.jpg', 'frog.jpg'].entries()) {
    const row = rows[i]!;
    assert.match(String(row['path']), new RegExp(`${name}$`));
    using file = new SafetensorsFile(join(files, `${name}.safetensors`));
    for (const tensor of [
      'logits',
      'feature',
      'cls_attention',
      'rollout',
      'class_map',
      'attention_distance',
    ]) {
      const { dtype, shape } = file.info(tensor);
      const expected = toFloat32(tensor, dtype, file.bytes(tensor));
      const found = row[tensor] as number[];
      assert.equal(found.length, shape.reduce((a, b) => a * b), tensor); // prettier-ignore
      assert.ok(
        found.every((value, at) => Math.abs(value - expected[at]!) < 1e-5),
        tensor,
      );
    }
    assert.deepEqual(
      [row['layers'], row['heads'], row['rows'], row['columns']],
      [starterDepth, 3, starter.grid!.rows, starter.grid!.columns],
    );
    assert.equal(row['head'], null);
  }
});

test('a patch’s own attention and a measured map are written as numbers, the latter the same again', async () => {
  const ask = async (name: string, ...words: string[]) => {
    const file = join(work, name);
    const { code, stderr } = await inOneProcess(['inspect', photo, '--values', file, ...words]);
    assert.equal(code, 0, stderr);
    return { bytes: readFileSync(file), stderr };
  };
  const cls = await ask('a.npy', '--method', 'cls');
  const same = await ask('b.npy', '--method', 'cls', '--from', 'token:1');
  const other = await ask('c.npy', '--method', 'cls', '--from', '4:4');
  const numbers = ({ bytes }: { bytes: Buffer }) => new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 256, bytes.byteOffset + bytes.length)); // prettier-ignore
  assert.ok(numbers(cls).every((value, i) => Math.abs(value - numbers(same)[i]!) < 1e-5));
  assert.ok(!other.bytes.equals(cls.bytes));
  const measured = ['--method', 'measured', '--passes', '40'];
  const first = await ask('d.npy', ...measured);
  assert.match(first.stderr, /40 looks; standard error of a patch: [\d.]+ logits/);
  assert.ok(first.bytes.equals((await ask('e.npy', ...measured)).bytes));
  assert.ok(!first.bytes.equals((await ask('f.npy', ...measured, '--seed', '1')).bytes));
});

test('a photo without a part: what stays is shown, the label falls, and a part that is not there is refused', async () => {
  const { code, stdout, stderr } = await inOneProcess(['ablate', photo, '--only', '1:1']);
  assert.equal(code, 0, stderr);
  const { rows, columns } = starter.grid!;
  assert.match(stdout, new RegExp(`^#\\.{${columns - 1}}\\n(\\.{${columns}}\\n){${rows - 1}}`));
  assert.match(stdout, /WHOLE .*WITHOUT/);
  assert.match(stdout, /logit -?[\d.]+ to -?[\d.]+/);
  const wrong = await inOneProcess(['ablate', photo, '--without', `${rows + 1}:1`]);
  assert.deepEqual(
    [wrong.code, wrong.stderr.includes(`no-such-patch: Expected rows of 1 to ${rows}`)],
    [1, true],
  );
});
