import assert from 'node:assert/strict';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { DuplicateGroup, DuplicatesStatus } from '../../../../main/contract/entities/likeness.ts';
import { type Asked, makePlace, openLibrary, type Place } from '../setup.ts';

const samples = join(import.meta.dirname, '..', '..', '..', '..', 'samples');
const sample = (name: string) => join(samples, name);

/** Real pictures: the cat in four files, the freighter in two, a frog alone, and one of which a part is lost. */
async function makePhotos({ photos }: Place): Promise<void> {
  mkdirSync(join(photos, 'old'));
  copyFileSync(sample('cat.jpg'), join(photos, 'cat.jpg'));
  copyFileSync(sample('cat.jpg'), join(photos, 'old', 'cat copy.jpg'));
  await sharp(sample('cat.jpg'))
    .autoOrient()
    .resize(160)
    .webp({ quality: 60 })
    .toFile(join(photos, 'cat small.webp'));
  await sharp(sample('cat.jpg')).autoOrient().linear(1.1, 8).png().toFile(join(photos, 'cat brighter.png'));
  copyFileSync(sample('freighter.jpg'), join(photos, 'freighter.jpg'));
  await sharp(sample('freighter.jpg'))
    .autoOrient()
    .resize(300)
    .jpeg({ quality: 50 })
    .toFile(join(photos, 'ship.jpg'));
  copyFileSync(sample('frog.jpg'), join(photos, 'frog.jpg'));
  const whole = readFileSync(sample('lighthouse.jpg'));
  writeFileSync(join(photos, 'torn.jpg'), whole.subarray(0, Math.floor(whole.length * 0.6)));
  writeFileSync(join(photos, 'broken.jpg'), 'no picture');
}

async function ended(library: Asked): Promise<DuplicatesStatus> {
  for (;;) {
    const status = await library.call('duplicates.status', {});
    if (status.state !== 'running') return status;
    await sleep(5);
  }
}

const names = ({ photos }: DuplicateGroup) => photos.map(({ name }) => name);
const groupsOf = async (library: Asked, kind: 'same' | 'alike' = 'same') =>
  (await library.call('duplicates.groups', { kind, limit: 50 })).items;

async function scanned(t: TestContext): Promise<{ place: Place; library: Asked }> {
  const place = makePlace(t);
  await makePhotos(place);
  const library = await openLibrary(place);
  await library.scan();
  return { place, library };
}

test('the same picture is found in other sizes, formats and brightness without classifying, the best copy first', async (t) => {
  const { library, place } = await scanned(t);
  await library.call('duplicates.find', {});
  const status = await ended(library);
  assert.deepEqual([status.state, status.done, status.total, status.same], ['finished', 9, 9, 2]);
  assert.deepEqual(Object.fromEntries(status.leftOut.map(({ path, error }) => [path, error.code])), {
    [join(place.photos, 'torn.jpg')]: 'damaged-photo',
    [join(place.photos, 'broken.jpg')]: 'unsupported-format',
  });
  const groups = await groupsOf(library);
  const cats = groups.find((group) => names(group).includes('cat.jpg'))!;
  const ships = groups.find((group) => names(group).includes('ship.jpg'))!;
  // As many pixels as the JPEGs, and more bytes.
  assert.equal(names(cats)[0], 'cat brighter.png');
  assert.deepEqual(names(cats).sort(), ['cat brighter.png', 'cat copy.jpg', 'cat small.webp', 'cat.jpg']);
  assert.equal(cats.best, cats.photos[0]!.id);
  assert.ok(cats.likeness > 0.9 && cats.likeness <= 1);
  assert.deepEqual([names(ships)[0], ships.photos.length], ['freighter.jpg', 2]);
  assert.ok(ships.photos[0]!.width > 300, 'sizes are known without classifying');

  // What vanished since is not shown.
  unlinkSync(join(place.photos, 'ship.jpg'));
  const { id } = await library.call('folders.add', { path: place.photos });
  await library.call('folders.rescan', { folderId: id });
  while ((await groupsOf(library)).length > 1) await sleep(10);
});

test('links are no copies: their file is the one that is kept', async (t) => {
  const place = makePlace(t);
  const at = (name: string) => join(place.photos, name);
  copyFileSync(sample('cat.jpg'), at('cat.jpg'));
  linkSync(at('cat.jpg'), at('a hard link.jpg'));
  symlinkSync('cat.jpg', at('a link.jpg'));
  copyFileSync(sample('frog.jpg'), at('frog.jpg'));
  symlinkSync('frog.jpg', at('a frog.jpg'));
  copyFileSync(sample('frog.jpg'), at('later frog.jpg'));
  const library = await openLibrary(place);
  await library.scan();
  await library.call('duplicates.find', {});
  assert.equal((await ended(library)).same, 1);
  assert.deepEqual(
    (await groupsOf(library)).map((group) => names(group).sort()),
    [['frog.jpg', 'later frog.jpg']],
  );
  const { groups } = await library.call('internal.duplicates', { paths: [place.photos], alike: false });
  assert.deepEqual(
    groups.map(({ files }) => files.map(({ path }) => basename(path)).sort()),
    [['frog.jpg', 'later frog.jpg']],
  );
});

test('what was read is not read again, and a comparison goes on where it was cancelled', async (t) => {
  const { library } = await scanned(t);
  await library.call('duplicates.find', {});
  await library.call('duplicates.cancel', {});
  assert.equal((await ended(library)).state, 'cancelled');
  await library.call('duplicates.find', {});
  await ended(library);
  const began = performance.now();
  await library.call('duplicates.find', {});
  assert.equal((await ended(library)).same, 2);
  t.diagnostic(`again: ${Math.round(performance.now() - began)} ms`);
});

