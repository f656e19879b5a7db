/**
 * Joins what computers found out, from the schema `source` of the connection into the catalog's own: models, result
 * keys, contents, results, features, which file held what. Rows are met by what they are, never by their numbers.
 */
import type { MergeConflict } from '../../contract/entities/merge.ts';
import type { Catalog } from '../catalog/database.ts';

export interface JoinedAnswers {
  /** Answers, failures among them, that were not there. */
  added: number;
  /** Those that were there as a failure, or with less in them. */
  improved: number;
  /** Those that both had. */
  known: number;
  conflicts: MergeConflict[];
}

/** Temporary tables from the numbers of the source to our own. */
const maps = {
  keys: `SELECT s.id AS source_id, m.id FROM source.result_keys s JOIN main.result_keys m
    USING (model_hash, preprocessing, precision, graph_version)`,
  contents: 'SELECT s.id AS source_id, m.id FROM source.contents s JOIN main.contents m USING (hash)',
};

export function dropMaps(catalog: Catalog): void {
  for (const name of [...Object.keys(maps), 'better'])
    catalog.exec(`DROP TABLE IF EXISTS temp.merged_${name}`);
}

function makeMap(catalog: Catalog, name: keyof typeof maps): void {
  catalog.exec(
    `CREATE TEMP TABLE merged_${name} (source_id INTEGER PRIMARY KEY, id INTEGER NOT NULL);
     INSERT INTO temp.merged_${name} ${maps[name]}`,
  );
}

const count = (catalog: Catalog, sql: string): number =>
  catalog.once<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)[0]!.n;

/** Both rows of an answer that both have: `theirs` of the source and `ours`. */
const pairs = `source.results theirs
  JOIN temp.merged_keys k ON k.source_id = theirs.key_id JOIN temp.merged_contents c ON c.source_id = theirs.content_id
  JOIN main.results ours ON ours.key_id = k.id AND ours.content_id = c.id`;

/** An answer is better than a failure; of two that say the same, one with more labels, or with a map where there was none. */
const isBetter = `theirs.code IS NULL AND (ours.code IS NOT NULL OR (theirs.label IS ours.label
  AND (length(theirs.top) > length(ours.top) OR ours.map IS NULL AND theirs.map IS NOT NULL)))`;

/** Takes the rows over that we lack, with contents and result keys by our numbers. */
function takeOver(catalog: Catalog, table: string): void {
  const columns = catalog
    .once<{ name: string }>(`SELECT name FROM pragma_table_info('${table}', 'main')`)
    .map(({ name }) => name);
  const ours: Record<string, string> = { content_id: 'c.id', key_id: 'k.id' };
  const keys = columns.includes('key_id') ? 'JOIN temp.merged_keys k ON k.source_id = theirs.key_id' : '';
  catalog.exec(
    `INSERT OR IGNORE INTO main.${table} (${columns.join(', ')})
       SELECT ${columns.map((name) => ours[name] ?? `theirs.${name}`).join(', ')} FROM source.${table} theirs
       JOIN temp.merged_contents c ON c.source_id = theirs.content_id ${keys}`,
  );
}

