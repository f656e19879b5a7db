/** Folders are watched while a window is open: what comes, changes and goes is seen without asking. Real files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRemote } from '../../../../main/library/scan/remote.ts';
import { Settling } from '../../../../main/library/scan/settling.ts';
import { Watchers } from '../../../../main/library/scan/watch.ts';
import { makePlace, openLibrary, writePhotos, type Asked, type Place } from '../setup.ts';

/** Name → status, waited for; what it is in the end where it never becomes that. */
async function becomes(library: Asked, expected: Record<string, string>): Promise<void> {
  const wanted = JSON.stringify(Object.entries(expected).sort());
  let found: Record<string, string> = {};
  for (let i = 0; i < 300; i++) {
    found = Object.fromEntries((await library.items()).map(({ name, status }) => [name, status]));
    if (JSON.stringify(Object.entries(found).sort()) === wanted) return;
    await sleep(100);
  }
  assert.deepEqual(found, expected);
}

async function watched(t: Parameters<typeof makePlace>[0], contents: Record<string, string>) {
  const place = makePlace(t);
  writePhotos(place, contents);
  const library = await openLibrary(place, { window: true });
  const folderId = await library.scan();
  return { place, library, folderId, at: (name: string) => join(place.photos, name) };
}

/** Bytes, by name, as the lists have them. */
const bytesOf = async (library: Asked, name: string): Promise<number | undefined> => {
  const item = (await library.items()).find((each) => each.name === name);
  return item && (await library.call('photos.get', { photoId: item.id })).bytes;
};

test('new, changed, renamed and deleted photos, and trees that are made all at once', async (t) => {
  const { library, at, place } = await watched(t, { 'a.jpg': '1', 'b.jpg': '2', 'below/c.jpg': '3' });
  writePhotos(place, { 'new/deep/deeper/d.jpg': '4', 'new/e.jpg': '5', 'below/f.jpg': '6' });
  await becomes(library, { 'a.jpg': 'new', 'b.jpg': 'new', 'c.jpg': 'new', 'd.jpg': 'new', 'e.jpg': 'new', 'f.jpg': 'new' }); // prettier-ignore
  await library.runAll();
  // A tree that is moved in has no events of its own for what it holds.
  writePhotos({ ...place, photos: join(place.folder, 'outside') } as Place, { 'g/h/i.jpg': '7' });
  renameSync(join(place.folder, 'outside', 'g'), at('g'));
  renameSync(at('a.jpg'), at('renamed.jpg'));
  renameSync(at('below/c.jpg'), at('new/c.jpg'));
  unlinkSync(at('b.jpg'));
  await becomes(library, { 'renamed.jpg': 'ok', 'b.jpg': 'missing', 'c.jpg': 'ok', 'd.jpg': 'ok', 'e.jpg': 'ok', 'f.jpg': 'ok', 'i.jpg': 'new' }); // prettier-ignore
  rmSync(at('g'), { recursive: true });
  writeFileSync(at('below/f.jpg'), '8, another picture');
  await becomes(library, { 'renamed.jpg': 'ok', 'b.jpg': 'missing', 'c.jpg': 'ok', 'd.jpg': 'ok', 'e.jpg': 'ok', 'f.jpg': 'new', 'i.jpg': 'missing' }); // prettier-ignore
});

test('words go with their pictures while photos are numbered anew, one after the other', async (t) => {
  const names = [0, 1, 2, 3, 4].map((i) => `${i}.jpg`);
  const { library, at } = await watched(
    t,
    Object.fromEntries(names.map((name, i) => [name, `${i} photo${'.'.repeat(i)}`])),
  );
  await library.runAll();
  for (const { id, name } of await library.items())
    await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: `is ${name}` } });
  unlinkSync(at('0.jpg'));
  for (const i of [1, 2, 3, 4]) {
    renameSync(at(`${i}.jpg`), at(`${i - 1}.jpg`));
    await sleep(600);
  }
  const expected = Object.fromEntries([1, 2, 3, 4].map((i) => [`${i - 1}.jpg`, `is ${i}.jpg`]));
  let found: Record<string, string | null> = {};
  for (let i = 0; i < 100 && JSON.stringify(found) !== JSON.stringify(expected); i++) {
    await sleep(100);
    const there = (await library.items()).filter(({ status }) => status !== 'missing');
    found = Object.fromEntries(there.map(({ name, ownLabel }) => [name, ownLabel]));
  }
  assert.deepEqual(found, expected);
});

