/** Which result key's results the lists show, and the columns of photos that repeat them. */
import type { Settings } from '../../contract/entities.ts';
import type { Catalog } from './database.ts';
import { readValue, writeValue } from './settings.ts';

const chunk = 5000;

/** The row of the result key shown, or null where nothing has been classified with the chosen model yet. */
export function shownKeyId(catalog: Catalog): number | null {
  return readValue<number | null>(catalog, 'shown', null);
}

interface ShownRow {
  id: number;
  status: number;
  label: number | null;
  probability: number;
  spread: number;
}

/** Brings the shown columns of the photos `where` finds up to date with their results. */
export function showPhotos(catalog: Catalog, where: string, ...values: unknown[]): void {
  const changed = catalog.all<ShownRow>(
    `WITH now AS (
       SELECT photos.id AS id, photos.status AS was,
         CASE
           WHEN photos.missing_ms IS NOT NULL THEN 4
           WHEN photos.error_code IS NOT NULL OR r.code IS NOT NULL THEN 3
           WHEN r.top IS NULL THEN 0
           WHEN r.unsure THEN 2
           ELSE 1
         END AS status,
         r.label, coalesce(r.probability, -1) AS probability, coalesce(r.spread, 2) AS spread,
         photos.label AS label_was, photos.probability AS probability_was, photos.spread AS spread_was
       FROM photos LEFT JOIN results r ON r.content_id = photos.content_id AND r.key_id = ?
       WHERE ${where}
     )
     SELECT id, status, label, probability, spread FROM now
     WHERE (status, label, probability, spread) IS NOT (was, label_was, probability_was, spread_was)`,
    shownKeyId(catalog),
    ...values,
  );
  // Only rows that differ are written: each write touches five indexes.
  for (const { id, status, label, probability, spread } of changed)
    catalog.run(
      'UPDATE photos SET status = ?, label = ?, probability = ?, spread = ? WHERE id = ?',
      status,
      label,
      probability,
      spread,
      id,
    );
}

/** The result key that lists should show under these settings: of those with the chosen model, the last used. */
export function keyIdFor(
  catalog: Catalog,
  modelHash: string,
  precision: Settings['precision'],
): number | null {
  const row = catalog.one<{ id: number }>(
    `SELECT id FROM result_keys WHERE model_hash = ? AND (? = 'auto' OR precision = ?) ORDER BY used_ms DESC LIMIT 1`,
    modelHash,
    precision,
    precision,
  );
  return row?.id ?? null;
}

/**
 * Shows another result key's results, photo by photo in short transactions between which others are served. Cut off, it
 * is made good by `finishShowing` at the next start. Answers with false where nothing had to change.
 */
export async function showKey(catalog: Catalog, key: number | null): Promise<boolean> {
  if (shownKeyId(catalog) === key) return false;
  catalog.transaction(() => {
    writeValue(catalog, 'shown', key);
    writeValue(catalog, 'showing', true);
  });
  await finishShowing(catalog);
  return true;
}

const showing = new WeakMap<Catalog, Promise<void>>();

/** One after another: the later one shows what was asked for last. */
export function finishShowing(catalog: Catalog): Promise<void> {
  const turn = (showing.get(catalog) ?? Promise.resolve()).then(() => showAll(catalog));
  showing.set(catalog, turn);
  return turn;
}

async function showAll(catalog: Catalog): Promise<void> {
  if (!catalog.isOpen() || !readValue(catalog, 'showing', false)) return;
  const last = catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM photos')!.id ?? 0;
  for (let from = 0; from <= last; from += chunk) {
    catalog.transaction(() => showPhotos(catalog, 'photos.id > ? AND photos.id <= ?', from, from + chunk));
    await new Promise((resolve) => setImmediate(resolve));
    // Closed meanwhile: the next start goes on.
    if (!catalog.isOpen()) return;
  }
  writeValue(catalog, 'showing', false);
}
