import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { row } from '../../../main/inference/runtime/outputs.ts';
import { runInspection } from '../../../main/inference/answering/inspect.ts';
import { LoadedModel } from '../../../main/inference/placing/loaded-model.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type { CreateSession } from '../../../main/inference/runtime/inference-session.ts';
import { builtInInputs } from '../../../main/inference/placing/built-in-inputs.ts';
import type { Precision, ProviderName } from '../../../main/contract/values.ts';
import { sumsHold } from '../../../main/inference/runtime/sums.ts';
import type { Answers } from '../../../models/formats/answers.ts';
import { importModel } from '../../../models/import.ts';
import { plainRollout } from '../../../models/explain/options.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import { largestDifference } from '../../shared.ts';
import { encodeModel } from '../../../models/onnx/schema.ts';
import { foreign, foreignVit } from '../../models/foreign.ts';
import { randomNumbers } from '../../models/tiny.ts';
import { classCount, faulty, folder, photosIn, modelFolder } from './parts.ts';

const manifest = readManifest(modelFolder);
const outOfMemory = new Error('Failed to allocate memory for requested buffer of size 1073741824');

function place(
  create: CreateSession,
  batch: number,
  next: ProviderName[] = [],
  model = { folder: modelFolder, manifest },
  queue = new Slots(1, { blocking: true }),
  precision: Precision = 'fp32',
): LoadedModel {
  return new LoadedModel(
    model.folder,
    model.manifest,
    {
      provider: 'webgpu',
      precision,
      batch,
      device: 'test',
      driver: 'test',
      nodesOnCpu: null,
      reason: 'asked for',
    },
    { create, queue, next },
  );
}

/** Computes on the CPU whatever it is asked for, so that faults can be put on any provider. */
const anywhere: CreateSession = (graph, _, streams) => createOrtSession(graph, 'cpu', streams);

async function bestClasses(model: LoadedModel, count: number): Promise<number[]> {
  const best: number[] = [];
  await model.run(
    { kind: 'classify', map: null },
    builtInInputs(count, manifest.input),
    count,
    ({ outputs, start, size }) => {
      for (let i = 0; i < size; i++) best[start + i] = outputs['logits']!.data[i * classCount]!;
    },
  );
  return best;
}

test('in int8 sums are whole on every processor, however its weights are stored', async (t) => {
  const model = place(anywhere, 1);
  const { logits } = await createOrtSession(
    await buildGraph(modelFolder, manifest, { kind: 'classify', precision: 'int8', map: null }),
    'cpu',
  ).then((session) => session.run({ pixel_values: model.pixels(builtInInputs(1, manifest.input), 1) }));
  t.diagnostic(`this processor ${(await sumsHold()) ? 'adds signed weights whole' : 'stops at 16 bits'}`);
  const int8 = place(anywhere, 1, [], undefined, undefined, 'int8');
  const found: number[] = [];
  await int8.run({ kind: 'classify', map: null }, builtInInputs(1, manifest.input), 1, ({ outputs }) =>
    found.push(...outputs['logits']!.data),
  );
  assert.ok(largestDifference(found, logits!.data) < 1e-5);
});

test('out of memory halves the batch, goes on, loses no photo, and says so', async () => {
  const sizes: number[] = [];
  const create = faulty(anywhere, (feeds, real) => {
    sizes.push(photosIn(feeds));
    if (photosIn(feeds) > 3) throw outOfMemory;
    return real();
  });
  const model = place(create, 8);
  const found = await bestClasses(model, 10);
  assert.deepEqual(sizes, [8, 4, 2, 2, 2, 2, 2]);
  assert.equal(model.placement.batch, 2);
  assert.match(model.placement.reason, /memory of WebGPU/);
  assert.match(model.placement.fallback!, /WebGPU has too little memory for 8 photos/);
  const expected = await bestClasses(place(anywhere, 10), 10);
  for (const [i, value] of found.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-4);
});

test('out of memory ends the streams before it halves the batch', async () => {
  const created: (number | undefined)[] = [];
  const create: CreateSession = async (graph, _, streams) => {
    created.push(streams);
    if (streams) throw outOfMemory;
    return createOrtSession(graph, 'cpu');
  };
  const model = place(create, 4);
  await model.setStreams(2);
  assert.equal((await bestClasses(model, 6)).length, 6);
  // Opened beside what runs, and once more in its turn.
  assert.deepEqual([created, model.placement.batch, model.placement.streams], [[2, 2, undefined], 4, undefined]); // prettier-ignore
});

test('out of memory for one photo falls to the next provider, and says so', async () => {
  const tried: ProviderName[] = [];
  const create: CreateSession = async (graph, provider) => {
    const session = await createOrtSession(graph, 'cpu');
    return {
      ...session,
      async run(feeds) {
        tried.push(provider);
        if (provider !== 'cpu') throw outOfMemory;
        return session.run(feeds);
      },
    };
  };
  const model = place(create, 2, ['cpu']);
  assert.equal((await bestClasses(model, 2)).length, 2);
  assert.deepEqual(tried, ['webgpu', 'webgpu', 'cpu', 'cpu']);
  const { provider, reason, nodesOnCpu } = model.placement;
  assert.deepEqual([provider, nodesOnCpu], ['cpu', 0]);
  assert.match(reason, /WebGPU has too little memory/);
  assert.match(model.placement.fallback!, /WebGPU has too little memory even for one photo, so CPU computes/);
});

test('a provider that was asked for is never left behind its back', async () => {
  const create = faulty(anywhere, () => Promise.reject(outOfMemory));
  await assert.rejects(bestClasses(place(create, 1), 1), { code: 'out-of-memory' });
});

