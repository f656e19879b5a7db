import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { needsOtherDisk, otherDisk, temporaryFolder } from '../../../temporary.ts';
import { type Asked, makePlace, openLibrary, ownTrash, type Place, writePhotos } from '../setup.ts';

const onLinux = { skip: process.platform === 'linux' ? false : 'SKIPPED: the trash of Linux desktops' };

async function withPhotos(
  t: TestContext,
): Promise<{ place: Place; library: Asked; ids: Map<string, number> }> {
  const place = makePlace(t);
  ownTrash(t, place);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2', 'sub/a.jpg': '3', 'kept/c.jpg': '4', 'kept/a.jpg': '5' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const items = await library.items();
  const ids = new Map(items.map(({ path, id }) => [path.slice(place.photos.length + 1), id]));
  return { place, library, ids };
}

const shown = async (library: Asked, place: Place) =>
  (await library.items()).map(({ path }) => path.slice(place.photos.length + 1)).sort();
const content = (...parts: string[]) => readFileSync(join(...parts), 'utf8');
const undo = (library: Asked) => library.call('review.undo', {});
const redo = (library: Asked) => library.call('review.redo', {});

test('photos move within the library with all that is known of them, nothing is overwritten, and it is undone across restarts', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const moving = [ids.get('a.jpg')!, ids.get('sub/a.jpg')!];
  await library.call('review.act', { selection: { ids: moving }, act: { kind: 'add', label: 'boat' } });
  const folder = join(place.photos, 'kept');
  const { act, failed } = await library.call('photos.move', { selection: { ids: moving }, folder });
  assert.deepEqual([act?.kind, act?.photos, act?.about, failed], ['move', 2, [folder], []]);
  assert.deepEqual(await shown(library, place), [
    'b.jpg',
    'kept/a (2).jpg',
    'kept/a (3).jpg',
    'kept/a.jpg',
    'kept/c.jpg',
  ]);
  assert.deepEqual(
    ['a.jpg', 'a (2).jpg', 'a (3).jpg'].map((name) => content(folder, name)),
    ['5', '1', '3'],
  );
  const moved = await library.call('photos.get', { photoId: moving[0]! });
  assert.deepEqual([moved.name, moved.person.labels, moved.top?.index], ['a (2).jpg', ['boat'], 1]);
  await library.close();

  const again = await openLibrary(place);
  // Something took its old place meanwhile: it stays, and what can go back does.
  writeFileSync(join(place.photos, 'a.jpg'), 'another');
  assert.equal((await undo(again)).act?.undone, true);
  assert.deepEqual([content(place.photos, 'a.jpg'), content(place.photos, 'sub', 'a.jpg')], ['another', '3']);
  assert.equal(content(folder, 'a (2).jpg'), '1');
  const notice = again.heard.find(({ name }) => name === 'notice');
  assert.equal(notice?.name === 'notice' && notice.payload.failure.code, 'not-moved');
  assert.equal((await redo(again)).act?.undone, false);
  assert.equal(content(folder, 'a (3).jpg'), '3');
  rmSync(join(place.photos, 'a.jpg'));
  await undo(again);
  assert.deepEqual([content(place.photos, 'a.jpg'), content(place.photos, 'sub', 'a.jpg')], ['1', '3']);
  assert.deepEqual(await shown(again, place), ['a.jpg', 'b.jpg', 'kept/a.jpg', 'kept/c.jpg', 'sub/a.jpg']);
});

test('a way back that is told takes back its own act alone', async (t) => {
  const { library, ids } = await withPhotos(t);
  const say = async (label: string) => {
    const selection = { ids: [ids.get('b.jpg')!] };
    return (await library.call('review.act', { selection, act: { kind: 'add', label } })).act!.id;
  };
  const [first, last] = [await say('boat'), await say('sea')];
  await assert.rejects(library.call('review.undo', { actId: first }), { code: 'done-since' });
  assert.equal((await library.call('review.undo', { actId: last })).act?.undone, true);
  await assert.rejects(library.call('review.undo', { actId: last }), { code: 'done-since' });
  await undo(library);
  await assert.rejects(library.call('review.redo', { actId: last }), { code: 'done-since' });
  assert.equal((await library.call('review.redo', { actId: first })).act?.undone, false);
  assert.deepEqual((await library.call('photos.get', { photoId: ids.get('b.jpg')! })).person.labels, [
    'boat',
  ]);
});

