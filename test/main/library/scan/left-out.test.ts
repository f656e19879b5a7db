import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { extensionOf, isPhotoName } from '../../../../main/decode/photo-extensions.ts';
import { movedPattern, Rules } from '../../../../main/library/scan/rules.ts';
import { classifyPaths, makePlace, openLibrary, writePhotos } from '../setup.ts';

const onLinux = process.platform === 'linux' ? false : 'SKIPPED: file systems here allow no such files';

test('names of photos are known by what cameras, phones, browsers and exporters write', () => {
  const photos =
    'a.JPG a.jpe a.jfif a.pjpeg a.jpg_large a.png-orig a.mpo a.apng a.tif a.heif a.hif a.avifs a.dib a.CR2 a.dng';
  for (const name of photos.split(' ')) assert.ok(isPhotoName(name), name);
  for (const name of 'a.txt a.crw a.jpg_original a.jpgx jpg .jpg a.'.split(' '))
    assert.ok(!isPhotoName(name), name);
  const endings = ['a.TXT', 'no ending', 'IMG.2041', '2021.08 at the sea', '.hidden', 'a.tar.gz', 'a.jpg~'];
  assert.deepEqual(endings.map(extensionOf), ['txt', '', '', '', '', 'gz', '']);
});

test('patterns hold below the folder they lie in, and the last that fits decides', () => {
  assert.equal(movedPattern('*.png', ['a', 'b']), '/a/b/**/*.png');
  assert.equal(movedPattern('!/top', ['a*']), '!/a\\*/top');
  assert.equal(movedPattern('x/y', ['a']), '/a/x/y');
  assert.equal(movedPattern('dir/', ['a']), '/a/**/dir/');
  assert.equal(movedPattern('# words', ['a']), null);
  const rules = Rules.below('/p', ['*.gif', '!cache/']).within('/p/a', ['*.png', 'cache/', '!*.gif']);
  assert.equal(rules.verdict('/p/a/b/c.png', false), 'excluded');
  assert.equal(rules.verdict('/p/b/c.png', false), null);
  assert.equal(rules.verdict('/p/a/c.gif', false), 'excluded', 'what a person says is stronger than a file');
  assert.equal(rules.verdict('/p/a/cache', true), 'wanted');
  assert.equal(rules.verdict('/p/a/cache/c.jpg', false), null);
  assert.equal(rules.verdict('/p/#recycle', true), 'system');
  assert.equal(rules.verdict('/p/x Previews.lrdata', true), 'system');
  for (const name of [
    '$Recycle.Bin',
    'Network Recycle Bin 1',
    '@sharebin',
    'Backups.backupdb',
    'Lightroom Library.lrlibrary',
  ])
    assert.equal(rules.verdict(`/p/${name}`, true), 'system', name);
  for (const name of ['Backups', 'My Recycle Bin', 'lrlibrary', 'Network'])
    assert.equal(rules.verdict(`/p/${name}`, true), null, name);
  assert.equal(rules.verdict('/p/.hidden.jpg', false), 'hidden');
});

function fill(place: ReturnType<typeof makePlace>): void {
  writePhotos(place, {
    'one.jpg': '1',
    'notes.txt': 'no',
    'more.TXT': 'no',
    'film.mov': 'no',
    README: 'no picture at all, but longer than a header',
    '@eaDir/one.jpg/SYNOPHOTO_THUMB_XL.jpg': '2',
    '#recycle/old.jpg': '3',
    '$RECYCLE.BIN/$R1.jpg': '3',
    'x.photoslibrary/resources/d.jpg': '4',
    '.hidden.jpg': '5',
    'private/.nomedia': '',
    'private/secret.jpg': '6',
    'trip/two.jpg': '7',
    'trip/draft-1.jpg': '8',
    'trip/.saccadeignore': '# not these\r\ndraft-*\r\n',
  });
  // A picture without an ending.
  writeFileSync(join(place.photos, 'IMG.2041'), Buffer.from([0xff, 0xd8, 0xff, ...Buffer.alloc(40, 0x31)]));
}

const expected = {
  ...{ 'other txt': 2, video: 1, 'no-picture': 1, system: 4, hidden: 1, marked: 1, excluded: 1 },
};

test('what a scan leaves out is counted by kind and can be listed, and patterns of a folder take it in', async (t) => {
  const place = makePlace(t);
  fill(place);
  const library = await openLibrary(place);
  const folderId = await library.scan();
  const names = async () => (await library.items()).map(({ name }) => name).sort();
  assert.deepEqual(await names(), ['IMG.2041', 'one.jpg', 'two.jpg']);
  const told = async () => library.call('folders.leftOut', { folderId, limit: 100 });
  const { counts, items } = await told();
  const counted = counts.map(({ kind, extension, count }) => [`${kind} ${extension}`.trim(), count]);
  assert.deepEqual(Object.fromEntries(counted), expected);
  assert.equal(items.length, 11);
  assert.ok(items.some(({ path, kind }) => kind === 'system' && path === join(place.photos, '@eaDir/')));
  const roots = await library.call('folders.children', { parentId: null, limit: 10 });
  assert.deepEqual([roots.items[0]!.leftOut, roots.items[0]!.patterns], [11, '']);
  const page = await library.call('folders.leftOut', { folderId, limit: 4 });
  const rest = await library.call('folders.leftOut', { folderId, limit: 100, cursor: page.next! });
  assert.deepEqual([...page.items, ...rest.items], items);
  const scanned = async (patterns: string) => {
    await library.call('folders.setPatterns', { folderId, patterns });
    // The first to end may have begun before.
    await library.scan();
    await library.scan();
    return names();
  };
  assert.deepEqual(await scanned('two.*\n!draft-*\n!.nomedia\n!#recycle/'), [
    ...['IMG.2041', 'draft-1.jpg', 'old.jpg', 'one.jpg', 'secret.jpg'],
  ]);
  const secret = (await library.items()).find(({ name }) => name === 'secret.jpg')!.id;
  await library.call('review.act', { selection: { ids: [secret] }, act: { kind: 'none' } });

  const withNone = await scanned('');
  assert.deepEqual(withNone, ['IMG.2041', 'one.jpg', 'secret.jpg', 'two.jpg'], 'gone, not missing');
  const missing = await library.items({ status: ['missing'] });
  assert.deepEqual(missing.map(({ id }) => id), [secret], 'but what a person spoke of'); // prettier-ignore
  await scanned('!.nomedia');
  const { person, status } = await library.call('photos.get', { photoId: secret });
  assert.deepEqual([person.none, status === 'missing'], [true, false]);
  await scanned('');
  rmSync(join(place.photos, '@eaDir'), { recursive: true });
  await library.scan();
  await library.scan();
  assert.equal((await told()).items.length, 10);
});

