/** Pages of photos: a walk over the index of the sort key, entered by cursor or by position. */
import { SaccadeError } from '../../../models/error.ts';
import type { PhotoPage } from '../../contract/entities/photo.ts';
import type { PhotoFilter, PhotoSort, Selection } from '../../contract/requests.ts';
import { hiddenStatus } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { setInSight } from '../catalog/shown.ts';
import { countPhotos } from './counts.ts';
import { conditionOf } from './filter.ts';
import type { Condition } from './condition.ts';
import { itemsOf } from './items.ts';
import { orders } from './found.ts';
import { confidencesBeyond, keptOrder, placedFrom, wholeOrder, type Placed } from './order.ts';

/** The last photo of a page: its sort value, id, and how many come before and with it. */
interface Cursor {
  value: string | number;
  id: number;
  position: number;
}

function writeCursor({ value, id, position }: Cursor): string {
  return Buffer.from(JSON.stringify([value, id, position])).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    const [value, id, position] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (
      (typeof value === 'string' || typeof value === 'number') &&
      Number.isSafeInteger(id) &&
      Number.isSafeInteger(position)
    )
      return { value, id: id as number, position: position as number };
  } catch {
    // Told below.
  }
  throw new SaccadeError('bad-cursor', 'Expected the cursor of an earlier page; found something else.');
}

export interface Step {
  ids: number[];
  next: string | null;
  start: number;
}

/** Ids of the next `limit` photos. */
export function walk(
  catalog: Catalog,
  condition: Condition,
  sort: PhotoSort,
  limit: number,
  from: { cursor?: string | undefined; at?: number | undefined },
): Step {
  const { column, index } = orders[sort.key];
  const [order, beyond] = sort.descending ? ['DESC', '<'] : ['ASC', '>'];
  const cursor = from.cursor === undefined ? null : readCursor(from.cursor);
  const start = cursor?.position ?? from.at ?? 0;
  const rows =
    confidencesBeyond(catalog, condition, sort, cursor ?? start, limit + 1) ??
    catalog.all<Placed>(
      `SELECT id, ${column} AS value FROM photos INDEXED BY ${index}
       WHERE ${cursor ? `(${column}, id) ${beyond} (?, ?) AND` : ''} ${condition.sql}
       ORDER BY ${column} ${order}, id ${order} LIMIT ? OFFSET ?`,
      ...(cursor ? [cursor.value, cursor.id] : []),
      ...condition.values,
      limit + 1,
      cursor ? 0 : start,
    );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    ids: shown.map(({ id }) => id),
    start,
    next: more ? writeCursor({ value: last.value, id: last.id, position: start + shown.length }) : null,
  };
}

export function photoPage(
  catalog: Catalog,
  request: {
    filter: PhotoFilter;
    sort: PhotoSort;
    limit: number;
    at?: number | undefined;
    cursor?: string | undefined;
  },
): PhotoPage {
  if (request.at !== undefined && request.cursor !== undefined)
    throw new SaccadeError('bad-request', 'Expected a position or a cursor; found both.');
  const condition = conditionOf(catalog, request.filter);
  const total = countPhotos(catalog, condition);
  const { ids, start, next } =
    request.cursor === undefined
      ? pageAt(catalog, condition, request, total)
      : pageAfter(catalog, condition, request, total);
  setInSight(catalog, ids);
  return { items: itemsOf(catalog, ids), start, next, total };
}

interface PageRequest {
  sort: PhotoSort;
  limit: number;
  at?: number | undefined;
  cursor?: string | undefined;
}

/** By position. */
function pageAt(catalog: Catalog, condition: Condition, request: PageRequest, total: number): Step {
  const { sort, limit, at: start = 0 } = request;
  const rows = placedFrom(catalog, condition, sort, { start, count: Math.min(limit, total - start), total });
  const last = rows.at(-1);
  const position = start + rows.length;
  return {
    ids: rows.map(({ id }) => id),
    start,
    next: last && position < total ? writeCursor({ ...last, position }) : null,
  };
}

/** By cursor; in a short list that has not changed that is a position too. */
function pageAfter(catalog: Catalog, condition: Condition, request: PageRequest, total: number): Step {
  const { sort, limit, cursor } = request;
  const { id, position } = readCursor(cursor!);
  const order = keptOrder(catalog, condition, sort.key);
  const there = order?.[sort.descending ? total - position : position - 1] === id;
  return there
    ? pageAt(catalog, condition, { ...request, at: position }, total)
    : walk(catalog, condition, sort, limit, { cursor });
}

/** How many come before it, or null where the filter does not find it. */
export function photoPosition(
  catalog: Catalog,
  photoId: number,
  filter: PhotoFilter,
  sort: PhotoSort,
): number | null {
  const { column, index } = orders[sort.key];
  const condition = conditionOf(catalog, filter);
  const row = catalog.one<{ value: string | number }>(
    `SELECT ${column} AS value FROM photos WHERE id = ? AND ${condition.sql}`,
    photoId,
    ...condition.values,
  );
  if (!row) return null;
  const order = wholeOrder(catalog, condition, sort.key);
  if (order) {
    const at = order.indexOf(photoId);
    return sort.descending ? order.length - 1 - at : at;
  }
  return catalog.one<{ n: number }>(
    `SELECT count(*) AS n FROM photos INDEXED BY ${index}
     WHERE (${column}, id) ${sort.descending ? '>' : '<'} (?, ?) AND ${condition.sql}`,
    row.value,
    photoId,
    ...condition.values,
  )!.n;
}

/** A selection as a condition. */
export function selected(catalog: Catalog, selection: Selection): Condition {
  if ('ids' in selection)
    return {
      // What was moved out of the library meanwhile is not meant.
      sql: 'photos.id IN (SELECT value FROM json_each(?)) AND photos.status <> ?',
      values: [JSON.stringify(selection.ids), hiddenStatus.away],
    };
  const condition = conditionOf(catalog, selection.filter);
  if (selection.except.length === 0) return condition;
  return {
    sql: `${condition.sql} AND photos.id NOT IN (SELECT value FROM json_each(?))`,
    values: [...condition.values, JSON.stringify(selection.except)],
    wanted: condition.wanted,
  };
}
