/**
 * Disks that are full, or read-only, with each kind of writing, on real disks: a plain sentence, nothing half written
 * left in its place, and the work goes on once there is room.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import type { WritingTask } from '../../../main/contract/writing.ts';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import { writeBackup } from '../../../main/library/keeping/backups.ts';
import { importInThread } from '../../../main/library/models/import-model.ts';
import { Thumbnails } from '../../../main/library/thumbnails.ts';
import { inferenceStandIn } from './inference-stand-in.ts';
import { makePlace, openLibrary, ownTrash, writePhotos, type Asked, type Place } from './setup.ts';
import { needsDisk, smallDisk } from './small-disk.ts';

const photos = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}.jpg`, `${i % 20} photo ${i} ${'x'.repeat(6000)}`])); // prettier-ignore

/** What a person reads: what was expected and found; no code of the system's alone. */
const sentence = /^[A-Z/].*(Expected|found|can't be).*\.$/s;

/** All below a folder. */
const below = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name !== '.filler').sort();

async function library(t: TestContext, count: number) {
  const place = makePlace(t);
  writePhotos(place, photos(count));
  const opened = await openLibrary(place);
  await opened.scan();
  await opened.runAll();
  return { place, opened };
}

const everything = { filter: {}, except: [] };

async function written(asked: Asked, task: WritingTask) {
  await asked.call('writing.start', { selection: everything, task, dryRun: false });
  return asked.writingEnds();
}

async function say(asked: Asked, label: string): Promise<void> {
  await asked.call('review.act', { selection: everything, act: { kind: 'add', label } });
}

test('the catalog’s: a run stops with a sentence, keeps what is done, and goes on', needsDisk, async (t) => {
  const place = makePlace(t);
  writePhotos(place, Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`p${i}.jpg`, `${i % 20} photo ${i}`]))); // prettier-ignore
  const disk = smallDisk(t, 100_000, place.closing);
  const home = join(disk.path, 'home');
  const decoded: string[] = [];
  let room = true;
  const start = inferenceStandIn({
    onDecode: (path) => void decoded.push(path),
    beforeAnswer: () => {
      if (room && decoded.length > 100) disk.fill();
      room &&= decoded.length <= 100;
    },
  });
  const first = await openLibrary({ ...place, home }, { start });
  await first.scan();
  const run = await first.runAll();
  assert.deepEqual([run.state, run.error?.code], ['stopped', 'disk-full']);
  assert.match(
    run.error!.message,
    /Expected room on the disk; found none .* Make room, .* what is done is kept\./,
  );
  assert.ok(run.done > 50 && run.done < 400, `${run.done}`);
  // The list is there all the same.
  assert.equal((await first.call('photos.count', { filter: {} })).total, 400);
  disk.free();
  const again = await first.runAll();
  assert.deepEqual([again.state, again.failed, again.error], ['finished', 0, null]);
  const outcomes = await first.outcomes();
  for (let i = 0; i < 400; i++) assert.equal(outcomes[`p${i}.jpg`], i % 20);
  await first.close();
  const catalog = new Database(join(home, 'catalog.sqlite'), { readonly: true });
  assert.equal(catalog.pragma('integrity_check', { simple: true }), 'ok');
  assert.equal(catalog.prepare('SELECT count(*) FROM results').pluck().get(), 400);
  catalog.close();
});

test('the data folder’s, from the beginning, and one that is read-only', needsDisk, async (t) => {
  const place = makePlace(t);
  const disk = smallDisk(t, 4000, place.closing);
  const at: Place = { ...place, home: join(disk.path, 'home') };
  disk.fill();
  await assert.rejects(openLibrary(at), (error: Error & { code?: string }) => {
    assert.match(error.code!, /^(disk-full|catalog-unwritable)$/);
    assert.match(error.message, sentence);
    return true;
  });
  disk.free();
  const opened = await openLibrary(at);
  writePhotos(place, photos(3));
  await opened.scan();
  await opened.close();
  const before = below(disk.path);
  disk.setReadOnly(true);
  await assert.rejects(openLibrary(at), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'catalog-unwritable');
    assert.match(error.message, sentence);
    return true;
  });
  disk.setReadOnly(false);
  assert.deepEqual(below(disk.path), before);
  const again = await openLibrary(at);
  await again.runAll();
  assert.deepEqual(await again.outcomes(), { 'p0.jpg': 0, 'p1.jpg': 1, 'p2.jpg': 2 });
});

