import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WrittenItem } from '../../../../main/contract/entities/writing.ts';
import type { WritingTask } from '../../../../main/contract/writing.ts';
import type { Selection } from '../../../../main/contract/requests.ts';
import { readPacket, valuesOf } from '../../../../main/xmp/properties.ts';
import { picture, tag } from '../keywords/pictures.ts';
import { packets } from '../../xmp/packets.ts';
import { type Asked, makePlace, openLibrary, type Place, writePhotos } from '../setup.ts';

const all: Selection = { filter: {}, except: [] };
const keywords: WritingTask = { kind: 'keywords', labels: { by: 'any' }, naming: 'full', root: 'Saccade' };
const remove: WritingTask = { kind: 'remove-keywords' };

async function exported(library: Asked, task: WritingTask, dryRun = false, selection = all) {
  await library.call('writing.start', { selection, task, dryRun });
  return library.writingEnds();
}

/** Photos of the stand-in: class 3 and class 7. */
async function classified(t: TestContext, others: Record<string, string> = {}) {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3', 'b.jpg': '7', ...others });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const items = await library.items();
  const label = (name: string) => items.find((item) => item.name === name)!.top!.label.name;
  return { place, library, label };
}

const at = (place: Place, name: string) => join(place.photos, name);
const subjectOf = (place: Place, name: string) =>
  valuesOf(readPacket(readFileSync(at(place, name), 'utf8')), 'dc', 'subject');

test('labels are written beside photos, which stay as they are, and go again', async (t) => {
  const { place, library, label } = await classified(t);
  const names = readdirSync(place.photos);
  const tried = await exported(library, keywords, true);
  assert.deepEqual([tried.state, tried.changed, tried.items.length], ['finished', 2, 2]);
  assert.deepEqual(readdirSync(place.photos), names);
  const { changed, canUndo, items } = await exported(library, keywords);
  assert.deepEqual([changed, canUndo], [2, true]);
  assert.deepEqual(
    items.map(({ does, adds }) => [does, adds]).sort(),
    ['a.jpg', 'b.jpg'].map((name) => ['create', [label(name), `Saccade|${label(name)}`]]).sort(),
  );
  assert.deepEqual(subjectOf(place, 'a.jpg.xmp'), [label('a.jpg')]);
  assert.equal((await exported(library, keywords)).changed, 0);
  assert.equal((await exported(library, remove)).changed, 2);
  assert.deepEqual(readdirSync(place.photos), names);
  assert.equal(readFileSync(at(place, 'a.jpg'), 'utf8'), '3');
});

test('a person’s word comes before the head’s, and what they rejected is not written', async (t) => {
  const { place, library, label } = await classified(t, { 'c.jpg': '9' });
  const [a, b] = await library.items();
  const act = (id: number, act: Parameters<typeof said>[1]) => said(id, act);
  const said = (id: number, act: { kind: 'label'; labels: string[] } | { kind: 'reject' }) =>
    library.call('review.act', { selection: { ids: [id] }, act });
  await act(a!.id, { kind: 'label', labels: ['harbour', 'Italy'] });
  await act(b!.id, { kind: 'reject' });
  await exported(library, keywords);
  assert.deepEqual(subjectOf(place, 'a.jpg.xmp').sort(), ['Italy', 'harbour']);
  assert.ok(!existsSync(at(place, 'b.jpg.xmp')));
  assert.deepEqual(subjectOf(place, 'c.jpg.xmp'), [label('c.jpg')]);
  await exported(library, { ...keywords, labels: { by: 'person' } });
  assert.ok(!existsSync(at(place, 'c.jpg.xmp')));
  assert.ok(existsSync(at(place, 'a.jpg.xmp')));
});

test('what a person confirmed is found in a folder, and below it only where that is asked for', async (t) => {
  const { place, library } = await classified(t, { 'below/c.jpg': '9', 'photos.jpg': '1' });
  const ids = (await library.items()).filter(({ name }) => name !== 'b.jpg').map(({ id }) => id);
  await library.call('review.act', { selection: { ids }, act: { kind: 'label', labels: ['harbour'] } });
  const confirmed = async (recursive: boolean, ...names: string[]) => {
    const paths = names.map((name) => at(place, name));
    const found = await library.call('internal.confirmed', { paths, recursive });
    return found.paths.map((path) => relative(place.photos, path)).sort();
  };
  assert.deepEqual(await confirmed(true, ''), ['a.jpg', 'below/c.jpg', 'photos.jpg']);
  assert.deepEqual(await confirmed(false, ''), ['a.jpg', 'photos.jpg']);
  assert.deepEqual(await confirmed(false, 'below', 'a.jpg', 'b.jpg'), ['a.jpg', 'below/c.jpg']);
});

