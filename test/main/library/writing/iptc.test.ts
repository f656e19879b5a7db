/** Keywords inside JPEGs, by the real exiftool. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import type { WritingTask } from '../../../../main/contract/writing.ts';
import { exiftool, needsExiftool } from '../../tools.ts';
import { picture, tag } from '../keywords/pictures.ts';
import { type Asked, makePlace, openLibrary, type Place } from '../setup.ts';

const write: WritingTask = { kind: 'iptc', labels: { by: 'person' } };
const remove: WritingTask = { kind: 'remove-iptc' };

async function exported(library: Asked, task: WritingTask, dryRun = false) {
  await library.call('writing.start', { selection: { filter: {}, except: [] }, task, dryRun });
  return library.writingEnds();
}

const at = (place: Place, name: string) => join(place.photos, name);
const keywords = (path: string) =>
  exiftool('-s3', '-sep', '|', '-IPTC:Keywords', path).trim().split('|').filter(Boolean);

/** Photos of those names, and a person's labels on them. */
async function labelled(t: TestContext, photos: Record<string, string[]>) {
  const place = makePlace(t);
  for (const [i, name] of Object.keys(photos).entries())
    await picture(at(place, name), name.endsWith('png') ? 'png' : 'jpeg', `#4${i}8`);
  const opened = async () => {
    const library = await openLibrary(place);
    await library.scan();
    for (const { id, name } of await library.items()) {
      const labels = photos[name]!;
      if (labels.length)
        await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'label', labels } });
    }
    return library;
  };
  return { place, opened };
}

test('labels go into JPEGs and out again, byte for byte', needsExiftool, async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat', '船'], 'b.jpg': [] });
  const path = at(place, 'a.jpg');
  const before = readFileSync(path);
  const { mtimeMs } = statSync(path);
  const library = await opened();
  const tried = await exported(library, write, true);
  assert.deepEqual([tried.changed, tried.items.map(({ adds }) => adds)], [1, [['boat', '船']]]);
  assert.deepEqual(readFileSync(path), before);
  const { changed, canUndo } = await exported(library, write);
  assert.deepEqual([changed, canUndo], [1, true]);
  assert.deepEqual(keywords(path), ['boat', '船']);
  assert.equal(Math.trunc(statSync(path).mtimeMs / 1000), Math.trunc(mtimeMs / 1000));
  assert.deepEqual(await sharp(path).raw().toBuffer(), await sharp(before).raw().toBuffer());
  assert.equal((await exported(library, write)).changed, 0, 'twice is once');
  await library.call('writing.undo', {});
  await library.writingEnds();
  assert.deepEqual(readFileSync(path), before);
  await exported(library, write);
  assert.equal((await exported(library, remove)).changed, 1);
  assert.deepEqual(readFileSync(path), before);
});

test('what is known of a photo holds after its file is written into', needsExiftool, async (t) => {
  const { opened } = await labelled(t, { 'a.jpg': ['boat'] });
  const library = await opened();
  await library.runAll();
  const [was] = await library.items();
  await exported(library, write);
  const [is] = await library.items();
  assert.deepEqual([is!.status, is!.top, is!.ownLabel], [was!.status, was!.top, 'boat']);
  assert.notEqual(is!.version, was!.version);
  const run = await library.runAll();
  assert.deepEqual([run.failed, run.known], [0, run.total], 'nothing is left to be classified');
});

test('a keyword that was there is nobody’s to take, and what others add stays', needsExiftool, async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat', 'sea'] });
  const path = at(place, 'a.jpg');
  tag(path, 'IPTC:Keywords+=boat', 'IPTC:City=Oslo');
  const before = readFileSync(path);
  const library = await opened();
  await exported(library, write);
  assert.deepEqual(keywords(path), ['boat', 'sea']);
  await exported(library, remove);
  assert.deepEqual(keywords(path), ['boat']);
  assert.deepEqual(readFileSync(path), before);
  await exported(library, write);
  tag(path, 'IPTC:Keywords+=pier');
  await exported(library, remove);
  assert.deepEqual(keywords(path), ['boat', 'pier']);
});