test(
  'pictures’: they are made again when they are looked at, and kept once there is room',
  needsDisk,
  (t) => {
    const disk = smallDisk(t, 2000);
    const catalog = openCatalog(null);
    t.after(() => catalog.close());
    catalog.run(
      'INSERT INTO contents (id, hash) VALUES (1, ?), (2, ?)',
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
    );
    const path = join(disk.path, 'thumbnails.sqlite');
    const picture = Buffer.alloc(100_000, 7);
    const cache = new Thumbnails(path, catalog, () => 1e9);
    cache.put(1, 256, picture);
    disk.fill();
    for (let edge = 1; edge < 20; edge++) cache.put(2, edge, picture);
    assert.deepEqual(Buffer.from(cache.get(1, 256)!), picture);
    disk.free();
    cache.put(2, 256, picture);
    cache.close();
    const again = new Thumbnails(path, catalog, () => 1e9);
    assert.deepEqual([1, 2].map((id) => again.get(id, 256)?.length), [100_000, 100_000]); // prettier-ignore
    again.close();
    disk.fill();
    const other = new Thumbnails(join(disk.path, 'other.sqlite'), catalog, () => 1e9);
    other.put(1, 256, picture);
    assert.deepEqual(Buffer.from(other.get(1, 256)!), picture, 'as long as the process lives');
    other.close();
  },
);

const targets = {
  parquet: { format: 'parquet', layout: 'file', with: ['features', 'maps'] },
  'parquet-folder': { format: 'parquet', layout: 'folder', with: ['features'] },
  fiftyone: { format: 'fiftyone' },
  coco: { format: 'coco' },
  'label-studio': { format: 'label-studio' },
  imagefolder: { format: 'imagefolder', place: 'copy' },
} as const;

test(
  'exports’: nothing is left of one, what was there stays, and it is written once there is room',
  needsDisk,
  async (t) => {
    const { place, opened } = await library(t, 60);
    await say(opened, 'boat');
    for (const [name, target] of Object.entries(targets)) {
      const disk = smallDisk(t, 2000, place.closing);
      const path = join(disk.path, name);
      const task = { kind: 'export', path, target } as unknown as WritingTask;
      disk.fill(4096);
      const failed = await written(opened, task);
      const [item] = failed.items;
      assert.equal(failed.failed, 1, `${name} ${JSON.stringify(failed)}`);
      assert.match(item!.error!.code, /^(cannot-write|disk-full)$/, name);
      assert.match(item!.error!.message, sentence, name);
      assert.deepEqual(below(disk.path), [], name);
      disk.free();
      const done = await written(opened, task);
      assert.deepEqual([done.failed, done.changed], [0, 1], `${name} ${JSON.stringify(done.items)}`);
      const before = below(disk.path);
      assert.ok(before.length > 0);
      if (!name.includes('older') && target.format === 'fiftyone') {
        // Over one that is there.
        const held = readFileSync(path);
        disk.fill();
        assert.equal((await written(opened, task)).failed, 1);
        assert.deepEqual([below(disk.path), readFileSync(path)], [before, held]);
        disk.free();
      }
      disk.setReadOnly(true);
      const refused = await written(opened, { ...task, path: `${path} again` } as WritingTask);
      assert.match(refused.items[0]!.error!.message, sentence, name);
      disk.setReadOnly(false);
      assert.deepEqual(below(disk.path), before);
    }
  },
);

