import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferenceVerbs } from '../../../main/contract/inference.ts';
import { unwrap } from '../../../main/contract/result.ts';
import { caller } from '../../../main/rpc/calls.ts';
import { forkProcess } from '../../../main/rpc/fork.ts';
import { onCpu, photo } from './parts.ts';

test('the process loads, classifies, unloads, and ends when its caller is gone', async () => {
  const child = forkProcess('inference');
  const calls = caller<InferenceVerbs>(child.port);
  const { handle } = await calls.call('load', onCpu);
  const photos = [await photo(1)];
  const request = { handle, photos, topK: 2, map: 'cls', thumbnailEdge: 16 } as const;
  const { results } = await calls.call('classify', request);
  const value = unwrap(results[0]!);
  assert.ok(value.map?.bytes instanceof Uint8Array && value.clsFeature instanceof Float32Array);
  await calls.call('unload', { handle });
  await calls.call('unload', { handle });
  await assert.rejects(calls.call('classify', request), { code: 'not-loaded' });
  calls.close();
  assert.match(await new Promise<string>((resolve) => child.port.onClose(resolve)), /ended/);
});

test('an ended process is an answer to whoever waits for it', async () => {
  const child = forkProcess('inference');
  const calls = caller<InferenceVerbs>(child.port);
  const loading = calls.call('load', onCpu);
  child.kill();
  await assert.rejects(loading, { code: 'process-ended' });
});
