/** Which cell of the last comparison each photo lies in. */
import type { Catalog } from './database.ts';

const compared = `CREATE TEMP TABLE IF NOT EXISTS compared (
  photo_id INTEGER PRIMARY KEY, row INTEGER NOT NULL, col INTEGER NOT NULL
)`;

/** The filter `cell` is about the last comparison, which none may have been yet. */
export function openComparison(catalog: Catalog): void {
  catalog.exec(compared);
}
