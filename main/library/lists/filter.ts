/** A filter of the contract as an SQL condition on photos. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import { queryTerms } from '../../contract/query-words.ts';
import { hiddenStatus, photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById, folderOrBelow, holdsAll } from '../catalog/folders.ts';
import { rangeBelow } from '../catalog/keys.ts';
import { labelsShownUpTo } from '../catalog/shown.ts';
import { inCell } from '../catalog/compared.ts';
import { keysOfName } from './labels.ts';
import { among, labelSet } from './label-set.ts';
import { isLarge, photosFound, setCondition, type Found } from './found.ts';
import { broken, byHand, isListed, keyworded, termCondition, type ApartTerm } from './terms.ts';

export interface Condition {
  /** Never empty. */
  sql: string;
  values: unknown[];
  /** The same on `photo_counts`, where that is enough to count by. */
  kept?: { sql: string; values: unknown[] };
  /** How many it finds, where that is known. */
  photos?: number;
  /** Where a large set is part of it, the set and the rest. */
  found?: Found;
  /** Keys of paths that it finds, of a folder: `from` ≤ key < `to`. */
  paths?: { from: string; to: string };
  /** Nothing narrows it down more than a bound of probability does. */
  bounded?: boolean;
  /** An index leads to the photos that it finds, so that they need not be looked for among all. */
  led?: boolean;
}

export function conditionOf(catalog: Catalog, filter: PhotoFilter): Condition {
  // All indexes that lists walk over have the status.
  const parts = [
    filter.shot === undefined ? `status < ${photoStatus.options.length}` : `status <> ${hiddenStatus.away}`,
  ];
  const values: unknown[] = [];
  const add = (sql: string, ...given: unknown[]) => {
    parts.push(sql);
    values.push(...given);
  };
  const folder = filter.folderId === undefined ? null : folderById(catalog, filter.folderId);
  const narrower = folder && !holdsAll(catalog, folder) ? folder : null;
  if (narrower) {
    // Over the rank of folders, not of photos, so that any index that has folder_id covers it.
    const within = folderOrBelow(narrower);
    add(within.sql, ...within.values);
  }
  const terms = queryTerms(filter.search ?? '');
  const labelled = labelSet(filter, (name) => keysOfName(catalog, name));
  for (const { sql, values: given } of labelled.kept) add(sql, ...given);
  if (filter.status) add(...among('status', filter.status.map(statusNumber)));
  const counted = parts.length;
  const kept = {
    sql: [...(narrower ? [] : ['folder_id = 0']), ...parts].join(' AND '),
    values: [...values],
  };
  const byLabel = labelled.byNumber || terms.some(({ field }) => field === 'label');
  const upTo = byLabel ? labelsShownUpTo(catalog) : Infinity;
  if (upTo !== Infinity) add('id <= ?', upTo);
  // Unknown probabilities are −1 and meet neither bound.
  if (filter.minProbability !== undefined) add('probability >= ?', filter.minProbability);
  if (filter.maxProbability !== undefined) add('probability BETWEEN 0 AND ?', filter.maxProbability);
  for (const { sql, values: given } of labelled.others) add(sql, ...given);
  if (filter.own !== undefined) add(byHand(filter.own));
  if (filter.damaged !== undefined) add(broken(filter.damaged));
  if (filter.shot !== undefined)
    add('(id = ? OR id IN (SELECT id FROM photos WHERE under_id = ?))', filter.shot, filter.shot);
  if (filter.keywords) add(keyworded, JSON.stringify(filter.keywords.map(nameKey)));
  if (filter.cell) {
    const { sql, values: given } = inCell(catalog, filter.cell);
    add(sql, ...given);
  }
  const others = parts.length;
  const listed = terms.filter(isListed);
  for (const term of listed) {
    const condition = termCondition(catalog, term);
    add(condition.sql, ...condition.values);
  }
  const apart = terms.filter((term): term is ApartTerm => !isListed(term));
  const set = apart.length > 0 ? photosFound(catalog, apart) : null;
  const few =
    (filter.own ?? false) ||
    (filter.damaged ?? false) ||
    Boolean(filter.keywords ?? filter.cell ?? filter.shot);
  const found = set && isLarge(set) && !few ? { set, sql: parts.join(' AND '), values: [...values] } : undefined; // prettier-ignore
  const bounded =
    (filter.minProbability ?? filter.maxProbability) !== undefined ||
    listed.some(({ field, not }) => field === 'probability' && !not);
  // Last, because whatever else there is is asked faster.
  if (set) {
    const condition = setCondition(catalog, set);
    add(condition.sql, ...condition.values);
  }
  const isWhole = set && others === 1 && !listed.length && !apart.some(({ not }) => not);
  return {
    sql: parts.join(' AND '),
    values,
    kept: parts.length === counted ? kept : undefined,
    // What lies under another photo is found too, and listed only with it; what is not there is not found by "not".
    photos: isWhole && !hasStacks(catalog) ? set.size : undefined,
    found,
    ...(narrower && { paths: rangeBelow(narrower.path_key) }),
    bounded: bounded && !labelled.led && !few && !set,
    led: labelled.led || few || narrower !== null || terms.length > 0,
  };
}

const hasStacks = (catalog: Catalog): boolean =>
  catalog.one('SELECT 1 FROM photos WHERE under_id IS NOT NULL LIMIT 1') !== undefined;
