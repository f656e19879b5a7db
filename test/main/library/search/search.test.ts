/** Search over all features: by graphs in a real inference process, and by the scan that stands in for them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fitOf } from '../../../../models/heads/own.ts';
import { readManifest } from '../../../../models/load.ts';
import { nearestOfAll, queryOf } from '../../../../models/search/nearest.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { storeFeature } from '../../../../main/library/catalog/features.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { nearest, photosLike } from '../../../../main/library/search/like.ts';
import { SearchRows } from '../../../../main/library/search/search-rows.ts';
import { SearchScores } from '../../../../main/library/search/scores.ts';
import { randomNumbers } from '../../../models/tiny.ts';
import { starterFolder } from '../../../starter.ts';
import { type Interactive, type RealInference, realInference } from '../real-inference.ts';

const length = 48;
const count = 5000;
const features = randomNumbers(count * length, 1, 5);
const featureAt = (i: number) => features.slice(i * length, (i + 1) * length);
const all = { data: new Float16Array(features), length };

const close: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const each of close.toReversed()) await each();
});

/** Photo i has content i, and what it holds was seen as `featureAt(i)`. */
function makeCatalog(): { catalog: Catalog; keyId: number } {
  const catalog = openCatalog(null);
  close.push(() => catalog.close());
  const manifest = readManifest(starterFolder);
  const key = { modelHash: manifest.weights.sha256, preprocessing: 'p', precision: 'fp32', graphVersion: 1 };
  const keyId = resultKeyId(catalog, key, manifest);
  assert.ok(fitOf(manifest));
  writeValue(catalog, 'shown', keyId);
  catalog.transaction(() => {
    for (const [id, name] of ['even', 'odd'].entries())
      catalog.run('INSERT INTO folders (id, path, path_key, name) VALUES (?, ?, ?, ?)', id + 1, `/${name}`, name, name); // prettier-ignore
    for (let i = 0; i < count; i++) addPhoto(catalog, keyId, i);
  });
  return { catalog, keyId };
}

function addPhoto(catalog: Catalog, keyId: number | null, i: number, photoId = i + 1): void {
  const hash = Buffer.alloc(32);
  hash.writeUInt32LE(i);
  catalog.run('INSERT OR IGNORE INTO contents (id, hash) VALUES (?, ?)', i + 1, hash);
  catalog.run(
    `INSERT INTO photos (id, folder_id, name, name_key, path_key, bytes, modified_ms, date_ms, content_id, status)
     VALUES (?, ?, ?, ?, ?, 1, 1, 1, ?, 1)`,
    photoId,
    (photoId % 2) + 1,
    `${photoId}.jpg`,
    `${photoId}`,
    `${photoId}`,
    i + 1,
  );
  if (keyId !== null) storeFeature(catalog, keyId, i + 1, featureAt(i % count));
}

function ofItsOwn(): RealInference {
  const real = realInference();
  close.push(real.end);
  return real;
}

/** Without graphs, which are for very many. */
const scans: Interactive = {
  interactive: () => Promise.reject(new Error('Nothing should be asked of the inference process.')),
};

const idsOf = ({ items }: { items: { photo: { id: number } }[] }) => items.map(({ photo }) => photo.id);

test('graphs find what the scan finds, with what came since, and after the process that held them is gone', async () => {
  const { catalog, keyId } = makeCatalog();
  const { inference, calls, end } = ofItsOwn();
  const searchScores = new SearchScores({ catalog, inference, fewestForGraphs: 1000 });
  const scanning = new SearchScores({ catalog, inference: scans, fewestForGraphs: Infinity });
  const query = queryOf(all, [17, 18]);
  const asked = { keyId, query, filter: {}, top: 30 };
  const expected = [...nearestOfAll(query, all, 30).rows].map((row) => row + 1);

  const first = await nearest({ catalog, searchScores }, asked);
  assert.deepEqual(idsOf(first), expected, 'by the scan, before graphs are there');
  await searchScores.close();
  assert.ok(calls.filter((name) => name === 'addVectors').length > 1, 'in parts');
  const second = await nearest({ catalog, searchScores }, asked);
  assert.equal(calls.at(-1), 'scoreVectors');
  assert.deepEqual(idsOf(second), expected);
  assert.deepEqual(
    second.items.map(({ score }) => score),
    first.items.map(({ score }) => score),
    'scored in float',
  );
  assert.deepEqual([second.compared, second.unknown], [count, 0]);
  assert.equal(second.distribution.counts.reduce((a, b) => a + b), count); // prettier-ignore
  assert.equal(second.distribution.most, second.items[0]!.score);

  // A photo that looks the same as what is asked for, one that was never looked at, and one that is gone.
  catalog.transaction(() => {
    addPhoto(catalog, keyId, count + 17);
    storeFeature(catalog, keyId, count + 18, new Float32Array(query));
    addPhoto(catalog, null, count + 20);
    catalog.run('DELETE FROM photos WHERE id = ?', expected[0]!);
  });
  const third = await nearest({ catalog, searchScores }, asked);
  assert.deepEqual(idsOf(third).slice(0, 1), [count + 18], 'the newest, which no graph has, is scanned');
  assert.ok(!idsOf(third).includes(expected[0]!));
  assert.deepEqual([third.compared, third.unknown], [count, 1]);
  assert.deepEqual(idsOf(third), idsOf(await nearest({ catalog, searchScores: scanning }, asked)));

  await end();
  const fourth = await nearest({ catalog, searchScores }, asked);
  assert.deepEqual(idsOf(fourth), idsOf(third), 'scanned again');
  await searchScores.close();
  calls.length = 0;
  assert.deepEqual(idsOf(await nearest({ catalog, searchScores }, asked)), idsOf(third));
  assert.deepEqual(calls, ['scoreVectors'], 'loaded again');
});

