import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LibraryVerbs } from '../../../../main/contract/internal.ts';
import { caller } from '../../../../main/rpc/calls.ts';
import { forkModule } from '../../../../main/rpc/fork.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { asked, makeModel, makePlace, openLibrary, writePhotos } from '../setup.ts';
import type { Place } from '../setup.ts';

const inference = fileURLToPath(new URL('../fixtures/inference.ts', import.meta.url));
const libraryEntry = fileURLToPath(new URL('../fixtures/library.ts', import.meta.url));
const everything = { selection: { filter: {}, except: [] }, again: false, retryFailed: false };

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}.jpg`, `${i % 20} ${i}`]));
}

test('a file that kills the inference process is set aside by name, and only that file', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...many(14), 'p5 crash.jpg': '3' });
  const library = await openLibrary(place, { start: () => forkModule(inference) });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.done, run.failed, run.error], ['finished', 15, 1, null]);
  const failed = await library.items({ status: ['failed'] });
  assert.deepEqual(
    failed.map(({ name, error }) => [name, error?.code]),
    [['p5 crash.jpg', 'crashed-inference']],
  );
  assert.match(failed[0]?.error?.message ?? '', /p5 crash\.jpg/);
  assert.equal((await library.items({ status: ['ok'] })).length, 14);
  const restarts = library.heard.filter(({ name }) => name === 'process.restarted');
  assert.ok(restarts.length >= 2, 'each crash is told');
  assert.deepEqual(restarts[0]?.payload, { process: 'inference', reason: 'was ended by SIGKILL' });

  const again = await library.runAll();
  assert.deepEqual([again.known, again.failed], [14, 1]);
  assert.equal(library.heard.filter(({ name }) => name === 'process.restarted').length, restarts.length);
});

test('five files that crash cost five files', async (t) => {
  const place = makePlace(t);
  const crashing = Object.fromEntries([0, 1, 6, 7, 11].map((i) => [`p${i} crash.jpg`, `${i} crash`]));
  writePhotos(place, { ...many(12), ...crashing });
  const library = await openLibrary(place);
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.done, run.failed], ['finished', 17, 5]);
  assert.equal((await library.items({ status: ['ok'] })).length, 12);
});

test('a file that hangs the inference process is set aside as timed-out', async (t) => {
  const place = makePlace(t);
  writePhotos(place, { ...many(6), 'p3 hang.jpg': '3' });
  const later = globalThis.setTimeout;
  // Whoever waits for minutes waits for half a second, which no answer takes.
  t.mock.method(globalThis, 'setTimeout', (act: () => void, ms = 0) => later(act, ms < 60_000 ? ms : 500));
  const library = await openLibrary(place);
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.failed], ['finished', 1]);
  assert.equal((await library.outcomes())['p3 hang.jpg'], 'timed-out');
  assert.equal((await library.items({ status: ['ok'] })).length, 6);
});

test('three crashes that no file causes stop the run, and what is done is kept', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(40));
  let photos = 0;
  let shutNow: (() => void) | null = null;
  const stand = inferenceStandIn({
    batch: 4,
    beforeAnswer: () => {
      // A driver that dies now and then, whatever it computes.
      photos++;
      if (photos % 4 === 0) shutNow?.();
    },
  });
  const library = await openLibrary(place, {
    start: (name) => {
      const handle = stand(name);
      shutNow = () => handle.kill();
      return handle;
    },
  });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code], ['stopped', 'inference-keeps-crashing']);
  assert.ok(run.done > 0 && run.failed === 0);
  assert.equal((await library.items({ status: ['ok'] })).length, run.done);
});

test('a model whose loading crashes stops the run after three attempts', async (t) => {
  const place = makePlace(t);
  makeModel(join(place.home, 'models', 'crash'), 'crash', 'c');
  writePhotos(place, many(3));
  let starts = 0;
  const library = await openLibrary(place, { start: inferenceStandIn({ onStart: () => starts++ }) });
  await library.scan();
  await library.call('settings.set', { model: 'crash' });
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code, starts], ['stopped', 'inference-keeps-crashing', 3]);
});

test('a crash of what a person asked for fails the question and does not count for the run', async (t) => {
  const place = makePlace(t);
  writePhotos(place, many(3));
  const library = await openLibrary(place);
  await assert.rejects(
    library.call('internal.inspect', { path: '/somewhere/crash.jpg', classIndex: null, topK: 5 }),
    { code: 'crashed-inference' },
  );
  const path = join(place.photos, 'p0.jpg');
  const answer = await library.call('internal.inspect', { path, classIndex: null, topK: 5 });
  assert.equal(answer.contribution?.classIndex, 0);
});

/** The library in a process of its own; `kill` is SIGKILL in the middle of whatever it does. */
async function forkedLibrary(t: TestContext, place: Place, log: string) {
  const env = { ...process.env, DECODE_LOG: log, BATCH_MS: '10' };
  const handle = forkModule(libraryEntry, env);
  const calls = caller<LibraryVerbs>(handle.port);
  const gone = new Promise<string>((resolve) => handle.port.onClose(resolve));
  const end = async () => {
    handle.port.close();
    await gone;
  };
  place.closing.push(end);
  const library = asked(calls, place, end);
  const { home, model } = place;
  await calls.call('internal.open', { home, builtInModel: model, window: true, remember: true });
  return { library, kill: () => (handle.kill(), gone) };
}

test('a library killed again and again in mid-run goes on where it stopped', async (t) => {
  const place = makePlace(t);
  const count = 120;
  writePhotos(place, many(count));
  const log = join(place.folder, 'decoded.txt');
  // It is there, and empty, for a moment before its first line is.
  const decoded = () =>
    (existsSync(log) ? readFileSync(log, 'utf8') : '')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as string);

  const first = await forkedLibrary(t, place, log);
  await first.library.scan();
  await first.library.call('runs.start', everything);
  while (decoded().length < 20) await sleep(5);
  await first.kill();
  const kills = 3;
  for (let i = 1; i < kills; i++) {
    const next = await forkedLibrary(t, place, log);
    const before = decoded().length;
    while (decoded().length < before + 15) await sleep(5);
    await next.kill();
  }
  const last = await forkedLibrary(t, place, log);
  const ended = await last.library.runEnds();
  assert.deepEqual([ended.state, ended.total, ended.done, ended.failed], ['finished', count, count, 0]);
  const outcomes = await last.library.outcomes();
  assert.equal(Object.keys(outcomes).length, count);
  for (let i = 0; i < count; i++) assert.equal(outcomes[`p${i}.jpg`], i % 20);
  // What was in flight when it was killed was never stored, and nothing else is decoded twice.
  const inFlight = 3 * 4;
  const twice = decoded().length - new Set(decoded()).size;
  assert.ok(twice <= kills * inFlight, `${twice} photos were decoded twice`);
});
