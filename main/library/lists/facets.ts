/** Labels, statuses and own labels with how many photos have them. */
import type { Answer, Request } from '../../contract/verbs.ts';
import type { PhotoFilter } from '../../contract/entities.ts';
import type { Catalog } from '../catalog/database.ts';
import { searchable } from '../catalog/keys.ts';
import { photoStatus, statusNumber } from '../../contract/values.ts';
import { conditionOf } from './filter.ts';
import { shownLabels } from './labels.ts';

/** A cursor is the position in the list: it is short, and read anew each time. */
export function photoFacets(catalog: Catalog, request: Request<'photos.facets'>): Answer<'photos.facets'> {
  const labels = shownLabels(catalog);
  const byLabel = conditionOf(catalog, without(request.filter, 'labels'));
  const rows = catalog.all<{ label: number; photos: number; unsure: number }>(
    `SELECT label, count(*) AS photos, sum(status = ${statusNumber('unsure')}) AS unsure FROM photos WHERE label IS NOT NULL AND ${byLabel.sql}
     GROUP BY label ORDER BY photos DESC, label`,
    ...byLabel.values,
  );
  const wanted = request.search ? new Set(labels.containing(searchable(request.search.trim()))) : null;
  const found = wanted ? rows.filter(({ label }) => wanted.has(label)) : rows;
  const start = Math.max(0, Number.parseInt(request.cursor ?? '0', 10) || 0);
  const end = start + request.limit;
  const byStatus = conditionOf(catalog, without(request.filter, 'status'));
  const counts = catalog.all<{ status: number; photos: number }>(
    `SELECT status, count(*) AS photos FROM photos WHERE ${byStatus.sql} GROUP BY status`,
    ...byStatus.values,
  );
  const byOwn = conditionOf(catalog, { ...request.filter, own: true });
  return {
    items: found
      .slice(start, end)
      .map(({ label, photos, unsure }) => ({ index: label, label: labels.label(label), photos, unsure })),
    next: end < found.length ? String(end) : null,
    status: Object.fromEntries(
      photoStatus.options.map((status, i) => [
        status,
        counts.find((count) => count.status === i)?.photos ?? 0,
      ]),
    ),
    own: catalog.one<{ n: number }>(`SELECT count(*) AS n FROM photos WHERE ${byOwn.sql}`, ...byOwn.values)!
      .n,
  };
}

function without(filter: PhotoFilter, key: keyof PhotoFilter): PhotoFilter {
  const rest = { ...filter };
  delete rest[key];
  return rest;
}
