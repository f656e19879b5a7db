/**
 * Catalogs with real damage: what can still be read comes back, bit by bit what it was; nothing else does, and the person
 * is told how much.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { contentOf, setContent } from '../../../../main/library/catalog/contents.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { setWordsOf } from '../../../../main/library/catalog/person.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { resultKeyId, storeFailure, storeResult } from '../../../../main/library/catalog/results.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { writeBackup } from '../../../../main/library/keeping/backups.ts';
import { openKept } from '../../../../main/library/keeping/open.ts';
import { openPages } from '../../../../main/library/keeping/salvage/pages.ts';
import { readManifest } from '../../../../models/store.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { makePlace, openLibrary, writePhotos, type Place } from '../setup.ts';

const file = (home: string) => join(home, 'catalog.sqlite');
const roots = (place: Place) => ({ builtIn: place.model, installed: join(place.home, 'models') });

/** 0 … 1, the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** As many photos with answers, features of `width` numbers and maps; every fiftieth failed. */
function fill(catalog: Catalog, place: Place, count: number, width: number): void {
  const random = chance(count + width);
  catalog.transaction(() => {
    const folder = addFolder(catalog, place.photos);
    const manifest = readManifest(place.model);
    const key = resultKeyId(
      catalog,
      { modelHash: manifest.weights.sha256, preprocessing: 'p', precision: 'fp32', graphVersion: 1 },
      manifest,
    );
    writeValue(catalog, 'shown', key);
    for (let i = 0; i < count; i++) {
      const id = insertPhoto(catalog, folder, `photo ${i}.jpg`, { bytes: i, modifiedMs: i, changedMs: i });
      const contentId = contentOf(catalog, createHash('sha256').update(`${i}`).digest());
      setContent(catalog, id, { bytes: i, modifiedMs: i, changedMs: i }, contentId);
      if (i % 50 === 49) {
        const failure = { code: 'unreadable', message: `Expected a photo, found ${i}.` };
        storeFailure(catalog, key, contentId, failure, 'x.jpg');
        continue;
      }
      const first = Math.floor(random() * 20);
      const probability = 0.4 + random() / 2;
      storeResult(catalog, key, contentId, 'cpu', {
        ...{
          width: 40,
          height: 30,
          takenMs: i % 3 ? null : i,
          damaged: false,
          unsure: i % 7 === 0,
          thumbnail: null,
        },
        top: [0, 1, 2, 3, 4].map((n) => ({ index: (first + n) % 20, probability: Math.fround(probability / (n + 1)) })), // prettier-ignore
        clsFeature: Float32Array.from({ length: width }, () => random() * 4 - 2),
        map: {
          ...{
            method: 'class',
            layers: [0, 11],
            classIndex: first,
            rows: 14,
            columns: 14,
            scale: 1 / 256,
            offset: 0,
          },
          bytes: Uint8Array.from({ length: 196 }, () => random() * 256),
        },
        seen: { x: 0, y: 0, width: 40, height: 30 },
      });
      if (i % 10 === 0)
        setWordsOf(catalog, id, { labels: [`word ${i % 30}`], rejected: [], none: false, drawn: false });
    }
  });
}

interface Known {
  answers: Map<string, string>;
  features: Map<string, string>;
  files: Map<string, string>;
  words: Map<string, string>;
}

/** By content or path: what was found out, bit by bit, and said. */
function known(home: string): Known {
  const database = new Database(file(home), { readonly: true });
  const all = (sql: string) => new Map(database.prepare(sql).raw().all() as [string, string][]);
  const answer = `json_array(k.model_hash, k.preprocessing, k.precision, r.provider, r.unsure, hex(r.top), hex(r.map), hex(r.seen),
    r.label, r.probability, r.spread, r.code, r.message)`;
  const found = {
    answers: all(
      `SELECT hex(c.hash), ${answer} FROM results r JOIN contents c ON c.id = r.content_id JOIN result_keys k ON k.id = r.key_id`,
    ),
    features: all('SELECT hex(c.hash), hex(f.vector) FROM features f JOIN contents c ON c.id = f.content_id'),
    files:
      all(`SELECT p.name, json_array(f.path, p.bytes, p.modified_ms, p.changed_ms, hex(c.hash)) FROM photos p
      JOIN folders f ON f.id = p.folder_id JOIN contents c ON c.id = p.content_id`),
    words: all('SELECT name, own_label FROM photos WHERE own_label IS NOT NULL'),
  };
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  assert.deepEqual(database.pragma('foreign_key_check'), []);
  database.close();
  return found;
}

