/** Where photos stand in a list: a short list is kept whole, a long one is entered at the nearest place that is known. */
import type { PhotoSort } from '../../contract/requests.ts';
import type { SortKey } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { confidencesOf, placeOf, type Confidences } from './confidence.ts';
import { countPhotos } from './counts.ts';
import type { Condition } from './condition.ts';
import { orderFound, orders } from './found.ts';
import { remembered } from './remembered.ts';

export interface Placed {
  id: number;
  /** Of the column it is sorted by. */
  value: string | number;
}

/** Photos of a list that is kept whole: to go through an index for so few takes longer than to sort them. */
const shortList = 16_384;

/** Null: the index of the sort has the order. */
const confidencesIn = (catalog: Catalog, condition: Condition, key: SortKey): Confidences | null =>
  key === 'confidence' && condition.wanted ? confidencesOf(catalog, condition, condition.wanted) : null;

/** Ids in ascending order; null: there are too many, and an index has the order. */
export function keptOrder(catalog: Catalog, condition: Condition, key: SortKey): Int32Array | null {
  const confidences = confidencesIn(catalog, condition, key);
  if (confidences) return confidences.ids;
  if (countPhotos(catalog, condition) > shortList) return null;
  const { column, index } = orders[key];
  const { sql, values, led } = condition;
  // The plus keeps SQLite from walking the whole index of the sort for a few photos.
  const found = led
    ? `FROM photos WHERE ${sql} ORDER BY +${column}, +id`
    : `FROM photos INDEXED BY ${index} WHERE ${sql} ORDER BY ${column}, id`;
  return remembered(catalog, ['order', key, sql, values], () =>
    Int32Array.from(catalog.all<{ id: number }>(`SELECT id ${found}`, ...values), ({ id }) => id),
  );
}

/**
 * Of what a word finds, at either end: walked to along the index, before the list is kept whole. Where those that it finds
 * lie far from an end, as along names, all photos may be passed: that takes half as long as keeping the list.
 */
const walked = 0.1;

/** Ids in ascending order of a list that is kept whole; null: its photos are to be walked to along the index, the `to`th from an end being the last. */
export function wholeOrder(
  catalog: Catalog,
  condition: Condition,
  key: SortKey,
  to = Infinity,
): Int32Array | null {
  const short = keptOrder(catalog, condition, key);
  const { found } = condition;
  if (short || !found) return short;
  return to < walked * countPhotos(catalog, condition) ? null : orderFound(catalog, found, key);
}

/** A photo of a long list, and how many come before it in ascending order. */
interface Place extends Placed {
  at: number;
}

/** `count` photos from position `start` on, `start` + `count` ≤ `total`. */
export function placedFrom(
  catalog: Catalog,
  condition: Condition,
  { key, descending }: PhotoSort,
  range: { start: number; count: number; total: number },
): Placed[] {
  const { start, count, total } = range;
  if (count <= 0) return [];
  const from = descending ? total - start - count : start;
  const confidences = confidencesIn(catalog, condition, key);
  const whole = confidences
    ? null
    : wholeOrder(catalog, condition, key, Math.min(from + count, total - from));
  const found = confidences
    ? placesIn(confidences, from, count)
    : whole
      ? valued(catalog, key, [...whole.subarray(from, from + count)])
      : ascending(catalog, condition, key, { from, count, total });
  return descending ? found.reverse() : found;
}

const placesIn = ({ ids, values }: Confidences, from: number, count: number): Placed[] =>
  Array.from(ids.subarray(from, from + count), (id, i) => ({ id, value: values[from + i]! }));

/** As a walk along an index goes on behind a photo, or from a position; null: such an index is walked. */
export function confidencesBeyond(
  catalog: Catalog,
  condition: Condition,
  { key, descending }: PhotoSort,
  from: { value: string | number; id: number } | number,
  count: number,
): Placed[] | null {
  const confidences = confidencesIn(catalog, condition, key);
  if (!confidences) return null;
  const { length } = confidences.ids;
  const passed =
    typeof from === 'number'
      ? from
      : descending
        ? length - placeOf(confidences, Number(from.value), from.id)
        : placeOf(confidences, Number(from.value), from.id + 1);
  const taken = Math.min(count, length - passed);
  if (taken <= 0) return [];
  const found = placesIn(confidences, descending ? length - passed - taken : passed, taken);
  return descending ? found.reverse() : found;
}

/** The last one's value alone is needed, to go on from it. */
function valued(catalog: Catalog, key: SortKey, ids: readonly number[]): Placed[] {
  const { column } = orders[key];
  const values = new Map(
    catalog
      .all<Placed>(
        `SELECT id, ${column} AS value FROM photos WHERE id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(ids),
      )
      .map(({ id, value }) => [id, value]),
  );
  return ids.flatMap((id) => (values.has(id) ? [{ id, value: values.get(id)! }] : []));
}

function ascending(
  catalog: Catalog,
  { sql, values, paths }: Condition,
  key: SortKey,
  { from, count, total }: { from: number; count: number; total: number },
): Placed[] {
  const { column, index } = orders[key];
  const places = remembered(catalog, ['places', key, sql, values], (): Place[] => []);
  const before = places.findLast(({ at }) => at <= from) ?? null;
  const after = places.find(({ at }) => at >= from + count) ?? null;
  const skipped = from - (before?.at ?? 0);
  const skippedBack = (after?.at ?? total) - from - count;
  const back = skippedBack < skipped;
  const entry = back ? after : before;
  const [order, beyond] = back ? ['DESC', '<'] : ['ASC', '>='];
  // By path a folder's photos lie side by side, and all others would be passed on the way to them.
  const [start, end] = key === 'path' && paths ? [paths.from, paths.to] : [null, null];
  const begins = start !== null && (!entry || back);
  const ends = end !== null && (!entry || !back);
  const rows = catalog.all<Placed>(
    `SELECT id, ${column} AS value FROM photos INDEXED BY ${index}
     WHERE ${entry ? `(${column}, id) ${beyond} (?, ?) AND` : ''}
       ${begins ? `${column} >= ? AND` : ''} ${ends ? `${column} < ? AND` : ''} ${sql}
     ORDER BY ${column} ${order}, id ${order} LIMIT ? OFFSET ?`,
    ...(entry ? [entry.value, entry.id] : []),
    ...(begins ? [start] : []),
    ...(ends ? [end] : []),
    ...values,
    count,
    back ? skippedBack : skipped,
  );
  if (back) rows.reverse();
  if (rows[0]) keep(places, { ...rows[0], at: from });
  return rows;
}

/** Nearer than this to a known one, a place is not worth keeping. */
const apart = 1000;

function keep(places: Place[], place: Place): void {
  const next = places.findIndex(({ at }) => at >= place.at);
  const at = next < 0 ? places.length : next;
  if (place.at - (places[at - 1]?.at ?? 0) < apart || (places[at]?.at ?? Infinity) - place.at < apart) return;
  places.splice(at, 0, place);
}
