/** What to look at next, and why. */
import type { QueueItem } from '../../contract/entities/review.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWords, wordsOf } from '../catalog/person.ts';
import { shownHead } from '../catalog/shown.ts';
import { conditionOf, type Condition } from '../lists/filter.ts';
import { itemOf, mostInItem, readingsOf, rowsOf } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { differences, type Difference } from './agreement.ts';
import { population } from './estimate.ts';

const suggestionsShown = 9;
const noWord = 'NOT EXISTS (SELECT 1 FROM person_words w WHERE w.photo_id = photos.id)';

function itemsOf(
  catalog: Catalog,
  ids: readonly number[],
  why: ReadonlyMap<number, Difference>,
): QueueItem[] {
  const rows = rowsOf(catalog, ids);
  const words = wordsOf(catalog, ids);
  const labels = shownLabels(catalog);
  const readings = readingsOf(rows, labels, Math.max(suggestionsShown, mostInItem(labels)));
  return rows.map((row, i) => {
    const against = why.get(row.id);
    return {
      photo: itemOf(row, readings[i]!, labels),
      person: words.get(row.id) ?? noWords,
      suggestions: readings[i]!.predictions.slice(0, suggestionsShown),
      against: against
        ? {
            given: against.given,
            likely: against.likely,
            givenProbability: against.givenProbability,
            likelyProbability: against.likelyProbability,
          }
        : null,
    };
  });
}

/** Photos of a condition in an order. A photo that gets a word leaves the queue, so the next page begins anew after `cursor`. */
function ordered(
  catalog: Catalog,
  { sql, values }: Condition,
  order: string,
  { limit, cursor }: Pick<Request<'review.queue'>, 'limit' | 'cursor'>,
): Answer<'review.queue'> {
  const [key, id] = (cursor ?? '-1e9,0').split(',').map(Number) as [number, number];
  const { n: total } = catalog.one<{ n: number }>(
    `SELECT count(*) AS n FROM photos WHERE ${sql}`,
    ...values,
  )!;
  const rows = catalog.all<{ id: number; key: number }>(
    `SELECT id, ${order} AS key FROM photos WHERE ${sql} AND (${order}, id) > (?, ?) ORDER BY key, id LIMIT ?`,
    ...values,
    key,
    id,
    limit + 1,
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: itemsOf(
      catalog,
      shown.map((row) => row.id),
      new Map(),
    ),
    total,
    next: rows.length > limit && last ? `${last.key},${last.id}` : null,
  };
}

/** `suspects`: what an audit found, strongest first. */
export function queue(
  catalog: Catalog,
  request: Request<'review.queue'>,
  suspects: readonly Difference[],
): Answer<'review.queue'> {
  const condition = conditionOf(catalog, request.filter ?? {});
  if (request.queue === 'unsure')
    return ordered(
      catalog,
      { ...condition, sql: `${condition.sql} AND status IN (1, 2) AND ${noWord}` },
      'probability',
      request,
    );
  if (request.queue === 'sample') {
    const { sql, values } = population(condition, request.label);
    return ordered(catalog, { sql: `${sql} AND ${noWord}`, values }, 'draw_order(id)', request);
  }
  const { with: other = { by: 'head', headId: null } } = request;
  // What a person has said is settled, but where it is the very thing that is compared.
  const open = other.by === 'person' ? condition : { ...condition, sql: `${condition.sql} AND ${noWord}` };
  const found =
    request.queue === 'audit'
      ? suspects
      : differences(catalog, { by: 'head', headId: shownHead(catalog)?.row.id ?? null }, other, open);
  const start = Number.parseInt(request.cursor ?? '0', 10) || 0;
  const shown = found.slice(start, start + request.limit);
  const end = start + shown.length;
  return {
    items: itemsOf(
      catalog,
      shown.map(({ photoId }) => photoId),
      new Map(shown.map((each) => [each.photoId, each])),
    ),
    total: found.length,
    next: end < found.length ? String(end) : null,
  };
}
