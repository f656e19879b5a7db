/** Two windows that see the same change: each looks through the folder, at the same time. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { makePlace, openLibrary, writePhotos, type Place } from '../setup.ts';

const photos = 600;
const run = promisify(execFile);

/** Until both have started. */
const startMs = 2000;

async function scanTwice(place: Place): Promise<void> {
  const child = join(import.meta.dirname, 'scan-child.ts');
  const args = [child, join(place.home, 'catalog.sqlite'), place.photos, `${Date.now() + startMs}`];
  const both = [1, 2].map(() => run(process.execPath, args, { encoding: 'utf8', timeout: 60_000 }));
  const told = (await Promise.all(both)).map(({ stdout }) => stdout);
  assert.deepEqual(told, ['', '']);
}

/** Every photo that is there, with its folder and its id, and why folders can't be read. */
function known(place: Place) {
  const catalog = openCatalog(join(place.home, 'catalog.sqlite'));
  try {
    const rows = catalog.all<{ id: number; name: string; folder: string }>(
      `SELECT photos.id, photos.name, f.name AS folder FROM photos JOIN folders f ON f.id = folder_id
       WHERE missing_ms IS NULL ORDER BY photos.id`,
    );
    const reasons = catalog.column<string>('SELECT reason FROM folders WHERE reason IS NOT NULL');
    return { rows, reasons };
  } finally {
    catalog.close();
  }
}

test(
  'a folder that two windows look through at once is read by both, and photos that moved with it are those they were',
  { timeout: 120_000 },
  async (t) => {
    const place = makePlace(t);
    const library = await openLibrary(place);
    await library.scan();
    await library.close();
    writePhotos(
      place,
      Object.fromEntries(Array.from({ length: photos }, (_, i) => [`came/${i}.jpg`, `${i % 20} of ${i}`])),
    );
    await scanTwice(place);
    const came = known(place);
    assert.deepEqual([came.rows.length, came.reasons], [photos, []]);
    const classifying = await openLibrary(place);
    await classifying.runAll();
    await classifying.close();
    renameSync(join(place.photos, 'came'), join(place.photos, 'went'));
    await scanTwice(place);
    const went = came.rows.map((row) => ({ ...row, folder: 'went' }));
    assert.deepEqual(known(place), { rows: went, reasons: [] });
  },
);
