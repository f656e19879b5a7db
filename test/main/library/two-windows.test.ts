/** Runs of one process that a window of another one shows: it follows them, and has them in hand. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStatus } from '../../../main/contract/entities/run.ts';
import { makePlace, openLibrary, writePhotos, type Asked, type Place } from './setup.ts';

const everything = { selection: { filter: {}, except: [] }, again: false, retryFailed: false };
const photos = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.jpg`, `${i % 20} of ${i}`]));

/** Another window, in a process of its own. */
async function windowBeside(t: TestContext, place: Place) {
  const child = fork(join(import.meta.dirname, 'window-child.ts'), [JSON.stringify(place)], { execArgv: [] });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  // Before the place goes.
  place.closing.push(kill);
  t.after(kill);
  await once(child, 'message');
  const ask = async (verb: string, request: unknown = {}) => {
    child.send([verb, request]);
    const [answer] = (await once(child, 'message')) as [{ value: RunStatus }];
    return answer.value;
  };
  return { ask, kill };
}

/** What the window was told of runs since. */
const toldOf = (window: Asked, from = 0) =>
  window.heard.slice(from).flatMap((event) => (event.name === 'run.progress' ? [event.payload] : []));

test(
  'a run of another window is followed, paused, gone on with and cancelled in this one, and overtaken by none',
  { timeout: 60_000 },
  async (t) => {
    const place = makePlace(t);
    // More than are classified in the seconds that this test takes.
    writePhotos(place, photos(2000));
    const window = await openLibrary(place, { window: true });
    await window.scan();
    const beside = await windowBeside(t, place);
    await beside.ask('runs.start', everything);
    while (new Set(toldOf(window).map(({ done }) => done)).size < 3) await sleep(50);
    await assert.rejects(window.call('runs.start', everything), { code: 'run-active' });

    await window.call('runs.pause', {});
    await sleep(2000);
    const { state, done } = await beside.ask('runs.current');
    assert.equal(state, 'paused');
    await sleep(500);
    assert.equal((await beside.ask('runs.current')).done, done);

    assert.equal((await window.call('runs.resume', {})).state, 'running');
    const from = window.heard.length;
    while (!toldOf(window, from).some((status) => status.done > done)) await sleep(50);

    assert.equal((await window.call('runs.cancel', {})).state, 'cancelled');
    await sleep(2000);
    const { state: ended, done: last } = await beside.ask('runs.current');
    assert.equal(ended, 'cancelled');
    await sleep(500);
    assert.equal((await beside.ask('runs.current')).done, last);
    assert.deepEqual([(await window.call('runs.current', {}))!.state, last < 2000], ['cancelled', true]);
    await assert.rejects(window.call('runs.pause', {}), { code: 'no-run' });
  },
);

test('a run is gone on with here whose window has ended', { timeout: 60_000 }, async (t) => {
  const place = makePlace(t);
  writePhotos(place, photos(200));
  const window = await openLibrary(place, { window: true });
  await window.scan();
  const beside = await windowBeside(t, place);
  await beside.ask('runs.start', everything);
  while (!toldOf(window).some(({ done }) => done > 0)) await sleep(50);
  await beside.kill();
  while (!toldOf(window).some(({ state }) => state === 'finished')) await sleep(50);
  const { done, total, failed } = (await window.call('runs.current', {}))!;
  assert.deepEqual([done, total, failed], [200, 200, 0]);
});

test(
  'photos that were organised are taken back once, by whichever window or command is first',
  { timeout: 60_000 },
  async (t) => {
    const place = makePlace(t);
    writePhotos(place, photos(60));
    const window = await openLibrary(place, { window: true });
    await window.scan();
    await window.runAll();
    const written = async (from: number) => {
      const told = () =>
        window.heard
          .slice(from)
          .flatMap((event) => (event.name === 'writing.progress' ? [event.payload] : []));
      while (told().at(-1)?.state !== 'finished' && told().at(-1)?.state !== 'failed') await sleep(10);
      return told().at(-1)!;
    };
    const folder = join(place.folder, 'sorted');
    const organise = async () => {
      const labels = { by: 'any' as const, minProbability: 0 };
      const task = {
        kind: 'organise' as const,
        labels,
        folder,
        template: '{label}/{name}',
        way: 'move' as const,
      };
      const from = window.heard.length;
      await window.call('writing.start', { selection: everything.selection, task, dryRun: false });
      assert.equal((await written(from)).changed, 60);
    };
    const [one, other] = [await openLibrary(place), await openLibrary(place)];
    const takeBack = (library: Asked) => library.call('internal.undoOrganised', {});

    await organise();
    const both = await Promise.allSettled([takeBack(one), takeBack(other)]);
    const first = both.find((each) => each.status === 'fulfilled')!;
    assert.deepEqual(new Set(first.value.items.map(({ does, error }) => error ?? does)), new Set(['back']));
    assert.equal(
      (both.find((each) => each.status === 'rejected')?.reason as { code: string }).code,
      'nothing-to-undo',
    );
    const from = window.heard.length;
    await window.call('writing.undo', {});
    const { state, error } = await written(from);
    assert.deepEqual([state, error?.code], ['failed', 'nothing-to-undo']);

    // Until they are seen where they are again.
    while ((await window.items({ status: ['missing'] })).length > 0) await sleep(50);
    await organise();
    const again = window.heard.length;
    await Promise.all([window.call('writing.undo', {}), takeBack(one).catch(() => null)]);
    await written(again);
    assert.deepEqual(readdirSync(place.photos).length, 60);
    await assert.rejects(takeBack(one), { code: 'nothing-to-undo' });
  },
);
