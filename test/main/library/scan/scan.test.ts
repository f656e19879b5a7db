import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyPaths, makePlace, openLibrary, writePhotos } from '../setup.ts';

test('any name a file can have is found as it is', async (t) => {
  const place = makePlace(t);
  const names = [
    'new\nline.jpg',
    `quote's "both".jpg`,
    '#%?&.jpg',
    'e\u0301.jpg',
    '猫🐈.JPEG',
    ' space .png',
    'a;b\\c.webp',
  ];
  writePhotos(place, Object.fromEntries(names.map((name, i) => [`deep 'er/${name}`, `${i}`])));
  writePhotos(place, { 'notes.txt': 'no', '.hidden.jpg': 'no', '.trash/x.jpg': 'no', '._a.jpg': 'no' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const items = await library.items();
  assert.deepEqual(items.map(({ name }) => name).sort(), names.toSorted());
  for (const item of items) assert.equal(item.top?.index, names.indexOf(item.name));
  const [found] = await library.items({ search: 'new line' });
  assert.equal(found?.name, 'new\nline.jpg');
});

test(
  'a photo that can’t be reached is a failure, and a folder whose name is no valid Unicode is read like any other',
  { skip: process.platform === 'linux' ? false : 'SKIPPED: file systems here allow no such names' },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, { 'good.jpg': '1' });
    symlinkSync('circle.jpg', join(place.photos, 'circle.jpg'));
    const folder = Buffer.concat([Buffer.from(`${place.photos}/Ann`), Buffer.from([0xe9]), Buffer.from('e')]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from('/one.jpg')]), '2');
    const expected = { 'circle.jpg': 'unreadable', 'good.jpg': 1, 'one.jpg': 2 };
    const library = await openLibrary(place);
    await library.scan();
    await library.scan();
    await library.runAll();
    assert.deepEqual(await library.outcomes(), expected);
    const { items, progress } = await classifyPaths(library, { paths: [place.photos] });
    assert.deepEqual(
      Object.fromEntries(
        items.map((item) => [
          basename(item.path),
          item.status === 'ok' ? item.labels[0]!.index : item.error.code,
        ]),
      ),
      expected,
    );
    assert.deepEqual([progress.total, progress.failed], [3, 1]);
    rmSync(join(place.photos, 'circle.jpg'));
    writePhotos(place, { 'circle.jpg': '4' });
    await library.scan();
    await library.runAll();
    assert.equal((await library.outcomes())['circle.jpg'], 4);
  },
);

test('folders that hold nothing but folders can be read like any other, on the first scan too', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { '2025/spring/one.jpg': '1', '2026/summer/trip/two.jpg': '2' });
  const library = await openLibrary(place);
  const root = await library.scan();
  const names: string[] = [];
  for (const parents = [root]; parents.length;) {
    const page = await library.call('folders.children', { parentId: parents.pop()!, limit: 100 });
    for (const { id, name, available, reason } of page.items) {
      assert.deepEqual([available, reason], [true, null], name);
      names.push(name);
      parents.push(id);
    }
  }
  assert.deepEqual(names.sort(), ['2025', '2026', 'spring', 'summer', 'trip']);
});

test('links that lead in circles are followed once', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a/one.jpg': '1', 'b/two.jpg': '2' });
  symlinkSync(place.photos, join(place.photos, 'a/up'));
  symlinkSync(join(place.photos, 'a'), join(place.photos, 'b/again'));
  symlinkSync(join(place.photos, 'gone'), join(place.photos, 'dangling.jpg'));
  writePhotos(place, {});
  const outside = join(place.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'three.jpg'), '3');
  symlinkSync(outside, join(place.photos, 'linked'));
  const library = await openLibrary(place);
  await library.scan();
  assert.deepEqual((await library.items()).map(({ name }) => name).sort(), [
    'one.jpg',
    'three.jpg',
    'two.jpg',
  ]);
});

test('unchanged files are left alone, a changed one is new again', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const [a, b] = await library.items();
  writeFileSync(join(place.photos, 'b.jpg'), '13 longer');
  await library.scan();
  const [sameA, newB] = await library.items();
  assert.deepEqual(sameA, a);
  assert.equal(newB?.status, 'new');
  assert.notEqual(newB?.version, b?.version);
  await library.runAll();
  assert.equal((await library.outcomes())['b.jpg'], 13);
});

