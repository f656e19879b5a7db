import assert from 'node:assert/strict';
import test from 'node:test';
import type { Placement } from '../../../../main/contract/entities/placement.ts';
import { SaccadeError } from '../../../../models/error.ts';
import { inferenceStandIn } from '../inference-stand-in.ts';
import { makePlace, openLibrary, writePhotos } from '../setup.ts';

const twelve = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}.jpg`, `${i} ${i}`]));

test('a lost device ends its process; a new one does the work again, and no photo is blamed', async (t) => {
  const place = makePlace(t);
  writePhotos(place, twelve);
  let starts = 0;
  let batches = 0;
  const start = inferenceStandIn({
    onStart: () => void starts++,
    beforeAnswer() {
      if (++batches === 2)
        throw new SaccadeError('device-lost', 'WebGPU lost its device while computing: reset');
    },
  });
  const library = await openLibrary(place, { start });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.done, run.failed, run.error], ['finished', 12, 0, null]);
  assert.equal(starts, 2);
  const restarts = library.heard.flatMap(({ name, payload }) =>
    name === 'process.restarted' ? [payload] : [],
  );
  assert.equal(restarts.length, 1);
  assert.match(restarts[0]!.reason, /device was lost \(WebGPU lost its device/);
});

test('a device that is lost every time stops the run with a sentence, and keeps what is done', async (t) => {
  const place = makePlace(t);
  writePhotos(place, twelve);
  let batches = 0;
  const start = inferenceStandIn({
    beforeAnswer() {
      if (++batches > 1) throw new SaccadeError('device-lost', 'WebGPU lost its device');
    },
  });
  const library = await openLibrary(place, { start });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual([run.state, run.error?.code], ['stopped', 'inference-keeps-crashing']);
  assert.equal((await library.items({ status: ['ok'] })).length, 4);
});

test('where memory runs out a run goes on elsewhere, tells it once, and shows where it computes now', async (t) => {
  const place = makePlace(t);
  writePhotos(place, twelve);
  const fallback = 'WebGPU has too little memory even for one photo, so CPU computes.';
  let batches = 0;
  const moved = (): Partial<Placement> =>
    ++batches === 1
      ? { provider: 'webgpu', batch: 4 }
      : { provider: 'cpu', batch: 2, reason: 'memory', fallback };
  const library = await openLibrary(place, { start: inferenceStandIn({ moved }) });
  await library.scan();
  const run = await library.runAll();
  assert.deepEqual(
    [run.state, run.done, run.placement?.provider, run.placement?.batch],
    ['finished', 12, 'cpu', 2],
  );
  const notices = library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload] : []));
  assert.deepEqual(notices, [
    { level: 'warning', failure: { code: 'provider-fallback', message: fallback } },
  ]);
});

test('maps that were left out are told once, and the photos have their labels all the same', async (t) => {
  const place = makePlace(t);
  writePhotos(place, twelve);
  const withheld = { code: 'evidence-differs', message: 'Tiny: its evidence is not shown.' };
  const library = await openLibrary(place, { start: inferenceStandIn({ withheld }) });
  await library.scan();
  assert.equal((await library.runAll()).done, 12);
  const notices = library.heard.flatMap(({ name, payload }) => (name === 'notice' ? [payload] : []));
  assert.deepEqual(notices, [{ level: 'warning', failure: withheld }]);
});
