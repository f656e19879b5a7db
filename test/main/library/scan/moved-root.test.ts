/** A drive that was plugged in again elsewhere. Real folders, renamed. */
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { added, makePlace, openLibrary, writePhotos, type Asked, type Place } from '../setup.ts';

const contents = { 'a.jpg': '1', 'b.jpg': '2', 'trip/c.jpg': '3', 'trip/deep/d.jpg': '4' };

const states = async (library: Asked) =>
  Object.fromEntries((await library.items()).map(({ name, status, ownLabel }) => [name, [status, ownLabel]]));

async function livedIn(place: Place): Promise<number> {
  writePhotos(place, contents);
  const library = await openLibrary(place, { window: true });
  const id = await library.scan();
  await library.runAll();
  const first = (await library.items())[0]!;
  await library.call('photos.setOwnLabel', { selection: { ids: [first.id] }, label: 'Grandmother' });
  await library.close();
  return id;
}

const told = (library: Asked) =>
  library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload.failure.code] : []));

test('it is the folder that it was: answers, words and numbers stay, and nothing is computed again', async (t) => {
  const place = makePlace(t);
  const id = await livedIn(place);
  const elsewhere = join(place.folder, 'another drive');
  renameSync(place.photos, elsewhere);
  // One more came elsewhere.
  writePhotos({ ...place, photos: elsewhere }, { 'trip/e.jpg': '5' });
  const library = await openLibrary(place, { window: true });
  await library.call('settings.get', {});
  assert.equal(await added(library, elsewhere), id);
  assert.deepEqual(await states(library), {
    'a.jpg': ['ok', 'Grandmother'],
    'b.jpg': ['ok', null],
    'c.jpg': ['ok', null],
    'd.jpg': ['ok', null],
    'e.jpg': ['new', null],
  });
  assert.deepEqual(told(library), ['folder-found-again']);
  const { items } = await library.call('folders.children', { parentId: null, limit: 10 });
  assert.deepEqual(items.map(({ path, available, photos }) => [path, available, photos]), [[elsewhere, true, 5]]); // prettier-ignore
  const below = await library.call('folders.children', { parentId: id, limit: 10 });
  assert.deepEqual(below.items.map(({ path }) => path), [join(elsewhere, 'trip')]); // prettier-ignore
  const byPath = await library.items({ folderId: below.items[0]!.id }, 'path');
  assert.deepEqual(byPath.map(({ name }) => name), ['c.jpg', 'd.jpg', 'e.jpg']); // prettier-ignore
  const run = await library.runAll();
  assert.deepEqual([run.done - run.known, run.failed], [1, 0]);
});

test('other photos under the same names, and a folder whose old place is there, are new', async (t) => {
  const place = makePlace(t);
  const id = await livedIn(place);
  const other = { ...place, photos: join(place.folder, 'other') };
  writePhotos(other, { 'a.jpg': '6', 'b.jpg': '7', 'trip/c.jpg': '8', 'trip/deep/d.jpg': '9' });
  const copy = { ...place, photos: join(place.folder, 'copy') };
  writePhotos(copy, contents);
  const library = await openLibrary(place, { window: true });
  assert.notEqual(await added(library, copy.photos), id, 'the old place is there');
  renameSync(place.photos, `${place.photos} gone`);
  assert.notEqual(await added(library, other.photos), id, 'other contents');
  assert.deepEqual(told(library), []);
});
