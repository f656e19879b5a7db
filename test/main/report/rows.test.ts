import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse/sync';
import { toOutcome } from '../../../main/cli/job.ts';
import { rowFormats, rowsHead, rowsText, toRecord, type PhotoRow } from '../../../main/report/rows.ts';
import { printed } from '../cli/printed.ts';
import { classifyPaths, makePlace, openLibrary, writePhotos } from '../library/setup.ts';

const photo: PhotoRow = {
  path: 'a, "b".jpg',
  status: 'ok',
  width: 640,
  height: 480,
  model: 'starter',
  provider: 'cpu',
  precision: 'fp16',
  predictions: [
    { index: 3, label: { id: 'n1', name: 'cat' }, probability: 0.75 },
    { index: 5, label: { id: 'n2', name: '=dog' }, probability: 0.125 },
  ],
  also: [],
  damaged: false,
  unsure: false,
};
const failed: PhotoRow = {
  path: 'x.jpg',
  status: 'error',
  error: { code: 'empty-file', message: 'It is empty.' },
};

function table(rows: readonly PhotoRow[], topK = 2): Record<string, string>[] {
  return parse(rowsHead('csv', topK) + rowsText('csv', rows, topK), {
    columns: true,
    record_delimiter: '\r\n',
  });
}

test('the window and the command line write the same text', async (t) => {
  const place = makePlace(t);
  writePhotos(place, {
    '=1+1.jpg': '1',
    'a "quoted", name.jpg': '2',
    'bad.jpg': 'bad',
    'line\nbreak.jpg': '3 unsure',
  });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const sort = { key: 'path', descending: false } as const;
  const same = async (format: (typeof rowFormats)[number]): Promise<string> => {
    const { items } = await classifyPaths(library, { paths: [place.photos], topK: 2 });
    const text = await printed(
      format,
      items.map((item) => toOutcome(item, (file) => file)),
    );
    const selection = { filter: {}, except: [] };
    assert.equal(text, (await library.call('photos.export', { selection, sort, format })).text);
    assert.match(text, /class 3/);
    return text;
  };
  await library.call('settings.set', { topK: 2 });
  for (const format of rowFormats) assert.doesNotMatch(await same(format), /also":|\["class/);
  // Of a model several of whose labels may hold, also beyond those that are shown.
  const beside = new Database(join(place.home, 'catalog.sqlite'));
  beside.exec("UPDATE models SET answers = 'any'");
  beside.close();
  const { model } = await library.call('settings.get', {});
  await library.call('models.setDoubt', { modelId: model, threshold: 0.1 });
  for (const format of rowFormats) {
    const said = await same(format);
    assert.match(
      said,
      format === 'csv' ? /\[""class \d+"",""class \d+""/ : /"also":\["class \d+","class \d+"/,
    );
  }
  await library.call('models.setDoubt', { modelId: model, threshold: null });
  const ids = (await library.items()).slice(0, 1).map(({ id }) => id);
  await library.call('photos.setOwnLabel', { selection: { ids }, label: '+ mine' });
  const request = { selection: { ids }, sort, format: 'csv' as const };
  const own = parse<Record<string, string>>((await library.call('photos.export', request)).text, {
    columns: true,
  });
  assert.equal(own[0]!.own_label, "'+ mine");
});

test('labels of a person’s read back as they were given, with whatever is in them', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  await library.scan();
  const ids = (await library.items()).map(({ id }) => id);
  const selection = { selection: { ids } };
  const sort = { key: 'path', descending: false } as const;
  const rows = async (format: 'csv' | 'jsonl') =>
    (await library.call('photos.export', { ...selection, sort, format })).text;
  for (const labels of [
    ['cat', 'tench, Tinca tinca'],
    ['a "quoted" one', 'b; c', 'd|e'],
    ['tench, Tinca tinca'],
    ['[sic]'],
  ]) {
    await library.call('photos.setOwnLabel', { ...selection, label: null });
    await library.call('review.act', { ...selection, act: { kind: 'label', labels } });
    const [line] = parse<Record<string, string>>(await rows('csv'), { columns: true });
    const cell = line!['own_label']!;
    assert.deepEqual(cell.startsWith('[') ? JSON.parse(cell) : [cell], labels);
    const { ownLabel, ownLabels } = JSON.parse(await rows('jsonl')) as Record<string, unknown>;
    assert.deepEqual([ownLabel, ownLabels], [labels.join(', '), labels]);
  }
});

test('a JSON line has exactly the documented keys', () => {
  assert.deepEqual(toRecord(photo, 2), {
    path: 'a, "b".jpg',
    status: 'ok',
    width: 640,
    height: 480,
    model: 'starter',
    provider: 'cpu',
    precision: 'fp16',
    labels: [
      { index: 3, label: 'cat', probability: 0.75 },
      { index: 5, label: '=dog', probability: 0.125 },
    ],
  });
  assert.deepEqual(toRecord({ path: 'x', status: 'new', ownLabels: ['mine'] }, 2), {
    path: 'x',
    status: 'new',
    ownLabel: 'mine',
    ownLabels: ['mine'],
  });
  assert.deepEqual(toRecord(failed, 2), {
    path: 'x.jpg',
    status: 'error',
    error: { code: 'empty-file', message: 'It is empty.' },
  });
  assert.deepEqual(toRecord({ ...failed, stack: ['x.cr2', 'x.dng'] }, 1)['stack'], ['x.cr2', 'x.dng']);
  assert.ok(!('stack' in toRecord({ ...photo, stack: [] }, 1)));
  const { damaged, unsure, labels } = toRecord({ ...photo, damaged: true, unsure: true }, 1);
  assert.deepEqual([damaged, unsure], [true, true]);
  assert.equal((labels as object[]).length, 1);
});

test('labels that hold beside the first are named, where there are any', () => {
  const held = { ...photo, also: photo.predictions.slice(1) };
  assert.deepEqual(toRecord(held, 1)['also'], ['=dog']);
  assert.ok(!('also' in toRecord(photo, 1)));
  const twice = { ...photo, also: [...held.also, { ...held.also[0]!, label: { id: 'n3', name: 'a, b' } }] };
  const [none, one, two, unread] = table([photo, held, twice, failed], 1);
  assert.deepEqual([none!['also'], one!['also'], unread!['also']], ['', "'=dog", '']);
  assert.deepEqual(JSON.parse(two!['also']!), ['=dog', 'a, b']);
});

test('JSON lines are one object a line', () => {
  const lines = rowsText('jsonl', [photo, { ...failed, path: 'a\nb' }], 2).split('\n');
  assert.equal(lines.length, 3);
  assert.equal(JSON.parse(lines[1]!).path, 'a\nb');
  assert.equal(rowsHead('jsonl', 2), '');
});

test('CSV reads back as it was, and no cell is a formula', () => {
  const starts = ['=', '+', '-', '@', '\t', '\r', '＝', '＠'];
  const rows = table([
    photo,
    failed,
    ...starts.map((start) => ({ ...photo, path: `${start}1` })),
    ...starts.map((start) => ({ ...failed, error: { code: 'x', message: `${start}1\n"two", three` } })),
  ]);
  assert.deepEqual(
    [rows[0]!.path, rows[0]!.label_1, rows[0]!.label_2, rows[0]!.damaged, rows[0]!.error_code],
    ['a, "b".jpg', 'cat', "'=dog", 'false', ''],
  );
  const stacked = table([{ ...photo, stack: ['a.cr2', '=b.dng'] }, { path: 'n', status: 'new', stack: ['=n.nef'] }]); // prettier-ignore
  assert.deepEqual([rows[0]!.stack, ...stacked.map(({ stack }) => stack)], ['', 'a.cr2/=b.dng', "'=n.nef"]);
  assert.deepEqual([rows[1]!.path, rows[1]!.width, rows[1]!.error_code], ['x.jpg', '', 'empty-file']);
  for (const [i, start] of starts.entries()) {
    assert.equal(rows[2 + i]!.path, `./${start}1`, 'a path stays one');
    assert.equal(rows[2 + starts.length + i]!.error_message, `'${start}1\n"two", three`);
  }
});

test('every CSV row has as many cells as the heading', () => {
  // csv-parse refuses a row of another length.
  assert.equal(
    table([photo, failed, { ...photo, predictions: [] }, { path: 'n', status: 'new' }], 3).length,
    4,
  );
  assert.equal(
    table([{ ...photo, predictions: [{ ...photo.predictions[0]!, probability: -1 }] }])[0]!.probability_1,
    '-1',
  );
});
