/** Puts a model on a processor and proves that it computes there. */
import { readManifest } from '../../models/load.ts';
import { toFailure } from '../contract/result.ts';
import { choose, obstacle } from './placing/choose.ts';
import type { Choice } from './placing/choose.ts';
import { deviceOf } from './runtime/devices.ts';
import { builtInInputs } from './placing/built-in-inputs.ts';
import { chooseBatch, choosePace, setPace } from './placing/pace.ts';
import { PlacedModel, usualGraph } from './placing/placed.ts';
import { providerTable } from './runtime/providers.ts';
import type { Queue } from './runtime/queue.ts';
import type { CreateSession } from './runtime/session.ts';
import type { LoadRequest } from '../contract/inference.ts';
import type { Verdicts } from './placing/verdicts.ts';

export interface LoadParts {
  create: CreateSession;
  queue: Queue;
  verdicts: Verdicts;
  /** Why a provider need not be tried; tests know other machines. */
  obstacleOf?: typeof obstacle;
}

/** @throws SaccadeError of models/store.ts and models/load.ts, `provider-unavailable`, `provider-failed`, `out-of-memory` */
export async function load(request: LoadRequest, parts: LoadParts): Promise<PlacedModel> {
  const { modelFolder, provider, precision, earned = [] } = request;
  const manifest = readManifest(modelFolder);
  const wish = { modelFolder, manifest, provider, precision, earned };
  const choice = await choose(wish, parts.verdicts, parts.obstacleOf ?? obstacle);
  try {
    return await place(request, choice, parts);
  } catch (error) {
    // What was measured as sound can fail all the same later: another program may hold the memory.
    if (provider !== 'auto' || choice.provider === 'cpu') throw error;
    const reason = `${choice.provider} failed (${toFailure(error).message}), so the CPU`;
    // fp16 was chosen for the other processor; a CPU only imitates it.
    const as = precision === 'auto' ? 'fp32' : choice.precision;
    const model = await place(
      request,
      { provider: 'cpu', precision: as, pace: null, reason, next: [] },
      parts,
    );
    model.fallback = `${providerTable[choice.provider].title} failed, so the CPU computes. ${toFailure(error).message}`;
    return model;
  }
}

async function place(request: LoadRequest, choice: Choice, parts: LoadParts): Promise<PlacedModel> {
  const { provider, precision, reason, next, pace } = choice;
  const model = new PlacedModel(
    request.modelFolder,
    readManifest(request.modelFolder),
    {
      provider,
      precision,
      reason,
      ...(await deviceOf(provider)),
      batch: 1,
      nodesOnCpu: provider === 'cpu' ? 0 : null,
    },
    { create: parts.create, queue: parts.queue, next },
  );
  await model.trying(async () => {
    if (pace) await setPace(model, pace);
    const prove = pace?.streams ?? 1;
    await model.run(usualGraph(model), builtInInputs(prove, model.manifest.input), prove, () => {});
    if ((!pace || pace.disturbed) && request.batch === null)
      await measurePace(model, request.modelFolder, parts.verdicts);
  });
  if (request.batch !== null) model.batch = request.batch;
  return model;
}

async function measurePace(model: PlacedModel, modelFolder: string, verdicts: Verdicts): Promise<void> {
  const { provider, precision } = model.placement;
  const wanted = { modelFolder, provider, precision };
  const { modelHash } = model.identity;
  if (provider !== 'cpu') return void (await choosePace(model));
  if (precision === 'fp32') {
    // With nothing to compare it with, what is measured in passing is as good as a verdict.
    const sound = { parityError: 0, nodesOnCpu: 0 };
    await choosePace(model, (pace) => verdicts.keep(wanted, modelHash, { ...pace, ...sound }));
  } else {
    const verdict = await verdicts.of(wanted, modelHash, true);
    await (verdict.ok ? setPace(model, verdict.value) : chooseBatch(model));
  }
}