/** Every one that is there is what it was. Answers with the share that is. */
function share(now: Map<string, string>, before: Map<string, string>): number {
  for (const [key, value] of now) assert.equal(value, before.get(key), key);
  return now.size / before.size;
}

interface Kept extends Place {
  before: Known;
  pages: number;
  size: number;
}

async function made(t: Parameters<typeof makePlace>[0], count: number, width = 192): Promise<Kept> {
  const place = makePlace(t);
  const catalog = openCatalog(file(place.home));
  fill(catalog, place, count, width);
  await writeBackup(catalog, place.home);
  catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  catalog.close();
  const size = 8192;
  return { ...place, before: known(place.home), size, pages: readFileSync(file(place.home)).length / size };
}

/** What most tests copy and damage. */
const thousand = await made({ after }, 1000);

/** A copy of the place, whose catalog is damaged. */
function damaged(kept: Kept, name: string, damage: (bytes: Buffer) => Buffer | void, backups = true): Kept {
  const home = mkdtempSync(join(kept.folder, `${name}-`));
  if (backups) cpSync(join(kept.home, 'backups'), join(home, 'backups'), { recursive: true });
  const bytes = readFileSync(file(kept.home));
  writeFileSync(file(home), damage(bytes) ?? bytes);
  writeFileSync(`${file(home)}.damaged`, '');
  return { ...kept, home };
}

interface Back {
  answers: number;
  features: number;
  files: number;
  words: number;
  told: string;
}

function opened(place: Kept): Back {
  const { catalog, rebuilt } = openKept(place.home, true, roots(place));
  catalog.close();
  assert.equal(rebuilt?.code, 'catalog-rebuilt');
  const now = known(place.home);
  const { before } = place;
  const told = rebuilt!.message;
  const [answers, features, maps, files] = ['answers?', 'photos?,', 'maps?', 'files? held'].map((word) =>
    Number(
      new RegExp(`([\\d,]+) ${word}`)
        .exec(told.slice(told.indexOf('Of what was computed')))?.[1]
        ?.replace(',', '') ?? 0,
    ),
  );
  const answered = [...now.answers.values()].filter((answer) => answer.endsWith(',null,null]')).length;
  assert.deepEqual([answers, maps, features], [answered, answered, now.features.size], told);
  // Those that a person spoke of come from the backup too.
  assert.ok(files! <= now.files.size && (files === now.files.size || told.includes('From the backup')), told);
  assert.ok(readdirSync(place.home).every((name) => !name.startsWith('salvaging-')));
  return {
    answers: share(now.answers, before.answers),
    features: share(now.features, before.features),
    files: share(now.files, before.files),
    words: share(now.words, before.words),
    told,
  };
}

/** Page numbers from 1. */
function overwrite(bytes: Buffer, page: number, size: number, fill: (at: number) => number): void {
  for (let i = (page - 1) * size; i < page * size; i++) bytes[i] = fill(i);
}

function rootOf(home: string, name: string): number {
  const database = new Database(file(home), { readonly: true });
  const root = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name);
  database.close();
  return root as number;
}

test('a root page that is lost costs itself: what it led to comes back', () => {
  const kept = thousand;
  for (const table of [
    'results',
    'features',
    'contents',
    'photos',
    'result_keys',
    'models',
    'photos_by_date',
    'photo_words_data',
  ]) {
    const root = rootOf(kept.home, table);
    const back = opened(damaged(kept, table, (bytes) => overwrite(bytes, root, kept.size, () => 0xff)));
    // A table without rowids has rows on the pages that lead to others.
    assert.ok(back.answers > (table === 'results' ? 0.94 : 0.9999), `${table}: ${back.told}`);
    assert.deepEqual([back.features, back.files, back.words], [1, 1, 1], `${table}: ${back.told}`);
    assert.match(
      back.told,
      /All that you did could be read out of it: 1 folder, your words for 100 photos, 0 heads\./,
      table,
    );
  }
});

