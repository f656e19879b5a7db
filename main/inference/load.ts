/** Puts a model on a processor and proves that it computes there. */
import { readManifest } from '../../models/load.ts';
import { toFailure } from '../result.ts';
import { choose, obstacle } from './choose.ts';
import type { Choice } from './choose.ts';
import { deviceOf } from './devices.ts';
import { builtInInputs, chooseBatch, usualGraph } from './measure.ts';
import { PlacedModel } from './placed.ts';
import { providerTable } from './providers.ts';
import type { Queue } from './queue.ts';
import type { CreateSession } from './session.ts';
import type { LoadRequest } from './verbs.ts';
import type { Verdicts } from './verdicts.ts';

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
      { provider: 'cpu', precision: as, batch: null, reason, next: [] },
      parts,
    );
    model.fallback = `${providerTable[choice.provider].title} failed, so the CPU computes. ${toFailure(error).message}`;
    return model;
  }
}

async function place(request: LoadRequest, choice: Choice, parts: LoadParts): Promise<PlacedModel> {
  const { provider, precision, reason, next } = choice;
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
  await model.run(usualGraph(model), builtInInputs(1, model.manifest.input), 1, () => {});
  const batch = request.batch ?? choice.batch;
  if (batch !== null) model.batch = batch;
  else if (provider !== 'cpu' || precision !== 'fp32') await chooseBatch(model);
  else {
    // Nothing to compare it with: what was measured in passing is as good as a verdict.
    const speed = await chooseBatch(model);
    const probe = { ...speed, parityError: 0, nodesOnCpu: 0 };
    await parts.verdicts.keep(
      { modelFolder: request.modelFolder, provider, precision },
      model.identity.modelHash,
      probe,
    );
  }
  return model;
}