test('two windows that undo at once take back an act each', needsOtherDisk, async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const before = await shown(library, place);
  const folder = temporaryFolder(t, 'moves', otherDisk);
  const selection = { ids: [ids.get('b.jpg')!] };
  const acts = [
    await library.call('review.act', { selection, act: { kind: 'add', label: 'boat' } }),
    await library.call('photos.move', { selection: { ids: [...ids.values()] }, folder }),
  ];
  const taken = await Promise.all([undo(library), undo(library)]);
  assert.deepEqual(
    taken.map(({ act }) => act?.id),
    acts.map(({ act }) => act?.id).reverse(),
  );
  assert.deepEqual(await shown(library, place), before);

  // Also those of two processes.
  for (const { act } of taken.reverse()) await library.call('review.redo', { actId: act!.id });
  const beside = await openLibrary(place);
  const both = await Promise.all([undo(library), undo(beside)]);
  assert.deepEqual(new Set(both.map(({ act }) => act?.id)), new Set(acts.map(({ act }) => act?.id)));
  const told = [library, beside].flatMap(({ heard }) => heard.filter(({ name }) => name === 'notice'));
  assert.deepEqual(told, []);
  assert.deepEqual(await shown(library, place), before);
});

test(
  'where a later photo finds no place, those that moved are one act, which is undone',
  onLinux,
  async (t) => {
    const { place, library } = await withPhotos(t);
    const at = (...names: string[]) => join(place.photos, ...names);
    // A second of that name would have to be called longer than a file can be.
    const long = `c${'o'.repeat(250)}.jpg`;
    writePhotos(place, { [long]: '6', [`kept/${long}`]: '7', 'z.jpg': '8', 'z.xmp': 'of z' });
    await library.scan();
    const from = (await library.items()).filter(({ path }) => !path.includes('/kept/'));
    const before = await shown(library, place);
    const selection = { ids: from.map(({ id }) => id) };
    const { act, failed } = await library.call('photos.move', { selection, folder: at('kept') });
    assert.deepEqual(failed.map(({ path, error }) => [path, error.code]), [[at(long), 'cannot-move']]); // prettier-ignore
    assert.match(failed[0]!.error.message, /can't be moved: its name, .* shorter name/);
    assert.deepEqual([act?.kind, act?.photos, act?.undoable], ['move', 4, true]);
    assert.deepEqual([content(at(long)), content(at('kept', 'z.jpg'))], ['6', '8']);
    assert.deepEqual([content(at('kept', 'z.xmp')), existsSync(at('z.xmp'))], ['of z', false]);
    await undo(library);
    assert.deepEqual(await shown(library, place), before);
    assert.deepEqual([content(at('a.jpg')), content(at('z.jpg')), content(at('z.xmp'))], ['1', '8', 'of z']);

    // The trash has files of its own beside each, whose names are longer still.
    const trashed = await library.call('internal.trash', { selection });
    assert.deepEqual([trashed.act?.photos, trashed.failed.map(({ path }) => path)], [4, [at(long)]]);
    await undo(library);
    assert.deepEqual(await shown(library, place), before);
  },
);

test('where no photo could be moved, no folder is left that was made for them', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const id = ids.get('b.jpg')!;
  rmSync(join(place.photos, 'b.jpg'));
  const folder = join(place.folder, 'elsewhere', 'new');
  const { act, failed } = await library.call('photos.move', { selection: { ids: [id] }, folder });
  assert.deepEqual([act, failed.map(({ error }) => error.code)], [null, ['missing-file']]);
  assert.ok(!existsSync(join(place.folder, 'elsewhere')));
});

