import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Request } from '../../../../main/contract/verbs.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { type Asked, makeModel, makePlace, openLibrary, type Place, writePhotos } from '../setup.ts';

/** Class `of` in `count` contents of their own. */
const photosOf = (folder: string, of: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${of}-${i}.jpg`, `${of} no ${i}`]));

async function classified(place: Place, contents: Record<string, string>): Promise<Asked> {
  writePhotos(place, contents);
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  return library;
}

/** For what is done in the background. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 1000, 'it never came to that');
    await sleep(10);
  }
}

/** Waits until the lists are as expected: they are brought up to date in the background. */
async function listed(library: Asked, expected: Record<string, string | null>): Promise<void> {
  for (let i = 0; ; i++) {
    const items = await library.items();
    const found = Object.fromEntries(items.map(({ name, top }) => [name, top?.label.name ?? null]));
    const facets = await library.call('photos.facets', { filter: {}, limit: 100 });
    const counts = Object.fromEntries(facets.items.map(({ label, photos }) => [label.name, photos]));
    const wanted: Record<string, number> = {};
    for (const label of Object.values(expected)) if (label) wanted[label] = (wanted[label] ?? 0) + 1;
    // Asked one after the other, between which the lists may change.
    const same = isDeepStrictEqual([found, counts], [expected, wanted]);
    if (same || i > 5000) {
      assert.deepEqual(found, expected);
      assert.deepEqual(counts, wanted);
      return;
    }
    await sleep(10);
  }
}

test('everything a person says can be taken back and said again, across restarts', async (t) => {
  const place = makePlace(t);
  const first = await classified(place, { 'a.jpg': '1', 'b.jpg': '2', 'c.jpg': '3' });
  const items = await first.items();
  const [a, b, c] = items.map(({ id }) => id) as [number, number, number];
  const words = async (library: Asked, photoId: number) =>
    (await library.call('photos.get', { photoId })).person;
  const act = (library: Asked, ids: number[], what: Request<'review.act'>['act']) =>
    library.call('review.act', { selection: { ids }, act: what });
  await act(first, [a], { kind: 'confirm' });
  await act(first, [a, b], { kind: 'add', label: 'Our boat' });
  await act(first, [b], { kind: 'reject' });
  await act(first, [c], { kind: 'none' });
  // The same label, whatever its case and form.
  await act(first, [c], { kind: 'label', labels: ['our  BOAT', 'Ä'] });
  assert.deepEqual(await words(first, a), {
    labels: ['class 1', 'Our boat'],
    rejected: [],
    none: false,
    drawn: false,
  });
  assert.deepEqual((await words(first, b)).rejected, ['class 2']);
  assert.deepEqual((await words(first, c)).labels, ['Our boat', 'Ä']);
  const found = await first.call('photos.count', { filter: { person: ['OUR BOAT'] } });
  assert.equal(found.total, 3);
  const after = await Promise.all([a, b, c].map((id) => words(first, id)));
  await first.close();

  const second = await openLibrary(place);
  const { items: acts } = await second.call('review.history', { limit: 10 });
  assert.deepEqual(
    acts.map(({ kind, photos }) => [kind, photos]),
    [
      ['label', 1],
      ['none', 1],
      ['reject', 1],
      ['add', 2],
      ['confirm', 1],
    ],
  );
  for (let i = 0; i < 5; i++) assert.ok((await second.call('review.undo', {})).act?.undone);
  assert.equal((await second.call('review.undo', {})).act, null);
  const none = { labels: [], rejected: [], none: false, drawn: false };
  for (const id of [a, b, c]) assert.deepEqual(await words(second, id), none);
  assert.equal((await second.call('photos.count', { filter: { own: true } })).total, 0);
  for (let i = 0; i < 5; i++) assert.equal((await second.call('review.redo', {})).act?.undone, false);
  assert.equal((await second.call('review.redo', {})).act, null);
  assert.deepEqual(await Promise.all([a, b, c].map((id) => words(second, id))), after);
  // Something new ends what could be done again.
  await second.call('review.undo', {});
  await act(second, [b], { kind: 'clear' });
  assert.equal((await second.call('review.redo', {})).act, null);
});

test('a head that the catalog does not take, and another use of heads, are told as failed', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, { ...photosOf('cats', 7, 6), ...photosOf('boats', 3, 6) });
  const teach = async (name: string) => {
    await library.call('heads.teach', { name, source: { from: 'folder', path: place.photos }, use: true });
    return library.teachingEnds();
  };
  const { head: headId } = await teach('first');
  const other = new Database(join(place.home, 'catalog.sqlite'));
  t.after(() => other.close());
  // As a full disk would.
  for (const [name, when] of [
    ['acts', 'INSERT ON acts'],
    ['settings', 'INSERT ON settings'],
  ])
    other.exec(`CREATE TRIGGER no_room_for_${name} BEFORE ${when} BEGIN SELECT raise(ABORT, 'no room'); END`);
  assert.equal((await teach('second')).state, 'failed');
  await assert.rejects(library.call('heads.remove', { headId: headId! }), /no room/);
  await assert.rejects(library.call('heads.use', { headId: null }), /no room/);
  await assert.rejects(library.call('models.setDoubt', { modelId: 'starter', threshold: 0.9 }), /no room/);
  const { items } = await library.call('heads.list', {});
  assert.deepEqual(items.map(({ name, inUse }) => [name, inUse]).at(-1), ['first', true]);
});

test('labels taught from a person’s words are what lists, facets and search speak of, and follow each word', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, {
    ...photosOf('cats', 7, 6),
    ...photosOf('boats', 3, 6),
    ...photosOf('odd', 11, 6),
  });
  const items = await library.items();
  const ids = (of: number, from: number, to: number) =>
    items
      .filter(({ name }) => name.startsWith(`${of}-`))
      .slice(from, to)
      .map(({ id }) => id);
  const say = (chosen: number[], label: string) =>
    library.call('review.act', { selection: { ids: chosen }, act: { kind: 'label', labels: [label] } });
  await say(ids(7, 0, 5), 'our cat');
  await say(ids(3, 0, 5), 'our boat');
  await library.call('heads.teach', { name: 'ours', source: { from: 'person' }, use: true });
  const status = await library.teachingEnds();
  assert.deepEqual([status.state, status.examples, status.error], ['finished', 10, null]);
  const { items: heads } = await library.call('heads.list', {});
  assert.deepEqual(
    heads.map(({ name, kind, inUse, labels }) => [name, kind, inUse, labels]),
    [
      ['Model starter', 'own', false, 20],
      ['ours', 'taught', true, 2],
    ],
  );
  const detail = await library.call('heads.show', { headId: status.head });
  assert.equal(detail.origin.from === 'examples' && detail.origin.report?.accuracy.share, 1);
  // A third label, a word at a time: the head is taught again with each.
  for (const id of ids(11, 0, 5)) await say([id], 'odd one');
  const expected = Object.fromEntries(
    items.map(({ name }) => [
      name,
      name.startsWith('7-') ? 'our cat' : name.startsWith('3-') ? 'our boat' : 'odd one',
    ]),
  );
  await listed(library, expected);
  // A person's threshold holds at once, and for what is taught after it.
  const { headId, unsure } = { headId: status.head!, unsure: () => library.items({ status: ['unsure'] }) };
  const { doubt: made } = await library.call('heads.show', { headId });
  const highest = await library.call('heads.setDoubt', { headId, threshold: 1 });
  assert.deepEqual([highest.doubt, highest.doubtSet], [1, true]);
  await until(async () => (await unsure()).length === items.length);
  const { version } = highest;
  await say(ids(11, 0, 1), 'our boat');
  await until(async () => (await library.call('heads.show', { headId })).version > version);
  assert.equal((await library.call('heads.show', { headId })).doubt, 1);
  await library.call('review.undo', {});
  await until(async () => (await library.call('heads.show', { headId })).version > version + 1);
  const back = await library.call('heads.setDoubt', { headId, threshold: null });
  assert.deepEqual([back.doubt, back.doubtSet], [made, false]);
  await until(async () => (await unsure()).length === 0);
  await listed(library, expected);
  const one = await library.call('photos.get', { photoId: ids(11, 5, 6)[0]! });
  assert.deepEqual(
    [one.head, one.predictions.length, one.predictions[0]!.label.name],
    ['ours', 3, 'odd one'],
  );

  await library.call('heads.use', { headId: null });
  await listed(library, Object.fromEntries(items.map(({ name }) => [name, `class ${name.split('-')[0]}`])));
  await library.call('heads.use', { headId: status.head });
  await library.call('heads.remove', { headId: status.head! });
  await listed(library, Object.fromEntries(items.map(({ name }) => [name, `class ${name.split('-')[0]}`])));
  await assert.rejects(library.call('heads.use', { headId: status.head }), { code: 'no-head' });
  await library.call('review.undo', {});
  await listed(library, expected);
});

test('teaching a set again is taken back to what words had made of it, also after more words', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, { ...photosOf('cats', 7, 8), ...photosOf('boats', 3, 8) });
  const items = await library.items();
  const ids = (of: number) => items.filter(({ name }) => name.startsWith(`${of}-`)).map(({ id }) => id);
  const say = (chosen: number[], label: string) =>
    library.call('review.act', { selection: { ids: chosen }, act: { kind: 'label', labels: [label] } });
  const [cats, boats] = [ids(7), ids(3)];
  await say(cats.slice(0, 5), 'our cat');
  await say(boats.slice(0, 5), 'our boat');
  const ours = { name: 'ours', source: { from: 'person' }, use: true } as const;
  await library.call('heads.teach', ours);
  const { head } = await library.teachingEnds();
  const version = async () => (await library.call('heads.show', { headId: head })).version;
  const after = async (act: () => Promise<unknown>) => {
    const before = await version();
    await act();
    for (let i = 0; (await version()) === before && i < 1000; i++) await sleep(10);
    assert.notEqual(await version(), before);
  };
  await after(() => say(cats.slice(5, 6), 'our cat'));
  const made = await version();
  await after(() => library.call('heads.teach', { ...ours, headId: head! }));
  await library.teachingEnds();
  await after(() => say(boats.slice(5, 6), 'our boat'));
  await after(() => library.call('review.undo', {}));
  await library.call('review.undo', {});
  // Words are followed at once: it is that version, or one that was taught since.
  assert.ok((await version()) >= made);
  const { items: heads } = await library.call('heads.list', {});
  assert.deepEqual(
    heads.map(({ name, inUse }) => [name, inUse]),
    [
      ['Model starter', false],
      ['ours', true],
    ],
  );
});

test('a set is taught where words are others than it was taught from, and nowhere else', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, { ...photosOf('cats', 7, 9), ...photosOf('boats', 3, 9) });
  const items = await library.items();
  const ids = (of: number) => items.filter(({ name }) => name.startsWith(`${of}-`)).map(({ id }) => id);
  const [cats, boats] = [ids(7), ids(3)];
  const say = (chosen: number[], label: string) =>
    library.call('review.act', { selection: { ids: chosen }, act: { kind: 'label', labels: [label] } });
  await say(cats.slice(0, 5), 'our cat');
  await say(boats.slice(0, 5), 'our boat');
  const teach = async (name: string) => {
    await library.call('heads.teach', { name, source: { from: 'person' }, use: true });
    return (await library.teachingEnds()).head!;
  };
  const first = await teach('first');
  /** Version and examples of the set, once it has so many. What was taught in vain shows in its version. */
  const at = async (headId: number, examples: number) => {
    for (let i = 0; ; i++) {
      const { version, origin } = await library.call('heads.show', { headId });
      assert.ok(origin.from === 'examples');
      if (origin.examples === examples || i > 1000) return [version, origin.examples];
      await sleep(10);
    }
  };
  // No word among these.
  await library.call('heads.rename', { headId: first, name: 'one' });
  await library.call('searches.save', { name: 'cats', words: 'cat' });
  for (let i = 0; i < 2; i++) {
    await library.call('review.undo', {});
    // Waits for what is being taught.
    await library.call('review.queue', { queue: 'audit', limit: 1 });
  }
  await library.call('heads.use', { headId: null });
  await library.call('heads.use', { headId: first });
  // Said while another set is in use: followed by this one as soon as it is again.
  const second = await teach('second');
  await say(cats.slice(5, 6), 'our cat');
  assert.deepEqual([await at(second, 11), await at(first, 10)], [[2, 11], [1, 10]]); // prettier-ignore
  await library.call('heads.use', { headId: first });
  assert.deepEqual(await at(first, 11), [2, 11]);
  // Said while a set is taught: followed once it is.
  const teaching = library.call('heads.teach', { name: 'third', source: { from: 'person' }, use: true });
  await Promise.all([teaching, say(boats.slice(5, 6), 'our boat')]);
  const third = (await library.teachingEnds()).head!;
  assert.deepEqual(await at(third, 12), [2, 12]);
});

test('a set that follows words is taught again once photos that had words are seen, once a run, and no other is', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, { ...photosOf('cats', 7, 6), ...photosOf('boats', 3, 6) });
  const label = (name: string) => (name.startsWith('7-') ? 'our cat' : 'our boat');
  const say = async (some: { id: number; name: string }[]) => {
    for (const { id, name } of some) {
      const act: Request<'review.act'>['act'] = { kind: 'label', labels: [label(name)] };
      await library.call('review.act', { selection: { ids: [id] }, act });
    }
  };
  const known = await library.items();
  await say(known);
  const teach = async (name: string, source: Request<'heads.teach'>['source']) => {
    await library.call('heads.teach', { name, source, use: true });
    return (await library.teachingEnds()).head!;
  };
  const folder = await teach('of a folder', { from: 'folder', path: place.photos });
  const words = await teach('of words', { from: 'person' });
  const stands = async (headId: number) => {
    // Waits for what is being taught.
    await library.call('review.queue', { queue: 'audit', limit: 1 });
    const { version, origin } = await library.call('heads.show', { headId });
    assert.ok(origin.from === 'examples');
    return [version, origin.examples];
  };
  const scanned = async (contents: Record<string, string>) => {
    writePhotos(place, contents);
    await library.scan();
    return (await library.items()).filter(({ name }) => Object.keys(contents).some((path) => path.endsWith(`/${name}`))); // prettier-ignore
  };
  // Of photos without a word nothing is learnt.
  await scanned({ 'cats/7-a.jpg': '7 no a' });
  await library.runAll();
  assert.deepEqual(await stands(words), [1, 12]);
  // What is said of photos that no model saw waits for them.
  const more = { ...photosOf('cats/more', 7, 60), ...photosOf('boats/more', 3, 60) };
  const fresh = Object.fromEntries(Object.entries(more).map(([path, content]) => [path.replace('.', '-more.'), `${content} more`])); // prettier-ignore
  const unseen = await scanned(fresh);
  assert.equal(unseen.length, 120);
  await say(unseen);
  assert.deepEqual(await stands(words), [1, 12]);
  await library.runAll();
  assert.deepEqual(await stands(words), [2, 132]);
  // Seen again, they are what they were.
  await library.runAll({ again: true });
  assert.deepEqual(await stands(words), [2, 132]);
  await library.call('heads.use', { headId: folder });
  await say(await scanned({ 'cats/7-last.jpg': '7 no last' }));
  await library.runAll();
  assert.deepEqual(await stands(folder), [1, 12]);
});

test('a label is one by all its names, and one that is spelled like an id of ours is a label like any other', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, { ...photosOf('cats', 7, 10), ...photosOf('boats', 3, 10) });
  const items = await library.items();
  const ids = (of: number, from = 0, to = 10) =>
    items
      .filter(({ name }) => name.startsWith(`${of}-`))
      .slice(from, to)
      .map(({ id }) => id);
  const act = (chosen: number[], act: Request<'review.act'>['act'], drawn?: boolean) =>
    library.call('review.act', { selection: { ids: chosen }, act, drawn });
  await act(ids(7, 0, 4), { kind: 'label', labels: ['猫咪'] });
  await act(ids(3, 0, 8), { kind: 'label', labels: ['none-of-these'] });
  await library.call('heads.teach', { name: 'ours', source: { from: 'person' }, use: true });
  const { head: headId } = await library.teachingEnds();
  const labels = async () => (await library.call('heads.show', { headId })).names;
  const cat = { 'zh-CN': '猫咪', en: 'class 7' };
  assert.deepEqual(await labels(), [
    { id: 'none-of-these', name: 'none-of-these' },
    { id: 'class 7', name: '猫咪', names: cat },
  ]);
  // Its English name, as confirming the model's answer says it, makes no second label.
  await act(ids(7, 4, 8), { kind: 'label', labels: ['class 7'] });
  for (let i = 0; (await labels())[0]!.name !== 'class 7' && i < 1000; i++) await sleep(10);
  assert.deepEqual(await labels(), [
    { id: 'class 7', name: 'class 7', names: cat },
    { id: 'none-of-these', name: 'none-of-these' },
  ]);
  await act(ids(7, 8), { kind: 'label', labels: ['猫咪'] }, true);
  await act(ids(3, 8), { kind: 'label', labels: ['none-of-these'] }, true);
  const { judged, share } = await library.call('review.estimate', {});
  assert.deepEqual([judged, share?.right], [4, 4]);

  const nones: Request<'review.act'>['act'][] = [
    { kind: 'label', labels: ['None of  these'] },
    { kind: 'add', label: 'none of these' },
    { kind: 'label', labels: ['以上皆非'] },
  ];
  for (const none of nones) {
    await act(ids(3, 0, 1), { kind: 'label', labels: ['a boat'] });
    assert.equal((await act(ids(3, 0, 1), none)).act?.kind, 'none');
    const { person } = await library.call('photos.get', { photoId: ids(3)[0]! });
    assert.deepEqual(person, { labels: [], rejected: [], none: true, drawn: false });
  }
});

test('a label that is called so in another language too is one label, and photos that are moved away are counted no more', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, photosOf('photos', 7, 6));
  const ids = (await library.items()).map(({ id }) => id);
  const act = (ids: number[], act: Request<'review.act'>['act']) =>
    library.call('review.act', { selection: { ids }, act });
  const given = async () =>
    (await library.call('review.labels', { limit: 100 })).items.filter(({ photos }) => photos > 0);
  await act(ids.slice(0, 3), { kind: 'label', labels: ['猫咪'] });
  await act(ids.slice(2, 5), { kind: 'add', label: 'class 7' });
  await act(ids.slice(5), { kind: 'label', labels: ['a boat'] });
  assert.deepEqual(await given(), [
    { name: 'class 7', photos: 5 },
    { name: 'a boat', photos: 1 },
  ]);
  for (const person of ['class 7', '猫咪'])
    assert.equal((await library.call('photos.count', { filter: { person: [person] } })).total, 5);
  assert.equal((await library.call('photos.count', { filter: { withoutPerson: ['class 7'] } })).total, 1);

  const [away] = ids;
  await library.call('photos.move', { selection: { ids: [away!] }, folder: join(place.folder, 'elsewhere') });
  assert.deepEqual((await given())[0], { name: 'class 7', photos: 4 });
  await assert.rejects(library.call('photos.get', { photoId: away! }), { code: 'no-such-photo' });
  assert.deepEqual(await library.call('photos.gone', { ids: [...ids, 99_999] }), { ids: [away, 99_999] });
  const late = await act([away!], { kind: 'label', labels: ['a boat'] });
  assert.equal(late.act, null, 'nothing is said of what is not in the library any more');
  await library.call('review.undo', {});
  assert.deepEqual((await given())[0], { name: 'class 7', photos: 5 });
});

test('folders and tables teach photos that the library never saw, and what is missing is told', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place);
  writePhotos(place, { ...photosOf('cat', 7, 6), ...photosOf('None of these', 3, 6), 'cat/bad.jpg': 'bad' });
  await library.call('heads.teach', {
    name: 'cats',
    source: { from: 'folder', path: place.photos },
    use: true,
  });
  const fromFolder = await library.teachingEnds();
  assert.deepEqual(
    [fromFolder.state, fromFolder.examples, fromFolder.leftOutTotal, fromFolder.leftOut[0]!.error.code],
    ['finished', 12, 1, 'corrupt-image'],
  );
  const head = await library.call('heads.show', { headId: fromFolder.head });
  assert.deepEqual([head.names.map(({ name }) => name), head.none], [['cat'], true]);
  await assert.rejects(
    library.call('heads.teach', { name: 'CATS', source: { from: 'folder', path: place.photos } }),
    { code: 'head-exists' },
  );

  const table = join(place.folder, 'words.csv');
  const rows = [3, 7].flatMap((of) =>
    Array.from(
      { length: 6 },
      (_, i) => `photos/${of === 7 ? 'cat' : 'None of these'}/${of}-${i}.jpg,is ${of}`,
    ),
  );
  writeFileSync(table, ['path,label', ...rows, 'photos/gone.jpg,is 7', ''].join('\n'));
  await library.call('heads.teach', { name: 'table', source: { from: 'csv', path: table } });
  const fromTable = await library.teachingEnds();
  assert.deepEqual(
    [fromTable.state, fromTable.examples, fromTable.leftOut.map(({ error }) => error.code)],
    ['finished', 12, ['missing-file']],
  );

  // As spreadsheets write it where a comma stands in numbers, and as they call it text of Unicode.
  const semicolons = ['path;label', ...rows.map((row) => row.replace(',', ';')), ''].join('\r\n');
  writeFileSync(table, semicolons);
  await library.call('heads.teach', { name: 'semicolons', source: { from: 'csv', path: table } });
  assert.deepEqual(
    [(await library.teachingEnds()).state, (await library.teachingEnds()).examples],
    ['finished', 12],
  );
  writeFileSync(table, Buffer.from(`\ufeff${semicolons.replaceAll(';', '\t')}`, 'utf16le'));
  await library.call('heads.teach', { name: 'tabs', source: { from: 'csv', path: table } });
  assert.deepEqual(
    [(await library.teachingEnds()).state, (await library.teachingEnds()).examples],
    ['finished', 12],
  );

  // One photo under two spellings of its path is one example.
  writeFileSync(
    table,
    ['path,label', ...rows, `${place.folder}/empty/../photos/cat/7-0.jpg,is 7`, ''].join('\n'),
  );
  await library.call('heads.teach', { name: 'spellings', source: { from: 'csv', path: table } });
  assert.deepEqual(
    [(await library.teachingEnds()).state, (await library.teachingEnds()).examples],
    ['finished', 12],
  );

  const failing = async (name: string, source: object): Promise<string | undefined> => {
    await library.call('heads.teach', { name, source: source as never });
    const { state, error } = await library.teachingEnds();
    assert.equal(state, 'failed');
    return error?.code;
  };
  writeFileSync(join(place.folder, 'odd.csv'), 'file,what\na,b\n');
  // A table in GBK, whose names would be garbage.
  const gbk = [
    Buffer.from('path,label\nphotos/cat/7-0.jpg,'),
    Buffer.from([0xc3, 0xa8, 0xd0]),
    Buffer.from('\n'),
  ];
  writeFileSync(join(place.folder, 'gbk.csv'), Buffer.concat(gbk));
  assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'gbk.csv') }), 'bad-table');
  mkdirSync(join(place.folder, 'empty'));
  assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'odd.csv') }), 'bad-table');
  writeFileSync(join(place.folder, 'twice.csv'), 'path,label,label\nphotos/cat/7-0.jpg,cat,dog\n');
  assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'twice.csv') }), 'bad-table');
  writeFileSync(join(place.folder, 'quote.csv'), 'path,label\nphotos/5" lens.jpg,cat\n');
  assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'quote.csv') }), 'bad-table');
  for (const word of ['nan', 'None', 'NA']) {
    writeFileSync(join(place.folder, 'gaps.csv'), `path,label\na.jpg,cat\nb.jpg,${word}\n`);
    assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'gaps.csv') }), 'bad-table');
  }
  for (const path of ['photos/cat', '']) {
    writeFileSync(join(place.folder, 'folder.csv'), ['path,label', ...rows, `${path},is 7`, ''].join('\n'));
    assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'folder.csv') }), 'bad-table');
  }
  assert.equal(await failing('x', { from: 'folder', path: join(place.folder, 'empty') }), 'no-label-folders');
  assert.equal(await failing('x', { from: 'person' }), 'too-few-labels');
  assert.equal(await failing('x', { from: 'csv', path: join(place.folder, 'none.csv') }), 'missing-file');
  assert.equal((await library.call('heads.list', {})).items.length, 6, 'what was there is there');
});

test('teaching is cancelled while photos are looked at, and the next one goes on with what was seen', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...photosOf('cat', 7, 8), ...photosOf('boat', 3, 8) });
  const waiting = Promise.withResolvers<void>();
  const looking = Promise.withResolvers<void>();
  const seen: string[] = [];
  const start = inferenceStandIn({
    onDecode: (path) => seen.push(path),
    beforeAnswer() {
      looking.resolve();
      return waiting.promise;
    },
  });
  const library = await openLibrary(place, { start });
  const source = { from: 'folder', path: place.photos } as const;
  const begun = await library.call('heads.teach', { name: 'ours', source, use: true });
  assert.equal(begun.state, 'reading');
  await looking.promise;
  await assert.rejects(library.call('heads.teach', { name: 'other', source }), { code: 'teaching-active' });
  await library.call('heads.cancelTeaching', {});
  waiting.resolve();
  assert.equal((await library.teachingEnds()).state, 'cancelled');
  assert.equal((await library.call('heads.list', {})).items.length, 1);
  assert.ok(seen.length < 16, 'not all of them');
  await library.call('heads.teach', { name: 'ours', source, use: true });
  const status = await library.teachingEnds();
  assert.deepEqual([status.state, status.examples], ['finished', 16]);
  assert.deepEqual([seen.length, new Set(seen).size], [16, 16]);
  const heard = library.heard.flatMap(({ name, payload }) => (name === 'heads.teaching' ? [payload.state] : [])); // prettier-ignore
  for (const state of ['features', 'teaching', 'cancelled', 'finished'] as const)
    assert.ok(heard.includes(state), state);
});

test('a head of another model is told as such', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place);
  writePhotos(place, { ...photosOf('cat', 7, 6), ...photosOf('boat', 3, 6) });
  await library.call('heads.teach', { name: 'ours', source: { from: 'folder', path: place.photos } });
  const { head } = await library.teachingEnds();
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  await library.call('settings.set', { model: 'other' });
  const { items } = await library.call('heads.list', {});
  assert.equal(items[1]!.unfit?.code, 'head-of-another-model');
  await assert.rejects(library.call('heads.use', { headId: head }), { code: 'head-of-another-model' });
});

test('queues, the audit, the estimate and agreement are about the head in use, and more like this leaves out what it is about', async (t) => {
  const place = makePlace(t);
  const library = await classified(place, {
    ...photosOf('cat', 7, 8),
    ...photosOf('boat', 3, 8),
    // More of a cat than the others (the seventh number of its feature), in whatever order they are drawn.
    'boat/7-stray.jpg': '7 no 777777',
  });
  const items = await library.items();
  const stray = items.find(({ name }) => name === '7-stray.jpg')!.id;
  const ids = (of: number) => items.filter(({ name }) => name.startsWith(`${of}-`)).map(({ id }) => id);

  const unsure = await library.call('review.queue', { queue: 'unsure', limit: 5 });
  assert.equal(unsure.left, 17);
  const probabilities = unsure.items.map(({ photo }) => photo.top!.probability);
  assert.deepEqual(
    probabilities,
    [...probabilities].sort((a, b) => a - b),
  );
  const rest = await library.call('review.queue', { queue: 'unsure', limit: 50, cursor: unsure.next! });
  assert.equal(new Set([...unsure.items, ...rest.items].map(({ photo }) => photo.id)).size, 17);
  assert.deepEqual([rest.left, rest.items.length], [12, 12]);

  const audit = await library.call('review.queue', { queue: 'audit', by: 'folder', limit: 5 });
  assert.deepEqual(
    audit.items.map(({ photo, against }) => [photo.id, against?.given.name, against?.likely.name]),
    [[stray, 'boat', 'cat']],
  );

  // Two of three drawn are right; what was said of others does not count.
  const sample = await library.call('review.queue', { queue: 'sample', label: 7, limit: 3 });
  assert.equal(sample.left, 9);
  const drawn = sample.items.map(({ photo }) => photo.id);
  const say = (chosen: number[], label: string, isDrawn: boolean) =>
    library.call('review.act', {
      selection: { ids: chosen },
      act: { kind: 'label', labels: [label] },
      drawn: isDrawn,
    });
  await say(drawn.slice(0, 2), 'class 7', true);
  await say(drawn.slice(2), 'else', true);
  await say(ids(3), 'else', false);
  const estimate = await library.call('review.estimate', { label: 7 });
  assert.deepEqual([estimate.population, estimate.judged, estimate.share?.right], [9, 3, 2]);

  const table = await library.call('review.agreement', {
    rows: { by: 'person' },
    columns: { by: 'head', headId: null },
  });
  assert.deepEqual(
    [table.rows, table.columns].map(({ labels }) => labels.map(({ name }) => name)),
    [
      ['class 7', 'else'],
      ['class 3', 'class 7'],
    ],
  );
  assert.deepEqual(table.cells, [
    { row: 1, column: 0, photos: 8 },
    { row: 2, column: 1, photos: 6 },
    { row: 0, column: 1, photos: 2 },
    { row: 1, column: 1, photos: 1 },
  ]);
  const { comparison } = table;
  const expectItsPhotos = async () => {
    for (const { photos, ...cell } of table.cells)
      assert.equal(
        (await library.call('photos.count', { filter: { cell: { comparison, ...cell } } })).total,
        photos,
      );
  };
  await expectItsPhotos();
  // Another window compares others: a list keeps the photos of its own, as long as it is asked about now and then.
  const others = { rows: { by: 'person' }, columns: { by: 'person' } } as const;
  for (let i = 0; i < 12; i++) {
    assert.notEqual((await library.call('review.agreement', others)).comparison, comparison);
    await expectItsPhotos();
  }
  const { comparison: left } = await library.call('review.agreement', others);
  for (let i = 0; i < 10; i++) await library.call('review.agreement', others);
  const cell = { comparison: left, row: 0, column: 0 };
  await assert.rejects(library.call('photos.count', { filter: { cell } }), { code: 'no-comparison' });
  assert.deepEqual([table.agree?.right, table.agree?.of], [2, 11]);
  // Where the model differs from what a person said: of the photos that a person spoke of, and of those alone.
  const against = await library.call('review.queue', {
    queue: 'disagreement',
    with: { by: 'person' },
    limit: 20,
  });
  assert.equal(against.left, 9);
  assert.deepEqual(
    new Set(against.items.map(({ against }) => `${against?.given.name}, ${against?.likely.name}`)),
    new Set(['class 3, else', 'class 7, else']),
  );
  // Of several labels that a person gave one that the other says too is agreement, whichever comes first.
  await library.call('review.act', {
    selection: { ids: drawn.slice(0, 1) },
    act: { kind: 'label', labels: ['a beast', 'class 7'] },
  });
  const people = { by: 'person' } as const;
  const head = { by: 'head', headId: null } as const;
  for (const [rows, columns] of [
    [people, head],
    [head, people],
    [people, people],
  ] as const) {
    const { agree } = await library.call('review.agreement', { rows, columns });
    assert.deepEqual([agree?.right, agree?.of], rows === columns ? [11, 11] : [2, 11]);
  }
  // A person may call a label by its name in another language.
  await say(drawn.slice(1, 2), '猫咪', true);
  const spoken = await library.call('review.estimate', { label: 7 });
  assert.deepEqual([spoken.judged, spoken.share?.right], [3, 2]);

  const like = await library.call('photos.like', { selection: { ids: ids(3) }, top: 50 });
  assert.deepEqual([like.items.length, like.compared], [9, 9]);
  assert.equal(
    like.distribution.counts.reduce((a, b) => a + b),
    9,
  );
  const one = await library.call('photos.like', { selection: { ids: [stray] }, top: 8 });
  assert.deepEqual(
    one.items.map(({ photo }) => photo.name.split('-')[0]),
    new Array(8).fill('7'),
  );
  await assert.rejects(library.call('photos.like', { selection: { ids: [] }, top: 1 }), {
    code: 'no-results',
  });
});
