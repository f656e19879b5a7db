import assert from 'node:assert/strict';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { sharp } from '../../../main/decode/engine.ts';
import { noCapture } from '../../../main/decode/metadata/capture.ts';
import { storeCapture } from '../../../main/library/catalog/captures.ts';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import { addFolder } from '../../../main/library/catalog/folders.ts';
import { insertPhoto } from '../../../main/library/catalog/photos.ts';
import { countPhotos } from '../../../main/library/lists/counts.ts';
import { conditionOf } from '../../../main/library/lists/filter.ts';
import { periodsOf } from '../../../main/library/lists/periods.ts';
import { inZones } from '../in-zones.ts';
import { makePlace, openLibrary, type Asked, type Place } from './setup.ts';

async function shoot(place: Place, name: string, model: string, taken: string): Promise<void> {
  const jpeg = await sharp({ create: { width: 32, height: 24, channels: 3, background: 'olive' } })
    .withExif({
      IFD0: { Make: 'Canon', Model: model },
      IFD2: { DateTimeOriginal: taken, OffsetTimeOriginal: '+00:00' },
    })
    .jpeg()
    .toBuffer();
  writeFileSync(join(place.photos, name), jpeg);
}

/** Waits until a search finds these photos. */
async function finds(library: Asked, search: string, names: string[]): Promise<void> {
  for (let i = 0; ; i++) {
    const items = await library.items({ search });
    const found = items.map(({ name }) => name);
    if (found.join() === names.join()) return;
    if (i > 400) assert.deepEqual(found, names, search);
    await sleep(25);
  }
}

test('what cameras wrote is read once a folder is added, before anything is classified', async (t) => {
  const place = makePlace(t);
  await shoot(place, 'a.jpg', 'EOS R5', '2019:03:02 10:00:00');
  await shoot(place, 'b.jpg', 'EOS R6', '2021:03:02 10:00:00');
  writeFileSync(join(place.photos, 'c.jpg'), 'no picture');
  const library = await openLibrary(place, { window: true });
  await library.scan();
  await finds(library, 'camera:r5', ['a.jpg']);
  await finds(library, 'year:2021', ['b.jpg']);
  const [item] = await library.items({ search: 'camera:r6' });
  assert.equal(item!.takenMs, Date.UTC(2021, 2, 2, 10));
  const { capture } = await library.call('photos.get', { photoId: item!.id });
  assert.deepEqual([capture!.camera, capture!.lens], ['Canon EOS R6', null]);
  const { items: months } = await library.call('photos.months', { filter: { search: 'camera:canon' } });
  assert.deepEqual(months, [
    { year: 2019, month: 3, photos: 1 },
    { year: 2021, month: 3, photos: 1 },
  ]);
  const { items: told } = await library.call('photos.suggest', { word: 'camera:eos', limit: 5 });
  assert.deepEqual(
    told.map(({ name }) => name),
    ['Canon EOS R5', 'Canon EOS R6'],
  );

  // Another file under the same name is read again.
  await shoot(place, 'a.jpg', 'EOS R7', '2022:03:02 10:00:00');
  utimesSync(join(place.photos, 'a.jpg'), new Date(), new Date());
  await library.scan();
  await finds(library, 'camera:r7', ['a.jpg']);
  await finds(library, 'camera:r5', []);
});

test('of photos in a catalog that knew nothing of cameras it is read when it is opened', async (t) => {
  const place = makePlace(t);
  await shoot(place, 'a.jpg', 'EOS R5', '2019:03:02 10:00:00');
  const before = await openLibrary(place);
  await before.scan();
  await before.runAll();
  assert.deepEqual(await before.items({ search: 'camera:r5' }), []);
  await before.close();
  const file = new Database(join(place.home, 'catalog.sqlite'));
  assert.deepEqual(file.prepare('SELECT count(*) AS n FROM captures').get(), { n: 0 });
  file.close();
  const library = await openLibrary(place, { window: true });
  await finds(library, 'camera:r5', ['a.jpg']);
  await finds(library, 'year:2019', ['a.jpg']);
});

test('a photo is of the year that the clock showed where it was taken, wherever the library is opened', (t) => {
  const place = makePlace(t);
  const path = join(place.home, 'catalog.sqlite');
  const made = openCatalog(path);
  const folder = addFolder(made, place.photos);
  const facts = { bytes: 1, modifiedMs: Date.UTC(2020, 5, 15), changedMs: 1 };
  for (const takenMs of [Date.UTC(2014, 11, 31, 23, 30), Date.UTC(2015, 0, 1, 0, 30), null])
    storeCapture(made, insertPhoto(made, folder, `${takenMs}.jpg`, facts), { ...noCapture, takenMs });
  made.close();
  inZones(t, (zone) => {
    const catalog = openCatalog(path);
    const count = (search: string) => countPhotos(catalog, conditionOf(catalog, { search }));
    assert.deepEqual([2014, 2015, 2020].map((year) => count(`year:${year}`)), [1, 1, 1], zone); // prettier-ignore
    const months = periodsOf(catalog, conditionOf(catalog, {}), 'month').map(({ year, month }) => [
      year,
      month,
    ]);
    assert.deepEqual(months, [[2014, 12], [2015, 1], [2020, 6]], zone); // prettier-ignore
    catalog.close();
  });
});

test('what earlier readers made of photos is read anew when the catalog is opened', async (t) => {
  const place = makePlace(t);
  await shoot(place, 'a.jpg', 'EOS R5', '2019:03:02 10:00:00');
  writeFileSync(join(place.photos, 'b.jpg'), 'says nothing');
  const before = await openLibrary(place, { window: true });
  await before.scan();
  await before.runAll();
  await finds(before, 'camera:r5', ['a.jpg']);
  await before.close();
  const file = new Database(join(place.home, 'catalog.sqlite'));
  const wrong = Date.UTC(1999, 11, 30);
  file.prepare('UPDATE captures SET version = version - 1, taken_ms = ?, camera_id = NULL').run(wrong);
  file.prepare('UPDATE contents SET taken_ms = ?').run(wrong);
  file.prepare('UPDATE photos SET date_ms = ?').run(wrong);
  file.close();
  const library = await openLibrary(place, { window: true });
  await finds(library, 'camera:r5', ['a.jpg']);
  await finds(library, 'year:2019', ['a.jpg']);
  await finds(library, 'year:1999', []);
  const taken = (await library.items()).map(({ takenMs }) => takenMs);
  assert.deepEqual(taken, [Date.UTC(2019, 2, 2, 10), null]);
});

test('a drive that is not plugged in has not been read: it is when it is there again', async (t) => {
  const place = makePlace(t);
  await shoot(place, 'a.jpg', 'EOS R5', '2019:03:02 10:00:00');
  const before = await openLibrary(place);
  await before.scan();
  await before.close();
  renameSync(place.photos, `${place.photos}-away`);
  const without = await openLibrary(place, { window: true });
  await sleep(200);
  assert.deepEqual(await without.items({ search: 'camera:r5' }), []);
  await without.close();
  renameSync(`${place.photos}-away`, place.photos);
  const library = await openLibrary(place, { window: true });
  await finds(library, 'camera:r5', ['a.jpg']);
});