test('what is moved out of the library leaves its lists, and comes back as it was', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const id = ids.get('b.jpg')!;
  await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: 'boat' } });
  const away = join(place.folder, 'elsewhere', 'new');
  await library.call('photos.move', { selection: { ids: [id] }, folder: away });
  assert.equal(content(away, 'b.jpg'), '2');
  assert.deepEqual(await shown(library, place), ['a.jpg', 'kept/a.jpg', 'kept/c.jpg', 'sub/a.jpg']);
  const facets = await library.call('photos.facets', { filter: {}, limit: 50 });
  assert.deepEqual([facets.own, facets.status['missing'], facets.items.length], [0, 0, 4]);
  // A scan in between finds nothing new.
  await library.scan();
  assert.equal((await library.items()).length, 4);
  await undo(library);
  const [back] = (await library.items()).filter(({ name }) => name === 'b.jpg');
  assert.deepEqual([back?.id, back?.ownLabel, back?.top?.index, back?.status], [id, 'boat', 2, 'ok']);
  await assert.rejects(library.call('photos.move', { selection: { ids: [id] }, folder: 'here' }), {
    code: 'cannot-move',
  });
  await assert.rejects(
    library.call('photos.move', { selection: { ids: [id] }, folder: join(place.photos, 'a.jpg', 'x') }),
    { code: 'cannot-move' },
  );
});

test('what a person said stays with a photo that came back and is edited then', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const id = ids.get('b.jpg')!;
  await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: 'boat' } });
  await library.call('photos.move', { selection: { ids: [id] }, folder: join(place.folder, 'elsewhere') });
  await undo(library);
  writeFileSync(join(place.photos, 'b.jpg'), 'longer than it was');
  await library.scan();
  const found = (await library.items()).filter(({ path }) => path.startsWith(join(place.photos, 'b.jpg')));
  assert.deepEqual(found.map((photo) => [photo.id, photo.name, photo.ownLabel]), [[id, 'b.jpg', 'boat']]); // prettier-ignore
});

test('a photo that comes back to where a missing one was takes nothing that was said of that one, which comes back with its file', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const id = ids.get('b.jpg')!;
  await library.call('photos.move', { selection: { ids: [id] }, folder: join(place.folder, 'elsewhere') });
  const old = join(place.photos, 'b.jpg');
  writeFileSync(old, '3 another');
  await library.scan();
  await library.runAll();
  const other = (await library.items()).find(({ path }) => path === old)!.id;
  assert.notEqual(other, id);
  // Not as an act, which would be the one that is undone.
  const beside = new Database(join(place.home, 'catalog.sqlite'));
  beside.prepare('INSERT INTO person_words (photo_id, none, drawn) VALUES (?, 1, 0)').run(other);
  beside.close();
  rmSync(old);
  await library.scan();
  await undo(library);
  const there = (await library.items()).filter(({ path }) => path.startsWith(old));
  assert.deepEqual(there.map((photo) => [photo.id, photo.status]), [[id, 'ok']]); // prettier-ignore
  writeFileSync(join(place.photos, 'found again.jpg'), '3 another');
  await library.scan();
  const back = await library.call('photos.get', { photoId: other });
  assert.deepEqual([back.name, back.status, back.person.none], ['found again.jpg', 'ok', true]);
});

test('the trash is that of the desktop, and undo takes photos out of it again', onLinux, async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const trash = join(place.folder, 'data', 'Trash');
  const { act, failed } = await library.call('internal.trash', {
    selection: { ids: [ids.get('a.jpg')!, ids.get('sub/a.jpg')!] },
  });
  assert.deepEqual([act?.kind, act?.photos, act?.undoable, failed], ['trash', 2, true, []]);
  assert.deepEqual(readdirSync(join(trash, 'files')).sort(), ['a (2).jpg', 'a.jpg']);
  assert.deepEqual(readdirSync(join(trash, 'info')).sort(), ['a (2).jpg.trashinfo', 'a.jpg.trashinfo']);
  assert.match(
    content(trash, 'info', 'a.jpg.trashinfo'),
    /^\[Trash Info\]\nPath=\/.*photos\/a\.jpg\nDeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\n$/,
  );
  assert.deepEqual(await shown(library, place), ['b.jpg', 'kept/a.jpg', 'kept/c.jpg']);
  await undo(library);
  assert.deepEqual([...readdirSync(join(trash, 'files')), ...readdirSync(join(trash, 'info'))], []);
  assert.deepEqual([content(place.photos, 'a.jpg'), content(place.photos, 'sub', 'a.jpg')], ['1', '3']);
  await redo(library);
  assert.equal(readdirSync(join(trash, 'info')).length, 2);
  // Somebody emptied it: there is nothing to take back, and what was done before can be undone again.
  rmSync(trash, { recursive: true });
  assert.equal((await undo(library)).act?.kind, 'trash');
  assert.equal((await undo(library)).act, null);
});

