import { labelAt } from '../../../models/manifest.ts';
import type { ModelManifest } from '../../../models/manifest.ts';
import type { ClassifiedPath } from '../../contract/internal.ts';
import { unpackMap, unpackRegion, unpackTop } from '../catalog/blobs.ts';
import type { Outcome } from './pipeline.ts';

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
}

/** `model`: that it was classified with; null where none was loaded, and all have failed. */
export function answerOf(row: AnswerRow, model: ModelManifest | null, topK: number): ClassifiedPath {
  const { path } = row;
  if (row.state === 'failed' || !row.top || !model) {
    const error = { code: row.code ?? 'internal', message: row.message ?? 'The result is gone.' };
    return { path, status: 'error', error };
  }
  return {
    path,
    status: 'ok',
    width: row.width,
    height: row.height,
    takenMs: row.taken_ms,
    damaged: row.damaged === 1,
    unsure: row.unsure === 1,
    model: model.id,
    provider: row.provider,
    precision: row.precision,
    labels: unpackTop(row.top)
      .slice(0, topK)
      .map(({ index, probability }) => ({ index, label: labelAt(model.labels, index), probability })),
    map: row.map && unpackMap(row.map),
    seen: row.seen && unpackRegion(row.seen),
    known: row.state === 'known',
  };
}
