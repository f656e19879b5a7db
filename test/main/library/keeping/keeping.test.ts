/** What a person did outlives the catalog: copies before migrations, daily backups, and a rebuilt catalog. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { giveUpName, markAway, type PhotoRow } from '../../../../main/library/catalog/photos.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { writeBackup } from '../../../../main/library/keeping/backups.ts';
import { holdShared } from '../../../../main/library/keeping/lock.ts';
import { personTables } from '../../../../main/library/keeping/person.ts';
import { addFunctions } from '../old-shapes.ts';
import { makePlace, openLibrary, writePhotos } from '../setup.ts';
import type { Asked, Place } from '../setup.ts';
import { temporaryFolder } from '../../../temporary.ts';

const catalogOf = (place: Place) => join(place.home, 'catalog.sqlite');
const backupsOf = (place: Place) => readdirSync(join(place.home, 'backups')).sort();
const today = () => new Date().toISOString().slice(0, 10);
const noticesOf = (library: Asked) =>
  library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload.failure] : []));

/** Two photos, one of which a person gave a word, in a folder with a pattern; closed. */
async function livedIn(place: Place): Promise<void> {
  writePhotos(place, { 'a.jpg': '3', 'b.jpg': '7', 'c.png': '1' });
  const library = await openLibrary(place, { window: true });
  const folderId = await library.scan();
  await library.runAll();
  const [a] = await library.items();
  await library.call('photos.setOwnLabel', { selection: { ids: [a!.id] }, label: 'Grandmother' });
  await library.call('folders.setPatterns', { folderId, patterns: '*.png' });
  await library.close();
}

async function labelled(library: Asked): Promise<Record<string, string | null>> {
  const items = await library.items();
  return Object.fromEntries(items.map(({ name, ownLabel }) => [name, ownLabel]));
}

test('before a catalog of an earlier version is changed, a copy of it is kept, and what a person did stays', (t) => {
  const folder = temporaryFolder(t, 'migrations');
  for (let version = 1; version < migrations.length; version++) {
    const home = join(folder, `${version}`);
    openCatalog(join(home, 'catalog.sqlite')).close();
    rmSync(join(home, 'catalog.sqlite'));
    const old = new Database(join(home, 'catalog.sqlite'));
    addFunctions(old);
    for (const step of migrations.slice(0, version)) old.exec(step);
    old.exec(`INSERT INTO folders (id, path, path_key, name) VALUES (1, '/p', 'p', 'p');
      INSERT INTO photos (folder_id, name, name_key, path_key, bytes, modified_ms, date_ms, own_label)
        VALUES (1, 'a.jpg', 'a', 'p/a', 1, 1, 1, 'Grandmother')`);
    old.pragma(`user_version = ${version}`);
    old.close();
    openCatalog(join(home, 'catalog.sqlite')).close();
    for (const [file, its] of [
      ['catalog.sqlite', migrations.length],
      [`backups/version-${version}.sqlite`, version],
    ] as const) {
      const found = new Database(join(home, file), { readonly: true });
      assert.equal(found.pragma('user_version', { simple: true }), its);
      assert.equal(found.prepare('SELECT own_label FROM photos').pluck().get(), 'Grandmother');
      found.close();
    }
    openCatalog(join(home, 'catalog.sqlite')).close();
    assert.deepEqual(readdirSync(join(home, 'backups')), [`version-${version}.sqlite`]);
  }
});

