/**
 * Does a map show what the answer depends on? Patches are taken away in the map's order (deletion: a faithful map makes
 * the probability fall fast), or put back in it (insertion: rise fast). After Petsiuk et al. 2018, "RISE", by patches of
 * the model instead of pixels.
 */
import { attentionMap, contributionMap } from '../../../models/overlay/inspection.ts';
import { measuredMap, standardisedSum } from '../../../models/overlay/measured.ts';
import { seeded } from '../../../models/random.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { FaithfulnessCurve } from '../../contract/entities/inspection.ts';
import type { FaithfulnessAnswer } from '../../contract/entities/trial.ts';
import type { FaithfulnessMethod, MapMethod } from '../../contract/values.ts';
import type { FaithfulnessRequest } from '../../contract/inference.ts';
import { row } from '../runtime/outputs.ts';
import { inspectedFor } from './evidence.ts';
import { headProbabilities, logitsOf } from './head-answers.ts';
import { type InspectedGraph, preprocessOne } from './inspect.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { measured } from './measure.ts';
import { answersOfParts, fewestPatches, patchesOf } from './parts.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';

/** As much as sixteen photos of an earlier measurement had; the interval says whether it was enough. */
const usualMeasuring = { fields: 'single', passes: 400, seed: 0 } as const;

/** Trapezoid area under values at equal steps of 0 … 1. */
export function area(values: number[]): number {
  const steps = values.length - 1;
  return values.reduce((sum, value, i) => sum + value * (i === 0 || i === steps ? 0.5 : 1), 0) / steps;
}

/** Patch indices, largest value first; ties in reading order. */
export const orderOf = (map: Float32Array): number[] =>
  Array.from(map.keys()).sort((a, b) => map[b]! - map[a]! || a - b);

/**
 * A method that the model can't give is left out and told; where it gives none of them that is an error.
 * @throws SaccadeError of decoding, `no-map`, `no-answer` where it names nothing, `no-feature` and
 *   `head-of-another-model` where the head can't be applied, `no-such-class`
 */
export async function faithfulness(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: FaithfulnessRequest,
  options: { urgent?: boolean; signal?: AbortSignal } = {},
): Promise<FaithfulnessAnswer> {
  const { count: patches } = patchesOf(model);
  const { head, baseline = 'blur', measuring = usualMeasuring } = request;
  const { pixelValues } = await preprocessOne(model, preprocess, request.path, options);
  const asked = { classIndex: request.classIndex ?? null, head };
  const inspected = await inspectedFor(model, pixelValues, asked, options);
  const { classIndex, absent } = inspected;
  const steps = Math.max(1, Math.min(request.steps, patches));
  const told = new Set<string>();

  /** The class's probability with what each step keeps. */
  async function curve(
    kept: (step: number) => number[],
  ): Promise<{ values: number[]; baseline: typeof baseline }> {
    const least = baseline === 'drop' ? fewestPatches(model) : 0;
    const sets = Array.from({ length: steps + 1 }, (_, step) => kept(step));
    const real = sets.map((set, step) =>
      set.length >= least ? set : (sets[step - 1] ?? sets[step + 1]!).slice(0, least),
    );
    const { answers, ...how } = await answersOfParts(model, pixelValues, real, { baseline }, options);
    if (how.instead) told.add(how.instead);
    const values = answers.map(
      (answer) => headProbabilities(logitsOf(answer, model, head), model.manifest, head)[classIndex]!,
    );
    return { values, baseline: how.baseline };
  }

  let tried: Float32Array | null = null;
  async function measuredOnce(): Promise<Float32Array> {
    if (tried) return tried;
    const asked = { ...measuring, classIndex, head, baseline: 'drop' } as const;
    const { instead, ...tally } = await measured(model, pixelValues, asked, options);
    if (instead) told.add(`Measured maps: ${instead}`);
    return (tried = measuredMap(tally).values);
  }

  async function mapFor(method: FaithfulnessMethod): Promise<Float32Array | null> {
    if (method === 'random') return noise(patches, pixelValues);
    if (method === 'measured') return measuredOnce();
    if (method !== 'thorough') return quickMap(inspected, method, patches);
    const evidence = quickMap(inspected, 'class', patches);
    return evidence && standardisedSum(evidence, await measuredOnce());
  }

  const curves: FaithfulnessCurve[] = [];
  const missing: FaithfulnessAnswer['absent'] = {};
  let real = baseline;
  for (const method of request.methods) {
    const map = await mapFor(method);
    if (!map) {
      const quick = method === 'thorough' ? 'class' : (method as MapMethod);
      missing[method] = absent[quick] ?? `${model.manifest.name} gives no map of that kind.`;
      continue;
    }
    const order = orderOf(map);
    const gone = (step: number) => Math.round((step * patches) / steps);
    const deletion = await curve((step) => order.slice(gone(step)));
    const insertion = await curve((step) => order.slice(0, gone(step)));
    real = deletion.baseline;
    curves.push({
      method,
      deletion: deletion.values,
      insertion: insertion.values,
      deletionAuc: area(deletion.values),
      insertionAuc: area(insertion.values),
    });
  }
  const [reason] = Object.values(missing);
  if (!curves.length && reason) throw new SaccadeError('no-map', reason);
  return { classIndex, curves, baseline: real, told: [...told], absent: missing };
}

/** [N] as stored with results: the last layer's mean over heads, rollout, or the contribution of all layers. */
function quickMap(
  { outputs, layers, heads, contribution }: InspectedGraph,
  method: MapMethod,
  patches: number,
): Float32Array | null {
  if (method === 'rollout') return row(outputs, 'rollout', 0);
  if (method === 'class')
    return contribution && contributionMap(contribution.patches, patches, [0, layers - 1]);
  const values = row(outputs, 'cls_attention', 0);
  return values && attentionMap(values, { heads, patches }, layers - 1, 'mean');
}

/**
 * The same numbers for the same photo, so that a curve can be seen again; others for each photo, so that a mean over
 * photos is not that of one lucky order. Seeded with FNV-1a of the pixels.
 */
function noise(length: number, pixelValues: Float32Array): Float32Array {
  let hash = 0x811c9dc5;
  for (const word of new Uint32Array(pixelValues.buffer, pixelValues.byteOffset, pixelValues.length))
    hash = Math.imul(hash ^ word, 0x01000193);
  const random = seeded(hash);
  return Float32Array.from({ length }, random);
}
