/** From a row of logits to what people read. Pure. */
import { SaccadeError } from '../../../models/error.ts';
import type { Doubt, ModelManifest } from '../../../models/manifest.ts';
import { labelAt } from '../../../models/manifest.ts';
import { packMap } from '../../../models/overlay/stored.ts';
import type { Prediction, StoredMap } from '../../contract/entities/inspection.ts';
import type { MapMethod } from '../../contract/values.ts';

/** [C] → [C]: softmax of logits / temperature. */
export function softmax(logits: Float32Array, temperature = 1): Float32Array {
  let best = -Infinity;
  for (const logit of logits) best = Math.max(best, logit);
  const exponentials = Float64Array.from(logits, (logit) => Math.exp((logit - best) / temperature));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (value) => value / sum);
}

/** [C] → [C]: of classes that each hold or don't, whatever the others do. */
function sigmoid(logits: Float32Array, temperature: number): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)));
}

/** [C] → [C]: what the model's outputs mean, by its model.json. Of probabilities that it gives already, themselves. */
export function probabilitiesOf(
  outputs: Float32Array,
  {
    outputActivation = 'softmax',
    calibration: { temperature },
  }: Pick<ModelManifest, 'outputActivation' | 'calibration'>,
): Float32Array {
  if (outputActivation === 'softmax') return softmax(outputs, temperature);
  if (outputActivation === 'sigmoid') return sigmoid(outputs, temperature);
  return outputs.map((value) => Math.min(1, Math.max(0, value)));
}

/** The k best, best first; ties in the order of their index. `k` may be larger than there are classes. */
export function topK(probabilities: Float32Array, k: number): { index: number; probability: number }[] {
  const order = Uint32Array.from(probabilities.keys());
  if (k >= probabilities.length / 8) {
    order.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  } else {
    // Few of many: keeping the best so far in order is cheaper than sorting all, photo after photo.
    for (let i = 1; i < order.length; i++) {
      const value = probabilities[i]!;
      let at = Math.min(i, k);
      if (at === k && !(value > probabilities[order[k - 1]!]!)) continue;
      if (at === k) at = k - 1;
      for (; at > 0 && value > probabilities[order[at - 1]!]!; at--) order[at] = order[at - 1]!;
      order[at] = i;
    }
  }
  return Array.from(order.subarray(0, k), (index) => ({ index, probability: probabilities[index]! }));
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Liu et al. 2020, "Energy-based out-of-distribution detection", for `energy`. */
export function isUnsure(logits: Float32Array, probabilities: Float32Array, doubt: Doubt | null): boolean {
  if (!doubt) return false;
  if (doubt.method === 'max-probability') return probabilities[argmax(probabilities)]! < doubt.threshold;
  const best = logits[argmax(logits)]!;
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - best), 0);
  return best + Math.log(sum) < doubt.threshold;
}

export const withLabels = (
  top: { index: number; probability: number }[],
  { labels }: Pick<ModelManifest, 'labels'>,
): Prediction[] =>
  top.map(({ index, probability }) => ({
    index,
    probability,
    label: labelAt(labels, index),
  }));

/** @throws SaccadeError `bad-output` for logits that are not numbers */
export function checkLogits(logits: Float32Array): void {
  if (logits.every(Number.isFinite)) return;
  throw new SaccadeError(
    'bad-output',
    'The model should have answered with numbers, and answered with NaN or infinity. Try another provider or precision.',
  );
}

/** [N] values of one photo as stored with its result; null where the model has no patches to draw. */
export function storeMap(
  values: Float32Array,
  method: MapMethod,
  layers: number,
  topClass: number,
  grid: ModelManifest['grid'],
): StoredMap | null {
  if (!grid || values.length !== grid.rows * grid.columns) return null;
  return {
    method,
    layers: [method === 'cls' ? layers - 1 : 0, layers - 1],
    classIndex: method === 'class' ? topClass : null,
    rows: grid.rows,
    columns: grid.columns,
    ...packMap(values),
  };
}
