import assert from 'node:assert/strict';
import { copyFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import { toFailure } from '../../../../main/contract/result.ts';
import { keepPrivate } from '../../../../main/home.ts';
import { contentOf } from '../../../../main/library/catalog/contents.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { Thumbnails, thumbnailEdge } from '../../../../main/library/thumbnails.ts';
import { sharp } from '../../../../main/decode/engine.ts';
import { addFunctions } from '../old-shapes.ts';
import { temporaryFolder } from '../../../temporary.ts';

function shapeOf(path: string): unknown[] {
  const database = new Database(path);
  const rows = database
    .prepare('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name')
    .all();
  database.close();
  return rows;
}

test('a catalog of any earlier version comes to the same shape as a new one, and twice is once', (t) => {
  const folder = temporaryFolder(t, 'storage');
  const newest = join(folder, 'new.sqlite');
  openCatalog(newest).close();
  const old = new Database(join(folder, 'old.sqlite'));
  t.after(() => old.close());
  old.pragma('synchronous = OFF');
  addFunctions(old);
  for (let version = 0; version < migrations.length; version++) {
    if (version > 0) old.exec(migrations[version - 1]!);
    old.pragma(`user_version = ${version}`);
    const path = join(folder, `${version}.sqlite`);
    copyFileSync(old.name, path);
    openCatalog(path).close();
    openCatalog(path).close();
    assert.deepEqual(shapeOf(path), shapeOf(newest));
  }
});

test('a catalog of a newer Saccade, a damaged one and one that can’t be written are refused and left alone', (t) => {
  const folder = temporaryFolder(t, 'storage');
  const newer = join(folder, 'newer.sqlite');
  openCatalog(newer).close();
  const database = new Database(newer);
  database.pragma(`user_version = ${migrations.length + 1}`);
  database.close();
  assert.throws(() => openCatalog(newer), { code: 'catalog-newer' });
  const damaged = join(folder, 'damaged.sqlite');
  writeFileSync(damaged, 'This is no database. '.repeat(500));
  assert.throws(() => openCatalog(damaged), { code: 'catalog-damaged' });
  assert.throws(() => openCatalog(join(damaged, 'catalog.sqlite')), { code: 'catalog-unwritable' });
  for (const version of [0, -1, 1, migrations.length]) {
    const odd = join(folder, `odd-${version}.sqlite`);
    if (version === migrations.length) writeFileSync(odd, '');
    else openCatalog(odd).close();
    const file = new Database(odd);
    file.pragma(`user_version = ${version}`);
    file.close();
    assert.throws(() => openCatalog(odd), { code: 'catalog-damaged' }, `version ${version}`);
  }
});

test('a damaged page that is met later says what a damaged catalog says', (t) => {
  const path = join(temporaryFolder(t, 'storage'), 'catalog.sqlite');
  const full = openCatalog(path);
  for (let i = 0; i < 5000; i++) contentOf(full, Buffer.alloc(32, `${i}`));
  full.close();
  const bytes = readFileSync(path);
  const pages = bytes.length / 4096;
  bytes.fill(0xff, Math.ceil(pages / 2) * 4096, bytes.length - 4096);
  writeFileSync(path, bytes);
  let failure: unknown;
  try {
    const catalog = openCatalog(path);
    t.after(() => catalog.close());
    catalog.all('SELECT * FROM contents ORDER BY hash');
    catalog.all('SELECT * FROM contents');
  } catch (error) {
    failure = error;
  }
  assert.equal(toFailure(failure).code, 'catalog-damaged');
});

test('where a folder lies in the place of the pictures, they are made all the same', async (t) => {
  const folder = temporaryFolder(t, 'storage');
  mkdirSync(join(folder, 'thumbnails.sqlite'));
  const { catalog, ids } = contents(1);
  const thumbnails = new Thumbnails(join(folder, 'thumbnails.sqlite'), catalog, () => 1e7);
  thumbnails.put(ids[0]!, thumbnailEdge, new Uint8Array(10));
  assert.equal(thumbnails.get(ids[0]!, thumbnailEdge)?.length, 10);
  thumbnails.close();
  catalog.close();
});

test(
  'the data folder is its owner’s alone, also what was there before',
  { skip: process.platform === 'win32' ? 'SKIPPED: no such permissions on Windows' : false },
  (t) => {
    const folder = temporaryFolder(t, 'storage');
    for (const name of ['models/mine', 'external', 'organised'])
      mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
    for (const name of ['catalog.sqlite', 'models/mine/model.json', 'notes.txt'])
      writeFileSync(join(folder, name), '', { mode: 0o644 });
    chmodSync(folder, 0o755);
    keepPrivate(folder);
    const mode = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8);
    assert.deepEqual(
      ['.', 'catalog.sqlite', 'models/mine', 'models/mine/model.json', 'notes.txt'].map(mode),
      ['700', '600', '700', '600', '644'],
    );
    assert.deepEqual(
      ['external', 'organised'].map(mode),
      ['700', '700'],
      'models used from where they lie, logs of moves',
    );
  },
);