const rubbish: Record<string, (random: () => number) => (at: number) => number> = {
  zeros: () => () => 0,
  noise: (random) => () => random() * 256,
  'a text': () => (at) => 'The quick brown fox jumps over the lazy dog. '.charCodeAt(at % 45),
};

for (const [what, filling] of Object.entries(rubbish))
  test(`pages in the middle of the file that ${what} lie over: the others come back, and no wrong one`, () => {
    const kept = thousand;
    const random = chance(what.length);
    for (const [unit, count] of [
      [8192, 5],
      [4096, 8],
      [512, 15],
    ] as const) {
      // Now and then a draw meets a page that leads to most rows of a table; which one depends on where tables lie.
      const draws = [1, 2, 3].map((draw) => {
        const place = damaged(kept, `${unit}-${draw}`, (bytes) => {
          for (let i = 0; i < count; i++)
            overwrite(bytes, 2 + Math.floor(random() * (bytes.length / unit - 2)), unit, filling(random));
        });
        const back = opened(place);
        assert.equal(back.words, 1, back.told);
        return { least: Math.min(back.answers, back.features, back.files), told: back.told };
      });
      const [, middle] = draws.sort((one, other) => one.least - other.least);
      assert.ok(middle!.least > 0.7, `${unit}: ${middle!.told}`);
    }
  });

test('pages that lie where others should: no answer goes to another photo', () => {
  const kept = thousand;
  const random = chance(5);
  const place = damaged(kept, 'moved', (bytes) => {
    const page = () => 2 + Math.floor(random() * (kept.pages - 2));
    for (let i = 0; i < 12; i++) {
      const [from, to] = [page(), page()];
      bytes.copy(bytes, (to - 1) * kept.size, (from - 1) * kept.size, from * kept.size);
    }
  });
  const back = opened(place);
  assert.ok(back.answers > 0.7, back.told);
});

test('a part of a single feature that something else was written over is not taken', async (t) => {
  const kept = await made(t, 300, 1536);
  const root = rootOf(kept.home, 'features');
  for (const [what, filling] of Object.entries(rubbish)) {
    const place = damaged(kept, what, (bytes) => {
      overwrite(bytes, rootOf(kept.home, 'photos_by_date'), kept.size, () => 0);
      for (let page = 2; page < kept.pages; page++) {
        // Leaves of a table by rowid with the few cells that so large features leave room for.
        const at = (page - 1) * kept.size;
        const isFeatures = page !== root && bytes[at] === 13 && bytes.readUInt16BE(at + 3) === 2;
        if (isFeatures && page % 3 === 0)
          overwrite(bytes, (at + bytes.readUInt16BE(at + 8)) / 512 + 3.5, 512, filling(chance(page)));
      }
    });
    const back = opened(place);
    assert.ok(back.features < 0.95 && back.features > 0.3, `${what}: ${back.told}`);
    assert.equal(back.answers, 1);
  }
});

test('a file that ends early: what is before its end comes back', () => {
  const kept = thousand;
  for (const part of [0.9, 0.5, 0.1]) {
    const back = opened(
      damaged(kept, `${part}`, (bytes) => bytes.subarray(0, Math.floor(bytes.length * part) + 100)),
    );
    assert.ok(part < 0.5 || back.answers > part / 3, back.told);
    assert.equal(back.words, 1, back.told);
  }
});

test('a header that is lost, or the whole first page, costs nothing else', () => {
  const kept = thousand;
  for (const length of [16, 100, 4096, 8192]) {
    const back = opened(damaged(kept, `${length}`, (bytes) => void bytes.fill(0, 0, length)));
    assert.deepEqual(
      [back.answers, back.features, back.files, back.words],
      [1, 1, 1, 1],
      `${length}: ${back.told}`,
    );
  }
});

