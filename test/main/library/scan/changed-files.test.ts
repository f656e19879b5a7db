/** What is known of a file is known of what it held: nothing trusts a path whose size or times are others by now. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { type Asked, makePlace, openLibrary, type Place, writePhotos } from '../setup.ts';

const numbers = [0, 1, 2, 3, 4, 5];
const photosOf = (folder: string, of: number) =>
  Object.fromEntries(numbers.map((i) => [`${folder}/${i}.jpg`, `${of} no ${i}`]));

async function teach(library: Asked, place: Place, name: string): Promise<void> {
  const table = join(place.folder, 'words.csv');
  const rows = ['left', 'right'].flatMap((side) =>
    numbers.map((i) => `photos/${side}/${i}.jpg,on the ${side}`),
  );
  writeFileSync(table, ['path,label', ...rows, ''].join('\n'));
  await library.call('heads.teach', { name, source: { from: 'csv', path: table }, use: true });
  const { state, error } = await library.teachingEnds();
  assert.equal(state, 'finished', error?.message);
}

/** What the head in use calls a photo that no head was taught with. */
async function calls(library: Asked, place: Place, content: string): Promise<string | undefined> {
  const { folder } = place;
  const other = join(folder, 'other');
  writePhotos({ ...place, photos: other }, { 'new.jpg': content });
  await library.call('folders.add', { path: other });
  for (;;) {
    await library.runAll();
    const found = (await library.items()).find(({ name }) => name === 'new.jpg');
    if (found?.top) return found.top.label.name;
    await sleep(5);
  }
}

test('teaching from files that were edited since learns from what they hold now', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...photosOf('left', 7), ...photosOf('right', 3) });
  const library = await openLibrary(place);
  await teach(library, place, 'before');
  // Each file holds now what one of the other label held: the sizes are the same.
  const [left, right, aside] = ['left', 'right', 'aside'].map((name) => join(place.photos, name));
  renameSync(left!, aside!);
  renameSync(right!, left!);
  renameSync(aside!, right!);
  await teach(library, place, 'after');
  assert.equal(await calls(library, place, '7 never seen'), 'on the right');
});

test('a picture of a photo that was edited since is not kept as one of what it held', async (t) => {
  const place = makePlace(t);
  const paint = (background: string) =>
    sharp({ create: { width: 64, height: 64, channels: 3, background } })
      .png()
      .toBuffer();
  const [red, blue] = [await paint('#f00'), await paint('#00f')];
  writePhotos(place, {});
  const [edited, copy] = [join(place.photos, 'edited.png'), join(place.photos, 'kept.png')];
  writeFileSync(edited, red);
  writeFileSync(copy, red);
  const library = await openLibrary(place);
  await library.scan();
  const items = await library.items();
  const colourOf = async (name: string) => {
    const { id: photoId } = items.find((item) => item.name === name)!;
    const { bytes } = await library.call('internal.thumbnail', { photoId });
    const { dominant } = await sharp(bytes).stats();
    return dominant.r > dominant.b ? 'red' : 'blue';
  };
  await library.runAll();
  writeFileSync(edited, blue);
  assert.deepEqual([await colourOf('edited.png'), await colourOf('kept.png')], ['blue', 'red']);
  // Out of reach, what was seen of it can still be shown.
  rmSync(edited);
  assert.equal(await colourOf('edited.png'), 'blue');
});
