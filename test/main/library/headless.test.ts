/** A model without labels sees and does not name: its photos are neither sure nor unsure, wherever they are told of. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { migrations } from '../../../main/library/catalog/migrations.ts';
import { type Asked, classifyPaths, makeModel, makePlace, openLibrary, writePhotos } from './setup.ts';

async function seen(t: TestContext) {
  const place = makePlace(t);
  makeModel(place.model, 'starter', 'a', 0);
  const names = Array.from({ length: 12 }, (_, i) => [`${i < 6 ? 'cat' : 'dog'}-${i}.jpg`, `${i < 6 ? 3 : 7} of ${i}`]); // prettier-ignore
  writePhotos(place, Object.fromEntries(names) as Record<string, string>);
  writePhotos(place, { 'later.txt': 'no photo' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  return { place, library };
}

const counts = async (library: Asked) =>
  (await library.call('photos.facets', { filter: {}, limit: 9 })).status;
const found = async (library: Asked, search: string) => (await library.items({ search })).length;

test('in lists, counts, search, queues and the estimate', async (t) => {
  const { library } = await seen(t);
  const items = await library.items();
  assert.ok(items.every(({ status, top }) => status === 'unnamed' && top === null));
  assert.deepEqual(await counts(library), { new: 0, ok: 0, unsure: 0, failed: 0, missing: 0, unnamed: 12 });
  const { items: folders } = await library.call('folders.children', { parentId: null, limit: 9 });
  assert.equal(folders[0]!.photos, 12);
  const words = ['unnamed', 'status:unnamed', '未命名', 'unsure', 'status:ok', '-unnamed', 'status:new'];
  assert.deepEqual(await Promise.all(words.map((word) => found(library, word))), [12, 12, 12, 0, 0, 0, 0]);
  assert.equal((await library.items({ status: ['unnamed'] })).length, 12);
  for (const queue of ['unsure', 'sample', 'audit'] as const)
    assert.equal((await library.call('review.queue', { queue, limit: 5 })).left, 0, queue);
  const { population, share } = await library.call('review.estimate', {});
  assert.deepEqual([population, share], [0, null]);
  const { head } = await library.call('photos.get', { photoId: items[0]!.id });
  assert.equal(head, null);
});

test('in rows of files, which say that it was seen and nothing of doubt', async (t) => {
  const { place, library } = await seen(t);
  const text = async (format: 'csv' | 'jsonl') =>
    (await library.call('photos.export', { selection: { filter: {}, except: [] }, format, sort: { key: 'name', descending: false } })).text; // prettier-ignore
  const [head, first] = (await text('csv')).split('\r\n').map((line) => line.split(','));
  const cells = Object.fromEntries(head!.map((name, i) => [name, first![i]]));
  assert.deepEqual([cells['status'], cells['unsure'], cells['label_1'], cells['model']], ['ok', '', '', 'starter']); // prettier-ignore
  const row = JSON.parse((await text('jsonl')).split('\n')[0]!) as Record<string, unknown>;
  assert.deepEqual([row['status'], row['labels'], 'unsure' in row], ['ok', [], false]);
  const { items } = await classifyPaths(library, { paths: [join(place.photos, 'cat-0.jpg')] });
  assert.deepEqual(items[0]?.status === 'ok' && items[0].labels, []);
});

test('labels that are taught make them sure or unsure, and taken out of use unnamed again', async (t) => {
  const { library } = await seen(t);
  const ids = async (search: string) => (await library.items({ search })).map(({ id }) => id);
  for (const label of ['cat', 'dog'])
    await library.call('review.act', { selection: { ids: await ids(label) }, act: { kind: 'add', label } });
  await library.call('heads.teach', { name: 'ours', source: { from: 'person' }, use: true });
  const until = async (holds: (status: Record<string, number>) => boolean) => {
    for (let i = 0; i < 600 && !holds(await counts(library)); i++) await sleep(20);
    return counts(library);
  };
  const named = await until(({ unnamed }) => unnamed === 0);
  assert.deepEqual([named['ok']! + named['unsure']!, named['unnamed']], [12, 0]);
  await library.call('heads.use', { headId: null });
  assert.equal((await until(({ unnamed }) => unnamed === 12))['unnamed'], 12);
});

test('a library that called them sure calls them unnamed once it is opened', async (t) => {
  const { place, library } = await seen(t);
  await library.close();
  const catalog = new Database(join(place.home, 'catalog.sqlite'));
  // As the version before it stood, and its step alone: those that follow have been taken.
  catalog.exec('UPDATE photos SET status = 1 WHERE status = 5');
  catalog.exec(migrations.find((step) => step.includes('SET status = 5'))!);
  catalog.close();
  assert.equal((await counts(await openLibrary(place)))['unnamed'], 12);
});

test('a window hears that another model has other sets of labels', async (t) => {
  const { place, library } = await seen(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  const sets = async () =>
    (await library.call('heads.list', {})).items.map(({ model, labels }) => [model, labels]);
  assert.deepEqual(await sets(), [['starter', 0]]);
  const before = library.heard.length;
  await library.call('settings.set', { model: 'other' });
  const heard = () => library.heard.slice(before).some(({ name, payload }) => name === 'library.changed' && payload.heads); // prettier-ignore
  for (let i = 0; i < 300 && !heard(); i++) await sleep(10);
  assert.ok(heard());
  assert.deepEqual(await sets(), [['other', 20]]);
});