test('a file that was only touched keeps its result once its content is known to be the same', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  utimesSync(join(place.photos, 'a.jpg'), 1e9, 1e9);
  await library.scan();
  assert.equal((await library.runAll()).known, 1);
});

test('a vanished file is missing, and comes back with its label', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  renameSync(join(place.photos, 'a.jpg'), join(place.folder, 'a.jpg'));
  await library.scan();
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 'missing-file', 'b.jpg': 2 });
  renameSync(join(place.folder, 'a.jpg'), join(place.photos, 'a.jpg'));
  await library.scan();
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 1, 'b.jpg': 2 });
});

test('photos that nothing tells apart but their names take no words from each other when they are renamed', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2', 'c.jpg': '33' });
  // As an archive writes them.
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) utimesSync(join(place.photos, name), 1e9, 1e9);
  const library = await openLibrary(place);
  await library.scan();
  const words = async () =>
    Object.fromEntries((await library.items()).map(({ name, ownLabel }) => [name, ownLabel]));
  for (const { id, name } of await library.items())
    await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: `is ${name}` } });
  for (const [from, to] of [
    ['a.jpg', '1.jpg'],
    ['b.jpg', '2.jpg'],
    ['c.jpg', '3.jpg'],
  ] as const)
    renameSync(join(place.photos, from), join(place.photos, to));
  await library.scan();
  assert.deepEqual(await words(), {
    ...{ '1.jpg': null, '2.jpg': null, 'a.jpg': 'is a.jpg', 'b.jpg': 'is b.jpg' },
    '3.jpg': 'is c.jpg',
  });
});

test('words go with their pictures when photos take each other’s names', async (t) => {
  const place = makePlace(t);
  const at = (name: string) => join(place.photos, name);
  const names = Array.from({ length: 6 }, (_, i) => `${i}.jpg`);
  writePhotos(place, Object.fromEntries(names.map((name, i) => [name, `${i} photo`])));
  names.forEach((name, i) => utimesSync(at(name), 1e9 + i, 1e9 + i));
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const words = async () => {
    await library.runAll();
    const shown = (await library.items()).filter(({ status }) => status !== 'missing');
    return Object.fromEntries(shown.map(({ name, ownLabel, top }) => [name, [ownLabel, top?.index]]));
  };
  const say = async (name: string, label: string) => {
    const { id } = (await library.items()).find((item) => item.name === name)!;
    await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label } });
  };
  for (const i of [0, 1, 3, 4]) await say(`${i}.jpg`, `is ${i}`);

  // The first is deleted, and the others are numbered anew: not all have words.
  renameSync(at('0.jpg'), join(place.folder, 'deleted.jpg'));
  for (let i = 1; i < 6; i++) renameSync(at(`${i}.jpg`), at(`${i - 1}.jpg`));
  await library.scan();
  assert.deepEqual(await words(), {
    ...{ '0.jpg': ['is 1', 1], '1.jpg': [null, 2], '2.jpg': ['is 3', 3], '3.jpg': ['is 4', 4] },
    '4.jpg': [null, 5],
  });
  // What was said of it comes back with it.
  renameSync(join(place.folder, 'deleted.jpg'), at('back.jpg'));
  renameSync(at('1.jpg'), at('swap'));
  renameSync(at('2.jpg'), at('1.jpg'));
  renameSync(at('swap'), at('2.jpg'));
  await library.scan();
  const swapped = { '1.jpg': ['is 3', 3], '2.jpg': [null, 2], 'back.jpg': ['is 0', 0] };
  const before = { '0.jpg': ['is 1', 1], '3.jpg': ['is 4', 4], '4.jpg': [null, 5] };
  assert.deepEqual(await words(), { ...before, ...swapped });

  // Copied over: not what it was. From an unlabelled copy that is moved away: restored.
  cpSync(at('4.jpg'), at('0.jpg'), { preserveTimestamps: true });
  writeFileSync(at('3.jpg'), '9 edited, and longer');
  await library.scan();
  await library.runAll();
  renameSync(at('2.jpg'), at('3.jpg'));
  await library.scan();
  assert.deepEqual(await words(), {
    ...{ '0.jpg': [null, 5], '1.jpg': ['is 3', 3], '3.jpg': ['is 4', 2], '4.jpg': [null, 5] },
    'back.jpg': ['is 0', 0],
  });
});