test('the sidecar that is there is written, and photos that share one say it together', async (t) => {
  const { place, library, label } = await classified(t, { 'a.cr2.jpg': '1', 'b.png': '2' });
  writeFileSync(at(place, 'b.XMP'), packets['a bag']!);
  await exported(library, keywords);
  assert.ok(!existsSync(at(place, 'b.jpg.xmp')));
  assert.deepEqual(
    subjectOf(place, 'b.XMP').sort(),
    ['Italy & more', 'harbour', label('b.jpg'), label('b.png')].sort(),
  );
  await exported(library, { ...keywords, naming: 'short' });
  assert.ok(!existsSync(at(place, 'a.xmp')), 'a.jpg.xmp is there and is kept to');
  await exported(library, remove);
  assert.equal(readFileSync(at(place, 'b.XMP'), 'utf8'), packets['a bag']);
  await exported(library, { ...keywords, naming: 'short' });
  assert.deepEqual(subjectOf(place, 'a.xmp'), [label('a.jpg')]);
});

test('what can’t be changed is told and left alone, the others are written', async (t) => {
  const { place, library } = await classified(t, {
    'c.jpg': '9',
    'd.jpg': '1',
    'e.jpg': '2',
  });
  const bad = {
    'a.jpg.xmp': Buffer.from(packets['a bag']!.slice(0, -30)),
    'b.jpg.xmp': Buffer.from(packets['a bag']!),
    'c.jpg.xmp': Buffer.alloc(20 * 1024 * 1024, ' '),
  };
  for (const [name, bytes] of Object.entries(bad)) writeFileSync(at(place, name), bytes);
  chmodSync(at(place, 'b.jpg.xmp'), 0o444);
  mkdirSync(at(place, 'd.jpg.xmp'));
  const { failed, changed, items } = await exported(library, keywords);
  assert.deepEqual([failed, changed], [4, 1]);
  assert.deepEqual(items.flatMap(({ error }) => error?.code ?? []).sort(), [
    'bad-sidecar',
    'bad-sidecar',
    'bad-sidecar',
    'cannot-write',
  ]);
  for (const [name, bytes] of Object.entries(bad))
    assert.ok(readFileSync(at(place, name)).equals(bytes), name);
  assert.deepEqual(
    readdirSync(place.photos).filter((name) => name.startsWith('.')),
    [],
  );
});

test('what is said of a photo goes to no other one that has its name by now', async (t) => {
  const { place, library } = await classified(t);
  for (const [from, to] of [
    ['a', 'other'],
    ['b', 'a'],
    ['other', 'b'],
  ])
    // prettier-ignore
    renameSync(at(place, `${from}.jpg`), at(place, `${to}.jpg`));
  const names = readdirSync(place.photos);
  const refused = await exported(library, keywords);
  assert.deepEqual([refused.state, refused.error?.code], ['failed', 'changed-on-disk']);
  assert.match(
    refused.error!.message,
    /^Expected 2 photos as the library shows them; their files are others now/,
  );
  assert.deepEqual(readdirSync(place.photos), names);
  await library.scan();
  await library.runAll();
  const written = await exported(library, keywords);
  assert.deepEqual([written.state, written.changed], ['finished', 2]);
});

