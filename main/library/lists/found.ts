/**
 * Photos that words of a search find which no index of a list has: a set, asked for once, whatever pages, counts and
 * facets then want of it. A large one is laid over lists that are kept whole, which other searches share.
 */
import type { SortKey } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { addIds, bitsFor, dropIds, has, idList, idsIn, idsOfAll, type IdSet } from '../catalog/id-sets.ts';
import { searchable } from '../catalog/keys.ts';
import { lastPhoto } from '../catalog/photos.ts';
import { memoryOf, remembered } from './remembered.ts';
import { photosPlaced } from './place-words.ts';
import { questionsOf, type ApartTerm } from './terms.ts';
import { holding } from './word-set.ts';

/** A set, and a condition on photos beside it that the indexes of lists answer. */
export interface Found {
  set: IdSet;
  sql: string;
  values: unknown[];
}

/** @param terms not empty */
export function photosFound(catalog: Catalog, terms: readonly ApartTerm[]): IdSet {
  return remembered(catalog, ['found', terms], () => {
    const [first, ...others] = terms.map((term) => foundBy(catalog, term));
    const bits = first!.slice();
    for (const other of others) for (let i = 0; i < bits.length; i++) bits[i]! &= other[i]!;
    // No list shows those that were moved out of the library.
    dropIds(catalog, bits, 'SELECT id FROM photos WHERE missing_ms IS NOT NULL AND away = 1');
    return catalog.sets.make(bits);
  });
}

function wantedBy(catalog: Catalog, { field, values }: ApartTerm): Uint8Array {
  if (field === 'place') return photosPlaced(catalog, values.map(({ text }) => text)).bits; // prettier-ignore
  const bits = bitsFor(lastPhoto(catalog));
  if (field === null)
    for (const { text } of values) {
      const word = holding(catalog, searchable(text));
      for (let i = 0; i < bits.length; i++) bits[i]! |= word[i]!;
    }
  else for (const { sql, values: given } of questionsOf(field, values)) addIds(catalog, bits, sql, ...given);
  return bits;
}

function foundBy(catalog: Catalog, term: ApartTerm): Uint8Array {
  return remembered(catalog, ['term', term], () => {
    const bits = wantedBy(catalog, term);
    return term.not ? bits.map((byte) => ~byte) : bits;
  });
}

export const orders: Record<SortKey, { column: string; index: string }> = {
  name: { column: 'name_key', index: 'photos_by_name' },
  path: { column: 'path_key', index: 'photos_by_path' },
  date: { column: 'date_ms', index: 'photos_by_date' },
  confidence: { column: 'probability', index: 'photos_by_confidence' },
  focus: { column: 'spread', index: 'photos_by_focus' },
};

/** Four bytes a photo each. */
const keptWhole = memoryOf(6);
const keptFound = memoryOf(6);

/** Ids in ascending order. */
export function orderFound(catalog: Catalog, { set, sql, values }: Found, key: SortKey): Int32Array {
  return keptFound(catalog, [key, sql, values, set.number], () => {
    const { column, index } = orders[key];
    const all = keptWhole(catalog, [key, sql, values], () =>
      idsOfAll(
        catalog,
        `SELECT id FROM photos INDEXED BY ${index} WHERE ${sql} ORDER BY ${column}, id`,
        ...values,
      ),
    );
    const ids = new Int32Array(all.length);
    let count = 0;
    for (const id of all) if (has(set.bits, id)) ids[count++] = id;
    return ids.slice(0, count);
  });
}

export interface Crossed {
  label: number | null;
  status: number;
  photos: number;
}

/** Labels by statuses. */
export function crossedFound(catalog: Catalog, { set, sql, values }: Found): Crossed[] {
  const groups = keptGroups(catalog, [sql, values], () =>
    catalog
      .all<Omit<Crossed, 'photos'> & { ids: Uint8Array }>(
        `SELECT label, status, ${idList} AS ids FROM photos INDEXED BY photos_by_label
         WHERE ${sql} GROUP BY label, status`,
        ...values,
      )
      .map(({ ids, ...group }) => ({ ...group, ids: idsIn(ids) })),
  );
  return groups.flatMap(({ ids, ...group }) => {
    let photos = 0;
    for (const id of ids) if (has(set.bits, id)) photos++;
    return photos ? [{ ...group, photos }] : [];
  });
}

const keptGroups = memoryOf(2);
