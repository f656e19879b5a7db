/** A drive that is unplugged in the middle of a run, and plugged in again, there or elsewhere. Real folders, renamed, and a real mount. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { inferenceStandIn } from '../inference-stand-in.ts';
import {
  added,
  classifyPaths,
  makePlace,
  openLibrary,
  writePhotos,
  type Asked,
  type Place,
} from '../setup.ts';

const count = 60;
const contents = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [`${i % 3}/p${i}.jpg`, `${i % 20} photo ${i}`]),
);

/** Computes by fours, and calls `unplug` before the fifth batch is answered. */
function unplugging(unplug: () => void) {
  let batches = 0;
  const decoded: string[] = [];
  const start = inferenceStandIn({
    onDecode: (path) => void decoded.push(path.split('/').at(-1)!),
    beforeAnswer: () => {
      if (++batches === 5) unplug();
    },
  });
  return { start, decoded };
}

const statuses = async (library: Asked) => {
  const items = await library.items();
  return Object.groupBy(items, ({ status }) => status);
};

/** A run in which the photos' folder goes to `away`; nothing of it may have failed. */
async function cutOff(place: Place, away: string) {
  writePhotos(place, contents);
  const { start, decoded } = unplugging(() => renameSync(place.photos, away));
  const library = await openLibrary(place, { start });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code, run.failed], ['stopped', 'folder-gone', 0]);
  const waiting = count - run.done;
  assert.ok(waiting > 20 && run.done >= 12, `${run.done} done`);
  const said = `Expected ${place.photos} to stay until all was done; it is not there any more, as a drive that was unplugged. ${waiting} photos wait, and what was done is kept: plug it in and classify again.`;
  assert.equal(run.error!.message, said);
  const { ok, new: fresh, ...others } = await statuses(library);
  assert.deepEqual([ok?.length, fresh?.length, Object.keys(others)], [run.done, waiting, []]);
  const failures = await library.call('runs.failures', { runId: run.id, limit: 10 });
  assert.deepEqual(failures.items, []);
  return { library, decoded, done: run.done };
}

test('unplugged in the middle and plugged in again: the run says so, no photo is missing, and only the rest is computed', async (t) => {
  const place = makePlace(t);
  const away = join(place.folder, 'away');
  const { library, decoded } = await cutOff(place, away);
  renameSync(away, place.photos);
  const again = await library.runAll();
  assert.deepEqual([again.state, again.done, again.failed], ['finished', count, 0]);
  assert.equal(new Set(decoded).size, count);
  assert.ok(decoded.length <= count + 12, 'but for the batches that were under way');
});

test('plugged in again elsewhere: it is the folder that it was, and only the rest is computed', async (t) => {
  const place = makePlace(t);
  const elsewhere = join(place.folder, 'another drive');
  const { library, decoded, done } = await cutOff(place, elsewhere);
  await added(library, elsewhere);
  assert.deepEqual(library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload.failure.code] : [])), ['folder-found-again']); // prettier-ignore
  const again = await library.runAll();
  assert.deepEqual([again.state, again.done, again.known, again.failed], ['finished', count, done, 0]);
  assert.equal(new Set(decoded).size, count);
  const { ok } = await statuses(library);
  assert.equal(ok?.length, count);
});

test('photos of other folders are classified all the same', async (t) => {
  const place = makePlace(t);
  writePhotos(place, contents);
  const other = { ...place, photos: join(place.folder, 'zzz other') };
  mkdirSync(other.photos);
  writePhotos(other, { 'x.jpg': '3 x', 'y.jpg': '4 y' });
  const { start } = unplugging(() => renameSync(place.photos, join(place.folder, 'away')));
  const library = await openLibrary(place, { start });
  await library.scan();
  await added(library, other.photos);
  const run = await library.runAll();
  assert.equal(run.error?.code, 'folder-gone');
  const outcomes = await library.outcomes();
  assert.deepEqual([outcomes['x.jpg'], outcomes['y.jpg']], [3, 4]);
});

test('a command over paths stops too, with the rows that are done, and goes on there', async (t) => {
  const place = makePlace(t);
  writePhotos(place, contents);
  const away = join(place.folder, 'away');
  const { start, decoded } = unplugging(() => renameSync(place.photos, away));
  const library = await openLibrary(place, { start });
  const { items, progress } = await classifyPaths(library, { paths: [place.photos] });
  assert.deepEqual([progress.state, progress.error?.code, progress.failed], ['stopped', 'folder-gone', 0]);
  assert.ok(items.length >= 12 && items.length < count);
  assert.ok(items.every(({ status }) => status === 'ok'));
  renameSync(away, place.photos);
  const again = await classifyPaths(library, { paths: [place.photos] });
  assert.deepEqual([again.progress.state, again.items.length, again.progress.failed], ['finished', count, 0]);
  assert.equal(new Set(decoded).size, count);
  assert.ok(again.progress.known >= items.length);
});

test('a file that is named and deleted is a row, not a drive', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { 'a.jpg': '1', 'b.jpg': '2' });
  const [a, b] = ['a.jpg', 'b.jpg'].map((name) => join(place.photos, name)) as [string, string];
  const library = await openLibrary(place);
  const { items, progress } = await classifyPaths(library, { paths: [a, b, join(place.photos, 'none.jpg')] });
  assert.equal(progress.state, 'finished');
  assert.deepEqual(items.map((item) => (item.status === 'ok' ? 'ok' : item.error.code)), ['ok', 'ok', 'missing-file']); // prettier-ignore
});

const mounts = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

test(
  'a file system that is unmounted in the middle leaves an empty folder, which is told as what it is',
  { skip: mounts ? false : 'SKIPPED: no file system can be mounted here (unshare -rm)' },
  (t) => {
    const place = makePlace(t);
    const child = join(import.meta.dirname, 'unmount-child.ts');
    const { status, stdout, stderr } = spawnSync('unshare', ['-rm', process.execPath, child, place.folder], { encoding: 'utf8', timeout: 300_000 }); // prettier-ignore
    assert.equal(status, 0, stderr);
    const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    assert.deepEqual(told, { code: 'folder-gone', failed: 0, missing: 0, again: 'finished', ok: 40 });
  },
);
