/** Temperature and doubt, fitted on answers to examples that the head was not taught with. */
import { confidenceOf, toProbabilities } from './apply.ts';
import type { Head } from './head.ts';

/** Row of the right label [n] for `one`; 1 where an example has a label [n, C] for `any`. */
export type Truth = Int32Array | Uint8Array;

type Answers = Head['answers'];

const isRight = (
  probabilities: Float32Array,
  example: number,
  labels: number,
  truth: Truth,
  answers: Answers,
): boolean => {
  const at = example * labels;
  if (answers === 'any') {
    for (let c = 0; c < labels; c++)
      if (probabilities[at + c]! >= 0.5 !== (truth[at + c] === 1)) return false;
    return true;
  }
  const right = probabilities[at + truth[example]!]!;
  for (let c = 0; c < labels; c++) if (probabilities[at + c]! > right) return false;
  return true;
};

/** Mean negative log likelihood of logits [n, C] at a temperature. */
export function meanLoss(
  logits: Float32Array,
  truth: Truth,
  labels: number,
  answers: Answers,
  temperature: number,
): number {
  const count = logits.length / labels;
  let loss = 0;
  for (let example = 0; example < count; example++) {
    const at = example * labels;
    if (answers === 'any') {
      for (let i = at; i < at + labels; i++) {
        const z = logits[i]! / temperature;
        loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - truth[i]! * z;
      }
      continue;
    }
    let most = -Infinity;
    for (let i = at; i < at + labels; i++) most = Math.max(most, logits[i]!);
    let sum = 0;
    for (let i = at; i < at + labels; i++) sum += Math.exp((logits[i]! - most) / temperature);
    loss += Math.log(sum) - (logits[at + truth[example]!]! - most) / temperature;
  }
  return loss / count;
}

/**
 * Guo et al. 2017, "On Calibration of Modern Neural Networks": the one number that logits are divided by. The loss has
 * one minimum in 1/T, found by golden section over log T from 1/20 to 20.
 */
export function fitTemperature(logits: Float32Array, truth: Truth, labels: number, answers: Answers): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const loss = (log: number) => meanLoss(logits, truth, labels, answers, Math.exp(log));
  let low = -Math.log(20);
  let high = Math.log(20);
  let a = high - ratio * (high - low);
  let b = low + ratio * (high - low);
  let [lossA, lossB] = [loss(a), loss(b)];
  while (high - low > 1e-4) {
    if (lossA <= lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - ratio * (high - low);
      lossA = loss(a);
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + ratio * (high - low);
      lossB = loss(b);
    }
  }
  return Math.exp((low + high) / 2);
}

/** Share of the right answers that a threshold of doubt lets through, as out-of-distribution detection has it. */
const keptOfRight = 0.95;
/** With fewer right answers the twentieth part of them is less than one. */
export const fewestForDoubt = 20;

/**
 * The confidence below which a twentieth of the right answers lies: what the head is less sure of than of nearly all
 * that it gets right is told as unsure (TPR 95 of Hendrycks & Gimpel 2017, "A Baseline for Detecting Misclassified and
 * Out-of-Distribution Examples"). Null: fewer than 20 right answers, too few to say.
 */
export function chooseDoubt(
  logits: Float32Array,
  truth: Truth,
  labels: number,
  answers: Answers,
  temperature: number,
): { threshold: number } | null {
  const probabilities = toProbabilities(logits.slice(), { answers, calibration: { temperature } }, labels);
  const count = logits.length / labels;
  const sure: number[] = [];
  for (let example = 0; example < count; example++)
    if (isRight(probabilities, example, labels, truth, answers))
      sure.push(confidenceOf(probabilities, example * labels, labels, answers));
  return doubtOfRight(sure);
}

/** The same of the confidences of right answers. Null: fewer than 20. */
export function doubtOfRight(confidences: readonly number[]): { threshold: number } | null {
  if (confidences.length < fewestForDoubt) return null;
  const sure = confidences.toSorted((a, b) => a - b);
  return { threshold: sure[Math.floor(sure.length * (1 - keptOfRight))]! };
}
