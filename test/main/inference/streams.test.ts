import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInInputs } from '../../../main/inference/placing/built-in-inputs.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import { createCpuSession } from '../../../main/inference/runtime/inference-session.ts';
import type { Feeds } from '../../../main/inference/runtime/inference-session.ts';
import { computingEnded } from '../../../main/inference/runtime/computing.ts';
import { createStreams } from '../../../main/inference/runtime/streams.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import { modelFolder } from './parts.ts';

const manifest = readManifest(modelFolder);
const { height, width } = manifest.input;
const graphOf = (precision: 'fp32' | 'int8') =>
  buildGraph(modelFolder, manifest, { kind: 'classify', precision, map: 'class' });
const feeds = (count: number): Feeds => ({
  pixel_values: {
    type: 'float32',
    data: builtInInputs(count, manifest.input),
    dims: [count, 3, height, width],
  },
});

for (const precision of ['fp32', 'int8'] as const)
  test(`streams answer as one session does, however many photos there are: ${precision}`, async () => {
    const graph = await graphOf(precision);
    const alone = await createCpuSession(graph, 1);
    const streams = await createStreams(graph, 3);
    for (const count of [1, 2, 3, 7]) {
      const expected = await alone.run(feeds(count));
      const found = await streams.run(feeds(count));
      assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
      for (const [name, { data, dims }] of Object.entries(found)) {
        assert.deepEqual([...dims], [...expected[name]!.dims]);
        const largest = data.reduce(
          (most, v, i) => Math.max(most, Math.abs(v - expected[name]!.data[i]!)),
          0,
        );
        assert.ok(largest < 1e-5, `${name} of ${count} photos differs by ${largest}`);
      }
    }
    await alone.release();
    await streams.release();
    await computingEnded();
  });

test('photos in shared memory get the same answers', async () => {
  const streams = await createStreams(await graphOf('fp32'), 2);
  const { pixel_values: plain } = feeds(4);
  const shared = new Float32Array(new SharedArrayBuffer(plain!.data.length * 4));
  shared.set(plain!.data as Float32Array);
  const expected = await streams.run({ pixel_values: plain! });
  const found = await streams.run({ pixel_values: { ...plain!, data: shared } as never });
  assert.deepEqual(found, expected);
  await streams.release();
});

test('what a stream can’t do is told as one session tells it, and the streams go on', async () => {
  const streams = await createStreams(await graphOf('fp32'), 2);
  const wrong: Feeds = {
    pixel_values: { type: 'float32', data: new Float32Array(2 * 3 * 8), dims: [2, 3, 2, 4] },
  };
  await assert.rejects(streams.run(wrong), /pixel_values/);
  const { logits } = await streams.run(feeds(2));
  assert.equal(logits!.dims[0], 2);
  await streams.release();
});

test('a graph that no session can be made of is an error of the provider', async () => {
  const graph = { ...(await graphOf('fp32')), model: Uint8Array.of(1, 2, 3) };
  for (const streams of [1, 2])
    await assert.rejects(createOrtSession(graph, 'cpu', streams), {
      code: 'provider-unavailable',
      message: /CPU/,
    });
});

test('a thread that is gone fails what is asked of it, instead of leaving it waiting', async () => {
  const streams = await createStreams(await graphOf('fp32'), 2);
  await streams.release();
  await assert.rejects(streams.run(feeds(2)), /The thread that should answer was closed/);
});