for (const spoken of [['a/x.jpg'], ['b/x.jpg'], ['c/x.jpg'], ['a/x.jpg', 'b/x.jpg', 'c/x.jpg']])
  for (const round of [
    ['a/x.jpg', 'b/x.jpg'],
    ['a/x.jpg', 'b/x.jpg', 'c/x.jpg'],
  ])
    test(`words of ${spoken.join(', ')} go with pictures that are passed on from folder to folder: ${round.join(' → ')}`, async (t) => {
      const place = makePlace(t);
      const at = (name: string) => join(place.photos, name);
      const names = ['a/x.jpg', 'b/x.jpg', 'c/x.jpg'];
      writePhotos(place, Object.fromEntries(names.map((name, i) => [name, `${i} photo`])));
      names.forEach((name, i) => utimesSync(at(name), 1e9 + i, 1e9 + i));
      const library = await openLibrary(place);
      await library.scan();
      await library.runAll();
      for (const item of await library.items()) {
        const { path } = await library.call('photos.get', { photoId: item.id });
        const name = names.find((each) => path === at(each))!;
        if (spoken.includes(name))
          await library.call('review.act', {
            selection: { ids: [item.id] },
            act: { kind: 'add', label: `is ${item.top?.index}` },
          });
      }
      renameSync(at(round.at(-1)!), at('passed'));
      for (let i = round.length - 1; i > 0; i--) renameSync(at(round[i - 1]!), at(round[i]!));
      renameSync(at('passed'), at(round[0]!));
      await library.scan();
      await library.runAll();
      const found: Record<string, unknown> = {};
      for (const item of await library.items()) {
        if (item.status === 'missing') continue;
        const { path } = await library.call('photos.get', { photoId: item.id });
        found[names.find((each) => path === at(each))!] = [item.ownLabel, item.top?.index];
      }
      const expected = names.map((name) => {
        const i = round.indexOf(name);
        const from = i < 0 ? name : round.at(i - 1)!;
        const index = names.indexOf(from);
        return [name, [spoken.includes(from) ? `is ${index}` : null, index]];
      });
      assert.deepEqual(found, Object.fromEntries(expected));
    });

test('a copy that is brought back over a photo from another folder leaves its words where they are', async (t) => {
  const place = makePlace(t);
  const at = (name: string) => join(place.photos, name);
  writePhotos(place, { 'a/x.jpg': '1 photo', 'kept/x.jpg': '2 photo, before it was edited' });
  ['a/x.jpg', 'kept/x.jpg'].forEach((name, i) => utimesSync(at(name), 1e9 + i, 1e9 + i));
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const first = (await library.items()).find(({ top }) => top?.index === 1)!;
  await library.call('review.act', { selection: { ids: [first.id] }, act: { kind: 'add', label: 'mine' } });
  cpSync(at('kept/x.jpg'), at('a/x.jpg'), { preserveTimestamps: true });
  await library.scan();
  await library.runAll();
  assert.deepEqual(
    (await library.items()).map(({ ownLabel, top }) => [ownLabel, top?.index]).sort(),
    [
      [null, 2],
      ['mine', 2],
    ].sort(),
  );
});

test('words go with their pictures where the command line saw a new name before the library did', async (t) => {
  const place = makePlace(t);
  const at = (name: string) => join(place.photos, name);
  writePhotos(place, { 'a.jpg': '1 photo', 'b.jpg': '2 photo' });
  // Their times alone tell that they were renamed: as uncompressed files that came out of an archive.
  for (const name of ['a.jpg', 'b.jpg']) utimesSync(at(name), 1e9, 1e9);
  const library = await openLibrary(place);
  const paths = [place.photos];
  await classifyPaths(library, { paths });
  assert.equal((await library.call('internal.strays', {})).count, 2);
  await library.scan();
  assert.equal((await library.call('internal.strays', {})).count, 0);
  await library.runAll();
  for (const { id, name } of await library.items())
    await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: `is ${name}` } });
  renameSync(at('a.jpg'), at('swap'));
  renameSync(at('b.jpg'), at('a.jpg'));
  renameSync(at('swap'), at('b.jpg'));
  const { items } = await classifyPaths(library, { paths });
  assert.deepEqual(
    items.map((item) => item.status === 'ok' && item.labels[0]!.index),
    [2, 1],
  );
  assert.equal((await classifyPaths(library, { paths })).progress.known, 2);
  await library.scan();
  await library.runAll();
  const now = (await library.items()).map(({ name, ownLabel, top }) => [name, ownLabel, top?.index]);
  assert.deepEqual(now, [
    ['a.jpg', 'is b.jpg', 2],
    ['b.jpg', 'is a.jpg', 1],
  ]);
});

