/** Photos as the contract describes them, joined from their rows. */
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { applyHead, heldOf, mostHeld } from '../../../models/heads/apply.ts';
import type { Prediction } from '../../contract/entities/inspection.ts';
import type { PhotoDetail, PhotoItem } from '../../contract/entities/photo.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import { shownName } from '../../file-names.ts';
import { unpackMap, unpackRegion, unpackTop } from '../catalog/blobs.ts';
import { captureOfPhoto } from '../catalog/captures.ts';
import type { Catalog } from '../catalog/database.ts';
import { fileKeywordsOf } from '../catalog/file-keywords.ts';
import { isUnsure } from '../catalog/doubts.ts';
import { named } from '../catalog/failure-name.ts';
import { gather } from '../catalog/features.ts';
import { noWords, wordsOf } from '../catalog/person.ts';
import { photoById } from '../catalog/photos.ts';
import { shownDoubt } from '../catalog/shown.ts';
import { photoStatus } from '../../contract/values.ts';
import { shownLabels } from './labels.ts';
import type { ShownLabels } from './labels.ts';

export interface JoinedRow {
  id: number;
  folder_id: number;
  folder: string;
  name: string;
  content_id: number | null;
  bytes: number;
  modified_ms: number;
  changed_ms: number | null;
  status: number;
  own_label: string | null;
  missing_ms: number | null;
  error_code: string | null;
  error_message: string | null;
  width: number | null;
  height: number | null;
  taken_ms: number | null;
  damaged: number | null;
  provider: string | null;
  top: Uint8Array | null;
  map: Uint8Array | null;
  seen: Uint8Array | null;
  spread: number | null;
  code: string | null;
  message: string | null;
  vector: Uint8Array | null;
  /** Names of the photos under it, as JSON. */
  stands: string;
  /** Of the model's own answer, by the threshold that a person set or the model came with. */
  unsure: number | null;
}

const joined = `
  SELECT p.id, p.folder_id, f.path AS folder, p.name, p.content_id, p.bytes, p.modified_ms, p.changed_ms, p.status, p.own_label, p.missing_ms,
    p.error_code, p.error_message, c.width, c.height, coalesce(c.taken_ms, e.taken_ms) AS taken_ms, c.damaged, r.provider, r.top, r.map, r.seen,
    r.spread, r.code, r.message, v.vector, ${isUnsure} AS unsure,
    (SELECT json_group_array(name) FROM photos under WHERE under.under_id = p.id) AS stands
  FROM json_each(?) wanted
  CROSS JOIN photos p ON p.id = wanted.value
  JOIN folders f ON f.id = p.folder_id
  LEFT JOIN contents c ON c.id = p.content_id
  LEFT JOIN captures e ON e.photo_id = p.id
  LEFT JOIN results r ON r.content_id = p.content_id AND r.key_id = ?
  LEFT JOIN features v ON v.content_id = p.content_id AND v.key_id = ?
  ORDER BY wanted.key`;

/** In the order of `ids`; those that are gone are left out. */
export function rowsOf(catalog: Catalog, ids: readonly number[]): JoinedRow[] {
  const { keyId } = shownLabels(catalog);
  return catalog.all<JoinedRow>(joined, shownDoubt(catalog), JSON.stringify(ids), keyId, keyId);
}

/** Part of a photo's addresses: changes when its file does. */
function versionOf(row: Pick<JoinedRow, 'bytes' | 'modified_ms' | 'changed_ms'>): string {
  const { bytes, modified_ms: modifiedMs, changed_ms: changedMs } = row;
  return [modifiedMs, bytes, Math.round(changedMs ?? 0)].map((part) => part.toString(36)).join('-');
}

export interface Reading {
  /** Best first; none where nothing was read. */
  predictions: Prediction[];
  unsure: boolean;
}

/**
 * Of each row the likeliest labels, at most `most`: what the head in use reads off the feature, or what is stored of
 * the model's own. Not from the photos' own columns, which may be on the way from one head to the next.
 */
