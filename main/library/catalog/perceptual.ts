/** What tells the same picture in another file: a perceptual hash and 32 × 32 luminances by content. */
import type { Catalog } from './database.ts';

export interface Perceptual {
  contentId: number;
  /** Null: so flat that noise would decide. */
  hash: bigint | null;
  /** [32, 32] luminances, row by row. */
  grey: Uint8Array;
}

/** Within a transaction. */
export function storePerceptual(catalog: Catalog, { contentId, hash, grey }: Perceptual): void {
  const bytes = hash === null ? null : new Uint8Array(BigUint64Array.of(hash).buffer);
  catalog.run(
    'INSERT OR REPLACE INTO perceptual_hashes (content_id, hash, grey) VALUES (?, ?, ?)',
    contentId,
    bytes,
    grey,
  );
}

/** Of these contents those that are not known yet. */
export function withoutPerceptual(catalog: Catalog, contentIds: readonly number[]): Set<number> {
  const rows = catalog.all<{ id: number }>(
    `SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT content_id FROM perceptual_hashes)`,
    JSON.stringify(contentIds),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Of those of the contents that have one, in ascending order of contents. */
export function hashesOf(
  catalog: Catalog,
  contentIds: readonly number[],
): { contents: number[]; hashes: BigUint64Array<ArrayBuffer> } {
  const rows = catalog.all<{ id: number; hash: Uint8Array }>(
    `SELECT content_id AS id, hash FROM perceptual_hashes
     WHERE hash IS NOT NULL AND content_id IN (SELECT value FROM json_each(?)) ORDER BY content_id`,
    JSON.stringify(contentIds),
  );
  const hashes = new BigUint64Array(rows.length);
  const bytes = new Uint8Array(hashes.buffer);
  rows.forEach(({ hash }, i) => bytes.set(hash, 8 * i));
  return { contents: rows.map(({ id }) => id), hashes };
}

/** By content. */
export function greysOf(catalog: Catalog, contentIds: readonly number[]): Map<number, Uint8Array> {
  const rows = catalog.all<{ id: number; grey: Uint8Array }>(
    'SELECT content_id AS id, grey FROM perceptual_hashes WHERE content_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(contentIds),
  );
  return new Map(rows.map(({ id, grey }) => [id, grey]));
}

/** Pairs of contents, the smaller id first: a content with itself stands for several files that are meant to be. */
export type Pair = [a: number, b: number];

/** Whether a person said that contents are not the same picture. Within a transaction. */
export function setDistinct(catalog: Catalog, pairs: readonly Pair[], distinct: boolean): void {
  const sql = distinct
    ? 'INSERT OR IGNORE INTO distinct_contents (a, b) SELECT a.id, b.id FROM contents a, contents b WHERE a.id = ? AND b.id = ?'
    : 'DELETE FROM distinct_contents WHERE a = ? AND b = ?';
  for (const [a, b] of pairs) catalog.run(sql, a, b);
}

export const pairOf = (a: number, b: number): Pair => (a < b ? [a, b] : [b, a]);

/** Pairs that lie within these contents. */
export function distinctAmong(catalog: Catalog, contentIds: readonly number[]): Set<string> {
  const ids = JSON.stringify(contentIds);
  const rows = catalog.all<{ a: number; b: number }>(
    `SELECT a, b FROM distinct_contents
     WHERE a IN (SELECT value FROM json_each(?)) AND b IN (SELECT value FROM json_each(?))`,
    ids,
    ids,
  );
  return new Set(rows.map(({ a, b }) => `${a} ${b}`));
}
