import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../../../../main/library/catalog/database.ts';
import { folderByPath } from '../../../../main/library/catalog/folders.ts';
import { movePhoto, photoById } from '../../../../main/library/catalog/photos.ts';
import { LibraryWork } from '../../../../main/library/runs/library-work.ts';
import { insertRun, runRow } from '../../../../main/library/runs/run-rows.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { makeModel, makePlace, openLibrary, writePhotos } from '../setup.ts';

function recorder() {
  const decoded: string[] = [];
  return { decoded, onDecode: (path: string) => void decoded.push(path.split('/').at(-1)!) };
}

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}.jpg`, `${i % 20} ${i}`]));
}

const everything = { selection: { filter: {}, except: [] }, again: false, retryFailed: false };

test('a run classifies every photo, and the next one knows them all', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...many(30), 'sub/unsure.png': '3 unsure', 'bad.webp': 'bad' });
  const { decoded, onDecode } = recorder();
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode }) });
  await library.scan();
  const first = await library.runAll();
  assert.equal(first.state, 'finished');
  assert.deepEqual([first.total, first.done, first.known, first.failed], [32, 32, 0, 1]);
  assert.match(first.bottleneck ?? '', /^\w+-bound: [\d.]+ photos\/s; \w+ could do [\d.]+$/);
  const outcomes = await library.outcomes();
  assert.equal(outcomes['p7.jpg'], 7);
  assert.equal(outcomes['bad.webp'], 'corrupt-image');
  const [unsure] = await library.items({ status: ['unsure'] });
  assert.equal(unsure?.name, 'unsure.png');
  assert.equal(decoded.length, 32);

  const second = await library.runAll();
  assert.deepEqual([second.done, second.known, second.failed], [32, 31, 1]);
  assert.equal(decoded.length, 32, 'nothing is decoded twice, the failed one neither');

  const failures = await library.call('runs.failures', { runId: second.id, limit: 10 });
  assert.deepEqual(
    failures.items.map(({ path, error }) => [path, error.code]),
    [[join(place.photos, 'bad.webp'), 'corrupt-image']],
  );
});

test('retryFailed runs just the failed ones, again all of them', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': 'bad', 'c.jpg': '2' });
  const { decoded, onDecode } = recorder();
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode }) });
  await library.scan();
  await library.runAll();
  const retried = await library.runAll({ retryFailed: true });
  assert.deepEqual([retried.total, retried.failed], [1, 1]);
  assert.deepEqual(decoded, ['a.jpg', 'b.jpg', 'c.jpg', 'b.jpg']);
  const again = await library.runAll({ again: true });
  assert.deepEqual([again.total, again.known, again.failed], [3, 0, 1]);
  assert.equal(decoded.length, 7);
});

test('a moved and a renamed photo keep their labels and cost nothing', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'one/a.jpg': '4 a', 'one/b.jpg': '5 b', 'one/c.jpg': '6 c' });
  const { decoded, onDecode } = recorder();
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode }) });
  await library.scan();
  await library.runAll();
  const before = await library.items();
  const a = before.find(({ name }) => name === 'a.jpg')!;
  await library.call('photos.setOwnLabel', { selection: { ids: [a.id] }, label: 'Grandma’s' });

  writePhotos(place, { 'two/keep.jpg': '9 keep' });
  renameSync(join(place.photos, 'one/a.jpg'), join(place.photos, 'two/renamed.jpg'));
  renameSync(join(place.photos, 'one/b.jpg'), join(place.photos, 'one/z.jpg'));
  const now = new Date();
  utimesSync(join(place.photos, 'one/z.jpg'), now, now); // as a copy would have it: another time, the same content
  await library.scan();
  const items = await library.items();
  const renamed = items.find(({ name }) => name === 'renamed.jpg')!;
  assert.equal(renamed.id, a.id);
  assert.equal(renamed.ownLabel, 'Grandma’s');
  assert.equal(renamed.top?.index, 4);
  assert.equal(items.find(({ name }) => name === 'z.jpg')?.top?.index, 5);
  assert.equal(items.length, 4);
  const run = await library.runAll();
  assert.deepEqual([run.total, run.known], [4, 3]);
  assert.deepEqual(decoded.slice(3), ['keep.jpg']);
});

test('a second model does not overwrite the first, and each is shown again when it is chosen', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writePhotos(place, many(10));
  const { decoded, onDecode } = recorder();
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode }) });
  await library.scan();
  await library.runAll();
  await library.call('settings.set', { model: 'other' });
  assert.equal((await library.items({ status: ['new'] })).length, 10, 'nothing is known with the other one');
  await library.runAll();
  assert.equal(decoded.length, 20);
  await library.call('settings.set', { model: 'starter' });
  const [item] = await library.items({ labels: [3] });
  assert.equal(item?.name, 'p3.jpg');
  const detail = await library.call('photos.get', { photoId: item!.id });
  assert.deepEqual([detail.model, detail.predictions.length], ['starter', 5]);
  assert.deepEqual(detail.placement, { provider: 'cpu', precision: 'fp32' });
  assert.equal((await library.runAll()).known, 10);
  assert.equal(decoded.length, 20);
});

test('where the model that ships came with other weights, no label of the old ones is shown as theirs', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(10));
  const { decoded, onDecode } = recorder();
  const start = inferenceStandIn({ onDecode });
  const before = await openLibrary(place, { start });
  await before.scan();
  await before.runAll();
  await before.close();

  const file = join(place.model, 'model.json');
  const old = readFileSync(file, 'utf8');
  writeFileSync(file, old.replaceAll('"class ', '"thing ').replace('a'.repeat(64), 'c'.repeat(64)));
  const judges = {
    rows: { by: 'model', modelId: 'starter' },
    columns: { by: 'model', modelId: 'starter' },
  } as const;
  for (const window of [true, false]) {
    const after = await openLibrary(place, { start, window });
    if (window) while ((await after.items({ status: ['new'] })).length < 10) await sleep(5);
    const items = await after.items();
    assert.deepEqual(items.map(({ status, top }) => [status, top]), Array(10).fill(['new', null])); // prettier-ignore
    assert.deepEqual((await after.call('photos.facets', { filter: {}, limit: 50 })).items, []);
    assert.deepEqual((await after.call('photos.get', { photoId: items[0]!.id })).predictions, []);
    // What is told of the old answers is told in the old words.
    const { rows } = await after.call('review.agreement', judges);
    assert.ok(rows.labels.length > 0 && rows.labels.every(({ name }) => name.startsWith('class ')));
    await after.close();
  }

  const after = await openLibrary(place, { start });
  assert.equal((await after.runAll()).known, 0);
  assert.equal(decoded.length, 20);
  assert.match((await after.items())[0]!.top!.label.name, /^thing /);
  await after.close();

  writeFileSync(file, old);
  const again = await openLibrary(place, { start });
  assert.match((await again.items())[0]!.top!.label.name, /^class /, 'the old answers have stayed');
  assert.equal((await again.runAll()).known, 10);
});

test('a run of one model does not show its answers as those of another chosen meanwhile', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'other'), 'other', 'b');
  writePhotos(place, many(10));
  const library = await openLibrary(place);
  await library.scan();
  // Chosen before the run's model has been loaded.
  const started = library.call('runs.start', everything);
  await library.call('settings.set', { model: 'other' });
  await started;
  assert.equal((await library.runEnds()).done, 10);
  assert.equal((await library.items({ status: ['new'] })).length, 10, 'nothing is known with the other one');
  await library.call('settings.set', { model: 'starter' });
  assert.equal((await library.items({ status: ['ok'] })).length, 10);
});

test('a photo that changes between hashing and decoding is hashed once more', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  let first = true;
  const start = inferenceStandIn({});
  const library = await openLibrary(place, {
    start: changing(start, (path) => {
      if (!path.endsWith('a.jpg') || !first) return false;
      first = false;
      writeFileSync(path, '11 changed');
      return true;
    }),
  });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.failed], ['finished', 0]);
  // Whether it is the photo that it was, a look at its folder tells.
  for (let i = 0; i < 100 && (await library.outcomes())['a.jpg'] === 'new'; i++) await sleep(50);
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 11, 'b.jpg': 2 });
});

test('a photo that never stops changing fails with changed-on-disk, and the run goes on', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const library = await openLibrary(place, {
    start: changing(inferenceStandIn({}), (path) => path.endsWith('a.jpg')),
  });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.failed], ['finished', 1]);
  assert.deepEqual(await library.outcomes(), { 'a.jpg': 'changed-on-disk', 'b.jpg': 2 });
});

/** Answers `changed-on-disk` for the photos `changed` says. */
function changing(start: ReturnType<typeof inferenceStandIn>, changed: (path: string) => boolean) {
  return (name: 'library' | 'inference') => {
    const handle = start(name);
    const { port } = handle;
    const asked = new Map<number, string[]>();
    const post = port.post.bind(port);
    port.post = (message) => {
      const { call, name: verb, request } = message as { call: number; name: string; request: never };
      if (verb === 'classify')
        asked.set(
          call,
          (request as { photos: { path: string }[] }).photos.map(({ path }) => path),
        );
      post(message);
    };
    const onMessage = port.onMessage.bind(port);
    port.onMessage = (listener) =>
      onMessage((message) => {
        const { answer, result } = message as {
          answer: number;
          result: { value: { results: unknown[] } };
        };
        asked.get(answer)?.forEach((path, i) => {
          const error = { code: 'changed-on-disk', message: `${path} changed.` };
          if (changed(path)) result.value.results[i] = { ok: false, error };
        });
        listener(message);
      });
    return handle;
  };
}

test('a photo deleted before its turn is missing, not a reason to stop', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(6));
  const library = await openLibrary(place);
  await library.scan();
  rmSync(join(place.photos, 'p2.jpg'));
  const run = await library.runAll();
  assert.deepEqual([run.state, run.done, run.failed], ['finished', 6, 1]);
  const [missing] = await library.items({ status: ['missing'] });
  assert.deepEqual([missing?.name, missing?.error?.code], ['p2.jpg', 'missing-file']);
});

test('a photo that another window has followed to another folder meanwhile is not missing there', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '3 of a', 'b.jpg': '4 of b', 'went/c.jpg': '5 of c' });
  const library = await openLibrary(place);
  await library.scan();
  await library.close();
  const catalog = openCatalog(join(place.home, 'catalog.sqlite'));
  place.closing.unshift(async () => catalog.close());
  const none = () => {};
  const run = insertRun(catalog, everything, 'starter');
  const work = new LibraryWork(catalog, run.id, { topK: 1, map: null }, { onLoaded: none, onSettled: none, onShown: none, onReplaced: none }); // prettier-ignore
  const items = work.take(10).filter(({ path }) => !path.endsWith('c.jpg'));
  const moved = items.find(({ path }) => path.endsWith('a.jpg'))!;
  const went = folderByPath(catalog, join(place.photos, 'went'))!;
  movePhoto(catalog, photoById(catalog, moved.key), went, 'a.jpg', moved.facts);
  const failure = { code: 'missing-file' as const, message: 'It is not there.' };
  work.settle(items.map((item) => ({ item, as: 'failed', failure, known: false })));
  const missing = catalog.column<string>('SELECT name FROM photos WHERE missing_ms IS NOT NULL');
  assert.deepEqual(missing, ['b.jpg']);
  assert.equal(runRow(catalog, run.id)!.failed, 2);
});

test('pause holds a run, resume goes on, cancel ends it and keeps what is done', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(60));
  const { decoded, onDecode } = recorder();
  const start = inferenceStandIn({ onDecode, batch: 2, beforeAnswer: () => sleep(2) });
  const library = await openLibrary(place, { start });
  await library.scan();
  await library.call('runs.start', everything);
  while (decoded.length < 6) await sleep(2);
  assert.equal((await library.call('runs.pause', {})).state, 'paused');
  // What was in flight is still stored.
  while ((await library.call('runs.current', {}))!.done < decoded.length) await sleep(2);
  const held = decoded.length;
  await sleep(40);
  assert.equal(decoded.length, held);
  await assert.rejects(library.call('runs.start', everything), { code: 'run-active' });
  assert.equal((await library.call('runs.resume', {})).state, 'running');
  while (decoded.length < held + 4) await sleep(2);
  const cancelled = await library.call('runs.cancel', {});
  assert.equal(cancelled.state, 'cancelled');
  assert.ok(cancelled.done >= held && cancelled.done < 60);
  await assert.rejects(library.call('runs.pause', {}), { code: 'no-run' });
  const rest = await library.runAll();
  assert.deepEqual([rest.known, rest.done], [cancelled.done, 60]);
  assert.equal(new Set(decoded).size, decoded.length, 'nothing was decoded twice');
});

test('a run that was cut off goes on at the next start, and a paused one waits', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(40));
  const { decoded, onDecode } = recorder();
  const start = inferenceStandIn({ onDecode, batch: 2, beforeAnswer: () => sleep(2) });
  const first = await openLibrary(place, { start, window: true });
  await first.scan();
  await first.call('runs.start', everything);
  while (decoded.length < 10) await sleep(2);
  await first.close();

  // It computes nothing before it is told to pause: what is left is done in a moment.
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const holding = inferenceStandIn({ onDecode, batch: 2, beforeAnswer: () => held });
  const second = await openLibrary(place, { start: holding, window: true });
  await second.call('runs.pause', {});
  letGo();
  await second.close();
  const third = await openLibrary(place, { start, window: true });
  assert.equal((await third.call('runs.current', {}))?.state, 'paused');
  // One that can't begin takes nothing from it.
  const nowhere = { selection: { filter: { folderId: 999 }, except: [] }, again: false, retryFailed: false };
  await assert.rejects(third.call('runs.start', nowhere), { code: 'no-such-folder' });
  assert.equal((await third.call('runs.current', {}))?.state, 'paused');
  await third.call('runs.resume', {});
  const ended = await third.runEnds();
  assert.deepEqual([ended.state, ended.total, ended.done, ended.failed], ['finished', 40, 40, 0]);
  assert.equal((await third.items({ status: ['ok'] })).length, 40);
});

test('removing a folder while it is classified ends well', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(40));
  const { decoded, onDecode } = recorder();
  const start = inferenceStandIn({ onDecode, batch: 2, beforeAnswer: () => sleep(2) });
  const library = await openLibrary(place, { start });
  const folderId = await library.scan();
  await library.call('runs.start', everything);
  while (decoded.length < 6) await sleep(2);
  await library.call('folders.remove', { folderId });
  const ended = await library.runEnds();
  assert.equal(ended.state, 'finished');
  assert.equal(ended.total, ended.done);
  assert.deepEqual(await library.items(), []);
});

test('what a model that cannot be loaded says stops the run', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(2));
  const library = await openLibrary(place);
  await library.scan();
  rmSync(join(place.model, 'model.json'));
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code], ['stopped', 'no-model']);
});

test('progress is told while it goes on and at the end', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(12));
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const tellings = () =>
    library.heard.flatMap((each) => (each.name === 'run.progress' ? [each.payload] : []));
  while (tellings().at(-1)?.state !== 'finished') await sleep(5);
  const told = tellings();
  assert.equal(told.at(-1)?.done, 12);
  // From its beginning on, so that others wait with theirs.
  assert.equal(told.at(0)?.state, 'preparing');
  assert.equal(told.find(({ state }) => state === 'running')?.placement?.provider, 'cpu');
});

test('looking through other models during a run frees the oldest, and the run loads its own again', async (t) => {
  const place = makePlace(t);
  for (const id of ['b', 'c', 'd']) makeModel(join(place.home, 'models', id), id, id);
  writePhotos(place, many(40));
  const { decoded, onDecode } = recorder();
  const start = inferenceStandIn({ onDecode, batch: 2, beforeAnswer: () => sleep(3) });
  const library = await openLibrary(place, { start });
  await library.scan();
  await library.call('runs.start', everything);
  while (decoded.length < 6) await sleep(2);
  const look = { path: join(place.photos, 'p0.jpg'), classIndex: null, topK: 5 };
  for (const model of ['b', 'c', 'd', 'b'])
    assert.equal((await library.call('internal.inspect', { ...look, model })).contribution?.classIndex, 0);
  const run = await library.runEnds();
  assert.deepEqual([run.state, run.done, run.failed], ['finished', 40, 0]);
});

test('of identical photos in one run one is decoded, and the others take its answer or its failure', async (t) => {
  const place = makePlace(t);
  const copies = (name: string, content: string) =>
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${name}${i}.jpg`, content]));
  writePhotos(place, { ...copies('same', '7 same'), ...copies('broken', 'bad'), 'other.jpg': '3 other' });
  const { decoded, onDecode } = recorder();
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode }) });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.total, run.done, run.known, run.failed], [81, 81, 39, 40]);
  assert.equal(decoded.length, 3);
  const outcomes = await library.outcomes();
  assert.deepEqual([...new Set(Object.values(outcomes))].sort(), [3, 7, 'corrupt-image']);
  const told = async () => {
    const { items } = await library.call('runs.failures', { runId: (await library.runAll()).id, limit: 50 });
    const failed = await library.items({ status: ['failed'] });
    return [...items.map((each) => [basename(each.path), each.error.message]), ...failed.map((each) => [each.name, each.error?.message])]; // prettier-ignore
  };
  renameSync(join(place.photos, 'broken7.jpg'), join(place.photos, 'renamed.jpg'));
  await library.scan();
  const all = await told();
  assert.equal(all.length, 80);
  assert.ok(all.some(([name]) => name === 'renamed.jpg'));
  for (const [name, message] of all)
    assert.equal(message, `${name} can't be decoded.`, 'by its own name, not by that of a copy');
  decoded.length = 0;
  await library.runAll({ again: true });
  assert.equal(decoded.length, 3);
});

test('a photo that took too long is tried once more when all else is done, and in the next run again', async (t) => {
  const place = makePlace(t);
  writePhotos(place, {
    ...many(9),
    'a busy.jpg': '5 busy',
    'b slow.jpg': '6 slow',
    'c slow copy.jpg': '6 slow',
  });
  const { decoded, onDecode } = recorder();
  let quiet = false;
  const slow = (name: string, photos: number) =>
    (name === 'a busy.jpg' && photos > 1) || (name === 'b slow.jpg' && !quiet);
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode, slow }) });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.done, run.failed], [12, 2]);
  assert.deepEqual(decoded.slice(-2), ['a busy.jpg', 'b slow.jpg'], 'after the others, each alone');
  assert.equal((await library.outcomes())['a busy.jpg'], 5);
  assert.equal((await library.outcomes())['b slow.jpg'], 'timed-out');
  quiet = true;
  const next = await library.runAll();
  assert.equal(next.failed, 0);
  assert.equal((await library.outcomes())['b slow.jpg'], 6);
  assert.equal((await library.outcomes())['c slow copy.jpg'], 6);
});
