/** Evidence is held against the score that it takes apart. Pure. */
import type { Contribution } from '../../contract/entities/inspection.ts';
import type { Precision } from '../../contract/values.ts';
import type { Outputs } from '../runtime/inference-session.ts';
import { row } from '../runtime/outputs.ts';
import { argmax } from './answers.ts';

/** A graph of somebody else may compute what no analysis knows: terms that are not the score's are shown to nobody. */
export const noWhole =
  'What the patches and the rest say does not add up to the score that the model gave: something in its graph is read wrongly, so its evidence is not shown.';

/**
 * Of the sum of all terms' sizes: rounding stays below it, also of a graph of somebody else's in half precision. Terms
 * in int8 were off by up to 0.007 of it; such graphs are our own only.
 */
const tolerances: Record<Precision, number> = { fp32: 1e-2, fp16: 1e-2, int8: 5e-2 };

/** Whether terms of that sum, and of that sum of sizes, are those of `score`. */
export function addsUp(
  { sum, size }: { sum: number; size: number },
  score: number,
  precision: Precision = 'fp32',
): boolean {
  return Math.abs(sum - score) <= tolerances[precision] * (1 + size);
}

/** Of a run's photo `i`, for its first class; true where no evidence is stored. */
export function evidenceHolds(
  outputs: Outputs,
  i: number,
  logits: Float32Array | null,
  precision: Precision,
): boolean {
  const terms = row(outputs, 'map_terms', i);
  return !terms || !logits || addsUp({ sum: terms[0]!, size: terms[1]! }, logits[argmax(logits)]!, precision);
}

/** Of all terms together. */
export function sizeOf({ patches, special, mlp, bias, start, head }: Contribution): number {
  const size = (values: Float32Array): number => values.reduce((all, value) => all + Math.abs(value), 0);
  return [patches, special, mlp, bias].map(size).reduce((a, b) => a + b, Math.abs(start) + Math.abs(head));
}
