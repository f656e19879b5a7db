/** Which cell of a comparison each photo lies in. Several windows compare at once, so that each comparison has its number. */
import { SaccadeError } from '../../../models/error.ts';
import type { Catalog } from './database.ts';

const compared = `CREATE TEMP TABLE IF NOT EXISTS compared (
  comparison INTEGER NOT NULL, photo_id INTEGER NOT NULL, row INTEGER NOT NULL, col INTEGER NOT NULL,
  PRIMARY KEY (comparison, photo_id)
) WITHOUT ROWID`;

/** Of the last that were made or asked about: a row a photo is kept of each. */
const most = 10;

/** Their numbers, the one that was used last at the end. */
const known = new WeakMap<Catalog, number[]>();

interface Placed {
  photoId: number;
  row: number;
  column: number;
}

/** @returns its number, which no comparison had before a restart either */
export function keepComparison(catalog: Catalog, photos: Iterable<Placed>): number {
  const others = known.get(catalog) ?? [];
  const id = Math.max(Date.now(), ...others.map((other) => other + 1));
  const dropped = others.slice(0, Math.max(0, others.length - most + 1));
  catalog.exec(compared);
  catalog.transaction(() => {
    for (const old of dropped) catalog.run('DELETE FROM temp.compared WHERE comparison = ?', old);
    for (const { photoId, row, column } of photos)
      catalog.run('INSERT INTO temp.compared VALUES (?, ?, ?, ?)', id, photoId, row, column);
  });
  known.set(catalog, [...others.slice(dropped.length), id]);
  return id;
}

/** What finds the photos of a cell: SQL and its values. @throws SaccadeError `no-comparison` */
export function inCell(
  catalog: Catalog,
  { comparison, row, column }: { comparison: number; row: number; column: number },
): { sql: string; values: number[] } {
  const all = known.get(catalog) ?? [];
  if (!all.includes(comparison))
    throw new SaccadeError(
      'no-comparison',
      'Expected a comparison that is still known; this one was made before the library was opened, or others took its place. Compare again.',
    );
  known.set(catalog, [...all.filter((other) => other !== comparison), comparison]);
  return {
    sql: 'id IN (SELECT photo_id FROM temp.compared WHERE comparison = ? AND row = ? AND col = ?)',
    values: [comparison, row, column],
  };
}