test('what a person did is backed up each day, as a database and as JSON lines; the last three are kept', async (t) => {
  const place = makePlace(t);
  await livedIn(place);
  assert.deepEqual(backupsOf(place), [`${today()}.jsonl`, `${today()}.sqlite`]);
  if (process.platform !== 'win32')
    for (const name of backupsOf(place))
      assert.equal(statSync(join(place.home, 'backups', name)).mode & 0o077, 0, name);
  const lines = readFileSync(join(place.home, 'backups', `${today()}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (kind: string) => rows.filter((row) => row['kind'] === kind);
  assert.deepEqual(of('folder'), [{ kind: 'folder', path: place.photos, patterns: '*.png' }]);
  const [photo] = of('photo');
  assert.equal(of('photo').length, 1);
  assert.deepEqual([photo!['path'], photo!['ownLabel']], [join(place.photos, 'a.jpg'), 'Grandmother']);
  assert.match(String(photo!['sha256']), /^[0-9a-f]{64}$/);
  assert.equal(photo!['away'], false);
  const catalog = openCatalog(catalogOf(place));
  t.after(() => catalog.close());
  // It was moved away, and another file has its name now.
  for (const row of catalog.all<PhotoRow>('SELECT * FROM photos WHERE own_label IS NOT NULL')) {
    markAway(catalog, row.id);
    giveUpName(catalog, row);
  }
  await writeBackup(catalog, place.home, new Date('2030-01-01T12:00:00Z'));
  const later = readFileSync(join(place.home, 'backups', '2030-01-01.jsonl'), 'utf8').split('\n');
  const away = later.map((line) => (line ? JSON.parse(line) : {}) as typeof photo).find((row) => row!['kind'] === 'photo')!; // prettier-ignore
  assert.deepEqual([away['path'], away['away']], [join(place.photos, 'a.jpg'), true]);
  for (const day of ['2031-01-01', '2031-01-02', '2031-01-03', '2031-01-04'])
    await writeBackup(catalog, place.home, new Date(`${day}T12:00:00Z`));
  assert.deepEqual(
    backupsOf(place).filter((name) => name.endsWith('.sqlite')),
    ['2031-01-02.sqlite', '2031-01-03.sqlite', '2031-01-04.sqlite'],
  );
  assert.equal(backupsOf(place).length, 6);
});

/** What a run, a scan or a model makes again. */
const computed = [
  ...['models', 'result_keys', 'results', 'features', 'perceptual_hashes', 'strays', 'left_out'],
  ...['runs', 'run_items', 'run_failures', 'file_keywords', 'keywords_read', 'photo_counts'],
  ...['captures', 'gear', 'label_maps', 'further_labels', 'further_counts'],
];

test('every table of a catalog is either backed up or can be computed again', () => {
  const catalog = openCatalog(null);
  const names = catalog
    .once<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .map(({ name }) => name)
    .filter((name) => !/^(sqlite_|photo_words)/.test(name));
  catalog.close();
  assert.deepEqual(names, [...personTables, ...computed].sort());
});

test('nothing is backed up where nobody did anything', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place, { window: true });
  await library.close();
  assert.ok(!existsSync(join(place.home, 'backups')));
});

test('a catalog that is none any more is set aside; folders and words come back, and that is told', async (t) => {
  const place = makePlace(t);
  await livedIn(place);
  writeFileSync(catalogOf(place), 'This is no database. '.repeat(500));
  const library = await openLibrary(place, { window: true });
  await library.call('settings.get', {});
  while (noticesOf(library).length === 0) await sleep(5);
  const [told] = noticesOf(library);
  assert.equal(told!.code, 'catalog-rebuilt');
  assert.match(told!.message, /1 folder, your words for 1 photo, 0 heads/);
  const [aside] = backupsOf(place).filter((name) => name.startsWith('damaged-'));
  assert.match(readFileSync(join(place.home, 'backups', aside!), 'utf8'), /^This is no database/);
  await library.scan();
  await library.runAll();
  assert.deepEqual(await labelled(library), { 'a.jpg': 'Grandmother', 'b.jpg': null });
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 3, 'b.jpg': 7 });
  const found = await library.items({ search: 'grandmother' });
  assert.deepEqual(
    found.map(({ name }) => name),
    ['a.jpg'],
  );
  const { items } = await library.call('folders.children', { parentId: null, limit: 10 });
  assert.deepEqual(
    items.map(({ path, patterns }) => [path, patterns]),
    [[place.photos, '*.png']],
  );
  // The acts came back with it: the word can be taken back.
  const backup = new Database(join(place.home, 'backups', `${today()}.sqlite`), { readonly: true });
  const acts = backup.prepare('SELECT count(*) FROM acts').pluck().get();
  backup.close();
  await library.close();
  const catalog = new Database(catalogOf(place), { readonly: true });
  assert.equal(catalog.prepare('SELECT count(*) FROM acts').pluck().get(), acts);
  assert.deepEqual(catalog.pragma('foreign_key_check'), []);
  catalog.close();
});

test('damage met while the catalog is used is mended at the next start', async (t) => {
  const place = makePlace(t);
  await livedIn(place);
  const database = new Database(catalogOf(place));
  const page = database.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'results'`).pluck().get();
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  const bytes = readFileSync(catalogOf(place));
  bytes.fill(0xff, (Number(page) - 1) * size, Number(page) * size);
  writeFileSync(catalogOf(place), bytes);
  const met = await openLibrary(place);
  const run = await met.runAll({ again: true });
  assert.equal(run.error?.code, 'catalog-damaged');
  await met.close();
  const library = await openLibrary(place, { window: true });
  await library.call('settings.get', {});
  while (noticesOf(library).length === 0) await sleep(5);
  assert.deepEqual(
    noticesOf(library).map(({ code }) => code),
    ['catalog-rebuilt'],
  );
  await library.scan();
  const again = await library.runAll();
  assert.deepEqual([again.state, again.done], ['finished', 2]);
  assert.deepEqual(await labelled(library), { 'a.jpg': 'Grandmother', 'b.jpg': null });
});

test('a damaged catalog that another process has open is left to it', async (t) => {
  const place = makePlace(t);
  await livedIn(place);
  writeFileSync(catalogOf(place), 'This is no database. '.repeat(500));
  const other = holdShared(join(place.home, 'in-use.lock'));
  await assert.rejects(openLibrary(place), { code: 'catalog-damaged' });
  other.release();
  await openLibrary(place);
});

test('a second window on one data folder is told, and a command beside it is not', async (t) => {
  const place = makePlace(t);
  const first = await openLibrary(place, { window: true });
  const command = await openLibrary(place);
  const second = await openLibrary(place, { window: true });
  for (const library of [first, command, second]) await library.call('settings.get', {});
  while (noticesOf(second).length === 0) await sleep(5);
  assert.deepEqual(
    noticesOf(second).map(({ code }) => code),
    ['library-shared'],
  );
  assert.deepEqual([noticesOf(first), noticesOf(command)], [[], []]);
});

test('all data that is deleted is deleted from the backups too', async (t) => {
  const place = makePlace(t);
  await livedIn(place);
  const library = await openLibrary(place, { window: true });
  await library.call('data.deleteAll', { confirm: 'delete' });
  assert.ok(!existsSync(join(place.home, 'backups')));
});
