/** Keywords of files in the library: found at a scan, noticed when they change, searched, listed, taught and audited. */
import assert from 'node:assert/strict';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { FileKeyword } from '../../../../main/contract/entities/keywords.ts';
import { addKeywords } from '../../../../main/xmp/add.ts';
import { type Asked, makePlace, openLibrary, type Place, writePhotos } from '../setup.ts';

/** As another program writes it. */
const sidecar = (...subject: string[]) =>
  addKeywords(null, { subject, hierarchical: [] }).text.replace(/<saccade:written>.*<\/saccade:written>/, '');

async function opened(t: TestContext, keywords: Record<string, string[]>, options = {}) {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3', 'b.jpg': '7', 'c.jpg': '7' });
  for (const [name, words] of Object.entries(keywords)) write(place, name, ...words);
  const library = await openLibrary(place, options);
  await library.scan();
  return { place, library };
}

const write = (place: Place, name: string, ...words: string[]) =>
  writeFileSync(join(place.photos, `${name}.xmp`), sidecar(...words));

async function keywordsOf(library: Asked): Promise<Record<string, string[]>> {
  const found: [string, string[]][] = [];
  for (const { id, name } of await library.items()) {
    const { keywords } = await library.call('photos.get', { photoId: id });
    found.push([name, keywords.map(({ label }: FileKeyword) => label)]);
  }
  return Object.fromEntries(found);
}

async function become(library: Asked, expected: Record<string, string[]>): Promise<void> {
  let found = {};
  for (let i = 0; i < 400; i++) {
    found = await keywordsOf(library);
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    await sleep(10);
  }
  assert.deepEqual(found, expected);
}

async function rescan(library: Asked): Promise<void> {
  const { items } = await library.call('folders.children', { parentId: null, limit: 1 });
  const before = library.heard.length;
  await library.call('folders.rescan', { folderId: items[0]!.id });
  while (!library.heard.slice(before).some(({ name, payload }) => name === 'scan.progress' && payload.done))
    await sleep(5);
}

test('keywords are found at a scan and noticed at the next one: added, changed and gone', async (t) => {
  const { place, library } = await opened(t, { 'a.jpg': ['boat', 'Oslo'], 'b.jpg': ['gull'] });
  await become(library, { 'a.jpg': ['boat', 'Oslo'], 'b.jpg': ['gull'], 'c.jpg': [] });
  write(place, 'a.jpg', 'boat', 'Bergen');
  write(place, 'c.jpg', 'pier');
  rmSync(join(place.photos, 'b.jpg.xmp'));
  await rescan(library);
  await become(library, { 'a.jpg': ['Bergen', 'boat'], 'b.jpg': [], 'c.jpg': ['pier'] });
  // Of the same size, a moment later.
  write(place, 'c.jpg', 'tier');
  utimesSync(join(place.photos, 'c.jpg.xmp'), new Date(), new Date(Date.now() + 5000));
  await rescan(library);
  await become(library, { 'a.jpg': ['Bergen', 'boat'], 'b.jpg': [], 'c.jpg': ['tier'] });
});

test('what an earlier version read is read anew', async (t) => {
  const { place, library } = await opened(t, {});
  await become(library, { 'a.jpg': [], 'b.jpg': [], 'c.jpg': [] });
  await library.close();
  const catalog = new Database(join(place.home, 'catalog.sqlite'));
  type Row = { id: number; bytes: number; modified_ms: number; changed_ms: number };
  const row = catalog.prepare<[], Row>("SELECT * FROM photos WHERE name = 'a.jpg'").get()!;
  const facts = `${row.bytes}:${row.modified_ms}:${row.changed_ms}`;
  catalog.prepare('UPDATE keywords_read SET facts = ? WHERE photo_id = ?').run(facts, row.id);
  catalog.prepare("INSERT INTO file_keywords (photo_id, label_key, label, source) VALUES (?, 'jpg', 'jpg', 'file')").run(row.id); // prettier-ignore
  catalog.close();
  const again = await openLibrary(place);
  await become(again, { 'a.jpg': ['jpg'], 'b.jpg': [], 'c.jpg': [] });
  await rescan(again);
  await become(again, { 'a.jpg': [], 'b.jpg': [], 'c.jpg': [] });
});

test('a window hears of a sidecar that another program writes', async (t) => {
  const { place, library } = await opened(t, {}, { window: true });
  await become(library, { 'a.jpg': [], 'b.jpg': [], 'c.jpg': [] });
  await sleep(300);
  write(place, 'b.jpg', 'gull');
  await become(library, { 'a.jpg': [], 'b.jpg': ['gull'], 'c.jpg': [] });
});

