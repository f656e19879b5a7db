/** A photo that was given another's name is shown, classified or compared before a look through its folder has found it. */
import assert from 'node:assert/strict';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { makePlace, openLibrary, writePhotos, type Asked } from '../setup.ts';

const before: Record<string, (library: Asked, photoIds: number[]) => Promise<unknown>> = {
  'shown small': (library, ids) => each(ids, (photoId) => library.call('internal.thumbnail', { photoId })),
  'shown large': (library, ids) =>
    each(ids, (photoId) => library.call('internal.rendition', { photoId, edge: 1024 })),
  inspected: (library, ids) =>
    each(ids, (photoId) => library.call('inspect.photo', { photoId, classIndex: null })),
  'classified again': (library) => library.runAll({ again: true }),
  compared: async (library) => {
    await library.call('duplicates.find', { filter: {} });
    while ((await library.call('duplicates.status', {})).state === 'running');
  },
};
const each = async (ids: number[], ask: (id: number) => Promise<unknown>) => {
  for (const id of ids) await ask(id).catch(() => {});
};

for (const [how, see] of Object.entries(before))
  test(`words go with their pictures where a photo that has another’s name is ${how} first`, async (t) => {
    const place = makePlace(t);
    const at = (name: string) => join(place.photos, name);
    writePhotos(place, { '0.jpg': '0 photo', '1.jpg': '1 photo', '2.jpg': '2 photo' });
    // Of one size and time, as from an archive: that they were renamed tells the system's own time alone.
    for (const i of [0, 1, 2]) utimesSync(at(`${i}.jpg`), 1e9, 1e9);
    const library = await openLibrary(place);
    await library.scan();
    await library.runAll();
    const ids = (await library.items()).map(({ id }) => id);
    for (const [i, id] of ids.entries())
      await library.call('review.act', { selection: { ids: [id] }, act: { kind: 'add', label: `is ${i}` } });
    renameSync(at('0.jpg'), join(place.folder, 'deleted.jpg'));
    renameSync(at('1.jpg'), at('0.jpg'));
    renameSync(at('2.jpg'), at('1.jpg'));
    await see(library, ids);
    await library.scan();
    await library.runAll();
    const shown = (await library.items()).filter(({ status }) => status !== 'missing');
    assert.deepEqual(
      shown.map(({ name, ownLabel, top }) => [name, ownLabel, top?.index]),
      [
        ['0.jpg', 'is 1', 1],
        ['1.jpg', 'is 2', 2],
      ],
    );
  });
