import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlacedModel } from '../../../main/inference/placed.ts';
import { createQueue } from '../../../main/inference/queue.ts';
import { createOrtSession } from '../../../main/inference/session.ts';
import type { CreateSession } from '../../../main/inference/session.ts';
import { builtInInputs } from '../../../main/inference/measure.ts';
import type { ProviderName } from '../../../main/entities.ts';
import { readManifest } from '../../../models/load.ts';
import { faulty, photosIn, starter } from './parts.ts';

const manifest = readManifest(starter);
const outOfMemory = new Error('Failed to allocate memory for requested buffer of size 1073741824');

function place(create: CreateSession, batch: number, next: ProviderName[] = []): PlacedModel {
  return new PlacedModel(
    starter,
    manifest,
    {
      provider: 'webgpu',
      precision: 'fp32',
      batch,
      device: 'test',
      driver: 'test',
      nodesOnCpu: null,
      reason: 'asked for',
    },
    { create, queue: createQueue(), next },
  );
}

/** Computes on the CPU whatever it is asked for, so that faults can be put on any provider. */
const anywhere: CreateSession = (graph) => createOrtSession(graph, 'cpu');

async function bestClasses(model: PlacedModel, count: number): Promise<number[]> {
  const best: number[] = [];
  await model.run(
    'classify-none',
    builtInInputs(count, manifest.input),
    count,
    ({ outputs, start, size }) => {
      for (let i = 0; i < size; i++) best[start + i] = outputs['logits']!.data[i * 10]!;
    },
  );
  return best;
}

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
  for (const kind of [
    'classify-none',
    'classify-cls',
    'inspect',
    'classify-rollout',
    'classify-cls',
  ] as const) {
    await model.prepared(kind);
    assert.ok(open <= 2);
  }
  await model.release();
  assert.equal(open, 0);
});

test('the identity of a result does not depend on provider or batch, but on preprocessing', () => {
  const model = place(anywhere, 4);
  const other = place(anywhere, 8);
  assert.deepEqual(model.identity, other.identity);
  const changed = {
    ...manifest,
    preprocessing: { ...manifest.preprocessing, interpolation: 'box' as const },
  };
  const third = new PlacedModel(starter, changed, model.placement, {
    create: anywhere,
    queue: createQueue(),
    next: [],
  });
  assert.notEqual(third.identity.preprocessing, model.identity.preprocessing);
});
