/**
 * Labels beside a photo's first that hold of it too, of what is shown: where several may hold, and the photo is sure. They
 * repeat what is stored as the photos' own columns do, and there are none where one label is given.
 */
import type { Catalog } from './database.ts';

export interface HeldLabel {
  index: number;
  probability: number;
}

interface Row extends HeldLabel {
  id: number;
}

const keyOf = ({ index, probability }: HeldLabel): string => `${index} ${probability}`;

/** In place of what these photos have; only of photos that differ is anything written. Within a transaction. */
export function setFurther(
  catalog: Catalog,
  photoIds: readonly number[],
  further: ReadonlyMap<number, readonly HeldLabel[]>,
): void {
  if (further.size === 0 && !catalog.one('SELECT 1 FROM further_labels LIMIT 1')) return;
  const rows = catalog.all<Row>(
    `SELECT photo_id AS id, label AS "index", probability FROM further_labels
     WHERE photo_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(photoIds),
  );
  const had = Map.groupBy(rows, ({ id }) => id);
  const said = (labels: readonly HeldLabel[] = []) => labels.map(keyOf).sort().join();
  for (const id of photoIds) {
    const [before, now] = [had.get(id), further.get(id)];
    if (said(before) === said(now)) continue;
    if (before) catalog.run('DELETE FROM further_labels WHERE photo_id = ?', id);
    for (const { index, probability } of now ?? [])
      catalog.run(
        `INSERT INTO further_labels (label, photo_id, folder_id, probability)
         SELECT ?, id, folder_id, ? FROM photos WHERE id = ?`,
        index,
        probability,
        id,
      );
  }
}

/** Whether any of these labels, or any at all, is a further one of a photo. */
export function anyFurther(catalog: Catalog, labels?: readonly number[]): boolean {
  return labels === undefined
    ? catalog.one('SELECT 1 FROM further_labels LIMIT 1') !== undefined
    : catalog.one(
        `SELECT 1 FROM further_counts WHERE folder_id = 0 AND photos > 0
         AND label IN (SELECT value FROM json_each(?)) LIMIT 1`,
        JSON.stringify(labels),
      ) !== undefined;
}
