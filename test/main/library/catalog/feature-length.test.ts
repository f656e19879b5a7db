/** Features of a model in which an earlier version found a shorter one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { featuresOf, storeFeature } from '../../../../main/library/catalog/features.ts';
import { knownResult, resultKeyId } from '../../../../main/library/catalog/results.ts';
import { readManifest } from '../../../../models/load.ts';
import { starterFolder } from '../../../starter.ts';

test('photos with a shorter feature are seen again once the model gives a longer one, and no other key loses any', (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  const manifest = readManifest(starterFolder);
  const [key, other] = ['p', 'q'].map((preprocessing) =>
    resultKeyId(catalog, { modelHash: 'a', preprocessing, precision: 'fp32', graphVersion: 1 }, manifest),
  ) as [number, number];
  const put = (keyId: number, id: number, length: number) => {
    catalog.run('INSERT OR IGNORE INTO contents (id, hash) VALUES (?, ?)', id, Buffer.alloc(32, id));
    catalog.run(
      'INSERT INTO results (content_id, key_id, provider, unsure, top, label, probability) VALUES (?, ?, ?, 0, ?, 0, 0.9)',
      ...[id, keyId, 'cpu', Buffer.alloc(8)],
    );
    storeFeature(catalog, keyId, id, new Float32Array(length).fill(1));
  };
  const known = (keyId: number, id: number) =>
    knownResult(catalog, keyId, id, { topK: 1, map: null }, manifest);
  put(key, 1, 4);
  put(other, 1, 4);
  put(key, 2, 4);
  assert.deepEqual([known(key, 1), known(key, 2)], ['ok', 'ok']);
  put(key, 3, 8);
  assert.deepEqual([known(key, 1), known(key, 2), known(key, 3)], [null, null, 'ok']);
  assert.equal(known(other, 1), 'ok');
  assert.deepEqual([...featuresOf(catalog, key, [1, 2, 3]).rows.keys()], [3]);
  // One that comes without a feature takes nothing from those that have one.
  storeFeature(catalog, key, 2, null);
  assert.deepEqual(catalog.column('SELECT content_id FROM features WHERE key_id = ?', key), [3]);
});