test('photos that a person told apart stay so across restarts, and it is undone as any act is', async (t) => {
  const { library, place } = await scanned(t);
  await library.call('duplicates.find', {});
  await ended(library);
  const ships = (await groupsOf(library)).find((group) => names(group).includes('ship.jpg'))!;
  const { act } = await library.call('duplicates.distinguish', {
    photoIds: ships.photos.map(({ id }) => id),
  });
  assert.deepEqual([act?.kind, act?.photos], ['distinguish', 2]);
  assert.equal((await groupsOf(library)).length, 1);
  const cats = (await groupsOf(library))[0]!;
  const byName = (name: string) => cats.photos.find((photo) => photo.name === name)!.id;
  // Even files of the same content: somebody wants both.
  await library.call('duplicates.distinguish', { photoIds: [byName('cat.jpg'), byName('cat copy.jpg')] });
  assert.deepEqual((await groupsOf(library)).map(({ photos }) => photos.length).sort(), [3]);
  await library.close();

  const again = await openLibrary(place);
  await again.call('duplicates.find', {});
  await ended(again);
  assert.deepEqual((await groupsOf(again)).map(({ photos }) => photos.length).sort(), [3]);
  assert.equal((await again.call('review.undo', {})).act?.kind, 'distinguish');
  assert.deepEqual((await groupsOf(again)).map(({ photos }) => photos.length).sort(), [4]);
  await again.call('review.undo', {});
  assert.deepEqual((await groupsOf(again)).map(({ photos }) => photos.length).sort(), [2, 4]);
  await again.call('review.redo', {});
  assert.equal((await groupsOf(again)).length, 1);
});

test('paths are compared without the library', async (t) => {
  const place = makePlace(t);
  await makePhotos(place);
  const library = await openLibrary(place);
  const { groups, leftOut, compared } = await library.call('internal.duplicates', {
    paths: [place.photos, join(place.photos, 'cat.jpg'), join(place.photos, 'gone.jpg')],
    alike: false,
  });
  assert.equal(compared, 7);
  assert.deepEqual(groups.map(({ kind, files }) => [kind, files.length]).sort(), [
    ['same', 2],
    ['same', 4],
  ]);
  assert.ok(groups.every(({ best, files }) => best === files[0]!.path && files[0]!.width > 0));
  assert.deepEqual(leftOut.map(({ error }) => error.code).sort(), [
    'damaged-photo',
    'missing-file',
    'unsupported-format',
  ]);
});

test('frames of one picture are never taught with and tried on', async (t) => {
  const place = makePlace(t);
  const { photos } = place;
  const [cats, cars] = [join(photos, 'cat'), join(photos, 'car')];
  mkdirSync(cats);
  mkdirSync(cars);
  // Five pictures each, the first of them six times over: as many examples, but half the evidence.
  const pictures = [
    'cat',
    'dog',
    'frog',
    'gull',
    'horse',
    'airliner',
    'box-truck',
    'freighter',
    'red-car',
    'yacht',
  ];
  for (const [i, name] of pictures.entries()) {
    const file = readdirSync(samples).find((each) => each.startsWith(`${name}.`) || each.startsWith(name))!;
    const folder = i < 5 ? cats : cars;
    await sharp(sample(file))
      .autoOrient()
      .resize(200)
      .jpeg()
      .toFile(join(folder, `${name}.jpg`));
    if (i % 5 === 0)
      for (let copy = 0; copy < 5; copy++)
        await sharp(sample(file)).autoOrient().resize(200 - 10 * copy).jpeg({ quality: 50 + 8 * copy }).toFile(join(folder, `${name} ${copy}.jpg`)); // prettier-ignore
  }
  const library = await openLibrary(place);
  await library.call('heads.teach', { name: 'things', source: { from: 'folder', path: photos } });
  assert.equal((await library.teachingEnds()).error, null);
  const { items } = await library.call('heads.list', {});
  const { origin } = await library.call('heads.show', { headId: items[1]!.id });
  const report = origin.from === 'examples' ? origin.report : null;
  // The interval counts pictures, not files.
  assert.deepEqual([origin.from === 'examples' && origin.examples, report?.examples], [20, 20]);
  assert.equal(report?.accuracy.of, 10);
});

test('a file that holds another picture since it was classified is compared as that picture', async (t) => {
  const place = makePlace(t);
  for (const [name, from] of [
    ['cat', 'cat'],
    ['copy', 'cat'],
    ['frog', 'frog'],
  ])
    // prettier-ignore
    copyFileSync(sample(`${from}.jpg`), join(place.photos, `${name}.jpg`));
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  // The library has not looked since: the copy is a ship by now, and the frog was replaced by the cat.
  copyFileSync(sample('freighter.jpg'), join(place.photos, 'copy.jpg'));
  copyFileSync(sample('cat.jpg'), join(place.photos, 'frog.jpg'));
  await library.call('duplicates.find', {});
  await ended(library);
  // Its folder is looked at then.
  for (let i = 0; i < 200 && (await groupsOf(library))[0]?.photos.length !== 2; i++) await sleep(20);
  assert.deepEqual(
    (await groupsOf(library)).map((group) => names(group).sort()),
    [['cat.jpg', 'frog.jpg']],
  );
});
