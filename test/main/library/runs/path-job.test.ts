import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { classifyPaths, makePlace, openLibrary, writePhotos } from '../setup.ts';

test('files and folders are answered in path order, whatever they were given in', async (t) => {
  const place = makePlace(t);
  writePhotos(place, {
    'b/x.jpg': '1',
    'b/bad.png': 'bad',
    'a.jpg': '2',
    'z/deep/y.webp': '3',
    'odd.bin': '4',
  });
  const library = await openLibrary(place);
  const at = (name: string) => join(place.photos, name);
  const { items, progress } = await classifyPaths(library, {
    paths: [at('z'), at('odd.bin'), at('b'), at('nowhere.jpg'), at('a.jpg'), at('b/x.jpg')],
  });
  assert.deepEqual(
    items.map((item) => [item.path, item.status === 'ok' ? item.labels[0]!.label.name : item.error.code]),
    [
      [at('a.jpg'), 'class 2'],
      [at('b/bad.png'), 'corrupt-image'],
      [at('b/x.jpg'), 'class 1'],
      [at('nowhere.jpg'), 'missing-file'],
      [at('odd.bin'), 'class 4'],
      [at('z/deep/y.webp'), 'class 3'],
    ],
  );
  assert.deepEqual([progress.state, progress.total, progress.done, progress.failed], ['finished', 6, 6, 2]);
  assert.match(progress.bottleneck ?? '', /-bound: /);
  assert.equal((await library.call('photos.count', { filter: {} })).total, 0, 'nothing was registered');
  const flat = await classifyPaths(library, { paths: [place.photos], recursive: false });
  assert.deepEqual(
    flat.items.map(({ path }) => path),
    [at('a.jpg')],
  );
});

test('a second time answers from the catalog, however it is asked, unless it must not', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2', 'c.jpg': 'bad' });
  let decoded = 0;
  const library = await openLibrary(place, { start: inferenceStandIn({ onDecode: () => decoded++ }) });
  const paths = [place.photos];
  await classifyPaths(library, { paths, topK: 1 });
  assert.equal(decoded, 3);
  const second = await classifyPaths(library, { paths, topK: 2 });
  assert.deepEqual([second.progress.known, second.progress.failed, decoded], [2, 1, 3]);
  assert.deepEqual(
    second.items.map((item) => item.status === 'ok' && item.labels.length),
    [2, 2, false],
  );
  await classifyPaths(library, { paths, retryFailed: true });
  assert.equal(decoded, 4);
  await library.scan();
  assert.equal((await library.runAll()).known, 2, 'the library knows what the command line found out');
  assert.equal(decoded, 4);
  const all = await classifyPaths(library, { paths, topK: 1000 });
  assert.deepEqual(
    all.items.map((item) => item.status === 'ok' && item.labels.length),
    [20, 20, false],
  );
  assert.equal(decoded, 6);
  await classifyPaths(library, { paths, again: true });
  assert.equal(decoded, 9);
});

test('photos that came between many that are known are computed, and all are answered in order', async (t) => {
  const place = makePlace(t);
  const name = (i: number) => `p${String(i).padStart(3, '0')}.jpg`;
  const isNew = (i: number) => i >= 60 && i % 7 === 0;
  const all = Array.from({ length: 120 }, (_, i) => i);
  const written = (some: number[]) => Object.fromEntries(some.map((i) => [name(i), `${i % 20} of ${i}`]));
  writePhotos(place, written(all.filter((i) => !isNew(i))));
  let decoded = 0;
  const library = await openLibrary(place, {
    start: inferenceStandIn({ batch: 1, onDecode: () => decoded++ }),
  });
  await classifyPaths(library, { paths: [place.photos] });
  const before = decoded;
  writePhotos(place, written(all.filter(isNew)));
  const { items, progress } = await classifyPaths(library, { paths: [place.photos] });
  const fresh = all.filter(isNew).length;
  assert.deepEqual(
    [decoded - before, progress.known, progress.done],
    [fresh, all.length - fresh, all.length],
  );
  assert.deepEqual(
    items.map((item) => [item.path, item.status === 'ok' && item.labels[0]!.index]),
    all.map((i) => [join(place.photos, name(i)), i % 20]),
  );
});

test('the library’s own photos are not hashed again for the command line', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  await library.scan();
  await library.runAll();
  const { progress } = await classifyPaths(library, { paths: [join(place.photos, 'a.jpg')] });
  assert.equal(progress.known, 1);
  writeFileSync(join(place.photos, 'a.jpg'), '12 other');
  const { items } = await classifyPaths(library, { paths: [join(place.photos, 'a.jpg')] });
  assert.equal(items[0]?.status === 'ok' && items[0].labels[0]!.index, 12);
});

test(
  'a pipe or a device given as a photo is a failure at once',
  { skip: process.platform === 'win32' && 'SKIPPED: no named pipes in folders' },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, { 'a.jpg': '1' });
    const pipe = join(place.photos, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    const library = await openLibrary(place);
    const { items } = await classifyPaths(library, { paths: [pipe, '/dev/null', place.photos] });
    assert.deepEqual(
      items.map((item) => [item.path, item.status === 'ok' ? 'ok' : item.error.code]),
      [
        ['/dev/null', 'unreadable'],
        [join(place.photos, 'a.jpg'), 'ok'],
        [pipe, 'unreadable'],
      ],
    );
  },
);

test('stopping keeps what is done', async (t) => {
  const place = makePlace(t);
  writePhotos(place, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}.jpg`, `${i} ${i}`])));
  const decoded: string[] = [];
  const start = inferenceStandIn({
    batch: 2,
    onDecode: (path) => void decoded.push(path),
    beforeAnswer: () => sleep(3),
  });
  const library = await openLibrary(place, { start });
  const { jobId } = await library.call('internal.classify', {
    paths: [place.photos],
    recursive: true,
    topK: 3,
    map: null,
    retryFailed: false,
    again: false,
  });
  while (decoded.length < 8) await sleep(2);
  await library.call('internal.stop', { jobId });
  const done = decoded.length;
  const { progress } = await classifyPaths(library, { paths: [place.photos] });
  assert.deepEqual([progress.done, progress.known], [40, done]);
  assert.equal(decoded.length, 40);
});

test('a model that is not there, and one asked for by its folder', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1' });
  const library = await openLibrary(place);
  await assert.rejects(classifyPaths(library, { paths: [place.photos], model: 'none' }), {
    code: 'no-model',
  });
  const { items } = await classifyPaths(library, { paths: [place.photos], model: place.model });
  assert.equal(items[0]?.status, 'ok');
});
