/** What a set of answers is worth. */
import type { ModelManifest } from '../../models/manifest.ts';

export interface Answer {
  /** Index of the class it should be; -1: none. */
  label: number;
  logits: Float32Array;
}

export function softmax(logits: Float32Array, temperature = 1): Float64Array {
  const largest = Math.max(...logits);
  const raised = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((one) => one / sum);
}

/** Indices of the k largest, best first. */
export function topK(logits: Float32Array, k: number): number[] {
  return [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, k);
}

/** As `doubt` of model.json says. */
export function isUnsure(logits: Float32Array, { calibration, doubt }: ModelManifest): boolean {
  if (!doubt) return false;
  if (doubt.method === 'max-probability')
    return Math.max(...softmax(logits, calibration.temperature)) < doubt.threshold;
  const largest = Math.max(...logits);
  return (
    largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) < doubt.threshold
  );
}

/** Expected calibration error (Guo et al. 2017), bins of equal width of the best probability; 0 … 1. */
export function calibrationError(answers: Answer[], temperature: number, bins = 15): number {
  const table = Array.from({ length: bins }, () => ({ count: 0, right: 0, confidence: 0 }));
  for (const { label, logits } of answers) {
    const confidence = Math.max(...softmax(logits, temperature));
    const bin = table[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.count++;
    bin.confidence += confidence;
    if (topK(logits, 1)[0] === label) bin.right++;
  }
  return table.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / answers.length;
}

/** The 95 % interval of a share found among `count` (Wilson 1927): [low, high], 0 … 1. */
export function interval(share: number, count: number): [number, number] {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half =
    (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count) / count)) / (1 + (z * z) / count);
  return [middle - half, middle + half];
}

/** Which classes are taken for which, as a share of the class's photos, most frequent first. */
export function confusions(answers: Answer[]): { label: number; answered: number; share: number }[] {
  const ofClass = new Map<number, number>();
  const pairs = new Map<string, { label: number; answered: number; count: number }>();
  for (const { label, logits } of answers) {
    ofClass.set(label, (ofClass.get(label) ?? 0) + 1);
    const answered = topK(logits, 1)[0]!;
    if (answered === label) continue;
    const key = `${label} ${answered}`;
    const pair = pairs.get(key) ?? { label, answered, count: 0 };
    pair.count++;
    pairs.set(key, pair);
  }
  return [...pairs.values()]
    .map(({ label, answered, count }) => ({ label, answered, share: count / ofClass.get(label)! }))
    .sort((a, b) => b.share - a.share);
}