test('folders that links lead to are watched too, and links that lead in a circle do no harm', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'z/inside.jpg': '2' });
  const outside = { ...place, photos: join(place.folder, 'outside') };
  writePhotos(outside, { 'b.jpg': '3', 'deep/c.jpg': '4' });
  symlinkSync(outside.photos, join(place.photos, 'linked'), 'dir');
  symlinkSync(place.photos, join(outside.photos, 'circle'), 'dir');
  symlinkSync(join(place.photos, 'z'), join(place.photos, 'alias'), 'dir');
  const library = await openLibrary(place, { window: true });
  await library.scan();
  await becomes(library, { 'a.jpg': 'new', 'inside.jpg': 'new', 'b.jpg': 'new', 'c.jpg': 'new' });
  await library.runAll();
  writePhotos(outside, { 'd.jpg': '5', 'deep/deeper/e.jpg': '6' });
  writePhotos(place, { 'z/f.jpg': '7' });
  unlinkSync(join(outside.photos, 'deep/c.jpg'));
  const all = { 'a.jpg': 'ok', 'inside.jpg': 'ok', 'b.jpg': 'ok', 'c.jpg': 'missing', 'd.jpg': 'new', 'e.jpg': 'new', 'f.jpg': 'new' }; // prettier-ignore
  await becomes(library, all);
  const paths = await Promise.all((await library.items()).map(async ({ id }) => (await library.call('internal.path', { photoId: id }).catch(() => ({ path: '' }))).path)); // prettier-ignore
  assert.deepEqual(
    paths.filter((path) => /alias|circle/.test(path)),
    [],
    'each under one path',
  );
  // A link that comes while it is watched.
  const later = { ...place, photos: join(place.folder, 'later') };
  writePhotos(later, { 'g.jpg': '8' });
  symlinkSync(later.photos, join(place.photos, 'late'), 'dir');
  await becomes(library, { ...all, 'g.jpg': 'new' });
  writePhotos(later, { 'h.jpg': '9' });
  await becomes(library, { ...all, 'g.jpg': 'new', 'h.jpg': 'new' });
});

test('a file that is still being written is waited for, and taken in whole', async (t) => {
  const { library, at } = await watched(t, { 'a.jpg': '1' });
  let early: number | undefined;
  for (let part = 0; part < 12; part++) {
    appendFileSync(at('slow.jpg'), 'x'.repeat(1000));
    early ??= await bytesOf(library, 'slow.jpg');
    await sleep(250);
  }
  assert.equal(early, undefined, 'not while it grew');
  await becomes(library, { 'a.jpg': 'new', 'slow.jpg': 'new' });
  assert.equal(await bytesOf(library, 'slow.jpg'), 12_000);
});

test('a burst of a thousand files comes in whole', async (t) => {
  const { library, at } = await watched(t, { 'a.jpg': '1' });
  mkdirSync(at('import'));
  for (let i = 0; i < 1000; i++) writeFileSync(at(`import/${i}.jpg`), `${i}`);
  const total = async () => (await library.call('photos.count', { filter: {} })).total;
  for (let i = 0; i < 300 && (await total()) < 1001; i++) await sleep(100);
  assert.equal(await total(), 1001);
  const scans = library.heard.filter(({ name, payload }) => name === 'scan.progress' && payload.done);
  assert.ok(scans.length < 20, `${scans.length} looks`);
});

