/** Labels, statuses and own labels with how many photos have them. */
import type { Answer, Request } from '../../contract/verbs.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { Catalog } from '../catalog/database.ts';
import { idsOfAll } from '../catalog/id-sets.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { searchable } from '../catalog/keys.ts';
import { hiddenStatus, photoStatus, statusNumber } from '../../contract/values.ts';
import { countPhotos } from './counts.ts';
import { labelsShownUpTo } from '../catalog/shown.ts';
import { conditionOf } from './filter.ts';
import type { Condition, StatusRow } from './condition.ts';
import { crossedFound, type Crossed } from './found.ts';
import { countsOf, furtherUnder } from './further.ts';
import { shownLabels } from './labels.ts';
import { keptOrder } from './order.ts';
import { remembered } from './remembered.ts';
import { both } from './sets.ts';

interface LabelRow {
  label: number;
  photos: number;
  unsure: number;
}

/** A cursor is the position in the list: it is short, and read anew each time. */
export function photoFacets(catalog: Catalog, request: Request<'photos.facets'>): Answer<'photos.facets'> {
  const labels = shownLabels(catalog);
  const condition = conditionOf(catalog, without(request.filter, ...ofLabels));
  const rows = labelCounts(catalog, condition);
  const wanted = request.search ? new Set(labels.containing(searchable(request.search.trim()))) : null;
  const found = wanted ? rows.filter(({ label }) => wanted.has(label)) : rows;
  const start = Math.max(0, Number.parseInt(request.cursor ?? '0', 10) || 0);
  const end = start + request.limit;
  const counts = statusesUnder(catalog, conditionOf(catalog, without(request.filter, 'status')));
  const alsoWith = (more: PhotoFilter) =>
    countPhotos(catalog, conditionOf(catalog, { ...request.filter, ...more }));
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
    own: alsoWith({ own: true }),
    damaged: alsoWith({ damaged: true }),
  };
}

/** Most photos first; of labels that the head in use has given so far. */
export function labelCounts(catalog: Catalog, condition: Condition): LabelRow[] {
  const upTo = labelsShownUpTo(catalog);
  return upTo === Infinity ? labelsUnder(catalog, condition) : labelsSoFar(catalog, condition, upTo);
}

const unsure = `status = ${statusNumber('unsure')}`;

/** Most photos first. */
function labelsUnder(catalog: Catalog, condition: Condition): LabelRow[] {
  const { sql, values, kept } = condition;
  return remembered(catalog, ['labels', sql, values], () => {
    if (kept)
      return catalog.all<LabelRow>(
        `SELECT label, sum(photos) AS photos, sum(iif(${unsure}, photos, 0)) AS unsure FROM ${countsOf(true)}
         WHERE label >= 0 AND ${kept.sql} GROUP BY label HAVING sum(photos) > 0 ORDER BY 2 DESC, label`,
        ...kept.values,
      );
    const byLabel = new Map<number, LabelRow>();
    for (const { label, status, photos } of crossed(catalog, ofFirst(condition))) {
      if (label === null) continue;
      const row = byLabel.get(label) ?? { label, photos: 0, unsure: 0 };
      row.photos += photos;
      if (status === statusNumber('unsure')) row.unsure += photos;
      byLabel.set(label, row);
    }
    return mostFirst(byLabel, furtherUnder(catalog, condition));
  });
}

/** With photos of which a label holds beside their first, which are sure. */
function mostFirst(byLabel: Map<number, LabelRow>, further: ReturnType<typeof furtherUnder>): LabelRow[] {
  for (const { label, photos } of further) {
    const row = byLabel.get(label) ?? { label, photos: 0, unsure: 0 };
    byLabel.set(label, { ...row, photos: row.photos + photos });
  }
  return [...byLabel.values()].sort((one, other) => other.photos - one.photos || one.label - other.label);
}

/** Where bounds are of labels that are wanted beside it, those of a photo's first label too. */
function ofFirst(condition: Condition): Condition {
  const { sql, values, beside } = condition;
  return beside?.ofWanted ? both([{ sql, values }, ...beside.bounds]) : condition;
}

