/** RAW and JPEG of one shot as one photo. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaders } from '../../../../main/library/scan/stack-names.ts';
import { type Asked, classifyPaths, makePlace, openLibrary, writePhotos } from '../setup.ts';

test('a RAW stands under the JPEG or HEIC of its name, whatever the case of either', () => {
  const names = ['a.JPG', 'A.cr2', 'b.heic', 'b.jpg', 'b.NEF', 'b.dng', 'c.arw', 'd.jpg', 'e.png', 'e.raf'];
  assert.deepEqual([...leaders(names)].sort(), [
    ['A.cr2', 'a.JPG'],
    ['b.NEF', 'b.jpg'],
    ['b.dng', 'b.jpg'],
  ]);
});

async function opened(t: TestContext) {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3', 'a.cr2': '4', 'b.cr2': '5', 'sub/a.nef': '6', 'sub/a.jpg': '7' });
  const library = await openLibrary(place);
  await library.scan();
  return { place, library };
}

const names = async (library: Asked, filter = {}) =>
  (await library.items(filter, 'path')).map(({ name, stands }) => [name, ...stands]);

async function become(library: Asked, expected: string[][]): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (JSON.stringify(await names(library)) === JSON.stringify(expected)) return;
    await sleep(10);
  }
  assert.deepEqual(await names(library), expected);
}

const all = [['a.cr2'], ['a.jpg'], ['b.cr2'], ['a.jpg'], ['a.nef']];
const stacked = [['a.jpg', 'a.cr2'], ['b.cr2'], ['a.jpg', 'a.nef']];

test('as an option they are one photo: listed, counted and classified once, and apart again', async (t) => {
  const { place, library } = await opened(t);
  await become(library, all);
  await library.call('settings.set', { stacks: true });
  await become(library, stacked);
  // A search counts what it lists, from either end.
  for (const descending of [false, true]) {
    const page = await library.call('photos.page', {
      filter: { search: 'a' },
      sort: { key: 'path', descending },
      limit: 9,
    });
    assert.deepEqual([page.total, page.items.length], [2, 2]);
  }
  const { total, failed } = await library.runAll();
  assert.deepEqual([total, failed], [3, 0]);
  const { items } = await library.call('folders.children', { parentId: null, limit: 9 });
  assert.equal(items[0]!.photos, 3);
  const [first] = await library.items({}, 'path');
  assert.deepEqual(await names(library, { shot: first!.id }), [['a.cr2'], ['a.jpg', 'a.cr2']]);
  const folderId = items[0]!.id;
  rmSync(join(place.photos, 'a.jpg'));
  await library.call('folders.rescan', { folderId });
  await become(library, [['a.cr2'], ['a.jpg'], ['b.cr2'], ['a.jpg', 'a.nef']]);
  writePhotos(place, { 'a.jpg': '3' });
  await library.call('folders.rescan', { folderId });
  await become(library, stacked);
  await library.call('settings.set', { stacks: false });
  await become(library, all);
});

test('rows say which RAW files a photo stands for', async (t) => {
  const { library } = await opened(t);
  await library.call('settings.set', { stacks: true });
  await become(library, stacked);
  await library.runAll();
  const sort = { key: 'path', descending: false } as const;
  const rows = async (format: 'jsonl' | 'csv') =>
    (
      await library.call('photos.export', { selection: { filter: {}, except: [] }, sort, format })
    ).text.trim();
  const lines = (await rows('jsonl')).split('\n').map((line) => JSON.parse(line) as { stack?: string[] });
  assert.deepEqual(
    lines.map(({ stack }) => stack),
    [['a.cr2'], undefined, ['a.nef']],
  );
  const [head, ...cells] = (await rows('csv')).split('\r\n').map((line) => line.split(','));
  assert.deepEqual(
    cells.map((row) => row[head!.indexOf('stack')]),
    ['a.cr2', '', 'a.nef'],
  );
});

test('copies are cleared away alone: the RAW of one is no duplicate', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3', 'a.cr2': '4', 'copies/a.jpg': '3' });
  const library = await openLibrary(place);
  await library.scan();
  await library.call('settings.set', { stacks: true });
  await become(library, [['a.jpg', 'a.cr2'], ['a.jpg']]);
  const [a] = await library.items({}, 'path');
  const folder = join(place.folder, 'out');
  const moved = await library.call('photos.move', { selection: { ids: [a!.id] }, alone: true, folder });
  assert.deepEqual([moved.act?.photos, moved.failed], [1, []]);
  assert.deepEqual(readdirSync(folder), ['a.jpg']);
  assert.ok(existsSync(join(place.photos, 'a.cr2')));
});

test('by path a RAW goes where the JPEG of its shot goes, under one name, and comes back', async (t) => {
  const { place, library } = await opened(t);
  const at = (name: string) => join(place.photos, name);
  const into = join(place.folder, 'sorted');
  const said = (name: string) => ({ path: at(name), predictions: [], sure: true });
  const asked = {
    ...{ photos: [said('a.jpg'), said('b.cr2'), said('sub/a.jpg')], labels: { by: 'person' as const } },
    options: { folder: into, template: '{label}/{name}', way: 'move' as const },
  };
  for (const name of ['a.jpg', 'b.cr2', 'sub/a.jpg']) {
    const photoId = (await library.items()).find(({ path }) => path === at(name))!.id;
    await library.call('review.act', { selection: { ids: [photoId] }, act: { kind: 'add', label: 'boat' } });
  }
  const tried = await library.call('internal.organise', { ...asked, stacks: true, dryRun: true });
  assert.equal(tried.items.length, 5);
  await library.call('internal.organise', { ...asked, stacks: true, dryRun: false });
  assert.deepEqual(readdirSync(join(into, 'boat')).sort(), [
    'a (2).jpg',
    'a (2).nef',
    'a.cr2',
    'a.jpg',
    'b.cr2',
  ]);
  await library.call('internal.undoOrganised', {});
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.cr2', 'a.jpg', 'b.cr2', 'sub']);
  await library.call('internal.organise', { ...asked, dryRun: false });
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.cr2', 'sub']);
});

test('paths are classified once a shot too, and a RAW that is named itself is a photo', async (t) => {
  const { place, library } = await opened(t);
  const found = async (paths: string[]) => {
    const { items } = await classifyPaths(library, { paths, stacks: true });
    return items.map(({ path }) => path.slice(place.photos.length + 1));
  };
  assert.deepEqual(await found([place.photos]), ['a.jpg', 'b.cr2', 'sub/a.jpg']);
  const { items } = await classifyPaths(library, { paths: [place.photos], stacks: true });
  assert.deepEqual(
    items.map(({ stack }) => stack),
    [['a.cr2'], undefined, ['a.nef']],
  );
  assert.deepEqual(await found([join(place.photos, 'a.cr2')]), ['a.cr2']);
});
