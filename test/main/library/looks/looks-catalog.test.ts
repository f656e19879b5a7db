import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readManifest } from '../../../../models/load.ts';
import { seeded } from '../../../../models/random.ts';
import { packMap } from '../../../../models/overlay/stored.ts';
import type { StoredMap } from '../../../../main/contract/entities/inspection.ts';
import { contentOf, setContent } from '../../../../main/library/catalog/contents.ts';
import { type Catalog, openCatalog } from '../../../../main/library/catalog/database.ts';
import { addFolder } from '../../../../main/library/catalog/folders.ts';
import { storeLabelMap } from '../../../../main/library/catalog/label-maps.ts';
import { insertPhoto } from '../../../../main/library/catalog/photos.ts';
import { resultKeyId, storeResult } from '../../../../main/library/catalog/results.ts';
import { showKey } from '../../../../main/library/catalog/shown.ts';
import { compareLooks } from '../../../../main/library/looks/compare.ts';
import { labelLooks, unusualPhotos } from '../../../../main/library/looks/label.ts';

const starter = readManifest(join(import.meta.dirname, '../../../../models/starter'));
const seen = { x: 0, y: 0, width: 80, height: 80 };

function mapOf(values: ArrayLike<number>, side: number, classIndex: number): StoredMap {
  const packed = packMap(Float32Array.from(values));
  return { method: 'class', layers: [0, 6], classIndex, rows: side, columns: side, ...packed };
}

/** Photos of a catalog with results under `keys` models: of photo i and model k what `answer` gives. */
async function catalogOf(
  count: number,
  keys: string[],
  answer: (photo: number, key: number) => StoredMap | null,
): Promise<{ catalog: Catalog; photos: number[]; keyIds: number[] }> {
  const catalog = openCatalog(null);
  const folder = addFolder(catalog, join(import.meta.dirname, 'nowhere'));
  const keyIds = keys.map(
    (id) =>
    resultKeyId(catalog, { modelHash: id, preprocessing: 'p', precision: 'fp32', graphVersion: 1 }, { ...starter, id, name: id }), // prettier-ignore
  );
  await showKey(catalog, keyIds[0]!);
  const facts = { bytes: 1, modifiedMs: 1, changedMs: 1 };
  const photos: number[] = [];
  catalog.transaction(() => {
    for (let i = 0; i < count; i++) {
      const id = insertPhoto(catalog, folder, `${i}.jpg`, facts);
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, i + 1);
      const content = contentOf(catalog, hash);
      setContent(catalog, id, facts, content);
      photos.push(id);
      for (const [k, keyId] of keyIds.entries()) {
        const map = answer(i, k);
        if (!map) continue;
        storeResult(catalog, keyId, content, 'cpu', {
          width: 80,
          height: 80,
          takenMs: null,
          damaged: false,
          top: [{ index: map.classIndex!, probability: 0.9 }],
          unsure: false,
          clsFeature: null,
          map,
          seen,
          thumbnail: null,
        });
      }
    }
  });
  return { catalog, photos, keyIds };
}

