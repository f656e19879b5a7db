import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { readManifest } from '../../../../models/store.ts';
import { classifyPaths, makeModel, makePlace, openLibrary, writePhotos, type Asked } from '../setup.ts';

/** Names of unsure photos, once the lists are brought up to date. */
async function unsure(library: Asked, expected: number): Promise<string[]> {
  for (let i = 0; ; i++) {
    const names = (await library.items({ status: ['unsure'] })).map(({ name }) => name);
    if (names.length === expected || i > 200) return names;
    await sleep(10);
  }
}

test('a threshold of doubt holds at once for answers there are, and is taken back', async (t) => {
  const place = makePlace(t);
  const contents = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${String(i).padStart(2, '0')}.jpg`, `${i % 15} of ${i}`])); // prettier-ignore
  writePhotos(place, contents);
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const items = await library.items();
  const before = await unsure(library, 0);
  assert.deepEqual(await library.call('models.doubt', { modelId: 'starter' }), { came: null, set: null, confirmed: 0, fewest: 20 }); // prettier-ignore
  const sorted = items.map(({ top }) => top!.probability).sort((a, b) => a - b);
  const threshold = (sorted[9]! + sorted.find((value) => value > sorted[9]!)!) / 2;
  const below = items.filter(({ top }) => top!.probability < threshold).map(({ name }) => name);
  const { set } = await library.call('models.setDoubt', { modelId: 'starter', threshold });
  assert.equal(set, threshold);
  assert.deepEqual(await unsure(library, below.length), below);
  // The command line says the same of them.
  const { items: rows } = await classifyPaths(library, { paths: [place.photos] });
  const told = rows.flatMap((row) => (row.status === 'ok' && row.unsure ? [row.path] : []));
  assert.deepEqual(
    told,
    below.map((name) => join(place.photos, name)),
  );
  await library.call('models.setDoubt', { modelId: 'starter', threshold: null });
  assert.deepEqual(await unsure(library, before.length), before);
});

test('a threshold is fitted to what a person confirmed, from twenty photos on', async (t) => {
  const place = makePlace(t);
  writePhotos(
    place,
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.jpg`, `${i % 15} of ${i}`])),
  );
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const items = await library.items();
  const confirm = (ids: number[]) =>
    library.call('review.act', { selection: { ids }, act: { kind: 'confirm' }, drawn: false });
  await confirm(items.slice(0, 19).map(({ id }) => id));
  await assert.rejects(library.call('models.setDoubt', { modelId: 'starter', threshold: 'fit' }), { code: 'too-few-confirmed' }); // prettier-ignore
  await confirm(items.slice(19, 30).map(({ id }) => id));
  // Where the person says otherwise the model was not right.
  await library.call('review.act', { selection: { ids: [items[30]!.id] }, act: { kind: 'label', labels: ['nothing of it'] }, drawn: false }); // prettier-ignore
  const { set, confirmed } = await library.call('models.setDoubt', { modelId: 'starter', threshold: 'fit' });
  assert.equal(confirmed, 30);
  const right = items.slice(0, 30).map(({ top }) => top!.probability).sort((a, b) => a - b); // prettier-ignore
  assert.equal(set, right[Math.floor(30 * 0.05)]);
});

test('a model that was imported before imports gave doubt gets it once, and what it has answered is held to it', async (t) => {
  const place = makePlace(t);
  const folder = join(place.home, 'models', 'old');
  makeModel(folder, 'old', 'b');
  writePhotos(place, { 'sure.jpg': '9', 'hardly.jpg': '3' });
  const before = await openLibrary(place, { remember: false });
  assert.equal(readManifest(folder).doubt, null, 'a catalog that nothing is written to leaves models alone');
  await before.close();

  // As an earlier version left it: answers that are told as sure, and a model without a threshold.
  const library = await openLibrary(place);
  await library.call('settings.set', { model: 'old' });
  await library.scan();
  await library.runAll();
  await library.close();
  makeModel(folder, 'old', 'b');
  const old = new Database(join(place.home, 'catalog.sqlite'));
  old.exec('UPDATE results SET probability = 0.3, unsure = 0 WHERE label = 3');
  old.exec('UPDATE photos SET probability = 0.3 WHERE label = 3');
  // As on a full disk: the model gets it together with its answers, or neither does.
  old.exec(`CREATE TRIGGER no_room BEFORE UPDATE ON results BEGIN SELECT raise(ABORT, 'no room'); END`);
  const full = await openLibrary(place);
  assert.equal(readManifest(folder).doubt, null);
  await full.close();
  old.exec('DROP TRIGGER no_room');
  old.close();

  const again = await openLibrary(place);
  assert.deepEqual(await unsure(again, 1), ['hardly.jpg']);
  const { came, set } = await again.call('models.doubt', { modelId: 'old' });
  assert.deepEqual([came, set], [{ method: 'max-probability', threshold: 0.5 }, null]);
  // A person may still say "never", and is not overruled.
  await again.call('models.setDoubt', { modelId: 'old', threshold: 0 });
  assert.deepEqual(await unsure(again, 0), []);
  await again.close();
  assert.deepEqual(await unsure(await openLibrary(place), 0), []);
});