test('a vanished folder is not available, says why, and keeps its photos until it is back', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'sub/b.jpg': '2' });
  const library = await openLibrary(place);
  const id = await library.scan();
  renameSync(place.photos, `${place.photos} away`);
  await library.call('folders.rescan', { folderId: id });
  const root = async () => (await library.call('folders.children', { parentId: null, limit: 5 })).items[0]!;
  while ((await root()).available) await sleep(5);
  assert.match((await root()).reason ?? '', /nothing at/);
  assert.equal((await library.items({ status: ['new'] })).length, 2);
  renameSync(`${place.photos} away`, place.photos);
  await library.scan();
  assert.deepEqual([(await root()).available, (await root()).reason], [true, null]);
});

test('a folder below that vanished is told, and forgotten once nothing of it is left', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'sub/b.jpg': '2 b' });
  const library = await openLibrary(place);
  const parentId = await library.scan();
  await library.runAll();
  mkdirSync(join(place.photos, 'new'));
  renameSync(join(place.photos, 'sub/b.jpg'), join(place.photos, 'new/b.jpg'));
  rmSync(join(place.photos, 'sub'), { recursive: true });
  await library.scan();
  const { items } = await library.call('folders.children', { parentId, limit: 5 });
  assert.deepEqual(
    items.map(({ name, photos, available }) => [name, photos, available]),
    [['new', 1, true]],
  );
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 1, 'b.jpg': 2 });
});

test(
  'an unreadable folder is a row with its reason, and the rest is found',
  { skip: process.getuid?.() === 0 ? 'SKIPPED: nothing is unreadable to root' : false },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, { 'a.jpg': '1', 'locked/b.jpg': '2' });
    chmodSync(join(place.photos, 'locked'), 0);
    t.after(() => chmodSync(join(place.photos, 'locked'), 0o700));
    const library = await openLibrary(place);
    const parentId = await library.scan();
    const { items } = await library.call('folders.children', { parentId, limit: 5 });
    assert.equal(items[0]?.available, false);
    assert.match(items[0]?.reason ?? '', /EACCES/);
    assert.equal((await library.items()).length, 1);
  },
);

test('a folder within one that was added is the same folder, and one around it takes it in', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'year/trip/a.jpg': '1', 'year/b.jpg': '2' });
  const library = await openLibrary(place);
  const trip = await library.call('folders.add', { path: join(place.photos, 'year/trip') });
  while ((await library.items()).length === 0) await sleep(5);
  await library.runAll();
  await library.scan();
  const roots = await library.call('folders.children', { parentId: null, limit: 5 });
  assert.deepEqual(
    roots.items.map(({ path, photos }) => [path, photos]),
    [[place.photos, 2]],
  );
  const again = await library.call('folders.add', { path: join(place.photos, 'year/trip') });
  assert.equal(again.id, trip.id);
  assert.notEqual(again.parentId, null);
  assert.equal((await library.items({ status: ['ok'] })).length, 1, 'what was known is still known');
  await assert.rejects(library.call('folders.remove', { folderId: trip.id }), { code: 'not-a-root' });
});

test('what is no folder is refused with a sentence', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  for (const name of ['a.jpg', 'nowhere'])
    await assert.rejects(library.call('folders.add', { path: join(place.photos, name) }), {
      code: 'folder-unreadable',
    });
});

test('with a window open, what changes in a folder is seen without asking', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place, { window: true });
  await library.scan();
  writePhotos(place, { 'b.jpg': '2', 'new folder/c.jpg': '3' });
  while ((await library.items()).length < 3) await sleep(50);
});

test('a folder that is removed while it is looked through is told to be done with', async (t) => {
  const place = makePlace(t);
  writePhotos(place, Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}.jpg`, `${i}`])));
  const library = await openLibrary(place);
  const { id: folderId } = await library.call('folders.add', { path: place.photos });
  await library.call('folders.remove', { folderId });
  const progress = library.heard.flatMap(({ name, payload }) => (name === 'scan.progress' ? [payload] : []));
  assert.deepEqual(progress.map(({ folderId: of, done }) => [of, done]).at(-1), [folderId, true]);
  assert.ok(progress.every(({ found }) => found < 600));
});
