/** The clock was wrong and is set back, or forward: nothing is lost for it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { insertPhoto, markMissing } from '../../../../main/library/catalog/photos.ts';
import { noWords, setWordsOf } from '../../../../main/library/catalog/person.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { keyIdFor } from '../../../../main/library/catalog/shown.ts';
import { listBackups, writeBackup } from '../../../../main/library/keeping/backups.ts';
import { purgeLongMissing } from '../../../../main/library/scan/vanished.ts';
import type { ModelManifest } from '../../../../models/manifest.ts';
import { temporaryFolder } from '../../../temporary.ts';

const dayMs = 86_400_000;

function opened(t: TestContext): Catalog {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  addFolder(catalog, '/p');
  return catalog;
}

test('backups of days that are still to come give way to those of today', async (t) => {
  const catalog = opened(t);
  const home = temporaryFolder(t, 'clock');
  const wrote = async (day: string) => {
    await writeBackup(catalog, home, new Date(`${day}T12:00:00Z`));
    return readdirSync(join(home, 'backups')).filter((name) => name.endsWith('.sqlite')).sort(); // prettier-ignore
  };
  for (const day of ['2038-01-01', '2038-01-02', '2038-01-03']) await wrote(day);
  assert.deepEqual(await wrote('2030-06-01'), [
    '2030-06-01.sqlite',
    '2038-01-02.sqlite',
    '2038-01-03.sqlite',
  ]);
  assert.match(
    listBackups(home, new Date('2030-06-02'))[0]!,
    /2030-06-01\.sqlite$/,
    'the newest that is sure',
  );
  await wrote('2030-06-02');
  assert.deepEqual(await wrote('2030-06-03'), [
    '2030-06-01.sqlite',
    '2030-06-02.sqlite',
    '2030-06-03.sqlite',
  ]);
});

test('the answers shown are those of the last run, whatever the clock said at the one before', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2038, 0, 1) });
  const catalog = opened(t);
  const manifest = { id: 'm', name: 'M', labels: [] } as unknown as ModelManifest;
  const key = { modelHash: 'h', preprocessing: 'p', graphVersion: 1 };
  resultKeyId(catalog, { ...key, precision: 'fp32' }, manifest);
  t.mock.timers.setTime(Date.UTC(2030, 0, 1));
  const last = resultKeyId(catalog, { ...key, precision: 'int8' }, manifest);
  assert.equal(keyIdFor(catalog, 'h', 'auto'), last);
  const again = resultKeyId(catalog, { ...key, precision: 'fp32' }, manifest);
  assert.equal(keyIdFor(catalog, 'h', 'auto'), again);
});

test('what is missing is dropped after a month of looks, not for a clock that jumps', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2030, 0, 1) });
  const catalog = opened(t);
  const folder = catalog.one<Parameters<typeof insertPhoto>[1]>('SELECT * FROM folders')!;
  const missing = ['a.jpg', 'no boat.jpg', 'none.jpg'].map((name) => {
    const id = insertPhoto(catalog, folder, name, { bytes: 1, modifiedMs: 1, changedMs: 1 });
    markMissing(catalog, id);
    return id;
  });
  setWordsOf(catalog, missing[1]!, { ...noWords, rejected: ['boat'] });
  setWordsOf(catalog, missing[2]!, { ...noWords, none: true });
  const left = () => catalog.column<string>('SELECT name FROM photos').length;
  const lookAfter = (days: number) => {
    t.mock.timers.setTime(Date.now() + days * dayMs);
    purgeLongMissing(catalog);
    return left();
  };
  purgeLongMissing(catalog);
  assert.equal(lookAfter(3000), 3, 'forward');
  assert.equal(lookAfter(-3000), 3, 'and back');
  for (let days = 0; days < 30; days += 10) assert.equal(lookAfter(10), 3, `after ${days} days`);
  assert.equal(lookAfter(10), 2, 'what a person said, and be it of what it is not, stays');
});
