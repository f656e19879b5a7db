/** What becomes of a label when half of a photo's patches are left out at random, pass after pass. */
import { randomHalf } from '../../../models/explain/random-parts.ts';
import { emptyTally, tallied, type Tally } from '../../../models/overlay/measured.ts';
import type { MeasuredPasses } from '../../contract/entities/trial.ts';
import type { MeasureRequest } from '../../contract/inference.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { argmax } from './answers.ts';
import { logitsOf } from './head-answers.ts';
import { answersOfParts, patchesOf } from './parts.ts';
import { photoAtHand } from './photo-at-hand.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';

type Passes = Pick<MeasureRequest, 'head' | 'fields' | 'seed' | 'from' | 'passes' | 'baseline'> & {
  classIndex: number;
};
interface Options {
  urgent?: boolean;
  signal?: AbortSignal;
}

/** The passes `from` … `from + passes − 1`: the same for the same seed, however they are asked for. */
async function passesOf(
  model: LoadedModel,
  pixelValues: Float32Array,
  { classIndex, head, fields, seed, from, passes, baseline }: Passes,
  options: Options,
): Promise<MeasuredPasses> {
  const { count, ...grid } = patchesOf(model);
  const sets = Array.from({ length: passes }, (_, i) => randomHalf(grid, fields, seed, from + i));
  const { answers, ...how } = await answersOfParts(model, pixelValues, sets, { baseline }, options);
  const kept = new Uint8Array(passes * count);
  for (const [pass, set] of sets.entries()) for (const patch of set) kept[pass * count + patch] = 1;
  const scores = Float32Array.from(answers, (answer) => logitsOf(answer, model, head)[classIndex]!);
  return { ...how, classIndex, scores, kept };
}

/** @throws SaccadeError of decoding, of parts.ts and head-answers.ts */
export async function measureMap(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  request: MeasureRequest,
  options: Options = {},
): Promise<MeasuredPasses> {
  const pixelValues = await photoAtHand(model, preprocess, request.path, options);
  let { classIndex } = request;
  if (classIndex === null) {
    const all = Array.from({ length: patchesOf(model).count }, (_, i) => i);
    const { answers } = await answersOfParts(model, pixelValues, [all], { baseline: 'drop' }, options);
    classIndex = argmax(logitsOf(answers[0]!, model, request.head));
  }
  return passesOf(model, pixelValues, { ...request, classIndex }, options);
}

/** All passes at once, tallied. */
export async function measured(
  model: LoadedModel,
  pixelValues: Float32Array,
  request: Omit<Passes, 'from'>,
  options: Options,
): Promise<Tally & Pick<MeasuredPasses, 'baseline' | 'instead'>> {
  const { scores, kept, baseline, instead } = await passesOf(
    model,
    pixelValues,
    { ...request, from: 0 },
    options,
  );
  return { ...tallied(emptyTally(patchesOf(model).count), scores, kept), baseline, instead };
}