/** Labels by statuses: both are often asked of the same photos, and to pass them all is what takes time. */
function crossed(catalog: Catalog, condition: Condition): Crossed[] {
  return remembered(catalog, ['crossed', condition.sql, condition.values], () => {
    if (condition.found) return crossedFound(catalog, condition.found);
    if (condition.bounded && !isWide(catalog, condition)) return crossedWithin(catalog, condition);
    const { sql, values } = condition.bounded ? alongLabels(condition) : foundBy(catalog, condition);
    return catalog.all<Crossed>(
      `SELECT label, status, count(*) AS photos ${sql} GROUP BY label, status`,
      ...values,
    );
  });
}

/** Looked up in less than a millisecond. */
const sampled = 256;

/** Whether it finds so many of all photos, by some that lie evenly among them, that to pass all by their labels is faster. */
function isWide(catalog: Catalog, { sql, values }: Condition): boolean {
  const last = lastPhoto(catalog);
  const ids = Array.from({ length: sampled }, (_, i) => Math.ceil(((i + 1) * last) / sampled));
  const question = `SELECT count(*) AS n FROM photos WHERE id IN (SELECT value FROM json_each(?)) AND ${sql}`;
  return catalog.one<{ n: number }>(question, JSON.stringify(ids), ...values)!.n > 0.4 * sampled;
}

/** Of photos in a range of probabilities, which alone are passed; SQLite would sort them by label. */
function crossedWithin(catalog: Catalog, { sql, values }: Condition): Crossed[] {
  const statuses = hiddenStatus.under + 1;
  const counts: number[] = [];
  const each = `SELECT (coalesce(label, -1) + 1) * ${statuses} + status AS id FROM photos INDEXED BY photos_by_confidence WHERE ${sql}`;
  for (const group of idsOfAll(catalog, each, ...values)) counts[group] = (counts[group] ?? 0) + 1;
  return Object.entries(counts).map(([group, photos]) => {
    const label = Math.floor(Number(group) / statuses) - 1;
    return { label: label < 0 ? null : label, status: Number(group) % statuses, photos };
  });
}

/** While labels are being brought up to date: of photos up to an id, because the numbers of the others mean other labels. */
function labelsSoFar(catalog: Catalog, condition: Condition, upTo: number): LabelRow[] {
  const { sql, values } = ofFirst(condition);
  const rows = catalog.all<LabelRow>(
    `SELECT label, count(*) AS photos, sum(${unsure}) AS unsure FROM photos
     WHERE label IS NOT NULL AND id <= ? AND ${sql} GROUP BY label`,
    upTo,
    ...values,
  );
  const known = { sql: 'id <= ?', values: [upTo] };
  const further = furtherUnder(catalog, {
    ...condition,
    found: undefined,
    beside: condition.beside && { ...condition.beside, rest: both([condition.beside.rest, known]) },
  });
  return mostFirst(new Map(rows.map((row) => [row.label, row])), further);
}

function statusesUnder(catalog: Catalog, condition: Condition): StatusRow[] {
  const { sql, values, kept, states } = condition;
  if (states) return states();
  return remembered(catalog, ['statuses', sql, values], () => {
    if (kept)
      return catalog.all<StatusRow>(
        `SELECT status, sum(photos) AS photos FROM ${countsOf(kept.further)} WHERE ${kept.sql} GROUP BY status`,
        ...kept.values,
      );
    const photos = photoStatus.options.map(() => 0);
    for (const row of crossed(catalog, condition)) photos[row.status]! += row.photos;
    return photos.map((each, status) => ({ status, photos: each }));
  });
}

/** From a short list by its ids, from a long one along the index that has labels and statuses side by side. */
function foundBy(catalog: Catalog, condition: Condition): { sql: string; values: unknown[] } {
  const ids = keptOrder(catalog, condition, 'date');
  return ids
    ? {
        sql: 'FROM photos WHERE id IN (SELECT value FROM json_each(?))',
        values: [JSON.stringify([...ids])],
      }
    : alongLabels(condition);
}

/** Those of a label and status side by side. */
const alongLabels = ({ sql, values }: Condition) => ({
  sql: `FROM photos INDEXED BY photos_by_label WHERE ${sql}`,
  values,
});

const ofLabels = ['labels', 'person', 'match', 'withoutLabels', 'withoutPerson'] as const;

function without(filter: PhotoFilter, ...keys: (keyof PhotoFilter)[]): PhotoFilter {
  const rest = { ...filter };
  for (const key of keys) delete rest[key];
  return rest;
}
