/** One photo through the inspection graph: everything that can be shown about the answer. */
import { seenRegion } from '../../../models/overlay/geometry.ts';
import { unwrap } from '../../contract/result.ts';
import type { Contribution, Inspection } from '../../contract/entities/inspection.ts';
import type { MapMethod } from '../../contract/values.ts';
import type { RolloutOptions } from '../../../models/explain/options.ts';
import { plainRollout } from '../../../models/explain/options.ts';
import { noClass } from '../../../models/explain/direction.ts';
import { attentionOf } from '../../../models/explain/maps.ts';
import { SaccadeError } from '../../../models/error.ts';
import { addsUp, noWhole, sizeOf } from './adds-up.ts';
import { argmax, checkLogits, probabilitiesOf, topK, withLabels } from './answers.ts';
import { noLogits } from './classify.ts';
import { row } from '../runtime/outputs.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import type { PreprocessBatch, PreprocessedPhoto } from './preprocess-batch.ts';
import type { Outputs } from '../runtime/inference-session.ts';
import type { InspectRequest } from '../../contract/inference.ts';

/** Model input of one photo, float32 [3, height, width]. @throws SaccadeError of decoding */
export async function preprocessOne(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  path: string,
  { signal, urgent = false }: { signal?: AbortSignal; urgent?: boolean },
): Promise<{ photo: PreprocessedPhoto; pixelValues: Float32Array }> {
  const { preprocessing, input } = model.manifest;
  const { results, pixelValues } = await preprocess(
    { photos: [{ path }], preprocessing, input, thumbnailEdge: null, urgent },
    signal,
  );
  return { photo: unwrap(results[0]!), pixelValues };
}

export interface InspectedGraph {
  outputs: Outputs;
  layers: number;
  heads: number;
  absent: Partial<Record<MapMethod, string>>;
  /** Null: the graph gives none, or terms that are not the score's, as `absent` tells. */
  contribution: Contribution | null;
}

/** `classIndex`: whose contribution; null: the best. */
export async function runInspection(
  model: LoadedModel,
  pixelValues: Float32Array,
  classIndex: number | null,
  options: {
    urgent?: boolean;
    signal?: AbortSignal;
    rollout?: RolloutOptions | undefined;
    explained?: InspectRequest['explained'];
  },
): Promise<InspectedGraph> {
  const classes = model.manifest.labels.length;
  if (classIndex !== null && !(classIndex >= 0 && classIndex < classes))
    throw new SaccadeError(
      'no-such-class',
      `Expected a class of 0 … ${classes - 1} to explain; found ${classIndex}.`,
    );
  const { explained } = options;
  let inspected: Omit<InspectedGraph, 'contribution'> | undefined;
  await model.run(
    { kind: 'inspect', rollout: options.rollout ?? plainRollout },
    pixelValues,
    1,
    ({ outputs, graph: { layers, heads, absent } }) => (inspected = { outputs, layers, heads, absent }),
    {
      ...options,
      feeds: ({ direction }) => ({
        class_index: {
          type: 'int64',
          data: BigInt64Array.of(BigInt(explained ? noClass : (classIndex ?? -1))),
          dims: [1],
        },
        ...(direction !== null && {
          direction: {
            type: 'float32',
            data: explained?.direction ?? new Float32Array(direction),
            dims: [1, direction],
          },
        }),
      }),
    },
  );
  const { outputs, absent } = inspected!;
  const logits = row(outputs, 'logits', 0) ?? noLogits;
  const terms = contributionAsked(outputs, { classIndex, explained }, logits);
  if (
    !terms ||
    addsUp({ sum: terms.sum, size: sizeOf(terms) }, scoreAsked(outputs, explained, logits, terms))
  )
    return { ...inspected!, contribution: terms };
  return { ...inspected!, contribution: null, absent: { ...absent, class: noWhole } };
}

export async function inspect(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: InspectRequest,
  options: { urgent?: boolean; signal?: AbortSignal } = {},
): Promise<Inspection> {
  const { manifest } = model;
  const { photo, pixelValues } = await preprocessOne(model, preprocess, request.path, options);
  const { outputs, layers, heads, absent, contribution } = await runInspection(
    model,
    pixelValues,
    request.classIndex,
    { ...options, rollout: request.rollout, explained: request.explained },
  );
  const logits = row(outputs, 'logits', 0) ?? noLogits;
  checkLogits(logits);
  const probabilities = probabilitiesOf(logits, manifest);
  return {
    model: manifest.id,
    head: null,
    // models/load.ts: explanations are computed in full precision, whatever classification uses.
    placement: { ...model.placement, precision: 'fp32', batch: 1 },
    photo: { width: photo.width, height: photo.height },
    seen: seenRegion(photo, manifest.preprocessing),
    grid: manifest.grid,
    layers,
    heads,
    logits,
    predictions: withLabels(topK(probabilities, request.topK), manifest),
    clsFeature: row(outputs, 'feature', 0) ?? new Float32Array(),
    clsAttention: row(outputs, 'cls_attention', 0),
    attentionOf: attentionOf(manifest),
    rollout: row(outputs, 'rollout', 0),
    rolloutOptions: request.rollout ?? plainRollout,
    contribution,
    absent,
  };
}

/** What the terms have to add up to: the class's logit, or what the head in use makes of the feature. */
function scoreAsked(
  outputs: Outputs,
  explained: InspectRequest['explained'],
  logits: Float32Array,
  { classIndex }: Contribution,
): number {
  if (!explained) return logits[classIndex]!;
  const feature = row(outputs, 'feature', 0);
  if (!feature) return NaN;
  return explained.direction.reduce((sum, weight, i) => sum + weight * feature[i]!, explained.bias);
}

function contributionAsked(
  outputs: Outputs,
  { classIndex, explained }: Pick<InspectRequest, 'classIndex' | 'explained'>,
  logits: Float32Array,
): Contribution | null {
  if (!explained) return logits.length ? contributionOf(outputs, classIndex ?? argmax(logits)) : null;
  const terms = contributionOf(outputs, explained.index);
  const { bias } = explained;
  return terms && { ...terms, head: terms.head + bias, sum: terms.sum + bias };
}

function contributionOf(outputs: Outputs, classIndex: number): Contribution | null {
  const patches = row(outputs, 'class_map', 0);
  if (!patches) return null;
  const part = (name: string): Float32Array => row(outputs, name, 0) ?? new Float32Array();
  const [special, mlp, bias] = [part('class_special'), part('class_mlp'), part('class_bias')];
  const start = part('class_start')[0] ?? 0;
  const head = part('class_head')[0] ?? 0;
  const total = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
  const sum = total(patches) + total(special) + total(mlp) + total(bias) + start + head;
  return { classIndex, patches, special, mlp, bias, start, head, sum };
}
