import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openParquetFolder } from '../../../../main/report/parquet.ts';
import { query, quoted } from '../../report/duckdb.ts';
import { featureWidth, makePlace, openLibrary, writePhotos, type Asked, type Place } from '../setup.ts';
import type { RequestOf } from '../../../../main/rpc/calls.ts';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';

type Target = RequestOf<LibraryVerbs, 'exports.write'>['target'];

const everything = { filter: {}, except: [] };

async function filled(t: test.TestContext): Promise<{ place: Place; library: Asked }> {
  const place = makePlace(t);
  writePhotos(place, {
    'a.jpg': '3 taken',
    'b "quoted".jpg': '5 unsure',
    'bad.jpg': 'bad',
    'sub/=c,d.jpg': '3 again',
    '海.jpg': '7',
  });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  return { place, library };
}

const write = (library: Asked, path: string, target: Target) =>
  library.call('exports.write', { selection: everything, path, target });

test('DuckDB reads labels, words, hashes and dates as the library has them', async (t) => {
  const { place, library } = await filled(t);
  const [first, second] = await library.items({}, 'path');
  await library.call('photos.setOwnLabel', { selection: { ids: [first!.id] }, label: 'harbour' });
  await library.call('review.act', {
    selection: { ids: [second!.id] },
    act: { kind: 'reject', label: 'class 5' },
  });
  const file = join(place.folder, "o'ne.parquet");
  const { photos } = await write(library, file, {
    format: 'parquet',
    layout: 'file',
    with: ['features', 'maps'],
  });
  assert.equal(photos, 5);
  const rows = await query(`SELECT * FROM ${quoted(file)}`);
  assert.deepEqual(
    rows.map(({ path }) => path),
    ['a.jpg', 'b "quoted".jpg', 'bad.jpg', 'sub/=c,d.jpg', '海.jpg'].map((name) => join(place.photos, name)),
  );
  const [a, b, bad, , sea] = rows;
  assert.equal(a!['status'], 'ok');
  assert.equal(a!['label'], 'class 3');
  assert.deepEqual(a!['own_labels'], ['harbour']);
  assert.deepEqual(a!['rejected_labels'], []);
  assert.equal(a!['model_sha256'], 'a'.repeat(64));
  assert.equal(a!['content_sha256'], createHash('sha256').update('3 taken').digest('hex'));
  assert.equal(Number(a!['bytes']), '3 taken'.length);
  assert.equal((a!['taken'] as Date).getTime(), 1e12);
  const [type] = await query(`SELECT logical_type FROM parquet_schema(${quoted(file)}) WHERE name = 'taken'`);
  assert.match(String(type!['logical_type']), /isAdjustedToUTC=0/, 'no reader moves it into another zone');
  assert.equal((a!['modified'] as Date).getTime(), first!.modifiedMs);
  const labels = a!['labels'] as { index: number; label: string; probability: number }[];
  assert.equal(labels.length, 5);
  assert.deepEqual([labels[0]!.index, labels[0]!.label], [3, 'class 3']);
  assert.ok(Math.abs(labels[0]!.probability - 0.575) < 1e-6);
  assert.equal(b!['unsure'], true);
  assert.deepEqual(b!['rejected_labels'], ['class 5']);
  assert.equal(bad!['status'], 'error');
  assert.equal(bad!['label'], null);
  assert.equal(bad!['labels'], null);
  assert.equal(bad!['feature'], null);
  assert.equal(bad!['map'], null);
  assert.ok(bad!['error_message']);
  assert.equal(sea!['label'], 'class 7');
  const feature = a!['feature'] as number[];
  assert.equal(feature.length, featureWidth);
  assert.ok(feature[3]! > 2.9);
  const item = (await library.items({}, 'path'))[0]!;
  assert.deepEqual(
    a!['map'],
    Array.from(item.map!.bytes, (byte) => Math.fround(item.map!.offset + item.map!.scale * byte)),
  );
  assert.deepEqual([a!['map_rows'], a!['map_columns'], a!['map_method']], [2, 2, item.map!.method]);
  const fixed = await query(
    `SELECT array_cosine_similarity(feature::FLOAT[${featureWidth}], feature::FLOAT[${featureWidth}]) AS same
     FROM ${quoted(file)} WHERE feature IS NOT NULL`,
  );
  assert.ok(fixed.every(({ same }) => Math.abs((same as number) - 1) < 1e-6));
});