test('new photos are left until somebody says that they are classified by themselves', async (t) => {
  const { place, library, folderId } = await watched(t, { 'a.jpg': '1' });
  const asked = () =>
    library.heard.flatMap(({ name, payload }) => (name === 'folders.arrived' ? [payload] : []));
  const folder = async () =>
    (await library.call('folders.children', { parentId: null, limit: 10 })).items[0]!;
  assert.equal((await folder()).classifyNew, null);
  writePhotos(place, { 'b.jpg': '2' });
  await becomes(library, { 'a.jpg': 'new', 'b.jpg': 'new' });
  for (let i = 0; i < 100 && !asked().length; i++) await sleep(20);
  assert.deepEqual(asked(), [{ folderId, photos: 1 }]);
  await library.call('folders.setClassifyNew', { folderId, classify: false });
  writePhotos(place, { 'c.jpg': '3' });
  await becomes(library, { 'a.jpg': 'new', 'b.jpg': 'new', 'c.jpg': 'new' });
  await library.call('folders.setClassifyNew', { folderId, classify: true });
  await becomes(library, { 'a.jpg': 'new', 'b.jpg': 'ok', 'c.jpg': 'ok' });
  writePhotos(place, { 'd/d.jpg': '4' });
  await becomes(library, { 'a.jpg': 'new', 'b.jpg': 'ok', 'c.jpg': 'ok', 'd.jpg': 'ok' });
  assert.equal(asked().length, 1, 'asked once');
  assert.equal((await folder()).classifyNew, true);
});

test('a file counts as settled when nothing about it changed for a moment, whatever the clocks say', async () => {
  const settling = new Settling();
  const facts = { bytes: 10, modifiedMs: 0, changedMs: Date.now() - 60_000 };
  assert.equal(settling.isSettled('/old.jpg', facts), true);
  const ahead = { ...facts, changedMs: Date.now() + 3_600_000 };
  assert.equal(settling.isSettled('/ahead.jpg', ahead), false);
  await sleep(1600);
  assert.equal(settling.isSettled('/ahead.jpg', { ...ahead, bytes: 11 }), false, 'it grew');
  await sleep(1600);
  assert.equal(settling.isSettled('/ahead.jpg', { ...ahead, bytes: 11 }), true);
});

test('what comes while the watches are being made is told of, whenever that is', async (t) => {
  const place = makePlace(t);
  const told = new Set<string>();
  const watchers = new Watchers({
    onChange: (folder) => void told.add(folder),
    onTime: () => assert.fail('no time has passed'),
    onSlow: (_, reason) => assert.fail(reason),
  });
  // Each a little later after its watch was asked for, from before there is one until it is whole.
  const folders = Array.from({ length: 40 }, (_, i) => join(place.folder, `${i}`));
  for (const [i, folder] of folders.entries()) {
    for (let k = 0; k < 30; k++) mkdirSync(join(folder, `${k}`), { recursive: true });
    utimesSync(folder, 1e9, 1e9);
    void watchers.add(folder, Date.now());
    await sleep(i / 3);
    writeFileSync(join(folder, 'a.jpg'), '1');
  }
  const untold = () => folders.filter((folder) => !told.has(folder));
  for (let i = 0; i < 300 && untold().length > 0; i++) await sleep(50);
  assert.deepEqual(untold(), []);
  await watchers.close();
});

test('folders of this machine are not taken for those of another', async (t) => {
  const place = makePlace(t);
  assert.equal(await isRemote(place.photos), false);
  assert.equal(await isRemote(join(place.folder, 'nowhere')), false);
});

// A name space of one's own has limits of its own: the real error, of the real system.
const limited = [
  'unshare',
  '-Ur',
  'sh',
  '-c',
  'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"',
  'sh',
];
const canLimit =
  process.platform === 'linux' && spawnSync(limited[0]!, [...limited.slice(1), 'true']).status === 0;

test(
  'where the system watches no more folders, a look now and then takes its place, and the person is told',
  { skip: canLimit ? false : 'SKIPPED: this system does not let its limits be lowered for a process' },
  (t) => {
    const place = makePlace(t);
    writePhotos(place, Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}/a.jpg`, `${i}`])));
    const child = join(import.meta.dirname, 'watch-child.ts');
    const { stdout, stderr } = spawnSync(
      limited[0]!,
      [...limited.slice(1), process.execPath, child, place.photos],
      { encoding: 'utf8', timeout: 60_000 },
    );
    assert.deepEqual(JSON.parse(stdout || stderr), {
      slow: [[place.photos, 'limit']],
      looked: [place.photos],
    });
  },
);
