import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { choose } from '../../../main/inference/placing/choose.ts';
import { load } from '../../../main/inference/load.ts';
import { tune, streamsToTry } from '../../../main/inference/placing/tuning.ts';
import { compare, probe, tolerances } from '../../../main/inference/placing/probe.ts';
import type { Tuning } from '../../../main/inference/placing/tuning.ts';
import type { ProbeResult, ProbeRequest } from '../../../main/inference/placing/probe.ts';
import { LoadedModel } from '../../../main/inference/placing/loaded-model.ts';
import { Slots } from '../../../main/schedule/slots.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type { CreateSession, InferenceSession } from '../../../main/inference/runtime/inference-session.ts';
import { createVerdicts, probeInChild } from '../../../main/inference/placing/verdicts.ts';
import type { RunProbe } from '../../../main/inference/placing/verdicts.ts';
import { forkModule } from '../../../main/rpc/fork.ts';
import { readManifest } from '../../../models/load.ts';
import { SaccadeError } from '../../../models/error.ts';
import { context, folder, handlers, onCpu, photo, tinyModel } from './parts.ts';

const modelFolder = await tinyModel();
const manifest = readManifest(modelFolder);
const request = { modelFolder, manifest, provider: 'auto', precision: 'auto' } as const;
const gpuAndCpu = async (provider: string) => (['cpu', 'webgpu'].includes(provider) ? null : 'not here');

/** As much computing as makes a model worth measuring, where it has not been. */
async function longRun({ lateTuning, placement }: LoadedModel): Promise<void> {
  const timing = { decodeMs: 0, waitMs: 0, runMs: 60_000 };
  await lateTuning?.beside(async () => ({ results: [], placement, timing, withheld: null }));
  await lateTuning?.idle();
}

let files = 0;
const verdictsFile = () => join(folder, `choose-${++files}.json`);

/** Speeds by `provider precision`; an error where one is given. */
function measured(speeds: Record<string, number | SaccadeError>): { runProbe: RunProbe; asked: string[] } {
  const asked: string[] = [];
  const runProbe = async ({ provider, precision }: ProbeRequest): Promise<ProbeResult> => {
    asked.push(`${provider} ${precision}`);
    const speed = speeds[`${provider} ${precision}`];
    if (typeof speed !== 'number') throw speed ?? new SaccadeError('provider-unavailable', 'not here');
    return { photosPerSecond: speed, batch: 16, parityError: 1e-5, nodesOnCpu: 0 };
  };
  return { runProbe, asked };
}

test('auto takes what measures fastest, not what stands first', async () => {
  const { runProbe } = measured({ 'cpu fp32': 40, 'webgpu fp32': 210, 'webgpu fp16': 390 });
  const plan = await choose(request, createVerdicts(verdictsFile(), runProbe), gpuAndCpu);
  assert.deepEqual(
    [plan.provider, plan.precision, plan.tuning?.batch, plan.next],
    ['webgpu', 'fp16', 16, ['cpu']],
  );
  assert.match(plan.reason, /WebGPU fp16 390 photos\/s.*CPU fp32 40 photos\/s/);

  const slow = measured({ 'cpu fp32': 40, 'webgpu fp32': 0.1, 'webgpu fp16': 0.1 });
  const software = await choose(request, createVerdicts(verdictsFile(), slow.runProbe), gpuAndCpu);
  assert.deepEqual([software.provider, software.precision], ['cpu', 'fp32']);
});

test('int8 is measured and may win on the CPU once it has been earned, and not before', async () => {
  const speeds = { 'cpu fp32': 40, 'cpu int8': 90 };
  const cpuOnly = async (provider: string) => (provider === 'cpu' ? null : 'not here');
  const before = measured(speeds);
  await choose(request, createVerdicts(verdictsFile(), before.runProbe), cpuOnly);
  assert.ok(!before.asked.includes('cpu int8'));
  const earned = await choose(
    { ...request, earned: ['int8'] },
    createVerdicts(verdictsFile(), measured(speeds).runProbe),
    cpuOnly,
  );
  assert.deepEqual([earned.provider, earned.precision], ['cpu', 'int8']);
});

test('a provider that is wrong, crashes or hangs is left out with its reason', async () => {
  const wrong = new SaccadeError('wrong-results', 'WebGPU differs by 3.');
  const { runProbe } = measured({ 'cpu fp32': 40, 'webgpu fp32': wrong, 'webgpu fp16': wrong });
  const plan = await choose(request, createVerdicts(verdictsFile(), runProbe), gpuAndCpu);
  assert.equal(plan.provider, 'cpu');
  assert.match(plan.reason, /left out WebGPU fp32: WebGPU differs by 3/);
});