test(
  'what can’t be written is told and left: other formats, read-only files, long labels, character sets',
  needsExiftool,
  async (t) => {
    const { place, opened } = await labelled(t, {
      'a.png': ['boat'],
      'b.jpg': ['boat'],
      'c.jpg': ['x'.repeat(65)],
      'd.jpg': ['船'],
    });
    chmodSync(at(place, 'b.jpg'), 0o444);
    tag(at(place, 'd.jpg'), 'IPTC:Keywords+=Möwe');
    const names = ['a.png', 'b.jpg', 'c.jpg', 'd.jpg'];
    const before = names.map((name) => readFileSync(at(place, name)));
    const library = await opened();
    const { failed, changed, items } = await exported(library, write);
    assert.deepEqual([failed, changed], [4, 0]);
    for (const [i, said] of [/PNG/, /read-only/, /64 bytes/, /character set/].entries())
      assert.match(items.find(({ path }) => path.endsWith(names[i]!))!.error!.message, said);
    assert.deepEqual(
      names.slice(0, 3).map((name) => readFileSync(at(place, name))),
      before.slice(0, 3),
    );
    assert.deepEqual(keywords(at(place, 'd.jpg')), ['Möwe']);
  },
);

test(
  'labels are in the character set that a block has, and in UTF-8 where it has none',
  needsExiftool,
  async (t) => {
    const { place, opened } = await labelled(t, {
      'a.jpg': ['L’été', '船'],
      'b.jpg': ['L’été', '船'],
      'c.jpg': ['L’été'],
    });
    const [photoshop, unsaid, latin] = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => at(place, name)) as [string, string, string]; // prettier-ignore
    // As "Save for Web" leaves files, as programs that never heard of character sets, and as those of Windows.
    tag(photoshop, 'Photoshop:CopyrightFlag=true');
    exiftool('-q', '-overwrite_original', '-charset', 'iptc=UTF8', '-IPTC:Keywords=Möwe', unsaid);
    tag(latin, 'IPTC:Keywords=Möwe');
    const paths = [photoshop, unsaid, latin];
    const before = paths.map((path) => readFileSync(path));
    const library = await opened();
    const { changed, items } = await exported(library, write);
    assert.equal(changed, 3, JSON.stringify(items));
    const inUtf8 = (path: string) =>
      exiftool('-s3', '-sep', '|', '-charset', 'iptc=UTF8', '-IPTC:Keywords', path).trim().split('|');
    assert.deepEqual(inUtf8(photoshop).sort(), ['L’été', '船']);
    assert.deepEqual(inUtf8(unsaid).sort(), ['L’été', 'Möwe', '船']);
    assert.deepEqual(keywords(latin).sort(), ['L’été', 'Möwe']);
    await library.call('writing.undo', {});
    await library.writingEnds();
    assert.deepEqual(
      paths.map((path) => readFileSync(path)),
      before,
    );
  },
);

test('a link is followed, and a file with several names is left', needsExiftool, async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat'], 'b.jpg': ['boat'] });
  const elsewhere = join(place.folder, 'elsewhere');
  mkdirSync(elsewhere);
  renameSync(at(place, 'a.jpg'), join(elsewhere, 'a.jpg'));
  symlinkSync(join(elsewhere, 'a.jpg'), at(place, 'a.jpg'));
  linkSync(at(place, 'b.jpg'), join(elsewhere, 'b.jpg'));
  const before = readFileSync(at(place, 'a.jpg'));
  const library = await opened();
  const { changed, failed, items } = await exported(library, write);
  assert.deepEqual([changed, failed], [1, 1]);
  assert.match(items.find(({ error }) => error)!.error!.message, /hard links/);
  assert.ok(lstatSync(at(place, 'a.jpg')).isSymbolicLink());
  assert.deepEqual(keywords(join(elsewhere, 'a.jpg')), ['boat']);
  assert.deepEqual(readdirSync(elsewhere).sort(), ['a.jpg', 'b.jpg']);
  assert.equal((await exported(library, remove)).changed, 1);
  assert.ok(lstatSync(at(place, 'a.jpg')).isSymbolicLink());
  assert.deepEqual(readFileSync(join(elsewhere, 'a.jpg')), before);
});