test(
  'a photo in the trash keeps its place in the library, and all that was said of it',
  onLinux,
  async (t) => {
    const { place, library, ids } = await withPhotos(t);
    const kept = (await library.items()).find(({ path }) => path.endsWith('kept/a.jpg'))!;
    await library.call('review.act', { selection: { ids: [kept.id] }, act: { kind: 'add', label: 'boat' } });
    const known = async () => (await library.items()).map(({ id, path, ownLabel, top }) => ({ id, path, ownLabel, top })); // prettier-ignore
    const before = await known();
    await library.call('internal.trash', { selection: { ids: [kept.id] } });
    const moved = { selection: { ids: [ids.get('a.jpg')!] }, folder: join(place.photos, 'kept') };
    await library.call('photos.move', moved);
    assert.deepEqual(readdirSync(join(place.photos, 'kept')).sort(), ['a (2).jpg', 'c.jpg']);
    await undo(library);

    const options = { folder: place.photos, template: 'kept/{name}', way: 'copy' } as const;
    const task = { kind: 'organise', labels: { by: 'any' }, ...options } as const;
    const written = async () => {
      await library.writingEnds();
      return readdirSync(join(place.photos, 'kept')).sort();
    };
    await library.call('writing.start', { selection: { ids: [ids.get('a.jpg')!] }, task, dryRun: false });
    assert.deepEqual(await written(), ['a (2).jpg', 'c.jpg']);
    await library.call('writing.undo', {});
    assert.deepEqual(await written(), ['c.jpg']);
    await undo(library);
    assert.deepEqual(await known(), before);
  },
);

test(
  'another photo that comes by the name of one in the trash is not it: nothing that was said goes over, and undo brings the first back',
  onLinux,
  async (t) => {
    const { place, library, ids } = await withPhotos(t);
    const first = ids.get('a.jpg')!;
    await library.call('review.act', { selection: { ids: [first] }, act: { kind: 'add', label: 'boat' } });
    await library.call('internal.trash', { selection: { ids: [first] } });
    writeFileSync(join(place.photos, 'a.jpg'), 'another, from the same camera');
    await library.scan();
    const [other] = (await library.items()).filter(({ path }) => path === join(place.photos, 'a.jpg'));
    assert.notEqual(other!.id, first);
    assert.deepEqual((await library.call('photos.get', { photoId: other!.id })).person.labels, []);
    await assert.rejects(undo(library), { code: 'file-exists' });
    renameSync(join(place.photos, 'a.jpg'), join(place.photos, 'z.jpg'));
    await undo(library);
    await library.scan();
    const back = await library.call('photos.get', { photoId: first });
    assert.deepEqual(
      [back.name, back.person.labels, content(place.photos, 'a.jpg')],
      ['a.jpg', ['boat'], '1'],
    );
    assert.deepEqual(await shown(library, place), ['a.jpg', 'b.jpg', 'kept/a.jpg', 'kept/c.jpg', 'sub/a.jpg', 'z.jpg']); // prettier-ignore
  },
);

test('a file that is another photo by now is not what somebody chose: it stays, and is told', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const a = ids.get('a.jpg')!;
  // Exchanged, and the library has not looked since.
  for (const [from, to] of [
    ['a', 'other'],
    ['b', 'a'],
    ['other', 'b'],
  ])
    // prettier-ignore
    renameSync(join(place.photos, `${from}.jpg`), join(place.photos, `${to}.jpg`));
  const selection = { ids: [a] };
  const begun = await library.call('internal.trashBegin', { selection });
  assert.deepEqual([begun.files, begun.failed.map(({ error }) => error.code)], [[], ['changed-on-disk']]);
  await library.call('internal.trashEnd', { batch: begun.batch });
  const moved = await library.call('photos.move', { selection, folder: join(place.folder, 'elsewhere') });
  assert.equal(moved.act, null);
  assert.match(moved.failed[0]!.error.message, /a\.jpg as the library shows it; its file is another one now/);
  assert.deepEqual([content(place.photos, 'a.jpg'), content(place.photos, 'b.jpg')], ['2', '1']);
  await library.scan();
  // Now it is known what it is.
  const now = (await library.items()).find(({ path }) => path === join(place.photos, 'a.jpg'))!;
  const again = await library.call('photos.move', {
    selection: { ids: [now.id] },
    folder: join(place.folder, 'elsewhere'),
  });
  assert.deepEqual([again.failed, content(place.folder, 'elsewhere', 'a.jpg')], [[], '2']);
});