test('a verdict is measured once, kept in the file, and measured anew when asked', async () => {
  const file = verdictsFile();
  const first = measured({ 'cpu fp32': 40, 'webgpu fp32': 50, 'webgpu fp16': 60 });
  await choose(request, createVerdicts(file, first.runProbe), gpuAndCpu);
  assert.equal(first.asked.length, 3);
  const second = measured({});
  const plan = await choose(request, createVerdicts(file, second.runProbe), gpuAndCpu);
  assert.deepEqual([second.asked, plan.precision], [[], 'fp16']);
  const third = measured({ 'cpu fp32': 99 });
  const verdicts = createVerdicts(file, third.runProbe);
  await verdicts.of({ modelFolder, provider: 'cpu', precision: 'fp32' }, manifest.weights.sha256, true);
  assert.deepEqual(third.asked, ['cpu fp32']);
  assert.match(readFileSync(file, 'utf8'), /99/);
  assert.equal(
    await verdicts.known({ modelFolder, provider: 'cpu', precision: 'fp32' }, 'another model'),
    null,
  );
});

test('a broken file of verdicts is as good as none', async () => {
  const file = verdictsFile();
  writeFileSync(file, '{"format":2,"verdi');
  const { runProbe, asked } = measured({ 'cpu fp32': 40, 'webgpu fp32': 50, 'webgpu fp16': 60 });
  await choose(request, createVerdicts(file, runProbe), gpuAndCpu);
  assert.equal(asked.length, 3);
});

test('verdicts that no machine can have measured are measured anew when a model is loaded', async () => {
  const file = verdictsFile();
  const probe = { modelFolder, provider: 'cpu', precision: 'fp32' } as const;
  const kept = { photosPerSecond: 40, batch: 3, streams: 1, parityError: 1e-5, nodesOnCpu: 0 };
  await createVerdicts(file, measured({}).runProbe).keep(probe, manifest.weights.sha256, kept);
  const loadedBatch = async () => {
    const verdicts = createVerdicts(file, measured({}).runProbe);
    const parts = { create: createOrtSession, queue: new Slots(1, { blocking: true }), verdicts, obstacleOf: async () => null }; // prettier-ignore
    const model = await load({ ...probe, batch: null }, parts);
    await longRun(model);
    await model.release();
    return model.placement.batch;
  };
  assert.equal(await loadedBatch(), 3);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"batch": 3', '"batch": 1000000000').replace('"streams": 1', '"streams": 500')); // prettier-ignore
  const batch = await loadedBatch();
  assert.ok(batch >= 1 && batch <= 256, `${batch}`);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /1000000000|500,/);
});

test('asked for a provider that this machine has not, the answer is an error that says why', async () => {
  const missing = process.platform === 'win32' ? 'coreml' : 'directml';
  const { load } = handlers();
  await assert.rejects(async () => load({ ...onCpu, provider: missing }, context), {
    code: 'provider-unavailable',
    message: /runs on .*; this is/,
  });
});

test('where the chosen processor fails after all, the CPU computes in fp32 and says so', async () => {
  const { runProbe } = measured({ 'cpu fp32': 40, 'webgpu fp32': 210, 'webgpu fp16': 390 });
  const create: CreateSession = async (graph, provider) => {
    if (provider === 'cpu') return createOrtSession(graph, 'cpu');
    throw new SaccadeError('provider-unavailable', 'The driver is gone.');
  };
  const parts = { create, queue: new Slots(1, { blocking: true }), verdicts: createVerdicts(verdictsFile(), runProbe), obstacleOf: gpuAndCpu }; // prettier-ignore
  const request = { modelFolder, provider: 'auto', precision: 'auto', batch: 2 } as const;
  const model = await load(request, parts);
  const { provider, precision, fallback } = model.placement;
  assert.deepEqual([provider, precision], ['cpu', 'fp32']);
  assert.match(fallback!, /WebGPU failed, so the CPU computes. The driver is gone/);
  await model.release();
});

