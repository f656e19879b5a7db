/** Catalogs as earlier versions wrote them, with answers in them: opened by this one, nothing of it is lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { clockAt } from '../../../../main/contract/day.ts';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { migrations } from '../../../../main/library/catalog/migrations.ts';
import { photoFacets } from '../../../../main/library/lists/facets.ts';
import { photoDetail } from '../../../../main/library/lists/items.ts';
import { photoPage } from '../../../../main/library/lists/page.ts';
import { runFailures } from '../../../../main/library/runs/run-rows.ts';
import { addFunctions, labels, map, seen, writeOld } from '../old-shapes.ts';
import { temporaryFolder } from '../../../temporary.ts';

for (let version = 1; version < migrations.length; version++)
  test(`answers of a catalog of version ${version} are still there`, (t) => {
    const folder = temporaryFolder(t, 'old');
    const path = join(folder, 'catalog.sqlite');
    writeOld(path, version);
    const catalog = openCatalog(path);
    t.after(() => catalog.close());

    const { predictions, top, status, ownLabel, model, placement, ...found } = photoDetail(catalog, 1, 5);
    assert.deepEqual(predictions, [
      { index: 1, label: labels[1], probability: 0.75 },
      { index: 0, label: labels[0], probability: 0.25 },
    ]);
    assert.deepEqual(top, predictions[0]);
    assert.deepEqual([status, ownLabel, model], ['ok', 'Minka', 'mine']);
    assert.deepEqual(placement, { provider: 'cpu', precision: 'fp32' });
    assert.deepEqual(found.map, { ...map, layers: [11, 11] });
    assert.deepEqual([found.seen, found.width, found.height, found.takenMs], [seen, 40, 30, clockAt(5)]);

    const error = { code: 'unreadable', message: 'Expected a photo, found none.' };
    const sort = { key: 'name', descending: false } as const;
    const { items } = photoPage(catalog, { filter: {}, sort, limit: 10 });
    assert.deepEqual(items.map(({ id, status: is, error: why }) => [id, is, why]), [[1, 'ok', null], [2, 'failed', error]]); // prettier-ignore
    const facets = photoFacets(catalog, { filter: {}, limit: 10 });
    assert.deepEqual(facets.items, [{ index: 1, label: labels[1], photos: 1, unsure: 0 }]);
    assert.equal(facets.own, 1);
    assert.deepEqual(runFailures(catalog, { runId: 1, limit: 10 }).items, [{ photoId: 2, path: '/p/b.jpg', error }]); // prettier-ignore
    const size = (name: string) => Object.values(catalog.one<Record<string, unknown>>(`PRAGMA ${name}`)!)[0];
    assert.deepEqual([size('page_size'), size('journal_mode')], [8192, 'wal']);
    catalog.run('UPDATE photos SET content_id = NULL WHERE id = 1');
    catalog.run('DELETE FROM contents WHERE id = 1');
    assert.deepEqual(
      catalog.column('SELECT content_id FROM results'),
      [2],
      'an answer goes with its content',
    );
  });

test('an old catalog that another program reads is opened all the same, and keeps its pages', (t) => {
  const folder = temporaryFolder(t, 'old');
  const path = join(folder, 'catalog.sqlite');
  writeOld(path, migrations.length - 1);
  const before = new Database(path);
  before.pragma('journal_mode = WAL');
  const reader = new Database(path, { readonly: true });
  t.after(() => reader.close());
  assert.equal(reader.prepare('SELECT count(*) FROM photos').pluck().get(), 2);
  before.close();
  const catalog = openCatalog(path);
  t.after(() => catalog.close());
  assert.deepEqual(catalog.column('PRAGMA page_size'), [4096]);
  assert.deepEqual(catalog.column('PRAGMA journal_mode'), ['wal']);
  assert.equal(photoDetail(catalog, 1, 5).status, 'ok');
});

test('an old catalog that two processes open at once is brought to the newest shape by one of them', async (t) => {
  const folder = temporaryFolder(t, 'old');
  const path = join(folder, 'catalog.sqlite');
  const version = migrations.length - 1;
  writeOld(path, version);
  const first = new Database(path);
  t.after(() => first.close());
  first.pragma('journal_mode = WAL');
  addFunctions(first);
  first.exec('BEGIN IMMEDIATE');
  const child = fileURLToPath(new URL('old-catalog-child.ts', import.meta.url));
  const second = promisify(execFile)(process.execPath, [child, path]);
  // With its copy made it is about to take the step that is being taken here.
  while (!existsSync(join(folder, 'backups', `version-${version}.sqlite`))) await sleep(5);
  first.exec(migrations[version]!);
  first.pragma(`user_version = ${version + 1}`);
  first.exec('COMMIT');
  assert.equal((await second).stdout.trim(), '2');
});