test('photos are searched, filtered and counted by keywords', async (t) => {
  const { library } = await opened(t, { 'a.jpg': ['Sailing boat', '船'], 'b.jpg': ['sailing BOAT'] });
  await become(library, { 'a.jpg': ['Sailing boat', '船'], 'b.jpg': ['sailing BOAT'], 'c.jpg': [] });
  const names = async (filter: Parameters<Asked['items']>[0]) =>
    (await library.items(filter)).map(({ name }) => name);
  assert.deepEqual(await names({ search: 'sailing' }), ['a.jpg', 'b.jpg']);
  assert.deepEqual(await names({ search: '船' }), ['a.jpg']);
  assert.deepEqual(await names({ keywords: ['SAILING boat'] }), ['a.jpg', 'b.jpg']);
  const facets = async (filter = {}, search = '') =>
    (await library.call('photos.keywords', { filter, search, limit: 10 })).items;
  assert.deepEqual(await facets(), [
    { name: 'Sailing boat', photos: 2 },
    { name: '船', photos: 1 },
  ]);
  assert.deepEqual(await facets({ keywords: ['船'] }, 'boat'), [{ name: 'Sailing boat', photos: 2 }]);
  assert.deepEqual(await facets({ search: 'b.jpg' }), [{ name: 'sailing BOAT', photos: 1 }]);
});

test('what Saccade writes beside photos is nobody’s keyword', async (t) => {
  const { library } = await opened(t, { 'a.jpg': ['boat'] });
  await library.runAll();
  await become(library, { 'a.jpg': ['boat'], 'b.jpg': [], 'c.jpg': [] });
  await library.call('writing.start', {
    selection: { filter: {}, except: [] },
    task: { kind: 'keywords', labels: { by: 'any' }, naming: 'full', root: 'Saccade' },
    dryRun: false,
  });
  await library.writingEnds();
  await rescan(library);
  await sleep(200);
  await become(library, { 'a.jpg': ['boat'], 'b.jpg': [], 'c.jpg': [] });
});

test('a broken sidecar is told once and costs nothing that was known', async (t) => {
  const { place, library } = await opened(t, { 'a.jpg': ['boat'] });
  await become(library, { 'a.jpg': ['boat'], 'b.jpg': [], 'c.jpg': [] });
  writeFileSync(join(place.photos, 'a.jpg.xmp'), '<x:xmpmeta');
  const told = () =>
    library.heard.filter(({ name, payload }) => name === 'notice' && payload.failure.code === 'bad-sidecar')
      .length;
  await rescan(library);
  while (told() === 0) await sleep(10);
  await rescan(library);
  await sleep(200);
  assert.equal(told(), 1);
  assert.deepEqual((await keywordsOf(library))['a.jpg'], ['boat']);
});

/** Forty photos of two kinds that the stand-in tells apart, with a keyword each, two of them wrong. */
async function keyworded(t: TestContext) {
  const place = makePlace(t);
  const names = Array.from({ length: 40 }, (_, i) => `${String(i).padStart(2, '0')}.jpg`);
  writePhotos(place, Object.fromEntries(names.map((name, i) => [name, i % 2 ? `7 ${i}` : `3 ${i}`])));
  const wrong = new Set([4, 9]);
  for (const [i, name] of names.entries())
    write(place, name, (i % 2 === 1) !== wrong.has(i) ? 'gull' : 'boat');
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  for (let i = 0; i < 400; i++) {
    const { items } = await library.call('photos.keywords', { filter: {}, limit: 10 });
    if (items.reduce((sum, { photos }) => sum + photos, 0) === names.length) break;
    await sleep(10);
  }
  return { place, library, names, wrong };
}

async function teach(
  library: Asked,
  source: { from: 'person'; keywords: true } | { from: 'keywords'; path: string },
) {
  await library.call('heads.teach', { name: 'birds', source, use: true });
  return library.teachingEnds();
}

test('keywords teach, beside a person’s words or by themselves, and an audit doubts the wrong ones', async (t) => {
  const { place, library, names, wrong } = await keyworded(t);
  const { items } = await library.call('review.queue', { queue: 'audit', by: 'keywords', limit: 10 });
  assert.deepEqual(
    items.map(({ photo }) => photo.name).sort(),
    names.filter((_, i) => wrong.has(i)),
  );
  assert.deepEqual(items.map(({ against }) => [against?.given.name, against?.likely.name]).sort(), [
    ['boat', 'gull'],
    ['gull', 'boat'],
  ]);
  const byFiles = await teach(library, { from: 'keywords', path: place.photos });
  assert.deepEqual([byFiles.state, byFiles.examples], ['finished', 40]);
  const selection = { ids: [(await library.items())[0]!.id] };
  await library.call('review.act', { selection, act: { kind: 'label', labels: ['boat'] } });
  await library.call('heads.remove', { headId: byFiles.head! });
  const both = await teach(library, { from: 'person', keywords: true });
  assert.deepEqual([both.state, both.examples], ['finished', 40]);
  const { names: labels } = await library.call('heads.show', { headId: both.head });
  assert.deepEqual(
    labels.map(({ name }) => name),
    ['boat', 'gull'],
  );
  // What it follows are keywords too, each time.
  for (const [i, keyword] of ['boat', 'gull', 'boat'].entries()) {
    write(place, '01.jpg', keyword);
    await rescan(library);
    const taught = async () => (await library.call('heads.show', { headId: both.head! })).version === i + 2;
    for (let tries = 0; !(await taught()); tries++) {
      assert.ok(tries < 400, `it was not taught with keyword ${i} that changed`);
      await sleep(10);
    }
  }
});
