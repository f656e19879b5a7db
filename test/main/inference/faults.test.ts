/** Providers that fail in every way, behind real sessions in real processes. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { choose } from '../../../main/inference/placing/choose.ts';
import type { ProbeRequest } from '../../../main/inference/placing/probe.ts';
import { createVerdicts, probeInChild } from '../../../main/inference/placing/verdicts.ts';
import { forkModule } from '../../../main/rpc/fork.ts';
import { readManifest } from '../../../models/load.ts';
import { folder, tinyModel } from './parts.ts';

const entry = fileURLToPath(new URL('faulty-child.ts', import.meta.url));
const modelFolder = await tinyModel();
const manifest = readManifest(modelFolder);
const request: ProbeRequest = { modelFolder, provider: 'webgpu', precision: 'fp32' };
const measureWith = (fault: string, limitMs?: number) =>
  probeInChild(() => forkModule(entry, { ...process.env, FAULT: fault }), limitMs);

test('a sound provider is measured with the nodes that it left to the CPU', async () => {
  const { nodesOnCpu, photosPerSecond, parityError } = await measureWith('none')(request);
  assert.deepEqual([nodesOnCpu, parityError], [7, 0]);
  assert.ok(photosPerSecond > 0);
});

for (const [fault, code, words, limitMs] of [
  ['is wrong', 'wrong-results', /WebGPU should differ from the CPU by at most 0\.01 .* by 3/],
  ['crashes', 'provider-crashed', /WebGPU crashed while it was tried/],
  ['hangs', 'provider-hangs', /WebGPU was tried and gave no answer within 4 s/, 4000],
  ['loses its device', 'device-lost', /WebGPU lost its device while computing: Device was lost/],
  ['runs on the CPU', 'provider-unavailable', /all of its 90 nodes ran on the CPU/],
] as const)
  test(`a provider that ${fault} is left out, with its reason`, async () => {
    const runProbe = measureWith(fault, limitMs);
    const verdicts = createVerdicts(join(folder, `faults-${code}.json`), (asked) =>
      asked.provider === 'cpu'
        ? Promise.resolve({ photosPerSecond: 20, batch: 4, parityError: 0, nodesOnCpu: 0 })
        : runProbe(asked),
    );
    const wanted = { modelFolder, manifest, provider: 'auto', precision: 'fp32' } as const;
    const usable = async (provider: string) => (['cpu', 'webgpu'].includes(provider) ? null : 'not here');
    const plan = await choose(wanted, verdicts, usable);
    assert.equal(plan.provider, 'cpu');
    assert.match(plan.reason, words);
    const verdict = await verdicts.known(request, manifest.weights.sha256);
    assert.ok(verdict && !verdict.ok && verdict.error.code === code);
  });

test('a machine where several sessions crash measures one', async () => {
  let started = 0;
  const runProbe = probeInChild(() => {
    started++;
    return forkModule(entry, { ...process.env, FAULT: 'crashes with several sessions' });
  });
  const tuning = await runProbe({ modelFolder, provider: 'cpu', precision: 'fp32' });
  assert.equal(started, availableParallelism() > 1 ? 2 : 1);
  assert.ok(tuning.photosPerSecond > 0 && tuning.streams === undefined);
});
