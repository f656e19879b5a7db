/** Photos by how near their features are to a direction, best first. */
import { nearestOfAll, queryOf } from '../../../models/search/nearest.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { SearchResult } from '../../contract/label-entities.ts';
import type { Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import { shownKeyId } from '../catalog/shown.ts';
import { conditionOf, type Condition } from '../lists/filter.ts';
import { itemsOf } from '../lists/items.ts';
import { selected } from '../lists/page.ts';

const steps = 50;

/** Photos of a condition that have a content, with the row of its feature. */
function compared(catalog: Catalog, key: number, { sql, values }: Condition) {
  const photos = catalog.all<{ id: number; content_id: number | null }>(
    `SELECT id, content_id FROM photos WHERE ${sql}`,
    ...values,
  );
  const features = featuresOf(
    catalog,
    key,
    photos.flatMap(({ content_id }) => content_id ?? []),
  );
  const known = photos.filter(({ content_id }) => content_id !== null && features.rows.has(content_id));
  return { features, known, unknown: photos.length - known.length };
}

export function nearest(
  catalog: Catalog,
  key: number,
  query: ArrayLike<number>,
  condition: Condition,
  top: number,
): SearchResult {
  const { features, known, unknown } = compared(catalog, key, condition);
  const all = nearestOfAll(query, features, features.data.length / features.length || 0);
  const photosAt = new Map<number, number[]>();
  for (const { id, content_id } of known) {
    const row = features.rows.get(content_id!)!;
    photosAt.set(row, [...(photosAt.get(row) ?? []), id]);
  }
  const ranked = Array.from(all.rows, (row, i) =>
    (photosAt.get(row) ?? []).map((id) => ({ id, score: all.scores[i]! })),
  ).flat();
  const most = ranked[0]?.score ?? 0;
  const least = ranked.at(-1)?.score ?? 0;
  const counts = new Array<number>(steps).fill(0);
  const step = (most - least) / steps || 1;
  for (const { score } of ranked) counts[Math.min(steps - 1, Math.floor((score - least) / step))]! += 1;
  const scores = new Map(ranked.slice(0, top).map(({ id, score }) => [id, score]));
  return {
    items: itemsOf(catalog, [...scores.keys()]).map((photo) => ({ photo, score: scores.get(photo.id)! })),
    compared: known.length,
    unknown,
    distribution: { least, most, counts },
    notes: [],
  };
}

/** @throws SaccadeError `no-results` where no photo of the selection is known */
export function photosLike(
  catalog: Catalog,
  { selection, filter = {}, top }: Request<'photos.like'>,
): SearchResult {
  const key = shownKeyId(catalog);
  const asked = selected(catalog, selection);
  const { features, known } = key === null ? { features: null, known: [] } : compared(catalog, key, asked);
  if (key === null || !features || known.length === 0)
    throw new SaccadeError(
      'no-results',
      'Expected photos whose features are known to be looked like; found none. Classify them first.',
    );
  const query = queryOf(features, [...features.rows.values()]);
  const { sql, values } = conditionOf(catalog, filter);
  const others = {
    sql: `${sql} AND id NOT IN (SELECT value FROM json_each(?))`,
    values: [...values, JSON.stringify(known.map(({ id }) => id))],
  };
  return nearest(catalog, key, query, others, top);
}
