/** How many photos a filter finds: kept by the catalog where it can be, counted once where not. */
import type { Catalog } from '../catalog/database.ts';
import type { Condition } from './condition.ts';
import { orderFound } from './found.ts';
import { countsOf } from './further.ts';
import { remembered } from './remembered.ts';

export function countPhotos(
  catalog: Catalog,
  { sql, values, kept, photos, states, found }: Condition,
): number {
  if (photos !== undefined) return photos;
  if (states) return states().reduce((sum, each) => sum + each.photos, 0);
  if (found) return orderFound(catalog, found, 'date').length;
  return remembered(catalog, ['count', sql, values], () => {
    const question = kept
      ? `SELECT coalesce(sum(photos), 0) AS n FROM ${countsOf(kept.further)} WHERE ${kept.sql}`
      : `SELECT count(*) AS n FROM photos WHERE ${sql}`;
    return catalog.one<{ n: number }>(question, ...(kept ?? { values }).values)!.n;
  });
}