/** Within a transaction. */
export function joinAnswers(catalog: Catalog): JoinedAnswers {
  const conflicts = labelsThatDiffer(catalog);
  catalog.exec(
    `INSERT OR IGNORE INTO main.models (hash, id, name, labels, answers)
       SELECT hash, id, name, labels, answers FROM source.models;
     INSERT INTO main.result_keys (model_hash, preprocessing, precision, graph_version, used_ms, feature_length)
       SELECT model_hash, preprocessing, precision, graph_version, used_ms, feature_length FROM source.result_keys WHERE TRUE
       ON CONFLICT (model_hash, preprocessing, precision, graph_version) DO UPDATE SET
         used_ms = max(used_ms, excluded.used_ms), feature_length = coalesce(feature_length, excluded.feature_length);
     INSERT INTO main.contents (hash, width, height, taken_ms, damaged)
       SELECT hash, width, height, taken_ms, damaged FROM source.contents WHERE TRUE
       ON CONFLICT (hash) DO UPDATE SET width = excluded.width, height = excluded.height, taken_ms = excluded.taken_ms,
         damaged = excluded.damaged WHERE contents.width = 0`,
  );
  makeMap(catalog, 'keys');
  makeMap(catalog, 'contents');
  conflicts.push(...answersThatDiffer(catalog));
  const all = count(catalog, 'source.results');
  const both = count(catalog, pairs);
  catalog.exec(
    `CREATE TEMP TABLE merged_better (key_id INTEGER, content_id INTEGER, PRIMARY KEY (key_id, content_id)) WITHOUT ROWID;
     INSERT INTO temp.merged_better SELECT k.id, c.id FROM ${pairs} WHERE ${isBetter}`,
  );
  const improved = count(catalog, 'temp.merged_better');
  for (const table of ['results', 'features'])
    catalog.exec(
      `DELETE FROM main.${table} WHERE (key_id, content_id) IN (SELECT key_id, content_id FROM temp.merged_better)`,
    );
  for (const table of ['results', 'features', 'perceptual_hashes']) takeOver(catalog, table);
  joinPaths(catalog);
  return { added: all - both, improved, known: both - improved, conflicts };
}

/** Which content the files elsewhere had: of two memories the later one. */
function joinPaths(catalog: Catalog): void {
  catalog.exec(
    `INSERT INTO main.strays (path, bytes, modified_ms, changed_ms, content_id)
       SELECT path, bytes, modified_ms, changed_ms, c.id FROM source.strays theirs
       JOIN temp.merged_contents c ON c.source_id = theirs.content_id WHERE TRUE
       ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes, modified_ms = excluded.modified_ms,
         changed_ms = excluded.changed_ms, content_id = excluded.content_id
       WHERE coalesce(strays.changed_ms, 0) < excluded.changed_ms`,
  );
}

/** The same weights under other names of the classes: what is stored is their numbers, which ours name. */
function labelsThatDiffer(catalog: Catalog): MergeConflict[] {
  return catalog
    .once<{ name: string }>(
      `SELECT ours.name FROM source.models theirs JOIN main.models ours USING (hash) WHERE ours.labels <> theirs.labels`,
    )
    .map(({ name }) => ({ about: 'labels', of: name, ours: 'these names', theirs: 'other names' }));
}

/** Answers that differ a page: with the report, and of `differingAnswers`. */
const differingAtOnce = 10_000;

interface DifferingRow {
  hash: string;
  path: string | null;
  ours: string | null;
  theirs: string | null;
}

/** All of them are kept until the next folder is joined. */
function answersThatDiffer(catalog: Catalog): MergeConflict[] {
  catalog.exec(
    `DROP TABLE IF EXISTS temp.differing_answers;
     CREATE TEMP TABLE differing_answers AS
       SELECT lower(hex(s.hash)) AS hash, (SELECT path FROM source.strays WHERE content_id = s.id) AS path,
         json_extract(m.labels, '$[' || ours.label || '].name') AS ours,
         json_extract(m.labels, '$[' || theirs.label || '].name') AS theirs
       FROM ${pairs} JOIN source.contents s ON s.id = theirs.content_id
       JOIN main.result_keys r ON r.id = k.id JOIN main.models m ON m.hash = r.model_hash
       WHERE ours.code IS NULL AND theirs.code IS NULL AND ours.label IS NOT theirs.label`,
  );
  return differingAnswers(catalog, 0);
}

export const countDiffering = (catalog: Catalog): number => count(catalog, 'temp.differing_answers');

/** Of the folder joined last, after the first `after`. */
export function differingAnswers(catalog: Catalog, after: number): MergeConflict[] {
  return catalog
    .once<DifferingRow>(
      `SELECT hash, path, ours, theirs FROM temp.differing_answers WHERE rowid > ${after}
       ORDER BY rowid LIMIT ${differingAtOnce}`,
    )
    .map(({ hash, path, ours, theirs }) => ({
      about: 'answer',
      of: path ?? `content ${hash}`,
      ours,
      theirs,
    }));
}
