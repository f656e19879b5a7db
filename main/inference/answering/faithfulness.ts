/**
 * Does a map show what the answer depends on? Patches are replaced by the blurred photo in the map's order (deletion:
 * a faithful map makes the probability fall fast), or put back onto the blurred photo (insertion: rise fast).
 * After Petsiuk et al. 2018, "RISE", by patches of the model instead of pixels.
 */
import { SaccadeError } from '../../../models/error.ts';
import { headLogits, toProbabilities } from '../../../models/heads/apply.ts';
import { evidenceDirection } from '../../../models/heads/evidence.ts';
import { rowsOf } from '../../../models/heads/head.ts';
import { attentionMap, contributionMap } from '../../../models/overlay/inspection.ts';
import type { FaithfulnessCurve, MapMethod } from '../../contract/entities.ts';
import { argmax, probabilitiesOf } from './answers.ts';
import { blur } from './blur.ts';
import { row } from './classify.ts';
import { type InspectedGraph, preprocessOne, runInspection } from './inspect.ts';
import { usualGraph } from '../placing/loaded-model.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';
import type { Outputs } from '../runtime/inference-session.ts';
import type { FaithfulnessRequest } from '../../contract/inference.ts';

/** Pixels of the model's input. */
const blurSigma = 12;

/** Trapezoid area under values at equal steps of 0 … 1. */
export function area(values: number[]): number {
  const steps = values.length - 1;
  return values.reduce((sum, value, i) => sum + value * (i === 0 || i === steps ? 0.5 : 1), 0) / steps;
}

/** Patch indices, largest value first; ties in reading order. */
export const orderOf = (map: Float32Array): number[] =>
  Array.from(map.keys()).sort((a, b) => map[b]! - map[a]! || a - b);

/** [C]: what was answered about photo `at` of a run. */
function answered(
  outputs: Outputs,
  at: number,
  { manifest }: LoadedModel,
  head: FaithfulnessRequest['head'],
): Float32Array {
  if (!head) return probabilitiesOf(row(outputs, 'logits', at)!, manifest);
  const data = row(outputs, 'feature', at)!;
  return toProbabilities(headLogits(head, { data, length: data.length }), head, rowsOf(head));
}

/** The graph's outputs about one photo, and the likeliest class, which `class_map` explains. */
async function inspected(
  model: LoadedModel,
  pixelValues: Float32Array,
  head: FaithfulnessRequest['head'],
  options: { urgent?: boolean; signal?: AbortSignal },
): Promise<InspectedGraph & { classIndex: number }> {
  const { name } = model.manifest;
  const first = await runInspection(model, pixelValues, null, options);
  const { outputs } = first;
  if (!head && !outputs['logits'])
    throw new SaccadeError(
      'no-answer',
      `${name} sees and names nothing by itself, so there is no answer that could fall as patches go. Choose a model that names what it sees.`,
    );
  const feature = head && row(outputs, 'feature', 0);
  if (head && !feature)
    throw new SaccadeError(
      'no-feature',
      `Expected a model that gives the vector its classifier reads; in ${name} none was found, so the head "${head.name}" can't be followed. Choose another model.`,
    );
  const classIndex = argmax(answered(outputs, 0, model, head));
  if (!head || !feature) return { ...first, classIndex };
  const direction = evidenceDirection(head, classIndex, feature);
  const explained = { direction, bias: head.bias[classIndex]!, index: classIndex };
  return { ...(await runInspection(model, pixelValues, null, { ...options, explained })), classIndex };
}

/**
 * @throws SaccadeError of decoding, `no-map` where the model can't give one of the maps, `no-answer` where it names
 *   nothing, `no-feature` and `head-of-another-model` where the head can't be applied
 */
