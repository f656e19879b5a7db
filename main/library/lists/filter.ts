/** A filter of the contract as an SQL condition on photos. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/entities.ts';
import { photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById, folderOrBelow, holdsAll } from '../catalog/folders.ts';
import { searchable } from '../catalog/keys.ts';
import { labelsShownUpTo } from '../catalog/shown.ts';
import { openComparison } from '../catalog/compared.ts';
import { shownLabels } from './labels.ts';

export interface Condition {
  /** Never empty. */
  sql: string;
  values: unknown[];
  /** The same on `photo_counts`, where that is enough to count by. */
  kept?: { sql: string; values: unknown[] };
  /** An index leads to the photos that it finds, so that they need not be looked for among all. */
  led?: boolean;
}

export function conditionOf(catalog: Catalog, filter: PhotoFilter): Condition {
  // All indexes that lists walk over have the status.
  const parts = [`status < ${photoStatus.options.length}`];
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
  if (filter.labels) add(...among('label', filter.labels));
  if (filter.status) add(...among('status', filter.status.map(statusNumber)));
  const counted = parts.length;
  const kept = {
    sql: [...(narrower ? [] : ['folder_id = 0']), ...parts].join(' AND '),
    values: [...values],
  };
  const upTo = filter.labels ? labelsShownUpTo(catalog) : Infinity;
  if (upTo !== Infinity) add('id <= ?', upTo);
  // Unknown probabilities are −1 and meet neither bound.
  if (filter.minProbability !== undefined) add('probability >= ?', filter.minProbability);
  if (filter.maxProbability !== undefined) add('probability BETWEEN 0 AND ?', filter.maxProbability);
  // Few photos have one, and no index of a list knows.
  if (filter.own !== undefined)
    add(`id ${filter.own ? '' : 'NOT '}IN (SELECT id FROM photos WHERE own_label IS NOT NULL)`);
  if (filter.person)
    add(
      `id IN (SELECT photo_id FROM person_labels WHERE holds = 1
         AND label_key IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(filter.person.map(nameKey)),
    );
  if (filter.cell) {
    openComparison(catalog);
    add(
      `id IN (SELECT photo_id FROM temp.compared WHERE row = ? AND col = ?)`,
      filter.cell.row,
      filter.cell.column,
    );
  }
  for (const word of wordsOf(filter.search)) {
    const condition = containing(catalog, word);
    add(condition.sql, ...condition.values);
  }
  const { labels, own, person, cell, search } = filter;
  return {
    sql: parts.join(' AND '),
    values,
    ...(parts.length === counted && { kept }),
    led: Boolean(narrower ?? labels ?? (own || (person ?? cell))) || Boolean(search?.trim()),
  };
}

/** One number is compared with where there is one: a list of one would be looked up for every photo. */
function among(column: string, numbers: readonly number[]): [string, ...unknown[]] {
  return numbers.length === 1
    ? [`${column} = ?`, numbers[0]]
    : [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(numbers)];
}

function wordsOf(search: string | undefined): string[] {
  return searchable(search ?? '')
    .split(/\s+/u)
    .filter((word) => word !== '');
}

const likeEscape = (word: string) => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

/** Folders by the path that the tree shows, from the root's own name on: what lies above a root is nobody's word. */
const foldersNamed = `WITH RECURSIVE shown (id, path) AS (
    SELECT id, name FROM folders WHERE parent_id IS NULL
    UNION ALL SELECT folders.id, shown.path || '/' || folders.name FROM folders JOIN shown ON parent_id = shown.id
  ) SELECT id FROM shown WHERE instr(searchable(path), ?)`;

/** In name or own label, in the folder's path, or in the label's name in any language. `word` is `searchable`. */
function containing(catalog: Catalog, word: string): Condition {
  const byLabel = JSON.stringify(shownLabels(catalog).containing(word));
  const elsewhere = `folder_id IN (${foldersNamed}) OR label IN (SELECT value FROM json_each(?))`;
  // The index is of trigrams: shorter words are looked for in the names themselves.
  if ([...word].length >= 3)
    return {
      sql: `(id IN (SELECT rowid FROM photo_words WHERE photo_words MATCH ?) OR ${elsewhere})`,
      values: [`"${word.replaceAll('"', '""')}"`, word, byLabel],
    };
  const like = likeEscape(word);
  return {
    sql: `(name LIKE ? ESCAPE '\\' OR own_label LIKE ? ESCAPE '\\' OR ${elsewhere})`,
    values: [like, like, word, byLabel],
  };
}
