/** Sets of photos as conditions, and conditions as sets. */
import { addIds, bitsFor, inSet, type IdSet } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { remembered } from './remembered.ts';

export interface Part {
  /** Never empty. */
  sql: string;
  values: unknown[];
}

/** So few are found by their ids; more are passed on the way along an index that the list walks. */
const few = 16_384;

export const isLarge = ({ size }: IdSet): boolean => size > few;

/** As a condition on photos. @param lookedUp so many are looked up by their ids where that is faster than to pass all */
export function setCondition(catalog: Catalog, set: IdSet, lookedUp = few): Part {
  catalog.sets.use(set);
  const sql = set.size > lookedUp ? inSet('id') : 'id IN (SELECT value FROM json_each(ids_of(?)))';
  return { sql, values: [set.number] };
}

/** Of the ids that `sql` selects. */
export function setOf(catalog: Catalog, sql: string, values: readonly unknown[]): IdSet {
  return remembered(catalog, ['set', sql, values], () => {
    const bits = bitsFor(lastPhoto(catalog));
    addIds(catalog, bits, sql, ...values);
    return catalog.sets.make(bits);
  });
}

/** One number is compared with where there is one: a list of one would be looked up for every photo. */
export function among(column: string, numbers: readonly number[]): Part {
  return numbers.length === 1
    ? { sql: `${column} = ?`, values: [numbers[0]] }
    : { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(numbers)] };
}

export const both = (parts: readonly Part[]): Part => joined(parts, 'AND');
export const either = (parts: readonly Part[]): Part => joined(parts, 'OR');
export const not = ({ sql, values }: Part): Part => ({ sql: `NOT ${sql}`, values });

const joined = (parts: readonly Part[], by: string): Part => ({
  sql: parts.length === 1 ? parts[0]!.sql : `(${parts.map(({ sql }) => sql).join(` ${by} `)})`,
  values: parts.flatMap(({ values }) => values),
});