test('stars and colours that a photo has in its file, or in another sidecar of it, are a person’s', async (t) => {
  const { place, library } = await classified(t, { 'c.jpg': '4', 'd.jpg': '5', 'e.jpg': '6' });
  const noted = packets['a bag']!.replace('<rdf:Description', '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5" xmp:Label="Red"'); // prettier-ignore
  const empty = noted.replace('xmp:Rating="5" xmp:Label="Red"', 'xmp:Rating="0"');
  await picture(at(place, 'a.jpg'));
  tag(at(place, 'a.jpg'), 'XMP-xmp:Rating=4', 'XMP-xmp:Label=Blue');
  await picture(at(place, 'b.jpg'), 'jpeg', '#864');
  tag(at(place, 'b.jpg'), 'EXIF:Rating=3');
  writeFileSync(at(place, 'c.jpg.xmp'), packets['a bag']!);
  writeFileSync(at(place, 'c.xmp'), noted);
  writeFileSync(at(place, 'd.jpg.xmp'), packets['a bag']!);
  writeFileSync(at(place, 'd.xmp'), empty);
  await library.scan();
  await library.runAll();
  const marked = { ...keywords, rating: 2, colour: 'Green' } as WritingTask;
  const done = await exported(library, marked);
  const marksIn = (name: string) => {
    const packet = readPacket(readFileSync(at(place, name), 'utf8'));
    return ['Rating', 'Label'].map((local) => valuesOf(packet, 'xmp', local)[0]);
  };
  const [both, stars, none] = [
    [undefined, undefined],
    [undefined, 'Green'],
    ['2', 'Green'],
  ];
  assert.deepEqual(marksIn('a.jpg.xmp'), both);
  assert.deepEqual(marksIn('b.jpg.xmp'), stars);
  assert.deepEqual(marksIn('c.jpg.xmp'), both);
  assert.deepEqual(marksIn('d.jpg.xmp'), none);
  assert.deepEqual(marksIn('e.jpg.xmp'), none);
  const kept = Object.fromEntries(done.items.map((item) => [basename(item.path), item.kept]));
  const [all, some]: WrittenItem['kept'][] = [['rating', 'label'], ['rating']];
  assert.deepEqual(kept, { 'a.jpg.xmp': all, 'b.jpg.xmp': some, 'c.jpg.xmp': all, 'd.jpg.xmp': [], 'e.jpg.xmp': [] }); // prettier-ignore
  assert.equal((await exported(library, marked)).changed, 0);
});

test('permissions are kept', async (t) => {
  const { place, library } = await classified(t);
  writeFileSync(at(place, 'a.jpg.xmp'), packets['a bag']!);
  chmodSync(at(place, 'a.jpg.xmp'), 0o666);
  await exported(library, keywords);
  assert.equal(statSync(at(place, 'a.jpg.xmp')).mode & 0o777, 0o666);
});

test('an export is taken back to what was written before it', async (t) => {
  const { place, library, label } = await classified(t);
  writeFileSync(at(place, 'b.jpg.xmp'), packets['a self-closing bag']!);
  await exported(library, keywords);
  const before = readFileSync(at(place, 'b.jpg.xmp'), 'utf8');
  await exported(library, { ...keywords, root: 'Other', rating: 2 } as WritingTask);
  assert.notEqual(readFileSync(at(place, 'b.jpg.xmp'), 'utf8'), before);
  await library.call('writing.undo', {});
  const undone = await library.writingEnds();
  assert.deepEqual([undone.changed, undone.canUndo], [2, false]);
  assert.equal(readFileSync(at(place, 'b.jpg.xmp'), 'utf8'), before);
  assert.deepEqual(subjectOf(place, 'a.jpg.xmp'), [label('a.jpg')]);
  await assert.rejects(library.call('writing.undo', {}), { code: 'nothing-to-undo' });
});

test('another catalog takes out what the first one wrote; a lost mark is made good by the first', async (t) => {
  const { place, library } = await classified(t);
  writeFileSync(at(place, 'b.jpg.xmp'), packets['a bag']!);
  await exported(library, keywords);
  const marked = readFileSync(at(place, 'b.jpg.xmp'), 'utf8');
  const fresh = await openLibrary({ ...place, home: join(place.folder, 'other'), closing: place.closing });
  const cleared = await fresh.call('internal.removeKeywords', {
    paths: [place.photos],
    recursive: true,
    dryRun: false,
  });
  assert.equal(cleared.items.filter(({ does }) => does !== 'none').length, 2);
  assert.equal(readFileSync(at(place, 'b.jpg.xmp'), 'utf8'), packets['a bag']);
  writeFileSync(at(place, 'b.jpg.xmp'), marked.replace(/\s*<saccade:written>.*<\/saccade:written>/, ''));
  await exported(library, remove);
  assert.equal(readFileSync(at(place, 'b.jpg.xmp'), 'utf8'), packets['a bag']);
});