test('sidecars’: each is as it was, and is written once there is room', needsDisk, async (t) => {
  const place = makePlace(t);
  const disk = smallDisk(t, 1000, place.closing);
  const at: Place = { ...place, photos: join(disk.path, 'photos') };
  mkdirSync(at.photos);
  writePhotos(at, photos(8));
  const other = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'; // prettier-ignore
  writeFileSync(join(at.photos, 'p0.jpg.xmp'), other);
  const opened = await openLibrary(at);
  await opened.scan();
  await say(opened, 'boat');
  const before = below(at.photos);
  const task: WritingTask = { kind: 'keywords', labels: { by: 'any' }, naming: 'full', root: 'Saccade' };
  for (const broken of [() => disk.fill(), () => disk.setReadOnly(true)]) {
    broken();
    const failed = await written(opened, task);
    assert.deepEqual([failed.failed, failed.changed], [8, 0]);
    for (const { error } of failed.items) {
      assert.match(error!.code, /^(cannot-write|disk-full)$/);
      assert.match(error!.message, sentence);
    }
    disk.setReadOnly(false);
    disk.free();
    assert.deepEqual(below(at.photos), before);
    assert.equal(readFileSync(join(at.photos, 'p0.jpg.xmp'), 'utf8'), other);
  }
  assert.equal((await written(opened, task)).changed, 8);
});

test(
  'where photos are to go: they stay where they are, nothing of them is left there, and they go once there is room',
  needsDisk,
  async (t) => {
    const { place, opened } = await library(t, 12);
    await say(opened, 'boat');
    const disk = smallDisk(t, 400, place.closing);
    const folder = join(disk.path, 'there');
    const before = below(place.photos);
    const content = (name: string) => readFileSync(join(place.photos, name), 'utf8');
    const held = before.map(content);
    for (const way of ['copy', 'move'] as const) {
      const task: WritingTask = {
        kind: 'organise',
        labels: { by: 'any' },
        folder,
        template: '{label}/{name}',
        way,
      };
      for (const broken of [() => disk.fill(20_000), () => disk.setReadOnly(true)]) {
        broken();
        const { failed, changed, items } = await written(opened, task);
        assert.equal(failed + changed, 12);
        assert.ok(failed >= 8, `${failed}`);
        for (const { error } of items)
          if (error) {
            assert.equal(error.code, 'cannot-place');
            assert.match(error.message, sentence);
          }
        disk.setReadOnly(false);
        const there = below(disk.path).filter((name) => name.includes('.jpg'));
        assert.equal(there.length, changed, there.join());
        assert.ok(there.every((name) => name.endsWith('.jpg')));
        if (changed) await opened.call('writing.undo', {});
        await opened.writingEnds();
        assert.deepEqual(below(place.photos), before);
        assert.deepEqual(before.map(content), held);
        disk.free();
      }
    }
    const ids = (await opened.items()).map(({ id }) => id);
    disk.fill(20_000);
    const moved = await opened.call('photos.move', { selection: { ids }, folder });
    assert.ok(moved.failed.length >= 8);
    for (const { error } of moved.failed) {
      assert.equal(error.code, 'cannot-move');
      assert.match(error.message, sentence);
    }
    assert.equal(below(disk.path).filter((name) => name.includes('.jpg')).length, 12 - moved.failed.length);
    await opened.call('review.undo', {});
    assert.deepEqual([below(place.photos), before.map(content)], [before, held]);
    disk.free();
    const all = await opened.call('photos.move', { selection: { ids }, folder });
    assert.deepEqual([all.failed, all.act?.photos], [[], 12]);
    // Out of a folder that nobody may write, nothing goes back.
    disk.setReadOnly(true);
    await assert.rejects(opened.call('review.undo', {}), { code: 'cannot-move', message: sentence });
    assert.deepEqual(below(place.photos), []);
    disk.setReadOnly(false);
    await opened.call('review.undo', {});
    assert.deepEqual([below(place.photos), before.map(content)], [before, held]);
  },
);