test('what the system’s trash took and gives to no program is told as such, and does not stand in the way of undo', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const [a, b] = [ids.get('a.jpg')!, ids.get('b.jpg')!];
  await library.call('review.act', { selection: { ids: [a] }, act: { kind: 'add', label: 'boat' } });
  const begun = await library.call('internal.trashBegin', { selection: { ids: [a, b] } });
  const { batch } = begun;
  const paths = begun.files.map(({ path }) => path);
  assert.deepEqual(paths, [join(place.photos, 'a.jpg'), join(place.photos, 'b.jpg')]);
  rmSync(paths[0]!);
  const { act } = await library.call('internal.trashEnd', { batch });
  assert.deepEqual([act?.kind, act?.photos, act?.undoable], ['trash', 1, false]);
  assert.deepEqual(await shown(library, place), ['b.jpg', 'kept/a.jpg', 'kept/c.jpg', 'sub/a.jpg']);
  assert.equal((await undo(library)).act?.kind, 'add');
});

test(
  'sidecars go where their photo goes, with what was written into them, and come back with it',
  onLinux,
  async (t) => {
    const { place, library, ids } = await withPhotos(t);
    const at = (...names: string[]) => join(place.photos, ...names);
    const sidecars = { 'a.jpg.xmp': 'full', 'a.XMP': 'short', 'b.xmp': 'of two', 'b.cr2': 'raw' };
    for (const [name, text] of Object.entries(sidecars)) writeFileSync(at(name), text);
    // The photo's name is free there, and its sidecar's is not.
    writeFileSync(at('sub', 'b.jpg.xmp'), 'of nothing');
    const catalog = new Database(join(place.home, 'catalog.sqlite'));
    t.after(() => catalog.close());
    const written = () => catalog.prepare('SELECT path FROM written_keywords').pluck().all();
    catalog.prepare('INSERT INTO written_keywords (path, written) VALUES (?, ?)').run(at('a.jpg.xmp'), '{}');

    const a = { ids: [ids.get('a.jpg')!] };
    const moved = await library.call('photos.move', { selection: a, folder: at('kept') });
    assert.deepEqual([moved.act?.photos, moved.failed], [1, []]);
    assert.deepEqual(readdirSync(at('kept')).sort(), [
      'a (2).jpg',
      'a (2).jpg.xmp',
      'a (2).xmp',
      'a.jpg',
      'c.jpg',
    ]);
    assert.deepEqual(
      [content(at('kept', 'a (2).jpg.xmp')), content(at('kept', 'a (2).xmp'))],
      ['full', 'short'],
    );
    assert.deepEqual(written(), [at('kept', 'a (2).jpg.xmp')]);
    await undo(library);
    assert.deepEqual([content(at('a.jpg.xmp')), content(at('a.XMP'))], ['full', 'short']);
    assert.deepEqual(written(), [at('a.jpg.xmp')]);

    // One that speaks of a file that stays is copied, told, and the copy taken back.
    writeFileSync(at('b.jpg.xmp'), 'own');
    catalog.prepare('INSERT INTO written_keywords (path, written) VALUES (?, ?)').run(at('b.xmp'), '{}');
    const b = { ids: [ids.get('b.jpg')!] };
    const { shared } = await library.call('photos.move', { selection: b, folder: at('sub') });
    assert.deepEqual(shared, [{ path: at('b.xmp'), with: at('b.cr2'), copied: true }]);
    const there = ['a.jpg', 'b (2).jpg', 'b (2).jpg.xmp', 'b (2).xmp', 'b.jpg.xmp'];
    assert.deepEqual(readdirSync(at('sub')).sort(), there);
    assert.deepEqual([content(at('b.xmp')), content(at('sub', 'b (2).xmp'))], ['of two', 'of two']);
    assert.deepEqual(written(), [at('a.jpg.xmp'), at('b.xmp'), at('sub', 'b (2).xmp')]);
    await undo(library);
    assert.deepEqual(readdirSync(at('sub')).sort(), ['a.jpg', 'b.jpg.xmp']);
    assert.deepEqual(written(), [at('a.jpg.xmp'), at('b.xmp')]);
    await redo(library);
    assert.deepEqual(readdirSync(at('sub')).sort(), there);
    // A copy that somebody changed stays, and is told.
    writeFileSync(at('sub', 'b (2).xmp'), 'more words');
    await undo(library);
    assert.deepEqual(readdirSync(at('sub')).sort(), ['a.jpg', 'b (2).xmp', 'b.jpg.xmp']);
    const notice = library.heard.findLast(({ name }) => name === 'notice');
    assert.match(notice?.name === 'notice' ? notice.payload.failure.message : '', /was changed since/);
    rmSync(at('sub', 'b (2).xmp'));
    catalog.prepare('DELETE FROM written_keywords WHERE path <> ?').run(at('a.jpg.xmp'));
    // In the trash it is of no use: it stays, and is told.
    const thrown = await library.call('internal.trash', { selection: b });
    assert.deepEqual(thrown.shared, [{ path: at('b.xmp'), with: at('b.cr2'), copied: false }]);
    assert.ok(existsSync(at('b.xmp')));
    await undo(library);
    const begun = await library.call('internal.trashBegin', { selection: b });
    assert.deepEqual(begun.files, [
      { path: at('b.jpg'), speaksOf: [] },
      { path: at('b.jpg.xmp'), speaksOf: [at('b.jpg')] },
    ]);
    assert.deepEqual(begun.shared, thrown.shared);
    await library.call('internal.trashEnd', { batch: begun.batch });

    const trash = join(place.folder, 'data', 'Trash', 'files');
    const { act } = await library.call('internal.trash', { selection: a });
    assert.equal(act?.photos, 1);
    assert.deepEqual(readdirSync(trash).sort(), ['a.XMP', 'a.jpg', 'a.jpg.xmp']);
    await undo(library);
    assert.deepEqual(
      [readdirSync(trash), content(at('a.jpg.xmp')), content(at('a.XMP'))],
      [[], 'full', 'short'],
    );
    assert.deepEqual(written(), [at('a.jpg.xmp')]);
    const { batch, files } = await library.call('internal.trashBegin', { selection: a });
    const paths = files.map(({ path }) => path);
    assert.deepEqual(
      paths,
      ['a.jpg', 'a.jpg.xmp', 'a.XMP'].map((name) => at(name)),
    );
    for (const path of paths) rmSync(path);
    assert.equal((await library.call('internal.trashEnd', { batch })).act?.photos, 1);
  },
);

