/**
 * What a person did, apart from what a computer found out: folders, words, heads, acts, settings. It is small, and the
 * one part of a catalog that can't be made anew.
 */
import { statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { setWords } from '../catalog/photos.ts';
import { showPhotos } from '../catalog/shown.ts';

/** Tables of a backup, in the order in which they can be filled again; rows keep their ids, and with them what points to them. */
const tables: Record<string, string> = {
  settings: `SELECT * FROM main.settings WHERE name NOT IN ('shown', 'showing', 'lookedMs')`,
  folders: 'SELECT * FROM main.folders',
  photos: `SELECT * FROM main.photos WHERE own_label IS NOT NULL
    OR id IN (SELECT photo_id FROM main.person_words) OR id IN (SELECT photo_id FROM main.act_photos)`,
  contents: `SELECT * FROM main.contents WHERE id IN (SELECT content_id FROM person.photos)
    OR id IN (SELECT a FROM main.distinct_contents) OR id IN (SELECT b FROM main.distinct_contents)`,
  person_words: 'SELECT * FROM main.person_words',
  person_labels: 'SELECT * FROM main.person_labels',
  heads: 'SELECT * FROM main.heads',
  head_versions: 'SELECT * FROM main.head_versions',
  acts: 'SELECT * FROM main.acts',
  act_photos: 'SELECT * FROM main.act_photos',
  saved_searches: 'SELECT * FROM main.saved_searches',
  distinct_contents: 'SELECT * FROM main.distinct_contents',
  written_keywords: 'SELECT * FROM main.written_keywords',
  file_moves: 'SELECT * FROM main.file_moves',
};

export const personTables: readonly string[] = Object.keys(tables);

/** Of what a person would miss. */
export interface PersonCounts {
  folders: number;
  photos: number;
  heads: number;
}

/** Copies it, as of one moment, into a schema `person` of the connection, held in memory until `detachPerson`. */
export function attachPerson(catalog: Catalog): PersonCounts {
  catalog.exec(`ATTACH ':memory:' AS person`);
  try {
    const steps = Object.entries(tables).map(([name, rows]) => `CREATE TABLE person.${name} AS ${rows};`);
    catalog.exec(`BEGIN; ${steps.join(' ')} COMMIT;`);
    return countPerson(catalog, 'person');
  } catch (error) {
    // Some failures have rolled it back already, and then this is one more.
    try {
      catalog.exec('ROLLBACK');
    } catch {
      // What is told is the first.
    }
    detachPerson(catalog);
    throw error;
  }
}

export function detachPerson(catalog: Catalog): void {
  catalog.exec('DETACH person');
}

/** `schema`: of the connection. */
export function countPerson(catalog: Catalog, schema: 'main' | 'person'): PersonCounts {
  return catalog.once<PersonCounts>(
    `SELECT (SELECT count(*) FROM ${schema}.folders WHERE parent_id IS NULL) AS folders,
       (SELECT count(*) FROM ${schema}.photos WHERE own_label IS NOT NULL
         OR id IN (SELECT photo_id FROM ${schema}.person_words)) AS photos,
       (SELECT count(*) FROM ${schema}.heads WHERE removed_ms IS NULL) AS heads`,
  )[0]!;
}

/** Fills an empty catalog with what a backup at `path` holds. What either of the two does not know is left out. */
export function restorePerson(catalog: Catalog, path: string): void {
  catalog.exec(`ATTACH '${path.replaceAll("'", "''")}' AS person`);
  try {
    catalog.transaction(() => {
      catalog.exec('PRAGMA defer_foreign_keys = ON');
      for (const name of Object.keys(tables)) copyBack(catalog, name);
      catalog.exec(
        `UPDATE photos SET status = ${statusNumber('new')}, label = NULL, probability = -1, spread = 2`,
      );
      for (const { id, name, own_label: own } of catalog.all<{
        id: number;
        name: string;
        own_label: string | null;
      }>('SELECT id, name, own_label FROM photos'))
        setWords(catalog, id, name, own);
      showPhotos(catalog, 'TRUE');
    });
  } finally {
    detachPerson(catalog);
  }
}

function copyBack(catalog: Catalog, table: string): void {
  const columnsOf = (schema: string) =>
    catalog
      .once<{ name: string }>(`SELECT name FROM pragma_table_info('${table}', '${schema}')`)
      .map(({ name }) => name);
  const there = new Set(columnsOf('person'));
  const columns = columnsOf('main').filter((name) => there.has(name));
  if (columns.length)
    catalog.exec(
      `INSERT OR REPLACE INTO main.${table} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM person.${table}`,
    );
}
