/** RAW and JPEG of one shot as one photo. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaders } from '../../../main/library/scan/stack-names.ts';
import { type Asked, classifyPaths, makePlace, openLibrary, writePhotos } from './setup.ts';

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
  await library.call('settings.set', { stacks: false });
  await become(library, all);
});

test('paths are classified once a shot too, and a RAW that is named itself is a photo', async (t) => {
  const { place, library } = await opened(t);
  const found = async (paths: string[]) => {
    const { items } = await classifyPaths(library, { paths, stacks: true });
    return items.map(({ path }) => path.slice(place.photos.length + 1));
  };
  assert.deepEqual(await found([place.photos]), ['a.jpg', 'b.cr2', 'sub/a.jpg']);
  assert.deepEqual(await found([join(place.photos, 'a.cr2')]), ['a.cr2']);
});
