/** What to look at next, and why. */
import { SaccadeError } from '../../../models/error.ts';
import type { QueueItem } from '../../contract/entities/review.ts';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { goneOf } from '../catalog/photos.ts';
import { noWord, noWords, wordsOf } from '../catalog/person.ts';
import { isLabelled, shownHead } from '../catalog/shown.ts';
import type { Condition } from '../lists/condition.ts';
import { conditionOf } from '../lists/filter.ts';
import { itemOf, mostInItem, readingsOf, rowsOf } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { differences, type Difference } from './agreement.ts';
import { population } from './estimate.ts';

const suggestionsShown = 9;

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

/** As they are now; what is gone is left out. */
export function queueItems(catalog: Catalog, ids: readonly number[]): QueueItem[] {
  const gone = new Set(goneOf(catalog, ids));
  return itemsOf(
    catalog,
    ids.filter((id) => !gone.has(id)),
    new Map(),
  );
}

/**
 * Where a page begins: after the photo that the one before ended with. A photo that gets a word leaves the queue, so its
 * place in the order is told, not how many come before it.
 */
type Place = [key: number, id: number];
/** @throws SaccadeError `bad-cursor` */
function placeIn(cursor: string | undefined): Place {
  const place = (cursor ?? '-1e9,0').split(',').map(Number);
  if (place.length === 2 && place.every(Number.isFinite)) return place as Place;
  throw new SaccadeError('bad-cursor', 'Expected the cursor of an earlier page; found something else.');
}

/** Photos of a condition in an order. */
function ordered(
  catalog: Catalog,
  { sql, values }: Condition,
  order: string,
  { limit, cursor }: Pick<Request<'review.queue'>, 'limit' | 'cursor'>,
): Answer<'review.queue'> {
  const place = placeIn(cursor);
  const following = `FROM photos WHERE ${sql} AND (${order}, id) > (?, ?)`;
  const { n: left } = catalog.one<{ n: number }>(`SELECT count(*) AS n ${following}`, ...values, ...place)!;
  const rows = catalog.all<{ id: number; key: number }>(
    `SELECT id, ${order} AS key ${following} ORDER BY key, id LIMIT ?`,
    ...values,
    ...place,
    limit,
  );
  const last = rows.at(-1);
  return {
    items: itemsOf(
      catalog,
      rows.map(({ id }) => id),
      new Map(),
    ),
    left,
    next: left > rows.length && last ? `${last.key},${last.id}` : null,
  };
}

/** Strongest first. */
function strongest(
  catalog: Catalog,
  found: readonly Difference[],
  { limit, cursor }: Pick<Request<'review.queue'>, 'limit' | 'cursor'>,
): Answer<'review.queue'> {
  const [key, id] = placeIn(cursor);
  const following = found
    .filter(({ strength, photoId }) => -strength > key || (-strength === key && photoId > id))
    .sort((x, y) => y.strength - x.strength || x.photoId - y.photoId);
  const shown = following.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: itemsOf(
      catalog,
      shown.map(({ photoId }) => photoId),
      new Map(shown.map((each) => [each.photoId, each])),
    ),
    left: following.length,
    next: following.length > shown.length && last ? `${-last.strength},${last.photoId}` : null,
  };
}

/** `suspects`: what an audit found. */
export function queue(
  catalog: Catalog,
  request: Request<'review.queue'>,
  suspects: readonly Difference[],
): Answer<'review.queue'> {
  const condition = conditionOf(catalog, request.filter ?? {});
  if (request.queue === 'unsure')
    return ordered(
      catalog,
      { ...condition, sql: `${condition.sql} AND ${isLabelled} AND ${noWord}` },
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
  return strongest(catalog, found, request);
}
