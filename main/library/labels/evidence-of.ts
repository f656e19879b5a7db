/** Evidence of the head in use for the label that it gives a photo of the library. */
import { findModel, type ModelRoots } from '../../../models/store.ts';
import type { StoredMap } from '../../contract/entities/inspection.ts';
import type { InspectRequest } from '../../contract/inference.ts';
import { settle } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { headInUse, readHead } from '../catalog/heads.ts';
import { pathOf } from '../catalog/photos.ts';
import { readSettings } from '../catalog/settings.ts';
import { computeOf, withModel } from '../compute.ts';
import type { Inference } from '../inference.ts';
import { evidenceMap, inspectWith } from './evidence.ts';

export interface EvidenceContext {
  catalog: Catalog;
  inference: Inference;
  roots: ModelRoots;
}

/** Null map: with why, where that is known. */
export async function evidenceOf(
  { catalog, inference, roots }: EvidenceContext,
  photoId: number,
  signal: AbortSignal,
): Promise<{ map: StoredMap | null; absent: string | null }> {
  const seen = await settle(() => {
    const settings = readSettings(catalog);
    const { manifest } = findModel(roots, settings.model);
    const used = headInUse(catalog, manifest.weights.sha256);
    const request = { path: pathOf(catalog, photoId), topK: 1, classIndex: null };
    const look = (asked: Omit<InspectRequest, 'handle'>) =>
      withModel(inference, computeOf(settings), ({ handle }) =>
        inference.interactive('inspect', { handle, ...asked }, { signal }),
      );
    return used ? inspectWith(look, readHead(catalog, used), request) : look(request);
  });
  const map = seen.ok ? evidenceMap(seen.value) : null;
  const absent = seen.ok ? (seen.value.absent.class ?? null) : seen.error.message;
  return { map, absent: map ? null : absent };
}
