/** What a trial run of a model that is being installed shows of its outputs. */
import { SaccadeError } from './error.ts';
import type { ModelManifest } from './manifest.ts';

export interface Trial {
  /** As the graph gives them, [C] each, of several pictures. */
  rows: ArrayLike<number>[];
  /** Why evidence that was thought to be there is not, as a sentence; null: it is what it should be. */
  noEvidence: string | null;
}

export type TryOut = (folder: string) => Promise<Trial>;

/** The manifest with what a trial showed. @throws SaccadeError `not-finite`, `unsupported-output` */
export function tried(manifest: ModelManifest, { rows, noEvidence }: Trial): ModelManifest {
  const outputActivation = outputActivationIn(manifest, rows);
  const { kind, architecture, assumed, ...rest } = manifest;
  // What comes out as probabilities shows that it is.
  const left = assumed?.filter((name) => name !== 'activation' || outputActivation === 'softmax');
  const known = { ...rest, kind, architecture, ...(left?.length && { assumed: left }), outputActivation };
  // Graphs of our own are never read: what they give is held against the score at each run.
  if (noEvidence === null || kind !== 'onnx') return known;
  const absent = { ...(architecture['absent'] as object | undefined), class: noEvidence };
  return { ...known, architecture: { ...architecture, absent } };
}

/** Rounding of a float16 softmax over 21,843 classes. */
const tolerance = 2e-3;

/**
 * Holds what was read off the graph against what it gave: what was taken for probabilities must be such, and what
 * comes out as probabilities is not put through a softmax again.
 * @throws SaccadeError `not-finite`, `unsupported-output`
 */
export function outputActivationIn(
  manifest: ModelManifest,
  rows: ArrayLike<number>[],
): NonNullable<ModelManifest['outputActivation']> {
  const taken = manifest.outputActivation ?? 'softmax';
  if (manifest.labels.length === 0) return taken; // a backbone: nothing is made of its outputs
  const numbers = rows.map((row) => Array.from(row));
  if (!numbers.flat().every(Number.isFinite))
    throw new SaccadeError(
      'not-finite',
      'On a built-in picture the model answered with NaN or infinity; a model of finite numbers was expected.',
    );
  const within = numbers.flat().every((value) => value >= -tolerance && value <= 1 + tolerance);
  const sums = numbers.map((row) => row.reduce((a, b) => a + b, 0));
  const exclusive = within && sums.every((sum) => Math.abs(sum - 1) < tolerance);
  if (exclusive && manifest.labels.length > 1 && manifest.kind === 'onnx' && taken !== 'sigmoid')
    return 'none';
  if (taken === 'softmax' || taken === 'sigmoid') return taken;
  if (taken === 'none-each' && within) return taken;
  throw new SaccadeError(
    'unsupported-output',
    `The graph ends in probabilities that are changed once more: on a built-in picture they lie between ${Math.min(...numbers.flat()).toPrecision(3)} and ${Math.max(...numbers.flat()).toPrecision(3)} and sum to ${sums[0]!.toPrecision(3)}. Probabilities between 0 and 1, or logits, were expected. Export the model without what follows its last layer.`,
  );
}
