/** Catalogs as earlier versions wrote them, with answers in them: opened by this one, nothing of it is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import { openCatalog } from '../../../main/library/catalog/database.ts';
import { packMap, packRegion, packTop } from '../../../main/library/catalog/blobs.ts';
import { migrations } from '../../../main/library/catalog/migrations.ts';
import { photoFacets } from '../../../main/library/lists/facets.ts';
import { photoDetail } from '../../../main/library/lists/items.ts';
import { photoPage } from '../../../main/library/lists/page.ts';
import { runFailures } from '../../../main/library/runs/run-rows.ts';
import { nameKey } from '../../../models/heads/label-names.ts';

const map = { method: 'cls', layers: [11, 11], classIndex: null, rows: 1, columns: 2, scale: 0.5, offset: 0.25, bytes: new Uint8Array([0, 255]) } as const; // prettier-ignore
const seen = { x: 1, y: 2.5, width: 3, height: 4 };
const labels = ['cat', 'dog'].map((name) => ({ id: name, name }));

/** By its own statements, because this version's would not do; columns that a step renamed are named as they were. */
function write(path: string, version: number): void {
  const old = new Database(path);
  old.function('label_key', { deterministic: true }, (text) => nameKey(String(text)));
  old.function('map_cell', { deterministic: true }, () => 0);
  for (const step of migrations.slice(0, version)) old.exec(step);
  old.pragma(`user_version = ${version}`);
  const tables = new Set(old.prepare('SELECT name FROM sqlite_schema').pluck().all());
  const [keys, key] = tables.has('sessions') ? ['sessions', 'session_id'] : ['result_keys', 'key_id'];
  const put = (table: string, row: Record<string, unknown>) =>
    old
      .prepare(
        `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row).map(() => '?').join()})`, // prettier-ignore
      )
      .run(...Object.values(row));
  put('settings', { name: 'shown', value: '1' });
  put('models', { hash: 'a', id: 'mine', name: 'Mine', labels: JSON.stringify(labels) });
  put(keys, { id: 1, model_hash: 'a', preprocessing: 'p', precision: 'fp32', graph_version: 1, used_ms: 1 });
  put('folders', { id: 1, path: '/p', path_key: '/p/', name: 'p' });
  const photo = { folder_id: 1, bytes: 1, modified_ms: 1, date_ms: 1 };
  for (const [id, name] of [
    [1, 'a.jpg'],
    [2, 'b.jpg'],
  ] as const) {
    // prettier-ignore
    put('contents', { id, hash: Buffer.alloc(32, id), width: 40, height: 30, taken_ms: 5, damaged: 0 });
    put('photos', { ...photo, id, name, name_key: name, path_key: `/p/${name}`, content_id: id });
  }
  const answer = { top: packTop([{ index: 1, probability: 0.75 }, { index: 0, probability: 0.25 }]), label: 1, probability: 0.75, spread: 0 }; // prettier-ignore
  put('results', { content_id: 1, [key!]: 1, provider: 'cpu', map: packMap({ ...map, layers: [11, 11] }), seen: packRegion(seen), ...answer }); // prettier-ignore
  put('results', { content_id: 2, [key!]: 1, code: 'unreadable', message: 'Expected a photo, found none.' });
  old.exec("UPDATE photos SET status = 1, label = 1, probability = 0.75, spread = 0, own_label = 'Minka' WHERE id = 1"); // prettier-ignore
  old.exec('UPDATE photos SET status = 3 WHERE id = 2');
  put('runs', { id: 1, state: 'finished', again: 0, retry_failed: 0, model: 'mine', total: 2, done: 2, failed: 1, started_ms: 1, pid: 1 }); // prettier-ignore
  put('run_failures', { run_id: 1, photo_id: 2, code: 'unreadable', message: 'Expected a photo, found none.' }); // prettier-ignore
  old.close();
}

for (let version = 1; version < migrations.length; version++)
  test(`answers of a catalog of version ${version} are still there`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'saccade-old-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'catalog.sqlite');
    write(path, version);
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
    assert.deepEqual([found.seen, found.width, found.height, found.takenMs], [seen, 40, 30, 5]);

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
  const folder = mkdtempSync(join(tmpdir(), 'saccade-old-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'catalog.sqlite');
  write(path, migrations.length - 1);
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
