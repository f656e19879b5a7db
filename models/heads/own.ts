/** A model as heads see it: which feature it gives, and the head it came with. */
import { join } from 'node:path';
import { featureWidth, hasDistillationHead, type VitConfig } from '../config.ts';
import type { ModelManifest } from '../manifest.ts';
import { readVitWeights } from '../weights/read.ts';
import { WeightSource } from '../weights/source.ts';
import { half, type Head, type HeadFit } from './head.ts';

/** What a head of this model reads. Null: a foreign graph, whose feature is known to its graph only. */
export function fitOf({ id, kind, architecture, weights }: ModelManifest): HeadFit | null {
  if (kind !== 'vit') return null;
  const config = architecture as unknown as VitConfig;
  const read = hasDistillationHead(config) ? 'cls+distillation' : config.pool;
  return {
    model: id,
    weights: weights.sha256,
    feature: config.projection ? 'embedding' : read,
    length: featureWidth(config),
  };
}

/** Of its own labels. */
export const answersOf = ({ outputActivation }: ModelManifest): Head['answers'] =>
  outputActivation === 'sigmoid' ? 'any' : 'one';

/** The model's own head as any other, so that its answers come from stored features too. Null: it has none. */
export function ownHead(folder: string, manifest: ModelManifest): Head | null {
  const fits = fitOf(manifest);
  if (!fits || !manifest.labels.length) return null;
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const { head } = readVitWeights(source, config);
  if (!head) return null;
  const classes = head.bias.length;
  const weight = new Float32Array(head.weight.length);
  for (let i = 0; i < fits.length; i++)
    for (let c = 0; c < classes; c++) weight[c * fits.length + i] = head.weight[i * classes + c]!;
  const { doubt } = manifest;
  return {
    name: manifest.name,
    kind: 'own',
    reads: { how: 'linear' },
    answers: answersOf(manifest),
    labels: manifest.labels,
    none: false,
    calibration: manifest.calibration,
    // Energy is no confidence: such a doubt stays with the model's own answers.
    doubt:
      doubt?.method === 'max-probability' && manifest.outputActivation !== 'sigmoid'
        ? { threshold: doubt.threshold }
        : { threshold: half },
    fits,
    origin: { from: 'model' },
    weight,
    bias: head.bias,
  };
}