test('vectors are written only when asked for', async (t) => {
  const { place, library } = await filled(t);
  const file = join(place.folder, 'plain.parquet');
  await write(library, file, { format: 'parquet', layout: 'file' });
  const columns = await query(`DESCRIBE SELECT * FROM ${quoted(file)}`);
  const names = columns.map((column) => column['column_name']);
  assert.ok(!names.includes('feature') && !names.includes('map') && names.includes('heads'));
});

test('a folder is split by label as Hive names it, and read back as one table', async (t) => {
  const { place, library } = await filled(t);
  const folder = join(place.folder, 'by-label');
  await write(library, folder, { format: 'parquet', layout: 'folder', partitionBy: 'label' });
  assert.deepEqual(
    readdirSync(folder).sort(),
    ['class 3', 'class 5', 'class 7', '__HIVE_DEFAULT_PARTITION__'].map((label) => `label=${label}`).sort(),
  );
  const rows = await query(
    `SELECT label, count(*)::INT AS n FROM read_parquet(${quoted(join(folder, '**/*.parquet'))}, hive_partitioning = true)
     GROUP BY label ORDER BY label`,
  );
  assert.deepEqual(rows, [
    { label: 'class 3', n: 2 },
    { label: 'class 5', n: 1 },
    { label: 'class 7', n: 1 },
    { label: null, n: 1 },
  ]);
});

test('labels that differ only in case are split, and read back as they are', async (t) => {
  const folder = join(makePlace(t).folder, 'by-case');
  const writer = await openParquetFolder(folder, { topK: 1, with: [], partitionBy: 'label' });
  const names = ['Crâne', 'crâne', 'CRÂNE=1', 'crâne=1', 'Crâne', 'crÂne'];
  for (const [i, name] of names.entries()) {
    const predictions = [{ index: i, label: { id: name, name }, probability: 0.5 }];
    const seen = { model: 'm', provider: 'cpu', precision: 'fp32', also: [], damaged: false, unsure: false };
    await writer.add({
      row: { path: `${i}.jpg`, status: 'ok', width: 1, height: 1, ...seen, predictions },
      facts: {},
    });
  }
  await writer.end();
  const folders = readdirSync(folder);
  assert.equal(new Set(folders.map((name) => name.toLowerCase())).size, 5);
  assert.ok(folders.includes('label=Crâne'));
  const rows = await query(
    `SELECT path, label FROM read_parquet(${quoted(join(folder, '**/*.parquet'))}, hive_partitioning = true) ORDER BY path`,
  );
  assert.deepEqual(
    rows.map(({ label }) => label),
    names,
  );
});

test('a folder of numbered files holds so many photos each', async (t) => {
  const { place, library } = await filled(t);
  const folder = join(place.folder, 'shards');
  mkdirSync(folder);
  await write(library, folder, { format: 'parquet', layout: 'folder', rowsPerFile: 2 });
  assert.deepEqual(
    readdirSync(folder).sort(),
    [0, 1, 2].map((n) => `part-0000${n}.parquet`),
  );
  const [counted] = await query(
    `SELECT count(DISTINCT path)::INT AS n FROM ${quoted(join(folder, '*.parquet'))}`,
  );
  assert.equal(counted!['n'], 5);
});

test('a folder that holds something is left alone, and nothing unfinished stays', async (t) => {
  const { place, library } = await filled(t);
  const folder = join(place.folder, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'note.txt'), 'mine');
  await assert.rejects(write(library, folder, { format: 'parquet', layout: 'folder' }), {
    code: 'cannot-write',
    message: /not empty/,
  });
  assert.equal(readFileSync(join(folder, 'note.txt'), 'utf8'), 'mine');
  const nowhere = join(place.photos, 'a.jpg', 'x.parquet');
  await assert.rejects(write(library, nowhere, { format: 'parquet', layout: 'file' }), {
    code: 'cannot-write',
  });
  assert.deepEqual(globSync(join(place.folder, '.saccade-*')), []);
  assert.ok(!existsSync(nowhere));
});

test('an empty selection is a table without rows', async (t) => {
  const { place, library } = await filled(t);
  for (const layout of ['file', 'folder'] as const) {
    const path = join(place.folder, `none-${layout}`);
    await library.call('exports.write', {
      selection: { ids: [] },
      path,
      target: { format: 'parquet', layout, with: ['maps'] },
    });
    const files = layout === 'file' ? path : join(path, '*.parquet');
    assert.deepEqual(await query(`SELECT path FROM read_parquet(${quoted(files)})`), []);
  }
});
