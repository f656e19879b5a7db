/** A filter of the contract as an SQL condition on photos. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/entities.ts';
import { photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById } from '../catalog/folders.ts';
import { rangeBelow, searchable } from '../catalog/keys.ts';
import { openComparison } from '../catalog/compared.ts';
import { shownLabels } from './labels.ts';

export interface Condition {
  /** Never empty. */
  sql: string;
  values: unknown[];
}

export function conditionOf(catalog: Catalog, filter: PhotoFilter): Condition {
  // All indexes that lists walk over have the status.
  const parts = [`status < ${photoStatus.options.length}`];
  const values: unknown[] = [];
  const add = (sql: string, ...given: unknown[]) => {
    parts.push(sql);
    values.push(...given);
  };
  if (filter.folderId !== undefined) {
    const folder = folderById(catalog, filter.folderId);
    const { from, to } = rangeBelow(folder.path_key);
    // Over the rank of folders, not of photos, so that any index that has folder_id covers it.
    add(
      'folder_id IN (SELECT id FROM folders WHERE id = ? OR (path_key >= ? AND path_key < ?))',
      folder.id,
      from,
      to,
    );
  }
  if (filter.labels) add('label IN (SELECT value FROM json_each(?))', JSON.stringify(filter.labels));
  if (filter.status)
    add('status IN (SELECT value FROM json_each(?))', JSON.stringify(filter.status.map(statusNumber)));
  // Unknown probabilities are −1 and meet neither bound.
  if (filter.minProbability !== undefined) add('probability >= ?', filter.minProbability);
  if (filter.maxProbability !== undefined) add('probability BETWEEN 0 AND ?', filter.maxProbability);
  if (filter.own !== undefined) add(`own_label IS ${filter.own ? 'NOT ' : ''}NULL`);
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
  return { sql: parts.join(' AND '), values };
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