test('moves that were cut off are taken down as far as they came', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const to = (name: string) => join(place.folder, 'out', name);
  await library.close();
  mkdirSync(join(place.folder, 'out'));
  // As a process leaves it that is killed after the first file, within the second, and before the third.
  const catalog = new Database(join(place.home, 'catalog.sqlite'));
  const batch = JSON.stringify({ key: 'x', purpose: { act: 'move', about: ['out'] } });
  const write = catalog.prepare(
    'INSERT INTO file_moves (batch, photo_id, from_path, to_path) VALUES (?, ?, ?, ?)',
  );
  for (const name of ['a.jpg', 'b.jpg', 'kept/c.jpg'])
    write.run(batch, ids.get(name), join(place.photos, name), to(name.replace('kept/', '')));
  catalog.close();
  renameSync(join(place.photos, 'a.jpg'), to('a.jpg'));
  writeFileSync(to('b.jpg'), '');
  copyFileSync(join(place.photos, 'b.jpg'), to('b.jpg.saccade-part'));

  const again = await openLibrary(place);
  assert.deepEqual(readdirSync(join(place.folder, 'out')), ['a.jpg']);
  assert.ok(existsSync(join(place.photos, 'b.jpg')) && existsSync(join(place.photos, 'kept', 'c.jpg')));
  const { items } = await again.call('review.history', { limit: 5 });
  assert.deepEqual(
    items.map(({ kind, photos }) => [kind, photos]),
    [['move', 1]],
  );
  await undo(again);
  assert.equal(content(place.photos, 'a.jpg'), '1');
  assert.equal((await again.items()).length, 5);
});