test('the log’s, before photos go: none goes that is not written down', needsDisk, async (t) => {
  const place = makePlace(t);
  const disk = smallDisk(t, 3000, place.closing);
  writePhotos(place, photos(4));
  const opened = await openLibrary({ ...place, home: join(disk.path, 'home') });
  await opened.scan();
  await say(opened, 'boat');
  const before = below(place.photos);
  disk.fill();
  const folder = join(place.folder, 'sorted');
  const task: WritingTask = {
    kind: 'organise',
    labels: { by: 'any' },
    folder,
    template: '{name}',
    way: 'move',
  };
  const { failed, items } = await written(opened, task);
  assert.equal(failed, 4);
  for (const { error } of items) assert.match(error!.message, sentence);
  assert.deepEqual(below(place.photos), before);
  disk.free();
  assert.equal((await written(opened, task)).changed, 4);
});

test('the trash’s: nothing is left in it of photos that stayed', needsDisk, async (t) => {
  const place = makePlace(t);
  const disk = smallDisk(t, 1000, place.closing);
  ownTrash(t, { ...place, folder: disk.path });
  writePhotos(place, photos(4));
  const opened = await openLibrary(place);
  await opened.scan();
  const ids = (await opened.items()).map(({ id }) => id);
  // The trash of the photos' own disk would be taken; made the home's by being the same: all of it is on the small one.
  const at: Place = { ...place, photos: join(disk.path, 'photos'), home: join(place.folder, 'other') };
  mkdirSync(at.photos);
  writePhotos(at, photos(4));
  const small = await openLibrary(at);
  await small.scan();
  const here = (await small.items()).map(({ id }) => id);
  assert.equal(ids.length, here.length);
  disk.fill();
  const { failed, act } = await small.call('internal.trash', { selection: { ids: here } });
  assert.deepEqual([failed.length, act], [4, null]);
  for (const { error } of failed) assert.match(error.message, /^(Expected|\/).*\.$/s);
  disk.free();
  assert.deepEqual(below(at.photos).length, 4);
  assert.deepEqual(below(disk.path).filter((name) => name.includes('trashinfo')), []); // prettier-ignore
  assert.equal((await small.call('internal.trash', { selection: { ids: here } })).act?.photos, 4);
});

test('backups’: those before stay, and nothing is left of one that found no room', needsDisk, async (t) => {
  const place = makePlace(t);
  const disk = smallDisk(t, 3000, place.closing);
  const home = join(disk.path, 'home');
  writePhotos(place, photos(40));
  const opened = await openLibrary({ ...place, home }, { window: true });
  await opened.scan();
  await say(opened, 'boat');
  await opened.close();
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  t.after(() => catalog.close());
  const backups = join(home, 'backups');
  const before = below(backups);
  const held = before.map((name) => readFileSync(join(backups, name)));
  disk.fill(8192);
  await assert.rejects(writeBackup(catalog, home, new Date('2031-01-01')), /ENOSPC|full/);
  assert.deepEqual(below(backups), before);
  assert.deepEqual(before.map((name) => readFileSync(join(backups, name))), held); // prettier-ignore
  disk.free();
  await writeBackup(catalog, home, new Date('2031-01-01'));
  assert.deepEqual(below(backups), [...before, '2031-01-01.jsonl', '2031-01-01.sqlite'].sort());
});

test('models’: nothing is installed, and the next import finds nothing of the last', needsDisk, async (t) => {
  const disk = smallDisk(t, 40_000);
  const starter = join(import.meta.dirname, '..', '..', '..', 'models', 'starter');
  const models = join(disk.path, 'models');
  mkdirSync(models);
  for (const left of [0, 8192, 500_000]) {
    disk.fill(left);
    await assert.rejects(
      importInThread(starter, models, { name: 'mine' }, null),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'disk-full');
        assert.match(error.message, sentence);
        return true;
      },
    );
    assert.deepEqual(below(models), [], `${left}`);
    disk.free();
  }
  const { manifest } = await importInThread(starter, models, { name: 'mine' }, null);
  assert.deepEqual([manifest.id, readdirSync(models)], ['mine', ['mine']]);
});
