/** Sidecars stay with the photos that they speak of: also where only case tells two apart, and where one can't go. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { trashBySystem } from '../../../../main/broker/trash.ts';
import { makePlace, openLibrary, ownTrash, writePhotos } from '../setup.ts';

const onLinux = { skip: process.platform === 'linux' ? false : 'SKIPPED: the trash of Linux desktops' };
const readText = (...parts: string[]) => readFileSync(join(...parts), 'utf8');

async function withPhotos(t: TestContext) {
  const place = makePlace(t);
  const trash = ownTrash(t, place);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const library = await openLibrary(place);
  await library.scan();
  const ids = new Map((await library.items()).map(({ name, id }) => [name, id]));
  return { place, library, ids, trash };
}

const byCase = () => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-case-'));
  writeFileSync(join(folder, 'a'), '');
  const tells = !existsSync(join(folder, 'A'));
  rmSync(folder, { recursive: true });
  return { skip: tells ? false : 'SKIPPED: case tells no two files apart on this disk' };
};

test(
  'photos that case alone tells apart are two shots, each with sidecars of its own',
  byCase(),
  async (t) => {
    const place = makePlace(t);
    process.env['XDG_DATA_HOME'] = join(place.folder, 'data');
    t.after(() => delete process.env['XDG_DATA_HOME']);
    const at = (...names: string[]) => join(place.photos, ...names);
    writePhotos(place, { 'photo.jpg': '1', 'PHOTO.JPG': '2', 'photo.cr2': '3' });
    for (const name of ['photo.jpg.xmp', 'PHOTO.JPG.xmp', 'photo.xmp', 'PHOTO.xmp', 'Photo.XMP'])
      writeFileSync(at(name), name);
    const library = await openLibrary(place);
    await library.call('settings.set', { stacks: true });
    await library.scan();
    const stands = async () =>
      (await library.items()).map(({ name, stands }) => [name, ...stands].join()).sort();
    assert.deepEqual(await stands(), ['PHOTO.JPG', 'photo.jpg,photo.cr2']);
    const idOf = async (name: string) => (await library.items()).find((item) => item.name === name)!.id;
    const before = readdirSync(place.photos).sort();
    const small = ['photo.cr2', 'photo.jpg', 'photo.jpg.xmp', 'photo.xmp'];
    const large = ['PHOTO.JPG', 'PHOTO.JPG.xmp', 'PHOTO.xmp'];
    for (const [name, files] of [
      ['photo.jpg', small],
      ['PHOTO.JPG', large],
    ] as const) {
      const selection = { ids: [await idOf(name)] };
      const moved = await library.call('photos.move', { selection, folder: join(place.folder, name) });
      assert.deepEqual([moved.failed, moved.shared], [[], []]);
      assert.deepEqual(readdirSync(join(place.folder, name)).sort(), files);
      for (const file of files.filter((each) => each.endsWith('.xmp')))
        assert.equal(readText(place.folder, name, file), file);
      assert.deepEqual(readdirSync(place.photos).sort(), before.filter((each) => !(files as string[]).includes(each))); // prettier-ignore
      await library.call('review.undo', {});
      assert.deepEqual(readdirSync(place.photos).sort(), before);
    }
    // Into one folder they go under names that are two on every disk.
    const selection = { ids: [await idOf('photo.jpg'), await idOf('PHOTO.JPG')] };
    await library.call('photos.move', { selection, folder: join(place.folder, 'both') });
    const names = readdirSync(join(place.folder, 'both'));
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, 7, names.join());
    await library.call('review.undo', {});
    assert.deepEqual(readdirSync(place.photos).sort(), before);
    if (process.platform !== 'linux') return;
    await library.call('internal.trash', { selection: { ids: [await idOf('PHOTO.JPG')] } });
    assert.deepEqual(readdirSync(place.photos).sort(), [...small, 'Photo.XMP'].sort());
    await library.call('review.undo', {});
    for (const name of before) if (name.endsWith('.xmp')) assert.equal(readText(at(name)), name);
  },
);

test('a sidecar stays in the trash with its photo, whatever it is called there', onLinux, async (t) => {
  const { place, library, ids, trash } = await withPhotos(t);
  const at = (...names: string[]) => join(place.photos, ...names);
  writeFileSync(at('a.jpg.XMP'), 'own');
  writeFileSync(at('a.XMP'), 'shared');
  // Others have the names already.
  mkdirSync(trash, { recursive: true });
  for (const name of ['a.XMP', 'a.jpg.XMP']) writeFileSync(join(trash, name), 'of another');
  const selection = { ids: [ids.get('a.jpg')!, ids.get('b.jpg')!] };
  await library.call('internal.trash', { selection });
  assert.deepEqual(readdirSync(trash).sort(), ['a (2).XMP', 'a.XMP', 'a.jpg', 'a.jpg (2).XMP', 'a.jpg.XMP', 'b.jpg']); // prettier-ignore
  writeFileSync(at('a.jpg'), 'in its place');
  await library.call('review.undo', {});
  assert.deepEqual(readdirSync(trash).sort(), ['a (2).XMP', 'a.XMP', 'a.jpg', 'a.jpg (2).XMP', 'a.jpg.XMP']);
  assert.deepEqual(readdirSync(place.photos).filter((name) => /xmp$/i.test(name)), []); // prettier-ignore
});

test('a sidecar stays beside a photo that the system’s trash does not take', async (t) => {
  const { place, library, ids } = await withPhotos(t);
  const at = (...names: string[]) => join(place.photos, ...names);
  for (const name of ['a.jpg.xmp', 'a.xmp', 'b.jpg.xmp', 'b.xmp']) writeFileSync(at(name), name);
  const side = { ask: async (verb: string, request: unknown) => ({ ok: true as const, value: await library.call(verb as 'internal.trashBegin', request as never) }), onEvent: () => () => {} }; // prettier-ignore
  const selection = { ids: [ids.get('a.jpg')!, ids.get('b.jpg')!] };
  const { act, failed } = await trashBySystem(side, { selection }, async (path) => {
    if (path === at('a.jpg')) throw new Error('The trash is full');
    await rm(path);
  });
  assert.deepEqual([act?.photos, failed.map(({ path }) => path)], [1, [at('a.jpg')]]);
  assert.match(failed[0]!.error.message, /did not: The trash is full\. Move it into a folder/);
  assert.deepEqual(readdirSync(place.photos).sort(), ['a.jpg', 'a.jpg.xmp', 'a.xmp']);
});