test('a filter and photos that are asked by leave others out, whichever way they were scored', async () => {
  const { catalog, keyId } = makeCatalog();
  const { inference } = ofItsOwn();
  const searchScores = new SearchScores({ catalog, inference, fewestForGraphs: 1000 });
  await searchScores.of(keyId, queryOf(all, [0]));
  await searchScores.close();
  // The same picture twice: both are shown.
  addPhoto(catalog, null, 10, count + 1);
  const query = queryOf(all, [10]);
  const odd = await nearest({ catalog, searchScores }, { keyId, query, filter: { folderId: 2 }, top: 20 });
  const truth = [...nearestOfAll(query, all, count).rows].map((row) => row + 1).filter((id) => id % 2);
  const twice = [truth[0]!, count + 1, ...truth.slice(1)].slice(0, 20);
  assert.deepEqual(idsOf(odd), twice);
  assert.equal(odd.compared, count / 2 + 1);
  const like = await photosLike({ catalog, searchScores }, { selection: { ids: [11] }, filter: { folderId: 2 }, top: 20 }); // prettier-ignore
  assert.deepEqual(idsOf(like), [count + 1, ...truth.slice(1, 20)]);
  assert.equal(like.compared, count / 2);
  assert.equal(like.distribution.counts.reduce((a, b) => a + b), count / 2); // prettier-ignore
  const none = await nearest(
    { catalog, searchScores },
    { keyId, query, filter: { status: ['failed'] }, top: 5 },
  );
  assert.deepEqual([none.items, none.compared], [[], 0]);
});

test('graphs that can’t be loaded are tried twice, and the scan goes on answering', async () => {
  const { catalog, keyId } = makeCatalog();
  let asked = 0;
  const inference: Interactive = {
    interactive: () => {
      asked++;
      return Promise.reject(new Error('no room'));
    },
  };
  const searchScores = new SearchScores({ catalog, inference, fewestForGraphs: 1000 });
  const query = queryOf(all, [99]);
  for (let time = 0; time < 4; time++) {
    const found = await nearest({ catalog, searchScores }, { keyId, query, filter: {}, top: 3 });
    assert.equal(idsOf(found)[0], 100);
    await searchScores.close();
    await sleep(1);
  }
  assert.equal(asked, 2);
});

test('rows follow what is added, computed again and taken away', () => {
  const { catalog, keyId } = makeCatalog();
  const rows = new SearchRows(catalog, keyId);
  assert.deepEqual([rows.count, rows.rowOf(7), rows.rowOf(count + 1)], [count, 6, -1]);
  storeFeature(catalog, keyId, 7, featureAt(0));
  assert.ok(rows.refresh());
  assert.deepEqual([rows.count, rows.rowOf(7), rows.contentAt(count)], [count + 1, count, 7]);
  assert.ok(rows.refresh());
  assert.equal(rows.count, count + 1);
  // SQLite gives the number of the newest row again once it is gone.
  catalog.run('DELETE FROM features WHERE content_id = 7');
  storeFeature(catalog, keyId, 8, featureAt(0));
  assert.equal(rows.refresh(), false);
  catalog.run('DELETE FROM features');
  assert.equal(rows.refresh(), false);
  assert.equal(new SearchRows(catalog, keyId).count, 0);
});