export function readingsOf(
  rows: readonly Pick<JoinedRow, 'top' | 'vector' | 'unsure'>[],
  labels: ShownLabels,
  most: number,
): Reading[] {
  const { head } = labels;
  const said = (index: number, probability: number) => ({ index, label: labels.label(index), probability });
  if (!head)
    return rows.map(({ top, unsure }) => ({
      predictions: top
        ? unpackTop(top.subarray(0, most * 8)).map(({ index, probability }) => said(index, probability))
        : [],
      unsure: unsure === 1,
    }));
  const { length } = head.fits;
  const known = rows.map(({ vector }) => vector?.length === length * 2);
  const vectors = rows.flatMap(({ vector }, i) => (known[i] ? [vector!] : []));
  const { k, rows: best, probabilities, unsure } = applyHead(head, gather(vectors, length), most);
  let read = 0;
  return known.map((has) => {
    if (!has) return { predictions: [], unsure: false };
    const at = read++;
    const predictions = Array.from({ length: k }, (_, i) =>
      said(best[k * at + i]!, probabilities[k * at + i]!),
    );
    return { predictions, unsure: unsure[at] === 1 };
  });
}

export const predictionsOf = (...asked: Parameters<typeof readingsOf>): Prediction[][] =>
  readingsOf(...asked).map(({ predictions }) => predictions);

export function errorOf(row: JoinedRow): PhotoItem['error'] {
  if (row.missing_ms !== null)
    return {
      code: 'missing-file',
      message: `${shownName(join(row.folder, row.name))} is not there any more.`,
    };
  if (row.error_code !== null) return { code: row.error_code, message: row.error_message ?? '' };
  return row.code === null ? null : { code: row.code, message: named(row.message ?? '', row.name) };
}

/** Predictions that are read of a photo for its item, where a list shows no more of them. */
export const mostInItem = ({ holdsFrom }: Pick<ShownLabels, 'holdsFrom'>): number =>
  holdsFrom === null ? 1 : mostHeld;

/** @param reading of `mostInItem` labels at least */
export const heldBesideFirst = (
  { predictions, unsure }: Reading,
  { holdsFrom }: Pick<ShownLabels, 'holdsFrom'>,
): Prediction[] => heldOf(predictions.slice(0, mostHeld), !unsure, holdsFrom).slice(1);

/** @param reading of `mostInItem` labels at least */
export function itemOf(row: JoinedRow, reading: Reading, labels: Pick<ShownLabels, 'holdsFrom'>): PhotoItem {
  return {
    id: row.id,
    path: shownName(join(row.folder, row.name)),
    name: shownName(row.name),
    folderId: row.folder_id,
    width: row.width ?? 0,
    height: row.height ?? 0,
    bytes: row.bytes,
    modifiedMs: row.modified_ms,
    takenMs: row.taken_ms,
    status: photoStatus.options[row.status] ?? 'new',
    damaged: row.damaged === 1,
    top: reading.predictions[0] ?? null,
    also: heldBesideFirst(reading, labels),
    ownLabel: row.own_label,
    spread: row.spread,
    error: errorOf(row),
    version: versionOf(row),
    stands: (JSON.parse(row.stands) as string[]).map(shownName),
    map: row.map && unpackMap(row.map),
    seen: row.seen && unpackRegion(row.seen),
  };
}

export function itemsOf(catalog: Catalog, ids: readonly number[]): PhotoItem[] {
  const rows = rowsOf(catalog, ids);
  const labels = shownLabels(catalog);
  const readings = readingsOf(rows, labels, mostInItem(labels));
  return rows.map((row, i) => itemOf(row, readings[i]!, labels));
}

/** @throws SaccadeError `no-such-photo` */
export function photoDetail(catalog: Catalog, id: number, topK: number): PhotoDetail {
  if (photoById(catalog, id).away)
    throw new SaccadeError(
      'no-such-photo',
      'Expected a photo of the library; this one was moved out of it. Undo brings it back.',
    );
  const labels = shownLabels(catalog);
  const row = rowsOf(catalog, [id])[0]!;
  const reading = readingsOf([row], labels, Math.max(topK, mostInItem(labels)))[0]!;
  return {
    ...itemOf(row, reading, labels),
    predictions: reading.predictions.slice(0, topK),
    head: labels.head?.name ?? null,
    capture: captureOfPhoto(catalog, id),
    person: wordsOf(catalog, [id]).get(id) ?? noWords,
    keywords: fileKeywordsOf(catalog, [id]).get(id) ?? [],
    model: row.top && labels.model ? labels.model.id : null,
    placement:
      row.provider === null || !labels.model
        ? null
        : {
            provider: row.provider as Placement['provider'],
            precision: labels.model.precision as Placement['precision'],
          },
  };
}
