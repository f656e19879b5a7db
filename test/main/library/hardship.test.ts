/** What no ordinary day brings: edits that leave no trace, and a catalog that breaks while it is in use. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { classifyPaths, makePlace, openLibrary, writePhotos } from './setup.ts';
import type { Place } from './setup.ts';

/** Another content of the same size and times, on a file system that keeps no time of change. */
function editUnseen(place: Place, name: string, content: string): void {
  const path = join(place.photos, name);
  const { atime, mtimeMs, size } = statSync(path);
  writeFileSync(path, content);
  utimesSync(path, atime, new Date(Math.trunc(mtimeMs)));
  const after = statSync(path);
  assert.equal(after.size, size);
  const catalog = new Database(join(place.home, 'catalog.sqlite'));
  const changed = after.ctimeMs;
  for (const table of ['photos', 'strays'])
    catalog.prepare(`UPDATE ${table} SET changed_ms = ?`).run(changed);
  catalog.close();
}

test('an edit that no time shows is found by a rescan, and not before', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3 ' });
  const first = await openLibrary(place);
  await first.scan();
  await first.runAll();
  assert.deepEqual(await first.outcomes(), { 'a.jpg': 3 });
  await first.close();
  editUnseen(place, 'a.jpg', '7 ');
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 3 }, 'the times say that nothing changed');
  const before = library.heard.length;
  const [folder] = (await library.call('folders.children', { parentId: null, limit: 1 })).items;
  await library.call('folders.rescan', { folderId: folder!.id });
  const ended = () =>
    library.heard.slice(before).some(({ name, payload }) => name === 'scan.progress' && payload.done);
  while (!ended()) await sleep(5);
  await library.runAll();
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 7 });
});

test('a job over an edit that no time shows gives the old answer, a fresh one the new', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3 ' });
  const first = await openLibrary(place);
  await classifyPaths(first, { paths: [place.photos] });
  await first.close();
  editUnseen(place, 'a.jpg', '7 ');
  const library = await openLibrary(place);
  const labels = async (fresh: boolean) => {
    const { items } = await classifyPaths(library, { paths: [place.photos], fresh });
    return items.map((item) => (item.status === 'ok' ? item.labels[0]!.index : item.error.code));
  };
  assert.deepEqual(await labels(false), [3]);
  assert.deepEqual(await labels(true), [7]);
  assert.deepEqual(await labels(false), [7], 'what was found anew is kept');
});

/** Overwrites the first page of a table or index, which opening does not look at. */
function damage(place: Place, name: string): void {
  const path = join(place.home, 'catalog.sqlite');
  const database = new Database(path);
  const page = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name);
  const size = database.pragma('page_size', { simple: true }) as number;
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size, 0xff), 0, size, (Number(page) - 1) * size);
  closeSync(file);
  assert.ok(readFileSync(path).length > size);
}

test('a damaged page met in the middle of a run stops it and says what a damaged catalog says', async (t) => {
  const place = makePlace(t);
  writePhotos(
    place,
    Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`p${i}.jpg`, `${i % 20} ${i}`])),
  );
  const first = await openLibrary(place);
  await first.scan();
  await first.close();
  damage(place, 'results');
  const library = await openLibrary(place);
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code], ['stopped', 'catalog-damaged']);
  assert.match(run.error!.message, /photos are untouched/);
  const { progress } = await classifyPaths(library, { paths: [place.photos] });
  assert.equal(progress.error?.code, 'catalog-damaged');
});