test('a run that fails for another reason is not tried again; a lost device has a code of its own', async () => {
  for (const [words, code] of [
    ['Validation failed for buffer 7', 'provider-failed'],
    ['WebGPU: Device was lost (Unknown).', 'device-lost'],
    ['[Device "ort"] is lost.', 'device-lost'],
    ['vkQueueSubmit failed with VK_ERROR_DEVICE_LOST', 'device-lost'],
    ['CUDA failure 700: an illegal memory access was encountered', 'device-lost'],
  ] as const) {
    let runs = 0;
    const create = faulty(anywhere, () => {
      runs++;
      return Promise.reject(new Error(words));
    });
    const wrong = (error: Error & { code?: string }) => error.code === code && error.message.includes(words);
    await assert.rejects(bestClasses(place(create, 4, ['cpu']), 4), wrong);
    assert.equal(runs, 1);
  }
});

test('a graph of which no node runs on the provider is an error, not a slow success', async () => {
  const create: CreateSession = async (graph) => ({
    ...(await createOrtSession(graph, 'cpu')),
    nodes: () => ({ all: 90, onCpu: 90 }),
  });
  await assert.rejects(bestClasses(place(create, 1), 1), { code: 'provider-unavailable', message: /90/ });
});

test('nodes that fell to the CPU are counted', async () => {
  const create: CreateSession = async (graph) => ({
    ...(await createOrtSession(graph, 'cpu')),
    nodes: () => ({ all: 90, onCpu: 7 }),
  });
  const model = place(create, 1);
  await bestClasses(model, 1);
  assert.equal(model.placement.nodesOnCpu, 7);
});

test('a graph whose answers depend on their neighbours gets one photo at a time, in streams too', async () => {
  const root = mkdtempSync(join(folder, 'foreign-'));
  const file = join(root, 'model.onnx');
  writeFileSync(file, encodeModel(foreignVit({ style: 'dynamically quantised' })));
  const { height, width } = foreign;
  const labels = ['cat', 'dog', 'boat', 'tree', 'cup'];
  const answers = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], resize: { mode: 'exact', height, width }, interpolation: 'bicubic', labels }; // prettier-ignore
  const model = await importModel(file, root, { name: 'foreign', answers: answers as Answers });
  const photos = randomNumbers(5 * 3 * height * width, 1);
  const logitsOf = async (batch: number, streams: number): Promise<Float32Array[]> => {
    const placed = place(anywhere, batch, [], model);
    await placed.setStreams(streams);
    const logits: Float32Array[] = [];
    await placed.run({ kind: 'classify', map: null }, photos, 5, ({ outputs, start, size }) => {
      for (let i = 0; i < size; i++) logits[start + i] = row(outputs, 'logits', i)!;
    });
    await placed.release();
    return logits;
  };
  const alone = await logitsOf(1, 1);
  for (const streams of [1, 2]) assert.deepEqual(await logitsOf(4, streams), alone);
});

test('sessions that are no longer used are released', async () => {
  let open = 0;
  const create: CreateSession = async (graph) => {
    const session = await createOrtSession(graph, 'cpu');
    open++;
    return {
      ...session,
      release() {
        open--;
        return session.release();
      },
    };
  };
  const model = place(create, 1);
  for (const spec of [
    { kind: 'classify', map: null },
    { kind: 'classify', map: 'cls' },
    { kind: 'inspect', rollout: plainRollout },
    { kind: 'classify', map: 'rollout' },
    { kind: 'ablate' },
    { kind: 'attend' },
    { kind: 'classify', map: 'cls' },
  ] as const) {
    await model.graph(spec);
    assert.ok(open <= 3);
  }
  await model.release();
  assert.equal(open, 0);
});

test('the key of a result does not depend on provider or batch, but on preprocessing', () => {
  const model = place(anywhere, 4);
  const other = place(anywhere, 8);
  assert.deepEqual(model.resultKey, other.resultKey);
  const changed = {
    ...manifest,
    preprocessing: { ...manifest.preprocessing, interpolation: 'box' as const },
  };
  const third = new LoadedModel(modelFolder, changed, model.placement, {
    create: anywhere,
    queue: new Slots(1, { blocking: true }),
    next: [],
  });
  assert.notEqual(third.resultKey.preprocessing, model.resultKey.preprocessing);
});

test('a run goes on in short pieces while a person asks, and the question comes next', async () => {
  const order: string[] = [];
  const create: CreateSession = async (graph, _, streams) => {
    const session = await createOrtSession(graph, 'cpu', streams);
    return {
      ...session,
      async run(feeds) {
        const count = photosIn(feeds);
        order.push(feeds['class_index'] ? 'inspection' : String(count));
        await new Promise((resolve) => setTimeout(resolve, 30 * count));
        return session.run(feeds);
      },
    };
  };
  const queue = new Slots(1, { blocking: true });
  const model = place(create, 4, [], { folder: modelFolder, manifest }, queue);
  const photos = builtInInputs(4, manifest.input);
  const classify = () => model.run({ kind: 'classify', map: null }, photos, 4, () => {});
  await classify();
  assert.deepEqual(order.splice(0), ['4'], 'nobody asks');

  const question = queue.urgently(async () => {
    // It is decoded meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 60));
    await runInspection(model, builtInInputs(1, manifest.input), null, { urgent: true });
  });
  await Promise.all([classify(), question]);
  assert.equal(order.filter((each) => each === '4').length, 0);
  assert.ok(order.indexOf('inspection') < order.length - 1, `after all of the run: ${order.join()}`);
  await model.release();
});