test('a classification of paths tells the same, by the same rules', async (t) => {
  const place = makePlace(t);
  fill(place);
  const library = await openLibrary(place);
  const all = await classifyPaths(library, { paths: [place.photos] });
  const named = (items: typeof all.items) => items.map(({ path }) => basename(path)).sort();
  assert.deepEqual(named(all.items), ['IMG.2041', 'one.jpg', 'two.jpg']);
  const counted = all.progress.leftOut.map(({ kind, extension, count }) => [
    `${kind} ${extension}`.trim(),
    count,
  ]);
  assert.deepEqual(Object.fromEntries(counted), expected);
  const patterns = ['trip/', '!@eaDir/', '!*.mov'];
  const chosen = await classifyPaths(library, { paths: [place.photos], patterns });
  assert.deepEqual(named(chosen.items), ['IMG.2041', 'film.mov', 'one.jpg'], 'previews stay out');
});

test(
  'pipes, sockets, devices and links to nothing are among what is left out',
  { skip: onLinux },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, { 'one.jpg': '1' });
    execFileSync('mkfifo', [join(place.photos, 'pipe.jpg')]);
    symlinkSync('nowhere', join(place.photos, 'dangling.jpg'));
    symlinkSync('/dev/null', join(place.photos, 'device.jpg'));
    // Cannot be looked into, and its name does not say that it should be a photo.
    symlinkSync('round', join(place.photos, 'round'));
    const library = await openLibrary(place);
    const { items, progress } = await classifyPaths(library, { paths: [place.photos] });
    assert.deepEqual(items.length, 1);
    assert.deepEqual(progress.leftOut.map(({ kind, count }) => [kind, count]).sort(), [
      ['dangling', 1],
      ['no-picture', 1],
      ['special', 2],
    ]);
  },
);

test('names that print alike are files of their own', { skip: onLinux }, async (t) => {
  const place = makePlace(t);
  const at = (...bytes: (number | string)[]) =>
    Buffer.concat([
      Buffer.from(`${place.photos}/`),
      ...bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
    ]);
  const files = [
    at('b', 0x80, '.jpg'),
    at('b', 0x81, '.jpg'),
    at('b', 0x82, '.jpg'),
    at('b\ufffd.jpg'),
    at('c', 0x80, '.jpg'),
    at('c\ufffd.jpg'),
  ];
  files.forEach((path, i) => writeFileSync(path, `${i + 1}`));
  const library = await openLibrary(place);
  await library.scan();
  await library.scan();
  await library.runAll();
  const shown = { 'b\\x80.jpg': 1, 'b\\x81.jpg': 2, 'b\\x82.jpg': 3, 'b\ufffd.jpg': 4 };
  const outcomes = { ...shown, 'c\\x80.jpg': 5, 'c\ufffd.jpg': 6 };
  assert.deepEqual(await library.outcomes(), outcomes);
  const { items } = await classifyPaths(library, { paths: [place.photos] });
  assert.deepEqual(
    items.map((item) => item.status === 'ok' && item.labels[0]!.index).sort(),
    [1, 2, 3, 4, 5, 6],
  );
  files.forEach((path) => rmSync(path));
  await library.scan();
  assert.equal((await library.items({ status: ['missing'] })).length, 6);
});

test('an edit that keeps size and time is noticed by its change time', { skip: onLinux }, async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const library = await openLibrary(place);
  const { photos } = place;
  const strays = await classifyPaths(library, { paths: [photos] });
  assert.equal(strays.items.length, 2);
  await library.scan();
  await library.runAll();
  const [before] = await library.items();
  const edit = async (content: string) => {
    const { mtimeMs } = statSync(join(photos, 'a.jpg'));
    await sleep(20);
    writeFileSync(join(photos, 'a.jpg'), content);
    utimesSync(join(photos, 'a.jpg'), mtimeMs / 1000, mtimeMs / 1000);
  };
  await edit('3');
  const again = await classifyPaths(library, { paths: [photos] });
  assert.deepEqual(
    again.items.map((item) => item.status === 'ok' && item.labels[0]!.index),
    [3, 2],
  );
  await edit('4');
  await library.scan();
  const [after] = await library.items();
  assert.equal(after?.status, 'new');
  assert.notEqual(after?.version, before?.version);
  await library.runAll();
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 4, 'b.jpg': 2 });
  assert.equal(readFileSync(join(photos, 'a.jpg'), 'utf8'), '4');
});