test('what runs stored of a label is told at once: mean, patches, photos; each content once', async (t) => {
  const values = (i: number) => Array.from({ length: 16 }, (_, p) => (p === 5 ? 1 + i : p === 10 ? -1 : 0.1));
  const { catalog, photos } = await catalogOf(6, ['one'], (i) => mapOf(values(i), 4, i === 5 ? 2 : 3));
  t.after(() => catalog.close());
  const looks = labelLooks(catalog, { headId: null, label: 3, crops: 2 }, () => null);
  assert.deepEqual([looks.photos, looks.known, looks.where?.photos, looks.where?.others], [5, 5, 5, 1]);
  assert.ok(Math.abs(looks.where!.mean[5]! - 3) < 0.02 && Math.abs(looks.where!.mean[10]! + 1) < 0.02);
  assert.deepEqual(
    looks.speakFor.map(({ photo, row, column }) => [photo.id, row, column]),
    [
      [photos[4], 1, 1],
      [photos[3], 1, 1],
    ],
  );
  assert.deepEqual(looks.speakFor[0]!.region, { x: 20, y: 20, width: 20, height: 20 });
  assert.equal(looks.speakFor[0]!.share, null, 'no logit is known');
  assert.ok(looks.speakAgainst.every(({ row, column, value }) => row === 2 && column === 2 && value < 0));
  // Looked at again, its logit and special tokens are known.
  const { content_id: content } = catalog.one<{ content_id: number }>('SELECT content_id FROM photos WHERE id = ?', photos[4])!; // prettier-ignore
  const { keyId } = { keyId: catalog.one<{ id: number }>('SELECT id FROM result_keys')!.id };
  storeLabelMap(catalog, { keyId, id: 0, version: 0 }, content, 3, { map: mapOf(values(4), 4, 3), seen, special: 2, logit: 10 }); // prettier-ignore
  const again = labelLooks(catalog, { headId: null, label: 3, crops: 1 }, () => null);
  assert.ok(Math.abs(again.speakFor[0]!.share! - 0.5) < 0.01);
  const special = again.where!.findings.find(({ kind }) => kind === 'special');
  assert.deepEqual([special?.share, special?.photos], [0.2, 1]);
  const { items, total } = unusualPhotos(catalog, { headId: null, label: 3, limit: 2 });
  assert.deepEqual([items.length, total], [2, 5]);
  assert.throws(() => labelLooks(catalog, { headId: null, label: starter.labels.length, crops: 1 }, () => null), { code: 'no-such-class' }); // prettier-ignore
  assert.throws(() => labelLooks(catalog, { headId: 7, label: 0, crops: 1 }, () => null), {
    code: 'no-head',
  });
});

test('two models on the same photos: those first whose maps differ most, across grids; what one never saw is counted', async (t) => {
  const ramp = (side: number, sign: number) => Array.from({ length: side * side }, (_, p) => sign * ((p % side) - side / 2 + 0.25)); // prettier-ignore
  const { catalog, photos } = await catalogOf(4, ['one', 'two'], (i, k) => {
    if (k === 0) return mapOf(ramp(4, 1), 4, 1);
    return i === 3 ? null : mapOf(ramp(8, i === 1 ? -1 : 1), 8, 2);
  });
  t.after(() => catalog.close());
  const request = { one: { by: 'head', headId: null }, other: { by: 'model', modelId: 'two' }, limit: 10 } as const; // prettier-ignore
  const { items, total, unknown, median } = compareLooks(catalog, request);
  assert.deepEqual([total, unknown], [3, 0]);
  assert.equal(items[0]!.photo.id, photos[1]);
  assert.ok(items[0]!.correlation < -0.9 && items[1]!.correlation > 0.9 && median! > 0.9);
  assert.deepEqual([items[0]!.one.label.name, items[0]!.other.label.name], [starter.labels[1]!.name, starter.labels[2]!.name]); // prettier-ignore
  assert.throws(() => compareLooks(catalog, { ...request, other: { by: 'model', modelId: 'three' } }), { code: 'no-results' }); // prettier-ignore
});

test('of noise nothing is odd', async (t) => {
  const random = seeded(1);
  const { catalog } = await catalogOf(2000, ['one'], (i) => mapOf(Array.from({ length: 196 }, () => random() - 0.4), 14, i % 2)); // prettier-ignore
  t.after(() => catalog.close());
  const looks = labelLooks(catalog, { headId: null, label: 0, crops: 24 }, () => null);
  const { total } = unusualPhotos(catalog, { headId: null, label: 0, limit: 60 });
  assert.deepEqual([looks.known, looks.speakFor.length, total], [1000, 24, 1000]);
  assert.ok(looks.where!.findings.every(({ odd }) => !odd));
});
