import type { VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import type { Assumption, Label, ModelManifest, Preprocessing } from '../manifest.ts';
import type { Fields } from './parse.ts';

/** What a configuration and the shapes of its tensors say of a Vision Transformer. */
export interface Described {
  config: VitConfig;
  preprocessing: Preprocessing;
  labels: Label[];
  /** What of it no file and no person says. */
  assumed?: Assumption[];
  licence: string | null;
  outputActivation: NonNullable<ModelManifest['outputActivation']>;
}

/**
 * What makes probabilities of a head of transformers: `problem_type` says it. One number alone is no choice between
 * classes: its softmax is always 1. @throws SaccadeError `unsupported-output`
 */
export function outputActivationOf(
  file: Fields | null,
  classes: number,
): NonNullable<ModelManifest['outputActivation']> {
  const problem = file?.has('problem_type') ? file.text('problem_type') : null;
  if (problem === 'multi_label_classification') return 'sigmoid';
  if (problem !== null && problem !== 'single_label_classification')
    throw new SaccadeError('unsupported-output', `config.json says "problem_type": "${problem}"; a model that tells classes apart was expected ("single_label_classification" or "multi_label_classification").`); // prettier-ignore
  refuseOne(classes);
  return 'softmax';
}

/** @throws SaccadeError `unsupported-output` */
export function refuseOne(classes: number): void {
  if (classes === 1)
    throw new SaccadeError('unsupported-output', 'This model has one output, a number without another class to compare it with; a model of two classes or more was expected, or one whose config.json says "problem_type": "multi_label_classification".'); // prettier-ignore
}