export async function faithfulness(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: FaithfulnessRequest,
  options: { urgent?: boolean; signal?: AbortSignal } = {},
): Promise<{ classIndex: number; curves: FaithfulnessCurve[] }> {
  const { grid, input } = model.manifest;
  if (!grid)
    throw new SaccadeError('no-map', `${model.manifest.name} has no patches that could be replaced.`);
  const { pixelValues } = await preprocessOne(model, preprocess, request.path, options);
  const { head } = request;
  const { outputs, layers, heads, absent, classIndex } = await inspected(model, pixelValues, head, options);
  const blurred = blur(pixelValues, input.height, input.width, blurSigma);
  const { rows, columns } = grid;
  const patches = rows * columns;
  const steps = Math.max(1, Math.min(request.steps, patches));
  const one = pixelValues.length;

  /** The `from` photo with the first patches of `order` taken from `to`, one variant a step: [steps + 1, 3, H, W]. */
  function variants(order: number[], from: Float32Array, to: Float32Array): Float32Array {
    const all = new Float32Array((steps + 1) * one);
    const current = from.slice();
    for (let step = 0, done = 0; step <= steps; step++) {
      for (const end = Math.round((step * patches) / steps); done < end; done++)
        copyPatch(order[done]!, to, current);
      all.set(current, step * one);
    }
    return all;
  }

  function copyPatch(patch: number, from: Float32Array, to: Float32Array): void {
    const { height, width } = input;
    const edge = (i: number, count: number, length: number) => Math.round((i * length) / count);
    const line = Math.floor(patch / columns);
    const column = patch % columns;
    const [left, right] = [edge(column, columns, width), edge(column + 1, columns, width)];
    for (let channel = 0; channel < 3; channel++)
      for (let y = edge(line, rows, height); y < edge(line + 1, rows, height); y++) {
        const at = (channel * height + y) * width;
        to.set(from.subarray(at + left, at + right), at + left);
      }
  }

  async function curve(order: number[], from: Float32Array, to: Float32Array): Promise<number[]> {
    const probabilities: number[] = [];
    await model.run(
      // Of the graph that runs use: one more would hold the weights once more.
      usualGraph(model),
      variants(order, from, to),
      steps + 1,
      ({ outputs, start, size }) => {
        for (let i = 0; i < size; i++)
          probabilities[start + i] = answered(outputs, i, model, head)[classIndex]!;
      },
      options,
    );
    return probabilities;
  }

  const curves: FaithfulnessCurve[] = [];
  for (const method of request.methods) {
    const map =
      method === 'random' ? noise(patches, pixelValues) : mapOf(outputs, method, { layers, heads, patches });
    if (!map)
      throw new SaccadeError(
        'no-map',
        (method !== 'random' && absent[method]) || `${model.manifest.name} gives no map of that kind.`,
      );
    const order = orderOf(map);
    const deletion = await curve(order, pixelValues, blurred);
    const insertion = await curve(order, blurred, pixelValues);
    curves.push({
      method,
      deletion,
      insertion,
      deletionAuc: area(deletion),
      insertionAuc: area(insertion),
    });
  }
  return { classIndex, curves };
}

/** [N] as stored with results: the last layer's mean over heads, rollout, or the contribution of all layers. */
function mapOf(
  outputs: Outputs,
  method: MapMethod,
  size: { layers: number; heads: number; patches: number },
): Float32Array | null {
  const { layers, patches } = size;
  if (method === 'rollout') return row(outputs, 'rollout', 0);
  const values = row(outputs, method === 'cls' ? 'cls_attention' : 'class_map', 0);
  if (!values) return null;
  return method === 'cls'
    ? attentionMap(values, size, layers - 1, 'mean')
    : contributionMap(values, patches, [0, layers - 1]);
}

/**
 * The same numbers for the same photo, so that a curve can be seen again; others for each photo, so that a mean over
 * photos is not that of one lucky order. Mulberry32, seeded with FNV-1a of the pixels.
 */
function noise(length: number, pixelValues: Float32Array): Float32Array {
  let state = 0x811c9dc5;
  for (const word of new Uint32Array(pixelValues.buffer, pixelValues.byteOffset, pixelValues.length))
    state = Math.imul(state ^ word, 0x01000193);
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  });
}
