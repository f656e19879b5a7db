/** Damaged catalogs of earlier shapes, and processes that are killed while they rebuild one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { setWordsOf, wordsOf } from '../../../../main/library/catalog/person.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { openKept } from '../../../../main/library/keeping/open.ts';
import { finishShowing } from '../../../../main/library/catalog/shown.ts';
import { photoDetail } from '../../../../main/library/lists/items.ts';
import { map, writeOld } from '../old-shapes.ts';
import { makePlace, type Place } from '../setup.ts';

const file = (home: string) => join(home, 'catalog.sqlite');
const roots = ({ model, home }: Place) => ({ builtIn: model, installed: join(home, 'models') });

/** SQLite reads nothing of such a file: an index whose words are none. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  let at = -1;
  // What was written over stands there too.
  while ((at = bytes.indexOf('CREATE INDEX photos_by_date', at + 1)) >= 0) bytes.write('DAMAGE', at);
  writeFileSync(path, bytes);
}

/** From which on a person's words are several. */
const ofWords = 5;

for (let version = 1; version < migrations.length; version++)
  test(`a damaged catalog of version ${version}: what there was not yet is not lost, and all else comes back`, async (t) => {
    const place = makePlace(t);
    mkdirSync(place.home);
    writeOld(file(place.home), version);
    damage(file(place.home));
    const { catalog, rebuilt } = openKept(place.home, true, roots(place));
    t.after(() => catalog.close());
    assert.match(rebuilt!.message, /All that you did could be read out of it: 1 folder, your words for 1 photo, 0 heads\. Of what was computed could be read: 1 answer, .*1 map, and what 2 files held/); // prettier-ignore
    assert.deepEqual(catalog.column('PRAGMA user_version'), [migrations.length]);
    assert.deepEqual(catalog.column('PRAGMA integrity_check'), ['ok']);
    assert.deepEqual(catalog.all('PRAGMA foreign_key_check'), []);
    await finishShowing(catalog);
    const { ownLabel, top, status, map: found } = photoDetail(catalog, 1, 5);
    assert.deepEqual([ownLabel, top?.label.name, top?.probability, status, found], ['Minka', 'dog', 0.75, 'ok', { ...map, layers: [11, 11] }]); // prettier-ignore
    if (version < ofWords) assert.deepEqual(wordsOf(catalog, [1]).get(1)?.labels, ['Minka']);
    assert.equal(photoDetail(catalog, 2, 5).status, 'failed');
  });

/** With a word that is only in the log, as a process leaves it that is killed. */
function cutOff(t: TestContext): { place: Place; words: number; page: number } {
  const place = makePlace(t);
  const catalog = openCatalog(file(place.home));
  const folder = addFolder(catalog, place.photos);
  const say = (name: string) => {
    const id = insertPhoto(catalog, folder, name, { bytes: 1, modifiedMs: 1, changedMs: 1 });
    setWordsOf(catalog, id, { labels: ['boat'], rejected: [], none: false, drawn: false });
  };
  for (let i = 0; i < 50; i++) say(`${i}.jpg`);
  catalog.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  say('last.jpg');
  writeValue(catalog, 'one', 'more');
  const copy = join(place.folder, 'cut');
  mkdirSync(copy);
  for (const end of ['', '-wal']) copyFileSync(file(place.home) + end, file(copy) + end);
  // Of an index that the log does not speak of.
  const page = catalog.column<number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'acts_by_root'`)[0]!;
  catalog.close();
  return { place: { ...place, home: copy }, words: 51, page };
}

test('killed at any moment of rebuilding, the next start has all of it, and tells what came back', (t) => {
  const { place, words, page } = cutOff(t);
  for (let at = 1; ; at++) {
    const home = join(place.folder, `${at}`);
    mkdirSync(home);
    for (const end of ['', '-wal']) copyFileSync(file(place.home) + end, file(home) + end);
    const bytes = readFileSync(file(home));
    bytes.fill(0x5a, (page - 1) * 8192, page * 8192);
    writeFileSync(file(home), bytes);
    writeFileSync(`${file(home)}.damaged`, '');
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'rebuild-child.ts'), home, place.model, `${at}`], { encoding: 'utf8' }); // prettier-ignore
    const { catalog, rebuilt } = openKept(home, true, {
      builtIn: place.model,
      installed: join(home, 'models'),
    });
    const told = child.status === 0 ? child.stdout : rebuilt?.message;
    const count = catalog.column<number>('SELECT count(*) FROM person_words')[0];
    catalog.close();
    assert.match(told ?? 'nothing', /All that you did could be read out of it: 1 folder, your words for 51 photos/, `${at}`); // prettier-ignore
    assert.equal(count, words, `${at}`);
    assert.deepEqual(readdirSync(home).sort(), ['backups', 'catalog.sqlite'], `${at}`);
    const aside = readdirSync(join(home, 'backups')).filter((name) => name.startsWith('damaged-'));
    assert.equal(aside.filter((name) => name.endsWith('.sqlite')).length, 1, `${at}`);
    if (child.status === 0) {
      assert.ok(at > 5, `${at}`);
      assert.ok(!existsSync(`${file(home)}.damaged`));
      return;
    }
    assert.equal(child.signal, 'SIGKILL', child.stderr);
  }
});