test('a stack goes as one, under one name, with the sidecar of both, and is one again where it comes', async (t) => {
  const place = makePlace(t);
  ownTrash(t, place);
  const at = (...names: string[]) => join(place.photos, ...names);
  writePhotos(place, { 'a.jpg': '1', 'a.cr2': '2', 'b.jpg': '3', 'kept/a.cr2': '4' });
  writeFileSync(at('a.xmp'), 'of both');
  const library = await openLibrary(place);
  await library.call('settings.set', { stacks: true });
  await library.scan();
  const stands = async () => (await library.items({}, 'path')).map(({ name, stands }) => [name, ...stands]);
  const before = [['a.jpg', 'a.cr2'], ['b.jpg'], ['a.cr2']];
  assert.deepEqual(await stands(), before);
  const [first] = await library.items({}, 'path');
  const selection = { ids: [first!.id] };
  const moved = await library.call('photos.move', { selection, folder: at('kept') });
  assert.deepEqual([moved.act?.photos, moved.failed, moved.shared], [1, [], []]);
  // Another shot has the name there.
  assert.deepEqual(readdirSync(at('kept')).sort(), ['a (2).cr2', 'a (2).jpg', 'a (2).xmp', 'a.cr2']);
  assert.deepEqual(await stands(), [['b.jpg'], ['a (2).jpg', 'a (2).cr2'], ['a.cr2']]);
  await undo(library);
  assert.deepEqual([readdirSync(at('kept')), content(at('a.xmp'))], [['a.cr2'], 'of both']);
  assert.deepEqual(await stands(), before);
  // Out of the library, and back.
  await library.call('photos.move', { selection, folder: join(place.folder, 'out') });
  assert.deepEqual(readdirSync(join(place.folder, 'out')).sort(), ['a.cr2', 'a.jpg', 'a.xmp']);
  assert.deepEqual(await stands(), [['b.jpg'], ['a.cr2']]);
  await undo(library);
  assert.deepEqual(await stands(), before);
  if (process.platform !== 'linux') return;
  assert.equal((await library.call('internal.trash', { selection })).act?.photos, 1);
  assert.ok(!existsSync(at('a.cr2')) && !existsSync(at('a.xmp')));
  await undo(library);
  assert.deepEqual(await stands(), before);
});

test('a file that is gone keeps no sidecar from going with the rest of its stack', async (t) => {
  const place = makePlace(t);
  const at = (...names: string[]) => join(place.photos, ...names);
  writePhotos(place, { 'a.jpg': '1', 'a.cr2': '2' });
  writeFileSync(at('a.xmp'), 'of both');
  const library = await openLibrary(place);
  await library.scan();
  const ids = (await library.items()).map(({ id }) => id);
  rmSync(at('a.cr2'));
  const moved = await library.call('photos.move', { selection: { ids }, folder: at('kept') });
  assert.deepEqual(moved.failed.map(({ error }) => error.code), ['missing-file']); // prettier-ignore
  assert.deepEqual(moved.shared, []);
  assert.deepEqual(
    [readdirSync(at('kept')).sort(), readdirSync(place.photos)],
    [['a.jpg', 'a.xmp'], ['kept']],
  );
});

test('cut off while a sidecar is copied, what came of it is taken down, and taken back', async (t) => {
  const { place, library } = await withPhotos(t);
  await library.close();
  const at = (...names: string[]) => join(place.photos, ...names);
  const catalog = new Database(join(place.home, 'catalog.sqlite'));
  const batch = JSON.stringify({ key: 'x', purpose: { act: 'move', about: ['out'] } });
  const write = catalog.prepare(
    'INSERT INTO file_moves (batch, photo_id, from_path, to_path, copied) VALUES (?, 0, ?, ?, 1)',
  );
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(at(`${name}.xmp`), name);
    write.run(batch, at(`${name}.xmp`), at('sub', `${name}.xmp`));
  }
  catalog.close();
  // Whole, cut off, and somebody else's.
  writeFileSync(at('sub', 'a.xmp'), 'a');
  writeFileSync(at('sub', 'b.xmp.saccade-part'), '');
  writeFileSync(at('sub', 'c.xmp'), 'other');
  const again = await openLibrary(place);
  assert.deepEqual(readdirSync(at('sub')).sort(), ['a.jpg', 'a.xmp', 'c.xmp']);
  await undo(again);
  assert.deepEqual(readdirSync(at('sub')).sort(), ['a.jpg', 'c.xmp']);
  assert.equal(content(at('a.xmp')), 'a');
});