test('where what a person did is damaged it comes from the backup, and is not mixed with what is left of it', () => {
  const kept = thousand;
  const root = rootOf(kept.home, 'person_labels');
  const damage = (bytes: Buffer) => overwrite(bytes, root, kept.size, (at) => at % 251);
  const back = opened(damaged(kept, 'with', damage));
  assert.match(
    back.told,
    /From the backup of \d{4}-\d\d-\d\d came back: 1 folder, your words for 100 photos, 0 heads\. Of what was computed could be read: 980 answers/,
  );
  assert.deepEqual([back.answers, back.features, back.files, back.words], [1, 1, 1, 1]);
  const none = opened(damaged(kept, 'without', damage, false));
  assert.match(none.told, /There was no backup yet/);
  assert.deepEqual([none.answers, none.words], [1, 0]);
});

test('pages that are still in the log beside the file are read as SQLite reads them', (t) => {
  const place = makePlace(t);
  const catalog = openCatalog(file(place.home));
  fill(catalog, place, 200, 192);
  catalog.exec('PRAGMA wal_checkpoint(PASSIVE)');
  for (let i = 0; i < 50; i++) writeValue(catalog, `value ${i}`, 'x'.repeat(1000 + i));
  const copy = join(place.folder, 'copy');
  // As a process leaves them that is killed.
  for (const end of ['', '-wal']) copyFileSync(file(place.home) + end, copy + end);
  catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  catalog.close();
  // What was written when it was killed: half of a frame.
  appendFileSync(`${copy}-wal`, readFileSync(`${copy}-wal`).subarray(32, 5000));
  const [beside, whole] = [openPages(copy), openPages(file(place.home))];
  assert.ok(readFileSync(copy).length < readFileSync(file(place.home)).length, 'some are in the log only');
  assert.deepEqual([beside.count, beside.free], [whole.count, whole.free]);
  for (let page = 1; page <= whole.count; page++)
    assert.deepEqual(beside.read(page), whole.read(page), `${page}`);
  beside.close();
  whole.close();
});

test('in a library, only what did not come back is computed again, and every answer is right', async (t) => {
  const place = makePlace(t);
  writePhotos(
    place,
    Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${i}.jpg`, `${i % 20} photo ${i}`])),
  );
  const first = await openLibrary(place, { window: true });
  await first.scan();
  await first.runAll();
  const truth = await first.outcomes();
  const [one] = await first.items();
  await first.call('photos.setOwnLabel', { selection: { ids: [one!.id] }, label: 'Grandmother' });
  await first.close();
  const bytes = readFileSync(file(place.home));
  // One page of features, to which the first cell of their root leads, and the root of photos.
  const at = (rootOf(place.home, 'features') - 1) * 8192;
  const leaf = bytes.readUInt32BE(at + bytes.readUInt16BE(at + 12));
  for (const page of [leaf, rootOf(place.home, 'photos')])
    overwrite(bytes, page, 8192, (i) => (i * 7 + 13) % 251);
  writeFileSync(file(place.home), bytes);
  writeFileSync(`${file(place.home)}.damaged`, '');
  let decoded = 0;
  const library = await openLibrary(place, {
    window: true,
    start: inferenceStandIn({ onDecode: () => decoded++ }),
  });
  await library.call('settings.get', {});
  const notice = () =>
    library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload.failure] : []))[0];
  while (!notice()) await sleep(5);
  const seen = Number(/what models saw in (\d+) photos/.exec(notice()!.message)?.[1]);
  assert.ok(seen > 100 && seen < 400, notice()!.message);
  await library.scan();
  await library.runAll();
  assert.deepEqual(await library.outcomes(), truth);
  assert.ok(decoded >= 400 - seen && decoded < 300, `${decoded} decoded, ${notice()!.message}`);
  const found = await library.items({ search: 'grandmother' });
  assert.deepEqual(found.map(({ id }) => id), [one!.id]); // prettier-ignore
});
