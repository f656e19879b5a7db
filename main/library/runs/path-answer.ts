import { noneOfThese } from '../../../models/heads/label-names.ts';
import { SaccadeError } from '../../../models/error.ts';
import { applyHead, heldOf, holdsFrom, mostHeld } from '../../../models/heads/apply.ts';
import type { Head } from '../../../models/heads/head.ts';
import { labelAt } from '../../../models/manifest.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { ClassifiedPath } from '../../contract/entities/path-job.ts';
import { unpackMap, unpackRegion, unpackTop } from '../catalog/blobs.ts';
import { gather } from '../catalog/features.ts';
import type { Outcome } from './work.ts';

type Answered = Extract<ClassifiedPath, { status: 'ok' }>;

/** A settled path, joined with what the catalog holds of its content. */
export interface AnswerRow extends Pick<Answered, 'path' | 'width' | 'height' | 'provider' | 'precision'> {
  state: Outcome['as'];
  code: string | null;
  message: string | null;
  taken_ms: number | null;
  damaged: number;
  unsure: number;
  top: Uint8Array | null;
  map: Uint8Array | null;
  seen: Uint8Array | null;
  /** Feature; null: the model gives none. */
  vector: Uint8Array | null;
}

/**
 * @param model that it was classified with; null where none was loaded, and all have failed
 * @param head that reads the features in place of the model's own
 * @param ownFrom from which probability each of the model's own labels is given (`holdsFrom` of heads)
 */
export function answerOf(
  row: AnswerRow,
  model: ModelManifest | null,
  topK: number,
  head: Head | null,
  ownFrom: number | null,
): ClassifiedPath {
  const { path } = row;
  if (row.state === 'failed' || !row.top || !model) {
    const error = { code: row.code ?? 'internal', message: row.message ?? 'The result is gone.' };
    return { path, status: 'error', error };
  }
  const from = head ? holdsFrom(head) : ownFrom;
  const most = Math.max(topK, from === null ? 1 : mostHeld);
  const { labels, unsure } = head
    ? readBy(head, row.vector, most)
    : {
        labels: unpackTop(row.top)
          .slice(0, most)
          .map(({ index, probability }) => ({ index, label: labelAt(model.labels, index), probability })),
        unsure: row.unsure === 1,
      };
  return {
    path,
    status: 'ok',
    width: row.width,
    height: row.height,
    takenMs: row.taken_ms,
    damaged: row.damaged === 1,
    unsure,
    model: model.id,
    provider: row.provider,
    precision: row.precision,
    labels: labels.slice(0, topK),
    also: heldOf(labels.slice(0, mostHeld), !unsure, from).slice(1),
    map: row.map && unpackMap(row.map),
    seen: row.seen && unpackRegion(row.seen),
    known: row.state === 'known',
  };
}

/** @throws SaccadeError `no-feature`, `head-of-another-model` */
function readBy(head: Head, vector: Uint8Array | null, topK: number): Pick<Answered, 'labels' | 'unsure'> {
  if (!vector)
    throw new SaccadeError(
      'no-feature',
      `Expected a model that gives the vector its classifier reads, for the head "${head.name}"; ${head.fits.model} gave none. Choose another model.`,
    );
  const features = gather([vector], vector.length / 2);
  const { k, rows, probabilities, unsure } = applyHead(head, features, topK);
  const labels = Array.from({ length: k }, (_, i) => {
    const index = rows[i]!;
    return { index, label: head.labels[index] ?? noneOfThese, probability: probabilities[i]! };
  });
  return { labels, unsure: unsure[0] === 1 };
}
