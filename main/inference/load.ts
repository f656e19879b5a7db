/** Puts a model on a processor and proves that it computes there. */
import { readManifest } from '../../models/load.ts';
import { toFailure } from '../contract/result.ts';
import { choose, obstacle } from './placing/choose.ts';
import type { PlacementPlan } from './placing/choose.ts';
import { deviceOf } from './runtime/devices.ts';
import { builtInInputs } from './placing/built-in-inputs.ts';
import { tuneBatch, tune, applyTuning } from './placing/tuning.ts';
import { LateTuning } from './placing/late-tuning.ts';
import { LoadedModel, usualGraph } from './placing/loaded-model.ts';
import { providerTable } from './runtime/providers.ts';
import type { Slots } from '../schedule/slots.ts';
import type { CreateSession } from './runtime/inference-session.ts';
import type { LoadRequest } from '../contract/inference.ts';
import type { Verdicts } from './placing/verdicts.ts';

export interface LoadParts {
  create: CreateSession;
  queue: Slots;
  verdicts: Verdicts;
  /** Why a provider need not be tried; tests know other machines. */
  obstacleOf?: typeof obstacle;
}

/** @throws SaccadeError of models/store.ts and models/load.ts, `provider-unavailable`, `provider-failed`, `out-of-memory` */
export async function load(request: LoadRequest, parts: LoadParts): Promise<LoadedModel> {
  const { modelFolder, provider, precision, earned = [] } = request;
  const manifest = readManifest(modelFolder);
  const wanted = { modelFolder, manifest, provider, precision, earned };
  const plan = await choose(wanted, parts.verdicts, parts.obstacleOf ?? obstacle);
  try {
    return await place(request, plan, parts);
  } catch (error) {
    // What was measured as sound can fail all the same later: another program may hold the memory.
    if (provider !== 'auto' || plan.provider === 'cpu') throw error;
    const reason = `${plan.provider} failed (${toFailure(error).message}), so the CPU`;
    // fp16 was chosen for the other processor; a CPU only imitates it.
    const as = precision === 'auto' ? 'fp32' : plan.precision;
    const model = await place(
      request,
      { provider: 'cpu', precision: as, tuning: null, reason, next: [] },
      parts,
    );
    model.fallback = `${providerTable[plan.provider].title} failed, so the CPU computes. ${toFailure(error).message}`;
    return model;
  }
}

async function place(request: LoadRequest, plan: PlacementPlan, parts: LoadParts): Promise<LoadedModel> {
  const { provider, precision, reason, next, tuning } = plan;
  const model = new LoadedModel(
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
  const known = request.batch !== null || (tuning !== null && !tuning.disturbed);
  await model.trying(async () => {
    if (tuning) await applyTuning(model, tuning);
    const prove = tuning?.streams ?? 1;
    await model.run(usualGraph(model), builtInInputs(prove, model.manifest.input), prove, () => {});
    // A processor that was chosen for its speed has been measured already.
    if (!known && provider !== 'cpu') await tune(model);
  });
  if (!known && provider === 'cpu')
    model.lateTuning = new LateTuning(
      model,
      () => model.trying(() => tuneLoaded(model, request.modelFolder, parts.verdicts)),
      () => !parts.queue.pressed,
    );
  if (request.batch !== null) model.batch = request.batch;
  return model;
}

async function tuneLoaded(model: LoadedModel, modelFolder: string, verdicts: Verdicts): Promise<void> {
  const { provider, precision } = model.placement;
  const wanted = { modelFolder, provider, precision };
  const { modelHash } = model.resultKey;
  if (precision === 'fp32') {
    // With nothing to compare it with, what is measured in passing is as good as a verdict.
    const sound = { parityError: 0, nodesOnCpu: 0 };
    await tune(model, (tuning) => verdicts.keep(wanted, modelHash, { ...tuning, ...sound }));
  } else {
    const verdict = await verdicts.of(wanted, modelHash, true);
    await (verdict.ok ? applyTuning(model, verdict.value) : tuneBatch(model));
  }
}