test(
  'a photo that was moved is known by what was written into it: outside, inside, and by the command line',
  needsExiftool,
  async (t) => {
    const { place, opened } = await labelled(t, { 'a.jpg': ['boat'], 'b.jpg': ['sea'] });
    const before = new Map(['a.jpg', 'b.jpg'].map((name) => [name, readFileSync(at(place, name))]));
    const library = await opened();
    await exported(library, write);
    mkdirSync(at(place, 'kept'));
    renameSync(at(place, 'a.jpg'), at(place, 'kept/z.jpg'));
    const b = (await library.items()).find(({ name }) => name === 'b.jpg')!;
    await library.call('photos.move', { selection: { ids: [b.id] }, folder: at(place, 'kept') });
    // A file that is no photo of the library, and a copy of one that is.
    copyFileSync(at(place, 'kept/z.jpg'), join(place.folder, 'copy.jpg'));
    const stray = { paths: [join(place.folder, 'copy.jpg')], recursive: false, dryRun: false };
    const { items } = await library.call('internal.removeIptc', stray);
    assert.deepEqual(items[0]!.removes, ['boat']);
    assert.deepEqual(readFileSync(join(place.folder, 'copy.jpg')), before.get('a.jpg'));
    await library.scan();
    const read = await library.call('internal.readKeywords', { paths: [at(place, 'kept')], recursive: true });
    assert.deepEqual(
      read.items.map(({ keywords }) => keywords),
      [[], []],
      'what Saccade wrote is nobody’s word',
    );
    const { changed } = await exported(library, remove);
    assert.equal(changed, 2);
    assert.deepEqual(readFileSync(at(place, 'kept/z.jpg')), before.get('a.jpg'));
    assert.deepEqual(readFileSync(at(place, 'kept/b.jpg')), before.get('b.jpg'));
  },
);

test('a copy is known by itself, whatever becomes of the original', needsExiftool, async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat'] });
  const before = readFileSync(at(place, 'a.jpg'));
  const library = await opened();
  await exported(library, write);
  const copy = join(place.folder, 'sorted', 'boat', 'a.jpg');
  const options = { folder: join(place.folder, 'sorted'), template: '{label}/{name}', way: 'copy' } as const;
  await exported(library, { kind: 'organise', labels: { by: 'person' }, ...options });
  assert.deepEqual(keywords(copy), ['boat']);
  assert.equal((await exported(library, remove)).changed, 1);
  const { items } = await library.call('internal.removeIptc', { paths: [copy], recursive: false, dryRun: false }); // prettier-ignore
  assert.deepEqual(items[0]?.removes, ['boat']);
  assert.deepEqual(readFileSync(copy), before);
});

test(
  'a photo that others wrote into is still known, also where it is moved after a scan',
  needsExiftool,
  async (t) => {
    const { place, opened } = await labelled(t, { 'a.jpg': ['boat'] });
    const library = await opened();
    await exported(library, write);
    tag(at(place, 'a.jpg'), 'XMP-xmp:Rating=4', 'IPTC:Keywords+=pier');
    await library.scan();
    await library.runAll();
    mkdirSync(at(place, 'kept'));
    renameSync(at(place, 'a.jpg'), at(place, 'kept/a.jpg'));
    await library.scan();
    assert.equal((await exported(library, remove)).changed, 1);
    assert.deepEqual(keywords(at(place, 'kept/a.jpg')), ['pier']);
  },
);

test('another picture under the name of a photo keeps its keywords', needsExiftool, async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat'] });
  const library = await opened();
  await exported(library, write);
  renameSync(at(place, 'a.jpg'), join(place.folder, 'away.jpg'));
  await picture(at(place, 'a.jpg'), 'jpeg', '#804020');
  tag(at(place, 'a.jpg'), 'IPTC:Keywords+=boat');
  await library.scan();
  assert.equal((await exported(library, remove)).changed, 0);
  assert.deepEqual(keywords(at(place, 'a.jpg')), ['boat']);
  const read = await library.call('internal.readKeywords', { paths: [place.photos], recursive: true });
  assert.deepEqual(read.items[0]!.keywords, [{ label: 'boat', from: 'file', program: null }]);
});

test('without exiftool nothing is tried', async (t) => {
  const { place, opened } = await labelled(t, { 'a.jpg': ['boat'] });
  writeFileSync(join(place.folder, 'nothing'), '');
  const library = await opened();
  const { PATH } = process.env;
  process.env['PATH'] = place.folder;
  t.after(() => (process.env['PATH'] = PATH));
  const { state, error } = await exported(library, write);
  assert.deepEqual([state, error?.code], ['failed', 'no-exiftool']);
});
