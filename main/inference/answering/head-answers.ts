/** What a head answers, the model's own or another, of the outputs of a run. C labels. */
import { SaccadeError } from '../../../models/error.ts';
import { headLogits, toProbabilities } from '../../../models/heads/apply.ts';
import { type Head, rowsOf } from '../../../models/heads/head.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { probabilitiesOf } from './answers.ts';

/** Of one photo, or one part of it; null: the graph has no such output. */
export interface Answered {
  logits: Float32Array | null;
  feature: Float32Array | null;
}

/** [C]. @throws SaccadeError `no-answer` where nothing names, `no-feature`, `head-of-another-model` */
export function logitsOf(
  { logits, feature }: Answered,
  { manifest }: LoadedModel,
  head?: Head,
): Float32Array {
  if (!head) {
    if (logits) return logits;
    throw new SaccadeError(
      'no-answer',
      `${manifest.name} sees and names nothing by itself, so there is no answer that could fall as patches go. Choose a model that names what it sees.`,
    );
  }
  if (feature) return headLogits(head, { data: feature, length: feature.length });
  throw new SaccadeError(
    'no-feature',
    `Expected a model that gives the vector its classifier reads; in ${manifest.name} none was found, so the head "${head.name}" can't be followed. Choose another model.`,
  );
}

/** [C] → [C] */
export function headProbabilities(logits: Float32Array, manifest: ModelManifest, head?: Head): Float32Array {
  return head ? toProbabilities(logits.slice(), head, rowsOf(head)) : probabilitiesOf(logits, manifest);
}