test('memory that runs out where only another precision is left makes the caller load the model anew', async () => {
  const { runProbe } = measured({ 'cpu fp32': 40, 'webgpu fp32': 210, 'webgpu fp16': 390 });
  let full = false;
  const create: CreateSession = async (graph, provider) => {
    const session = await createOrtSession(graph, 'cpu');
    const run: InferenceSession['run'] = (feeds) => {
      if (provider !== 'cpu' && full) throw new Error('Failed to allocate memory');
      return session.run(feeds);
    };
    return { ...session, run };
  };
  const { load, classify } = handlers({ create, runProbe, obstacleOf: gpuAndCpu });
  const wanted = { modelFolder, provider: 'auto', precision: 'auto', batch: 2 } as const;
  const first = await load(wanted, context);
  assert.equal(first.resultKey.precision, 'fp16');
  full = true;
  const photos = [await photo(1), await photo(2), await photo(3)];
  const ask = (handle: string) =>
    classify({ handle, photos, topK: 1, map: null, thumbnailEdge: null }, context);
  const both = await Promise.allSettled([ask(first.handle), ask(first.handle)]);
  for (const answer of both) assert.equal(answer.status === 'rejected' && answer.reason.code, 'not-loaded');
  const second = await load(wanted, context);
  assert.deepEqual([second.placement.provider, second.resultKey.precision], ['cpu', 'fp32']);
  assert.match(
    second.placement.fallback!,
    /WebGPU has too little memory even for one photo, so CPU computes/,
  );
  assert.equal((await ask(second.handle)).results.filter(({ ok }) => ok).length, 3);
});

test('different logits, NaN, and another best class are found; close calls pass', () => {
  const logits = [Float32Array.of(5, 1, 0)];
  assert.equal(compare(logits, [Float32Array.of(5, 1, 0)], 0.01, 'X'), 0);
  assert.ok(compare(logits, [Float32Array.of(5.005, 1, 0)], 0.01, 'X') > 0.004);
  for (const wrong of [Float32Array.of(5, 1.5, 0), Float32Array.of(NaN, 1, 0)])
    assert.throws(() => compare(logits, [wrong], 0.01, 'X'), { code: 'wrong-results' });
  const swapped = () => compare([Float32Array.of(5, 4.985)], [Float32Array.of(4.9925, 4.9935)], 0.01, 'X');
  assert.throws(swapped, { code: 'wrong-results', message: /best class/ });
  const close = [Float32Array.of(1, 1.001, 0)];
  assert.ok(compare(close, [Float32Array.of(1.002, 1, 0)], 0.01, 'X') < 0.01);
});

/** A model on the CPU; a run takes as long as `msOf` says, whatever it holds. */
function paced(msOf: (streams: number) => number): { model: LoadedModel; created: number[] } {
  const created: number[] = [];
  const create: CreateSession = async (graph, _, streams = 1) => {
    created.push(streams);
    const session = await createOrtSession(graph, 'cpu');
    const run: InferenceSession['run'] = async (feeds) => {
      await setTimeout(msOf(streams));
      return session.run(feeds);
    };
    return { ...session, run };
  };
  const placement = { provider: 'cpu', precision: 'fp32', batch: 1, device: 'test', driver: 'test', nodesOnCpu: 0, reason: 'asked for' } as const; // prettier-ignore
  return { model: new LoadedModel(modelFolder, manifest, placement, { create, queue: new Slots(1, { blocking: true }), next: [] }), created }; // prettier-ignore
}

test('as many sessions share the cores as measures fastest, and what is safe is kept before they are tried', async () => {
  for (const several of [true, false]) {
    const { model, created } = paced((streams) => (streams > 1 === several ? 5 : 500));
    const kept: [Tuning, number[]][] = [];
    const tuning = await tune(model, async (safe) => void kept.push([safe, [...created]]));
    assert.equal((tuning.streams ?? 1) > 1, several && availableParallelism() > 1);
    assert.deepEqual([model.placement.batch, model.placement.streams], [tuning.batch, tuning.streams]);
    const [[first, before]] = kept as [(typeof kept)[0]];
    assert.deepEqual([first.streams, before], [undefined, [1]]);
    assert.deepEqual(kept.at(-1)![0], tuning);
    await model.release();
  }
});

