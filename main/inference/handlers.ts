/** The verbs of verbs.ts, answered. */
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { ProviderName } from '../contract/entities.ts';
import { home } from '../home.ts';
import type { CallContext, Handlers } from '../rpc/calls.ts';
import { startFromHere } from '../rpc/parent.ts';
import { obstacle } from './placing/choose.ts';
import { classify } from './answering/classify.ts';
import { faithfulness } from './answering/faithfulness.ts';
import { inspect } from './answering/inspect.ts';
import { load } from './load.ts';
import { probe } from './placing/measure.ts';
import type { PlacedModel } from './placing/placed.ts';
import { prepareInWorker } from './answering/prepare.ts';
import type { Prepare } from './answering/prepare.ts';
import { createQueue } from './runtime/queue.ts';
import { reportProviders } from './placing/report.ts';
import { createOrtSession } from './runtime/session.ts';
import type { CreateSession } from './runtime/session.ts';
import type { InferenceVerbs } from '../contract/inference.ts';
import { createVerdicts, measureInChild } from './placing/verdicts.ts';
import type { Measure, ProbeVerbs } from './placing/verdicts.ts';

/** What tests put faults into. */
export interface InferenceParts {
  create?: CreateSession;
  prepare?: Prepare;
  measure?: Measure;
  obstacleOf?: typeof obstacle;
  /** File of measurements. Default: `verdicts.json` in the data folder. */
  verdictsFile?: string;
}

export function inferenceHandlers(parts: InferenceParts = {}): Handlers<InferenceVerbs & ProbeVerbs> {
  const { create = createOrtSession, prepare = prepareInWorker, obstacleOf = obstacle } = parts;
  const queue = createQueue();
  const verdicts = createVerdicts(
    parts.verdictsFile ?? join(home(), 'verdicts.json'),
    parts.measure ?? measureInChild(startFromHere),
  );
  const models = new Map<string, PlacedModel>();
  let loaded = 0;
  /** Of a model's folder: providers with too little memory even for one photo, and the sentence that says so. */
  const exhausted = new Map<string, Map<ProviderName, string>>();

  function modelOf(session: string): PlacedModel {
    const model = models.get(session);
    if (!model)
      throw new SaccadeError(
        'no-session',
        `Expected a loaded session; "${session}" is none (the process may have been restarted). Load the model again.`,
      );
    return model;
  }
  /** The caller loads the model anew where another precision is due: elsewhere, since the provider is left out then. */
  async function using<T>(session: string, work: (model: PlacedModel) => Promise<T>): Promise<T> {
    const model = modelOf(session);
    try {
      return await work(model);
    } finally {
      if (model.exhausted !== null) {
        const full = exhausted.get(model.folder) ?? new Map<ProviderName, string>();
        exhausted.set(model.folder, full.set(model.placement.provider, model.exhausted));
        models.delete(session);
      }
    }
  }
  const how = ({ signal, urgent }: CallContext) => ({ signal, urgent });

  return {
    async load(request) {
      const full = exhausted.get(request.modelFolder);
      const model = await load(request, {
        create,
        queue,
        verdicts,
        obstacleOf: async (provider) => full?.get(provider) ?? obstacleOf(provider),
      });
      if (full && request.provider === 'auto') model.fallback = [...full.values()].at(-1)!;
      const session = `${model.manifest.id}/${++loaded}`;
      models.set(session, model);
      return { session, identity: model.identity, placement: model.placement };
    },
    classify: (request, context) =>
      using(request.session, (model) => classify(model, prepare, request, how(context))),
    inspect: (request, context) =>
      using(request.session, (model) => inspect(model, prepare, request, how(context))),
    faithfulness: (request, context) =>
      using(request.session, (model) => faithfulness(model, prepare, request, how(context))),
    providers: (request) => reportProviders(request, verdicts),
    probe: (request) => probe(request, create),
    async unload({ session }) {
      const model = models.get(session);
      models.delete(session);
      // After what is running: a session must not go away under a run.
      if (model) await queue.add(() => model.release());
    },
  };
}