test('photos by path are written too, and a head’s threshold chooses', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'x.jpg': '3' });
  const library = await openLibrary(place);
  const label = { id: 'n3', name: 'class 3', names: { 'zh-CN': '三' } };
  const predictions = [
    { index: 3, label, probability: 0.6 },
    { index: 4, label: { id: 'n4', name: 'class 4' }, probability: 0.3 },
    { index: 5, label: { id: 'n5', name: 'class 5' }, probability: 0.1 },
  ];
  const write = async (sure: boolean, labels: { minProbability?: number; language?: 'zh-CN' }) => {
    const { items } = await library.call('internal.keywords', {
      photos: [{ path: at(place, 'x.jpg'), predictions, sure }],
      labels: { by: 'any', ...labels },
      options: { naming: 'full', root: '' },
      dryRun: true,
    });
    return items.flatMap(({ adds }) => adds);
  };
  assert.deepEqual(await write(true, {}), ['class 3']);
  assert.deepEqual(await write(false, {}), []);
  assert.deepEqual(await write(false, { minProbability: 0.25, language: 'zh-CN' }), ['三', 'class 4']);
});

test('photos by path go by the date in their files, whatever was read of them before', async (t) => {
  const place = makePlace(t);
  const library = await openLibrary(place);
  for (const [name, date] of [
    ['a.jpg', 'EXIF:DateTimeOriginal=2019:05:06 07:08:09'],
    ['b.jpg', 'XMP-photoshop:DateCreated=2011:02:03 04:05:06'],
  ] as const) {
    await picture(at(place, name));
    tag(at(place, name), date);
  }
  const label = { id: 'n3', name: 'class 3' };
  const photos = ['a.jpg', 'b.jpg'].map((name) => ({ path: at(place, name), predictions: [{ index: 3, label, probability: 0.6 }], sure: true })); // prettier-ignore
  const folder = join(place.folder, 'sorted');
  const options = { folder, template: '{year}-{month}/{name}', way: 'copy' as const };
  const asked = { photos, labels: { by: 'any' as const }, options, stacks: false, dryRun: false };
  await library.call('internal.organise', asked);
  assert.deepEqual(readdirSync(folder).sort(), ['2011-02', '2019-05']);
});

test('of photos by path that have taken each other’s names since each brings its own words', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3 photo', 'b.jpg': '4 photos', 'c.jpg': '5 photo' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  for (const { id, name } of await library.items())
    await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: `is ${name}` } });
  renameSync(at(place, 'a.jpg'), at(place, 'swap'));
  renameSync(at(place, 'b.jpg'), at(place, 'a.jpg'));
  renameSync(at(place, 'swap'), at(place, 'b.jpg'));
  writeFileSync(at(place, 'c.jpg'), '5 edited');
  const { items } = await library.call('internal.keywords', {
    photos: ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => ({
      path: at(place, name),
      predictions: [],
      sure: false,
    })),
    labels: { by: 'person' },
    options: { naming: 'full', root: '' },
    dryRun: true,
  });
  assert.deepEqual(
    items.map(({ adds }) => adds),
    [['is b.jpg'], ['is a.jpg'], ['is c.jpg']],
  );
});

test('two windows try what they would write each for itself, and write one after the other', async (t) => {
  const { library } = await classified(t, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}.jpg`, `3 of ${i}`]))); // prettier-ignore
  const start = (asker: string, dryRun: boolean, task: WritingTask = keywords) =>
    library.call('writing.start', { selection: all, task, dryRun, asker });
  const told = async (count: number) => {
    for (;;) {
      const ends = library.heard.flatMap(({ name, payload }) =>
        name === 'writing.progress' && payload.state !== 'running' ? [[payload.asker, payload.state]] : [],
      );
      if (ends.length >= count) return ends;
      await sleep(5);
    }
  };
  // What the first tried first is let go for what it tries next, and not for what the other does.
  await start('first', true);
  const [again] = await Promise.all([start('first', true), start('other', true)]);
  assert.equal(again.asker, 'first');
  assert.deepEqual(await told(3), [['first', 'cancelled'], ['first', 'finished'], ['other', 'finished']]); // prettier-ignore
  // What is written does not wait for what is tried; two do not write at once.
  await start('first', true);
  const both = await Promise.allSettled([start('first', false), start('other', false)]);
  assert.deepEqual(both.map(({ status }) => status), ['fulfilled', 'rejected']); // prettier-ignore
  const written = await library.writingEnds();
  assert.deepEqual([written.asker, written.changed, written.canUndo], ['first', 302, true]);
  assert.deepEqual((await told(5)).slice(3), [['first', 'cancelled'], ['first', 'finished']]); // prettier-ignore
  // What was tried since is not what is taken back.
  await start('other', true, remove);
  await library.writingEnds();
  assert.equal((await library.call('writing.undo', {})).kind, 'keywords');
  await library.writingEnds();
});