test('what was measured beside other programs is measured again, and what was measured in peace is not', async () => {
  const busy = 'for (;;);';
  const others = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', busy]));
  const { model } = paced(() => 20);
  const tuning = await tune(model);
  for (const other of others) other.kill('SIGKILL');
  assert.equal(tuning.disturbed, true);
  await model.release();

  for (const disturbed of [true, false]) {
    const verdicts = createVerdicts(verdictsFile(), measured({}).runProbe);
    const wanted = { modelFolder, provider: 'cpu', precision: 'fp32' } as const;
    const kept = { photosPerSecond: 1, batch: 3, parityError: 0, nodesOnCpu: 0 };
    await verdicts.keep(wanted, manifest.weights.sha256, disturbed ? { ...kept, disturbed } : kept);
    const loaded = await load(
      { ...wanted, batch: null },
      { create: createOrtSession, queue: new Slots(1, { blocking: true }), verdicts },
    );
    await longRun(loaded);
    const known = await verdicts.known(wanted, manifest.weights.sha256);
    assert.equal(known?.ok && known.value.photosPerSecond > 1, disturbed);
    assert.equal(loaded.placement.batch === 3, !disturbed);
    await loaded.release();
  }
});

test('streams are as many as the memory holds of the weights, never more than cores', () => {
  const gib = 2 ** 30;
  const vitBase = { ...manifest, parameters: 86_000_000 };
  assert.deepEqual(streamsToTry(manifest, 16, 16 * gib), [16, 8]);
  assert.deepEqual(streamsToTry(manifest, 2, 16 * gib), [2]);
  assert.deepEqual(streamsToTry(manifest, 1, 16 * gib), []);
  assert.deepEqual(streamsToTry(vitBase, 16, 16 * gib), [6, 3]);
  assert.deepEqual(streamsToTry(vitBase, 16, 2 * gib), []);
});

test('a probe finds wrong numbers of a session, and measures a sound one', async () => {
  const request: ProbeRequest = { modelFolder, provider: 'cpu', precision: 'fp16' };
  const sound = await probe(request, createOrtSession);
  assert.ok(sound.parityError > 0 && sound.parityError < tolerances.fp16, `${sound.parityError}`);
  assert.ok(sound.photosPerSecond > 0 && sound.batch >= 1);
  let sessions = 0;
  const wrong: CreateSession = async (graph, provider) => {
    const session = await createOrtSession(graph, provider);
    const shift = sessions++ === 0 ? 0 : 1;
    return {
      ...session,
      async run(feeds) {
        const outputs = await session.run(feeds);
        outputs['logits']!.data[0]! += shift;
        return outputs;
      },
    };
  };
  await assert.rejects(probe(request, wrong), { code: 'wrong-results' });
});

const tried = (behaviour: string) => () => {
  const file = join(folder, `${behaviour}.mjs`);
  const code = {
    crashes: 'process.on("message", () => process.kill(process.pid, "SIGSEGV"));',
    hangs: 'process.on("message", () => { for (;;); });',
  }[behaviour]!;
  writeFileSync(file, code);
  return forkModule(file);
};

test('a driver that crashes or hangs costs a sentence, not this process', async () => {
  const request: ProbeRequest = { modelFolder, provider: 'webgpu', precision: 'fp32' };
  await assert.rejects(probeInChild(tried('crashes'))(request), { code: 'provider-crashed' });
  await assert.rejects(probeInChild(tried('hangs'), 300)(request), { code: 'provider-hangs' });
});

test('the report tells of every provider, measured or why not', async () => {
  const { runProbe } = measured({ 'cpu fp32': 41 });
  const { providers } = handlers({ runProbe });
  const before = await providers({ modelFolder, measure: false }, context);
  assert.deepEqual(
    before.map(({ provider }) => provider),
    ['cpu', 'webgpu', 'cuda', 'directml', 'coreml'],
  );
  assert.equal(before[0]!.photosPerSecond, null);
  const after = await providers({ modelFolder, measure: true }, context);
  assert.deepEqual([after[0]!.usable, after[0]!.photosPerSecond], [true, 41]);
  for (const { usable, reason } of after) assert.ok(usable || reason);
});

test('verdicts that can’t be written are measured again, and cost nothing else', async () => {
  const blocked = join(folder, 'a-file');
  writeFileSync(blocked, '');
  const { runProbe, asked } = measured({ 'cpu fp32': 40, 'webgpu fp32': 210, 'webgpu fp16': 390 });
  const verdicts = createVerdicts(join(blocked, 'verdicts.json'), runProbe);
  assert.equal((await choose(request, verdicts, gpuAndCpu)).provider, 'webgpu');
  assert.equal((await choose(request, verdicts, gpuAndCpu)).provider, 'webgpu');
  assert.equal(asked.length, 6);
});
