/** Look-alikes among very many features: by products of matrices in a real inference process. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { groupedAlike } from '../../../../models/search/alike.ts';
import { openCatalog, type Catalog } from '../../../../main/library/catalog/database.ts';
import { storeFeature } from '../../../../main/library/catalog/features.ts';
import { resultKeyId } from '../../../../main/library/catalog/results.ts';
import { alikeOnes } from '../../../../main/library/duplicates/alike.ts';
import { startGrouping } from '../../../../main/library/duplicates/group-thread.ts';
import { readManifest } from '../../../../models/load.ts';
import { SaccadeError } from '../../../../models/error.ts';
import { randomNumbers } from '../../../models/tiny.ts';
import { starterFolder } from '../../../starter.ts';
import { realInference } from '../real-inference.ts';

const length = 48;
const pairs = 1500;
/** Two of each, the second moved a little. */
const base = randomNumbers(pairs * length, 1, 1);
const features = randomNumbers(2 * pairs * length, 0.1, 2).map(
  (value, i) => value + base[Math.floor(i / length / 2) * length + (i % length)]!,
);

const close: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const each of close.toReversed()) await each();
});

/** Content i + 1 was seen as row i; those whose number ends in 7 have no feature. */
function makeCatalog(): { catalog: Catalog; keyId: number; contents: number[] } {
  const catalog = openCatalog(null);
  close.push(() => catalog.close());
  const manifest = readManifest(starterFolder);
  const key = { modelHash: manifest.weights.sha256, preprocessing: 'p', precision: 'fp32', graphVersion: 1 };
  const keyId = resultKeyId(catalog, key, manifest);
  const contents = Array.from({ length: 2 * pairs }, (_, i) => i + 1);
  catalog.transaction(() => {
    for (const id of contents) {
      const hash = Buffer.alloc(32);
      hash.writeUInt32LE(id);
      catalog.run('INSERT INTO contents (id, hash) VALUES (?, ?)', id, hash);
      if (id % 10 !== 7) storeFeature(catalog, keyId, id, features.slice((id - 1) * length, id * length));
    }
  });
  return { catalog, keyId, contents };
}

const { catalog, keyId, contents } = makeCatalog();
const thread = startGrouping();
close.push(() => thread.terminate());
const ids = contents.filter((id) => id % 10 !== 7);
const data = new Float16Array(ids.flatMap((id) => [...features.slice((id - 1) * length, id * length)]));
const expected = (await groupedAlike({ data, length })).map((group) => group.map((row) => ids[row]!));

test('the inference process finds what the thread finds, tells how far it is, and lets the vectors go', async () => {
  const real = realInference();
  close.push(real.end);
  const shares: number[] = [];
  const { signal } = new AbortController();
  const how = { catalog, thread, keyId, signal, inference: real.inference, fewestForGraphs: 100 };
  const found = await alikeOnes(contents, { ...how, ongrouping: ({ share }) => shares.push(share) });
  assert.ok(expected.length > 1000);
  assert.deepEqual(found, expected);
  assert.ok(shares.every((share) => share >= 0 && share <= 1));
  assert.deepEqual([...new Set(real.calls)], ['addAlike', 'stepAlike']);
  await assert.rejects(real.inference.interactive('stepAlike', { set: `${keyId}/1` }), {
    code: 'not-loaded',
  });
  assert.deepEqual(await alikeOnes(contents, { ...how, fewestForGraphs: 1e9 }), expected);
  assert.deepEqual(await alikeOnes([7, 17, 27], { ...how, fewestForGraphs: 1 }), []);
});

test('a process that ends in the middle is asked once more', async () => {
  let steps = 0;
  const real = realInference((name) => {
    if (name === 'stepAlike' && ++steps === 1)
      return Promise.reject(new SaccadeError('crashed-inference', 'It crashed.'));
  });
  close.push(real.end);
  const { signal } = new AbortController();
  const how = { catalog, thread, keyId, signal, inference: real.inference, fewestForGraphs: 100 };
  assert.deepEqual(await alikeOnes(contents, how), expected);
  assert.ok(real.calls.includes('dropAlike'));
});

test('what is cancelled is not asked again, and leaves nothing behind', async () => {
  const stop = new AbortController();
  const real = realInference((name) => {
    if (name === 'addAlike') stop.abort(new SaccadeError('cancelled', 'Cancelled.'));
  });
  close.push(real.end);
  const how = {
    catalog,
    thread,
    keyId,
    signal: stop.signal,
    inference: real.inference,
    fewestForGraphs: 100,
  };
  await assert.rejects(alikeOnes(contents, how), { code: 'cancelled' });
  assert.deepEqual(real.calls, ['addAlike', 'dropAlike']);
});
