/** The verbs of verbs.ts, answered. */
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { ProviderName } from '../contract/values.ts';
import { home } from '../home.ts';
import type { CallContext, Handlers } from '../rpc/calls.ts';
import { startFromHere } from '../rpc/parent.ts';
import { obstacle } from './placing/choose.ts';
import { ablate, smallestPart } from './answering/ablate.ts';
import { AlikeSets } from './answering/alike.ts';
import { attend } from './answering/attend.ts';
import { classify } from './answering/classify.ts';
import { faithfulness } from './answering/faithfulness.ts';
import { inspect } from './answering/inspect.ts';
import { measureMap } from './answering/measure.ts';
import { TextReader } from './answering/texts.ts';
import { VectorSets } from './answering/vectors.ts';
import { checkExport } from './check-export.ts';
import { load } from './load.ts';
import { probe } from './placing/probe.ts';
import type { LoadedModel } from './placing/loaded-model.ts';
import { preprocessInWorker } from './answering/preprocess-batch.ts';
import type { PreprocessBatch } from './answering/preprocess-batch.ts';
import { Slots, type Turn } from '../schedule/slots.ts';
import { tryOut } from './try-out.ts';
import { reportProviders } from './placing/report.ts';
import { createOrtSession } from './runtime/create-session.ts';
import type { CreateSession } from './runtime/inference-session.ts';
import type { InferenceVerbs } from '../contract/inference.ts';
import { createVerdicts, probeInChild } from './placing/verdicts.ts';
import type { RunProbe, ProbeVerbs } from './placing/verdicts.ts';

/** What tests put faults into. */
export interface InferenceParts {
  create?: CreateSession;
  preprocess?: PreprocessBatch;
  runProbe?: RunProbe;
  obstacleOf?: typeof obstacle;
  /** File of measurements. Default: `verdicts.json` in the data folder. */
  verdictsFile?: string;
}

export function inferenceHandlers(parts: InferenceParts = {}): Handlers<InferenceVerbs & ProbeVerbs> {
  const { create = createOrtSession, preprocess = preprocessInWorker, obstacleOf = obstacle } = parts;
  const queue = new Slots(1, { blocking: true });
  const verdicts = createVerdicts(
    parts.verdictsFile ?? join(home(), 'verdicts.json'),
    parts.runProbe ?? probeInChild(startFromHere),
  );
  const texts = new TextReader(queue);
  const vectors = new VectorSets();
  const alike = new AlikeSets();
  const models = new Map<string, LoadedModel>();
  let loaded = 0;
  /** Of a model's folder: providers with too little memory even for one photo, and the sentence that says so. */
  const exhausted = new Map<string, Map<ProviderName, string>>();

  function modelOf(handle: string): LoadedModel {
    const model = models.get(handle);
    if (!model)
      throw new SaccadeError(
        'not-loaded',
        `Expected a loaded model; "${handle}" is none (the process may have been restarted). Load the model again.`,
      );
    return model;
  }
  /** The caller loads the model anew where another precision is due: elsewhere, since the provider is left out then. */
  async function using<T>(
    handle: string,
    { urgent }: CallContext,
    work: (model: LoadedModel) => Promise<T>,
  ): Promise<T> {
    const model = modelOf(handle);
    try {
      return await (urgent ? queue.urgently(() => work(model)) : work(model));
    } finally {
      if (model.exhausted !== null) {
        const full = exhausted.get(model.folder) ?? new Map<ProviderName, string>();
        exhausted.set(model.folder, full.set(model.placement.provider, model.exhausted));
        models.delete(handle);
      }
    }
  }
  const how = ({ signal, urgent }: CallContext) => ({ signal, urgent });
  /** What is asked of a loaded model about one photo. */
  const ofModel =
    <R extends { handle: string }, A>(
      work: (model: LoadedModel, preprocess: PreprocessBatch, request: R, how: Turn) => Promise<A>,
    ) =>
    (request: R, context: CallContext) =>
      using(request.handle, context, (model) => work(model, preprocess, request, how(context)));

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
      const handle = `${model.manifest.id}/${++loaded}`;
      models.set(handle, model);
      return { handle, resultKey: model.resultKey, placement: model.placement };
    },
    classify: (request, context) =>
      using(request.handle, context, (model) => {
        const work = () => classify(model, preprocess, request, how(context));
        return model.lateTuning && !context.urgent ? model.lateTuning.beside(work) : work();
      }),
    inspect: ofModel(inspect),
    faithfulness: ofModel(faithfulness),
    embedTexts: (request, context) => texts.read(request, how(context)),
    addVectors: (request) => vectors.add(request),
    scoreVectors: (request) => vectors.scores(request),
    addAlike: (request) => alike.add(request),
    stepAlike: (request) => alike.step(request),
    dropAlike: (request) => alike.drop(request),
    ablate: ofModel(ablate),
    smallestPart: ofModel(smallestPart),
    measureMap: ofModel(measureMap),
    attend: ofModel(attend),
    providers: (request) => reportProviders(request, verdicts),
    probe: (request) => probe(request, create),
    tryOut: ({ modelFolder, batch }) =>
      tryOut(modelFolder, batch, { create, queue, verdicts, obstacleOf, preprocess }),
    checkExport: (request, { signal }) =>
      checkExport(request, { create, queue, verdicts, obstacleOf }, signal),
    async unload({ handle }) {
      const model = models.get(handle);
      models.delete(handle);
      // After what is running: a session must not go away under a run.
      await model?.lateTuning?.idle();
      if (model) await queue.run(() => model.release());
    },
  };
}
