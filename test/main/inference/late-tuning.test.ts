import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type { CreateSession } from '../../../main/inference/runtime/inference-session.ts';
import { LoadedModel } from '../../../main/inference/placing/loaded-model.ts';
import { LateTuning } from '../../../main/inference/placing/late-tuning.ts';
import { createVerdicts } from '../../../main/inference/placing/verdicts.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { readManifest } from '../../../models/load.ts';
import { context, folder, handlers, onCpu, photo, photosIn, modelFolder } from './parts.ts';

let files = 0;

/** Handlers over the real runtime that note how many photos each run had, and how many sessions were made at once. */
function noted(slowMs: number) {
  const runs: number[] = [];
  const streams: number[] = [];
  const create: CreateSession = async (graph, provider, count = 1) => {
    streams.push(count);
    const session = await createOrtSession(graph, provider, count);
    return {
      ...session,
      async run(feeds) {
        runs.push(photosIn(feeds));
        await new Promise((resolve) => setTimeout(resolve, slowMs));
        return session.run(feeds);
      },
    };
  };
  const verdictsFile = join(folder, `pace-${++files}.json`);
  const known = () =>
    createVerdicts(verdictsFile, () => Promise.reject(new Error('not to be probed'))).known(
      { modelFolder, provider: 'cpu', precision: 'fp32' },
      readManifest(modelFolder).weights.sha256,
    );
  return { runs, streams, known, ...handlers({ create, verdictsFile }) };
}

const asked = { topK: 1, map: 'class', thumbnailEdge: null } as const;

test('a model that nobody has measured answers at once: one session, one photo', async () => {
  const { load, classify, unload, runs, streams, known } = noted(0);
  const { handle, placement } = await load({ ...onCpu, batch: null }, context);
  assert.deepEqual([placement.batch, placement.streams, runs], [1, undefined, [1]]);
  await classify({ handle, photos: [await photo(1)], ...asked }, context);
  assert.deepEqual([runs, streams, await known()], [[1, 1], [1], null]);
  await unload({ handle }, context);
});

test('its batches grow while they are sure to stay short, and no further than a few', async () => {
  const placement = { provider: 'cpu', precision: 'fp32', batch: 1, device: 'test', driver: 'test', nodesOnCpu: 0, reason: 'asked for' } as const; // prettier-ignore
  const parts = { create: createOrtSession, queue: new Slots(1, { blocking: true }), next: [] };
  const model = new LoadedModel(modelFolder, readManifest(modelFolder), placement, parts);
  let measured = 0;
  let calm = false;
  const tuning = new LateTuning(
    model,
    async () => void measured++,
    () => calm,
  );
  const failure = { ok: false, error: { code: 'unreadable', message: 'of no interest' } } as const;
  const answer = async (photos: number, runMs: number) => {
    const timing = { decodeMs: 0, waitMs: 0, runMs };
    const results = Array.from({ length: photos }, () => failure);
    return (await tuning.beside(async () => ({ results, placement, timing, withheld: null }))).placement
      .batch;
  };
  assert.equal(await answer(1, 20), 2);
  assert.equal(await answer(1, 20), 2, 'a batch that is not full says nothing of larger ones');
  assert.equal(await answer(2, 151), 2, 'twice as many would take too long');
  assert.equal(await answer(2, 40), 4);
  assert.equal(await answer(4, 80), 8);
  assert.equal(await answer(8, 80), 8);
  model.fallback = 'memory ran out';
  model.batch = 4;
  assert.equal(await answer(4, 10), 4, 'what memory has no room for is not tried again');
  assert.equal(measured, 0);
  await answer(4, 1000);
  assert.equal(measured, 0, 'not while a person waits');
  calm = true;
  await answer(4, 10);
  assert.equal(measured, 1);
});

test('a run that lasts is measured between two batches, and goes on with what was measured, for ever after', async () => {
  const { load, classify, unload, runs, known } = noted(300);
  const { handle, resultKey } = await load({ ...onCpu, batch: null }, context);
  const photos = [await photo(1)];
  const once = () => classify({ handle, photos, ...asked }, context);
  const answers = [await once()];
  assert.equal(await known(), null, 'measured before a second was computed');
  let before: number;
  let waited: Awaited<ReturnType<typeof once>>;
  // How many answers make a second is the machine's; those that come while it is measured wait for it.
  do {
    before = runs.length;
    const two = await Promise.all([once(), once()]);
    waited = two[0];
    answers.push(...two);
  } while (!(await known()) && answers.length < 20);
  assert.ok(runs.length > before + 2, 'nothing was measured meanwhile');
  const measured = await known();
  assert.ok(measured?.ok);
  assert.deepEqual(
    [waited.placement.batch, waited.placement.streams],
    [measured.value.batch, measured.value.streams],
  );
  // The labels of a photo and what they are kept under don't depend on when it came.
  const labels = answers.map(({ results: [result] }) => result!.ok && result!.value.top[0]!.index);
  assert.equal(new Set(labels).size, 1);
  const again = await load({ ...onCpu, batch: null }, context);
  assert.deepEqual(again.resultKey, resultKey);
  assert.equal(again.placement.batch, measured.value.batch);
  for (const each of [handle, again.handle]) await unload({ handle: each }, context);
});

test('a model that is let go of while it is measured leaves no session behind', async () => {
  let open = 0;
  const create: CreateSession = async (graph, provider, count) => {
    const session = await createOrtSession(graph, provider, count);
    open++;
    return {
      ...session,
      async run(feeds) {
        await new Promise((resolve) => setTimeout(resolve, 1100));
        return session.run(feeds);
      },
      async release() {
        open--;
        await session.release();
      },
    };
  };
  const { load, classify, unload } = handlers({ create });
  const { handle } = await load({ ...onCpu, batch: null }, context);
  await classify({ handle, photos: [await photo(1)], ...asked }, context);
  await unload({ handle }, context);
  assert.equal(open, 0);
});
