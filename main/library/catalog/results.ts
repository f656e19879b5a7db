/** Results by content and result key: what was found out, or why nothing could be. */
import { spread } from '../../../models/overlay/normalise.ts';
import { unpackMap as mapValues } from '../../../models/overlay/stored.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Label, ModelManifest } from '../../../models/manifest.ts';
import { answersOf } from '../../../models/heads/own.ts';
import { mapGiven } from '../../../models/explain/maps.ts';
import type { MapMethod } from '../../contract/values.ts';
import { mapMethod } from '../../contract/values.ts';
import type { Classified, ResultKey } from '../../contract/inference.ts';
import type { Failure } from '../../contract/result.ts';
import { packMap, packRegion, packTop } from './blobs.ts';
import { describeContent } from './contents.ts';
import type { Catalog } from './database.ts';
import { modelHoldsFrom } from './doubts.ts';
import { nameless } from './failure-name.ts';
import { storeFeature } from './features.ts';
import { showPhotos, shownKeyId } from './shown.ts';

/** The row of a result key, made where there is none, and marked as used now. */
export function resultKeyId(catalog: Catalog, resultKey: ResultKey, manifest: ModelManifest): number {
  const { modelHash, preprocessing, precision, graphVersion } = resultKey;
  return catalog.transaction(() => {
    catalog.run(
      `INSERT INTO models (hash, id, name, labels, answers) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET
         id = excluded.id, name = excluded.name, labels = excluded.labels, answers = excluded.answers`,
      modelHash,
      manifest.id,
      manifest.name,
      JSON.stringify(manifest.labels),
      answersOf(manifest),
    );
    return catalog.one<{ id: number }>(
      // The last used one is shown, also where the clock was set back meanwhile.
      `INSERT INTO result_keys (model_hash, preprocessing, precision, graph_version, used_ms)
       VALUES (?, ?, ?, ?, max(?, 1 + (SELECT coalesce(max(used_ms), 0) FROM result_keys)))
       ON CONFLICT DO UPDATE SET used_ms = excluded.used_ms RETURNING id`,
      modelHash,
      preprocessing,
      precision,
      graphVersion,
      Date.now(),
    )!.id;
  });
}

/**
 * The result key that a model answered under last: also where it has come with other weights since, as the one that ships
 * may after an update. Null where it has answered nothing.
 */
export function keyOfModel(catalog: Catalog, modelId: string): number | null {
  const row = catalog.one<{ id: number }>(
    `SELECT k.id FROM result_keys k JOIN models m ON m.hash = k.model_hash WHERE m.id = ?
     ORDER BY k.used_ms DESC LIMIT 1`,
    modelId,
  );
  return row?.id ?? null;
}

export interface ShownModel {
  id: string;
  name: string;
  labels: Label[];
  precision: string;
  /** As of heads (`apply.ts`), by a person's threshold where there is one. */
  holdsFrom: number | null;
}

interface ModelRow extends Pick<ShownModel, 'id' | 'name' | 'precision'> {
  hash: string;
  labels: string;
}

export function modelOfKey(catalog: Catalog, key: number): ShownModel {
  const { hash, labels, ...row } = catalog.one<ModelRow>(
    `SELECT m.hash, m.id, m.name, m.labels, s.precision
     FROM result_keys s JOIN models m ON m.hash = s.model_hash WHERE s.id = ?`,
    key,
  )!;
  return { ...row, labels: JSON.parse(labels) as Label[], holdsFrom: modelHoldsFrom(catalog, hash) };
}

/** A model may be replaced under its name. @throws SaccadeError `no-results` where the key is another model's */
export function expectModelOf(catalog: Catalog, key: number, modelHash: string): void {
  if (catalog.one('SELECT 1 FROM result_keys WHERE id = ? AND model_hash = ?', key, modelHash)) return;
  const { name } = modelOfKey(catalog, key);
  throw new SaccadeError(
    'no-results',
    `Expected the model whose answers are shown (${name}); another one is installed in its place. Classify with that first.`,
  );
}

const columns =
  'content_id, key_id, provider, unsure, top, map, seen, label, probability, spread, code, message';
const replace = `INSERT OR REPLACE INTO results (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Within a transaction of the caller's, one a batch. */
export function storeResult(
  catalog: Catalog,
  key: number,
  contentId: number,
  provider: string,
  result: Classified,
): void {
  const { map, top } = result;
  const best = top[0];
  catalog.run(
    replace,
    contentId,
    key,
    provider,
    result.unsure ? 1 : 0,
    packTop(top),
    map && packMap(map),
    packRegion(result.seen),
    best?.index ?? null,
    best?.probability ?? null,
    map && spread(mapValues(map)),
    null,
    null,
  );
  storeFeature(catalog, key, contentId, result.clsFeature);
  describeContent(catalog, contentId, result);
  showContent(catalog, key, contentId);
}

/** @param path of the file that it was found out of */
export function storeFailure(
  catalog: Catalog,
  key: number,
  contentId: number,
  failure: Failure,
  path: string,
): void {
  const { code, message } = nameless(failure, path);
  catalog.run(replace, contentId, key, null, 0, null, null, null, null, null, null, code, message);
  showContent(catalog, key, contentId);
}

function showContent(catalog: Catalog, key: number, contentId: number): void {
  if (key === shownKeyId(catalog)) showPhotos(catalog, 'photos.content_id = ?', contentId);
}

export interface Wanted {
  /** At least so many predictions, or all classes. */
  topK: number;
  map: MapMethod | null;
}

/** What is known of a content, if it is enough: `ok`, its failure (as `nameless`), or null. */
export function knownResult(
  catalog: Catalog,
  key: number,
  contentId: number,
  wanted: Wanted,
  manifest: ModelManifest,
): 'ok' | Failure | null {
  const row = catalog.one<{ code: string | null; message: string; enough: number }>(
    `SELECT code, message, ${enough} AS enough FROM results WHERE key_id = ? AND content_id = ?`,
    ...enoughValues(wanted, manifest),
    key,
    contentId,
  );
  if (!row) return null;
  if (row.code !== null) return { code: row.code, message: row.message };
  return row.enough ? 'ok' : null;
}

/**
 * SQL condition on a row of results; its values are `enoughValues`. A model without maps or features
 * stores none, whatever is wanted. */
export const enough = `(length(top) >= ? AND (? IS NULL OR map IS NULL OR substr(map, 1, 1) = ?)
  AND ((SELECT feature_length FROM result_keys WHERE result_keys.id = results.key_id) = 0
    OR EXISTS (SELECT 1 FROM features f WHERE f.key_id = results.key_id AND f.content_id = results.content_id)))`;

export function enoughValues(wanted: Wanted, manifest: ModelManifest): unknown[] {
  const map = mapGiven(manifest, wanted.map);
  return [
    8 * Math.min(wanted.topK, manifest.labels.length),
    map,
    map && new Uint8Array([mapMethod.options.indexOf(map)]),
  ];
}
