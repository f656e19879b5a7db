/** What a part of a photo is called, by the head in use or by the model's own. */
import { noneOfThese } from '../../../models/heads/label-names.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Head } from '../../../models/heads/head.ts';
import { labelAt, type ModelManifest } from '../../../models/manifest.ts';
import type { Ablated } from '../../contract/entities/trial.ts';
import type { AblatedAnswer } from '../../contract/inference.ts';
import { readBy } from './evidence.ts';

/**
 * @param index whose probability to tell; null: nobody's
 * @throws SaccadeError `no-such-class`, `head-of-another-model`
 */
export function ablatedBy(
  answer: AblatedAnswer,
  head: Head | null,
  { labels }: ModelManifest,
  index: number | null,
  topK: number,
): Ablated {
  const { baseline, instead, runMs } = answer;
  const read = head
    ? readBy(head, answer.clsFeature, topK)
    : { logits: answer.logits, probabilities: answer.probabilities, predictions: answer.predictions };
  const told = { baseline, instead, runMs, head: head?.name ?? null, predictions: read.predictions };
  if (index === null || (!head && !labels.length)) return { ...told, asked: null };
  const probability = read.probabilities[index];
  if (probability === undefined)
    throw new SaccadeError(
      'no-such-class',
      `Expected a label of 0 … ${read.probabilities.length - 1} to follow; found ${index}.`,
    );
  const label = head ? (head.labels[index] ?? noneOfThese) : labelAt(labels, index);
  return { ...told, asked: { index, label, probability, logit: read.logits[index]! } };
}
