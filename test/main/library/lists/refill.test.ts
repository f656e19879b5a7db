/** Labels are counted while another head's are still being put in place of those before. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { fitOf } from '../../../../models/heads/own.ts';
import type { Head } from '../../../../models/heads/head.ts';
import { readManifest } from '../../../../models/load.ts';
import { type Catalog, openCatalog } from '../../../../main/library/catalog/database.ts';
import { storeFeature } from '../../../../main/library/catalog/features.ts';
import { insertHead, setHeadInUse } from '../../../../main/library/catalog/heads.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { writeValue } from '../../../../main/library/catalog/settings.ts';
import { judgedBy } from '../../../../main/library/labels/judges.ts';
import { labelsShownUpTo, setInSight, showAgain } from '../../../../main/library/catalog/shown.ts';
import { photoFacets } from '../../../../main/library/lists/facets.ts';
import { countPhotos } from '../../../../main/library/lists/counts.ts';
import { conditionOf } from '../../../../main/library/lists/filter.ts';
import { starterFolder } from '../../../starter.ts';
import { makePlace } from '../setup.ts';

const count = 12_000;
const manifest = readManifest(starterFolder);
const fits = fitOf(manifest)!;

/** @param sign 1: each third photo is left; −1: the others are */
function head(sign: 1 | -1 = 1): Head {
  const weight = new Float32Array(2 * fits.length);
  weight[0] = sign;
  weight[fits.length] = -sign;
  return {
    name: sign === 1 ? 'sides' : 'turned',
    kind: 'taught',
    reads: { how: 'linear' },
    answers: 'one',
    labels: ['left', 'right'].map((name) => ({ id: name, name })),
    none: false,
    calibration: { temperature: 1 },
    doubt: { threshold: 0.5 },
    fits,
    origin: { from: 'examples', examples: 2, l2: 1, report: null },
    weight,
    bias: new Float32Array(2),
  };
}

const hash = manifest.weights.sha256;
const key = { modelHash: hash, preprocessing: 'p', precision: 'fp32', graphVersion: 1 };

/** Photos with the model's own first label, whose number means "left" by the heads. */
function fill(catalog: Catalog): void {
  const keyId = resultKeyId(catalog, key, manifest);
  writeValue(catalog, 'shown', keyId);
  catalog.transaction(() => {
    catalog.run("INSERT INTO folders (id, path, path_key, name) VALUES (1, '/p', 'p', 'p')");
    for (let i = 0; i < count; i++) {
      const id = Buffer.alloc(32);
      id.writeUInt32LE(i);
      catalog.run('INSERT INTO contents (id, hash) VALUES (?, ?)', i + 1, id);
      catalog.run(
        `INSERT INTO photos (id, folder_id, name, name_key, path_key, bytes, modified_ms, date_ms, content_id, status, label, probability)
         VALUES (?, 1, ?, ?, ?, 1, 1, 1, ?, 1, 0, 0.9)`,
        ...[i + 1, `${i}`, `${i}`, `${i}`, i + 1],
      );
      const feature = new Float32Array(fits.length);
      feature[0] = i % 3 === 0 ? 4 : -4;
      storeFeature(catalog, keyId, i + 1, feature);
    }
  });
}

const countsIn = (catalog: Catalog) =>
  Object.fromEntries(
    photoFacets(catalog, { filter: {}, limit: 9 }).items.map(({ label, photos }) => [label.name, photos]),
  );

test('while a head’s labels come, only those that are there are counted, and none of the head before under a new name', async (t) => {
  const catalog = openCatalog(null);
  t.after(() => catalog.close());
  fill(catalog);
  const counts = () => countsIn(catalog);
  const [own] = manifest.labels;
  assert.deepEqual(counts(), { [own!.name]: count });

  setInSight(catalog, [11_999, 12_000]);
  const { id } = insertHead(catalog, head(), null);
  const shown = showAgain(catalog, () => setHeadInUse(catalog, hash, id));
  assert.deepEqual(counts(), {}, 'nothing is known of the new ones yet');
  let seen = 0;
  for (let upTo = 0; labelsShownUpTo(catalog) !== Infinity; await tick()) {
    const to = labelsShownUpTo(catalog);
    assert.ok(to >= upTo);
    upTo = to;
    const expected = Math.min(to, count);
    const { left = 0, right = 0, ...others } = counts();
    assert.deepEqual([left + right, others], [expected, {}]);
    assert.equal(left, Math.ceil(expected / 3));
    assert.equal(
      countPhotos(catalog, conditionOf(catalog, { labels: [0] })),
      left,
      'as many as the list has',
    );
    seen += Number(expected > 0 && expected < count);
  }
  await shown;
  assert.ok(seen > 0, 'looked in the middle of it');
  assert.deepEqual(counts(), { right: (2 * count) / 3, left: count / 3 });

  // Another precision has been used since, on no photo: what the lists show is compared all the same.
  resultKeyId(catalog, { ...key, precision: 'int8' }, manifest);
  const { of } = judgedBy(catalog, { by: 'head', headId: id }, conditionOf(catalog, {}));
  assert.equal(of.size, count);
});

test('how far labels have come is known to a window beside the one that puts another set into use', async (t) => {
  const place = makePlace(t);
  const [near, far] = [1, 2].map(() => openCatalog(join(place.home, 'catalog.sqlite'))) as [Catalog, Catalog];
  place.closing.push(async () => [near, far].forEach((each) => each.close()));
  fill(near);
  const [sides, turned] = [head(1), head(-1)].map((each) => insertHead(near, each, null).id);
  const use = (catalog: Catalog, id: number) => showAgain(catalog, () => setHeadInUse(catalog, hash, id));
  /** Of each label, as many as there are up to where they are said to be shown. */
  const follow = async (
    catalog: Catalog,
    leftOf: (upTo: number) => number,
    until: (upTo: number) => boolean,
  ) => {
    for (;;) {
      const upTo = labelsShownUpTo(catalog);
      const expected = Math.min(upTo, count);
      const { left = 0, right = 0 } = countsIn(catalog);
      assert.deepEqual([left, left + right], [leftOf(expected), expected]);
      if (until(upTo)) return;
      await tick();
    }
  };
  const third = (upTo: number) => Math.ceil(upTo / 3);
  await use(far, sides!);
  await use(near, sides!);
  // The other has brought lists up to date before, which says nothing of what is going on now.
  const first = use(near, turned!);
  await follow(
    far,
    (upTo) => upTo - third(upTo),
    (upTo) => upTo > 0 && upTo < count,
  );
  const second = use(far, sides!);
  await follow(near, third, (upTo) => upTo === Infinity);
  await Promise.all([first, second]);
  await follow(near, third, (upTo) => upTo === Infinity);
});
