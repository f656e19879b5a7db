/** What a model answers of a part of one photo, or without some of its heads: the eraser's question. */
import { rowsOf } from '../../../models/heads/head.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { SmallestPart } from '../../contract/entities/trial.ts';
import type { AblateRequest, AblatedAnswer, SmallestRequest } from '../../contract/inference.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { argmax, checkLogits, probabilitiesOf, topK, withLabels } from './answers.ts';
import { noLogits } from './classify.ts';
import { evidenceOf } from './evidence.ts';
import { headProbabilities, logitsOf } from './head-answers.ts';
import { answersOfParts, fewestPatches, patchesOf } from './parts.ts';
import { photoAtHand } from './photo-at-hand.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';

interface Options {
  urgent?: boolean;
  signal?: AbortSignal;
}

/** Indices of the grid but for `without`, ascending. @throws SaccadeError `no-such-patch` */
function others(count: number, without: readonly number[]): number[] {
  const gone = new Set(without);
  const wrong = without.find((patch) => !(Number.isInteger(patch) && patch >= 0 && patch < count));
  if (wrong !== undefined)
    throw new SaccadeError('no-such-patch', `Expected patches of 0 … ${count - 1}; found ${wrong}.`);
  return Array.from({ length: count }, (_, i) => i).filter((patch) => !gone.has(patch));
}

function checkHeads(headsOff: readonly (readonly [number, number])[], layers: number, heads: number): void {
  const wrong = headsOff.find(([layer, head]) => layer >= layers || head >= heads);
  if (wrong)
    throw new SaccadeError(
      'no-such-head',
      `Expected layers of 1 … ${layers} and heads of 1 … ${heads}; found head ${wrong[1] + 1} of layer ${wrong[0] + 1}.`,
    );
}

/** @throws SaccadeError of decoding, of parts.ts, `no-such-patch`, `no-such-head` */
export async function ablate(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: AblateRequest,
  options: Options = {},
): Promise<AblatedAnswer> {
  const { manifest } = model;
  const { baseline, headsOff = [] } = request;
  const kept = others(patchesOf(model).count, request.without);
  if (headsOff.length && manifest.kind === 'vit') {
    const { depth, heads } = manifest.architecture as unknown as { depth: number; heads: number };
    checkHeads(headsOff, depth, heads);
  }
  const pixelValues = await photoAtHand(model, preprocess, request.path, options);
  const begun = performance.now();
  const { answers, ...how } = await answersOfParts(model, pixelValues, [kept], { baseline, headsOff }, options); // prettier-ignore
  const { logits, feature } = answers[0]!;
  const own = logits ?? noLogits;
  checkLogits(own);
  const probabilities = probabilitiesOf(own, manifest);
  return {
    ...how,
    logits: own,
    probabilities,
    clsFeature: feature ?? new Float32Array(),
    predictions: withLabels(topK(probabilities, request.topK), manifest),
    runMs: performance.now() - begun,
  };
}

/**
 * The smallest part that keeps the label: patches by the evidence for it, strongest first, as few as give the label
 * (doubled, then halved in between), of which each that can go without the label changing then goes, weakest first,
 * until none can. So what is left is checked: without any one of its patches the label is another.
 * @throws SaccadeError of decoding, of parts.ts, `not-the-label` where the whole photo is not called that
 */
export async function smallestPart(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  { path, head, baseline, classIndex }: SmallestRequest,
  options: Options = {},
): Promise<SmallestPart> {
  const { count } = patchesOf(model);
  const pixelValues = await photoAtHand(model, preprocess, path, options);
  const evidence = await evidenceOf(model, pixelValues, { classIndex, head }, options);
  let runs = 0;
  let how: Pick<SmallestPart, 'baseline' | 'instead'> = { baseline, instead: null };
  /** The label's probability where it is the likeliest, else null. */
  const tried = async (kept: readonly number[]): Promise<number | null> => {
    runs++;
    const { answers, ...real } = await answersOfParts(
      model,
      pixelValues,
      [[...kept].sort((a, b) => a - b)],
      { baseline: how.baseline },
      options,
    );
    how = { baseline: real.baseline, instead: how.instead ?? real.instead };
    const logits = logitsOf(answers[0]!, model, head);
    if (argmax(logits) !== evidence.classIndex) return null;
    return headProbabilities(logits, model.manifest, head)[evidence.classIndex]!;
  };
  const order = Array.from(evidence.map.keys()).sort((a, b) => evidence.map[b]! - evidence.map[a]! || a - b);
  const whole = await tried(order);
  if (whole === null)
    throw new SaccadeError(
      'not-the-label',
      `Expected the label that the whole photo gets; label ${evidence.classIndex} of ${head ? rowsOf(head) : model.manifest.labels.length} is not its first, so no part could keep it. Choose the first label.`,
    );
  const least = Math.max(1, fewestPatches(model));
  let [enough, probability] = [count, whole];
  let few = least - 1;
  for (let size = least; size < count; size *= 2) {
    const at = await tried(order.slice(0, size));
    if (at === null) few = size;
    else {
      [enough, probability] = [size, at];
      break;
    }
  }
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    const at = await tried(order.slice(0, middle));
    if (at === null) few = middle;
    else [enough, probability] = [middle, at];
  }
  let kept = order.slice(0, enough);
  for (let before = Infinity; kept.length < before;) {
    before = kept.length;
    for (const patch of kept.toReversed()) {
      if (kept.length <= least) break;
      const without = kept.filter((other) => other !== patch);
      const at = await tried(without);
      if (at !== null) [kept, probability] = [without, at];
    }
  }
  return { ...how, classIndex: evidence.classIndex, kept: kept.sort((a, b) => a - b), probability, whole, runs }; // prettier-ignore
}
