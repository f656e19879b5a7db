/** What a model saw in each content: one vector of 16-bit floats, little-endian, by content and result key. */
import type { Features } from '../../../models/heads/apply.ts';
import type { Catalog } from './database.ts';

/**
 * Null: the model gives none, which the key remembers, so that nobody computes for it again. Where a model gives others
 * than an earlier version found in it, those before go, so that their photos are seen anew: nothing reads both.
 * Within a transaction.
 */
export function storeFeature(
  catalog: Catalog,
  key: number,
  contentId: number,
  feature: Float32Array | null,
): void {
  const length = feature?.length ?? 0;
  const before = featureLength(catalog, key);
  if (before !== length) {
    catalog.run('UPDATE result_keys SET feature_length = ? WHERE id = ?', length, key);
    if (before && feature) catalog.run('DELETE FROM features WHERE key_id = ?', key);
  }
  if (!feature) return;
  const { buffer } = new Float16Array(feature);
  catalog.run(
    'INSERT OR REPLACE INTO features (content_id, key_id, vector) VALUES (?, ?, ?)',
    contentId,
    key,
    new Uint8Array(buffer),
  );
}

/** Numbers a feature of the key has; 0: its model gives none; null: not known yet. */
function featureLength(catalog: Catalog, key: number): number | null {
  return catalog.one<{ n: number | null }>('SELECT feature_length AS n FROM result_keys WHERE id = ?', key)!
    .n;
}

/** Rows that have a vector, side by side, [rows, length]. */
export function gather(vectors: readonly Uint8Array[], length: number): Features & { data: Float16Array } {
  const data = new Float16Array(vectors.length * length);
  const bytes = new Uint8Array(data.buffer);
  vectors.forEach((vector, i) => bytes.set(vector, i * length * 2));
  return { data, length };
}

export interface FeatureRows extends Features {
  data: Float16Array;
  /** Content → row of `data`; contents without a feature are left out. */
  rows: Map<number, number>;
}

/** Of the contents that have one under the key. */
export function featuresOf(catalog: Catalog, key: number, contentIds: readonly number[]): FeatureRows {
  const found = catalog.all<{ id: number; vector: Uint8Array }>(
    `SELECT content_id AS id, vector FROM features
     WHERE key_id = ? AND content_id IN (SELECT value FROM json_each(?))`,
    key,
    JSON.stringify(contentIds),
  );
  const length = featureLength(catalog, key) ?? 0;
  const whole = found.filter(({ vector }) => vector.length === length * 2);
  const { data } = gather(
    whole.map(({ vector }) => vector),
    length,
  );
  return { data, length, rows: new Map(whole.map(({ id }, row) => [id, row])) };
}

/** [contents, F] in the order of the contents; zeros where one has none. */
export function featuresInOrder(
  catalog: Catalog,
  key: number,
  contentIds: readonly number[],
): { data: Float16Array<ArrayBuffer>; length: number } {
  const found = featuresOf(catalog, key, contentIds);
  const { length } = found;
  const data = new Float16Array(contentIds.length * length);
  for (const [i, id] of contentIds.entries()) {
    const row = found.rows.get(id);
    if (row !== undefined) data.set(found.data.subarray(row * length, (row + 1) * length), i * length);
  }
  return { data, length };
}