test('a transaction that throws leaves nothing behind', () => {
  const catalog = openCatalog(null);
  assert.throws(() =>
    catalog.transaction(() => {
      contentOf(catalog, new Uint8Array(32));
      throw new Error('no');
    }),
  );
  assert.equal(catalog.one<{ n: number }>('SELECT count(*) AS n FROM contents')?.n, 0);
  catalog.close();
});

function contents(count: number) {
  const catalog = openCatalog(null);
  const ids = Array.from({ length: count }, (_, i) => contentOf(catalog, new Uint8Array(32).fill(i + 1)));
  return { catalog, ids };
}

test('a picture that there is no room for is shown all the same', async (t) => {
  const { catalog, ids } = contents(1);
  const path = join(temporaryFolder(t, 'storage'), 'thumbnails.sqlite');
  const thumbnails = new Thumbnails(path, catalog, () => 10_000);
  const full = new Database(path);
  full.exec(`CREATE TRIGGER full BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
  full.close();
  thumbnails.put(ids[0]!, thumbnailEdge, new Uint8Array(10));
  assert.equal(thumbnails.get(ids[0]!, thumbnailEdge), null);
  assert.equal(thumbnails.bytes, 0);
  thumbnails.close();
  catalog.close();
});

test('the picture cache stays within its limit and forgets what was longest not looked at', () => {
  const { catalog, ids } = contents(30);
  const thumbnails = new Thumbnails(null, catalog, () => 10_000);
  const [first] = ids;
  for (const id of ids) {
    thumbnails.put(id, thumbnailEdge, new Uint8Array(1000).fill(id));
    assert.ok(thumbnails.get(first!, thumbnailEdge), 'what is looked at all the time stays');
    assert.ok(thumbnails.bytes <= 10_000);
  }
  assert.equal(thumbnails.get(ids[1]!, thumbnailEdge), null);
  assert.deepEqual(
    new Uint8Array(thumbnails.get(ids[29]!, thumbnailEdge)!),
    new Uint8Array(1000).fill(ids[29]!),
  );
  thumbnails.close();
  catalog.close();
});

test('a picture is made once, kept, and a damaged cache is made anew', async (t) => {
  const folder = temporaryFolder(t, 'storage');
  const photo = join(folder, 'photo.png');
  await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
    .png()
    .toFile(photo);
  const { catalog, ids } = contents(1);
  const path = join(folder, 'thumbnails.sqlite');
  writeFileSync(path, 'rubbish '.repeat(1000));
  const thumbnails = new Thumbnails(path, catalog, () => 1e7);
  const [a, b] = await Promise.all([
    thumbnails.thumbnail(ids[0]!, photo),
    thumbnails.thumbnail(ids[0]!, photo),
  ]);
  assert.equal(a, b);
  const { width, height, format } = await sharp(a).metadata();
  assert.deepEqual([width, height, format], [450, 300, 'jpeg']);
  rmSync(photo);
  assert.deepEqual(new Uint8Array(await thumbnails.thumbnail(ids[0]!, photo)), new Uint8Array(a));
  await assert.rejects(thumbnails.rendition(ids[0]!, photo, 500), { code: 'missing-file' });
  thumbnails.close();
  catalog.close();
  assert.ok(readdirSync(folder).includes('thumbnails.sqlite'));
});
