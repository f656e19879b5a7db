/** Reads out of a damaged catalog what can still be read, table by table, into a catalog that is whole. */
import type { ModelManifest } from '../../../../models/manifest.ts';
import { openCatalog, type Catalog } from '../../catalog/database.ts';
import { migrations } from '../../catalog/migrations.ts';
import { setWords } from '../../catalog/photos.ts';
import { writeValue } from '../../catalog/settings.ts';
import { personTables } from '../person.ts';
import { openPages, type Pages } from './pages.ts';
import { isSound, lengthOf, type Found, type Keys } from './sound.ts';
import { rowOf, tablesOf, type Table } from './tables.ts';
import { nodesOf, orphans, schemaOf, walk, type SchemaRow } from './trees.ts';

export interface Salvaged {
  /** What a person did is there whole; where it is not, none of it was taken. */
  person: boolean;
  /** Of photos: what models said, what they saw, where they looked; files whose content is known. */
  counts: { answers: number; features: number; maps: number; files: number };
}

/** What others point to comes first. */
const computed = [
  'models',
  'result_keys',
  'contents',
  'folders',
  'photos',
  'strays',
  'results',
  'features',
  'perceptual_hashes',
  'label_maps',
];
/** Of a person, and not without the others: half of what somebody said may be the opposite of it. */
const ofPerson = personTables.filter((name) => !computed.includes(name));
/** Of which many rows are there, so that pages that no tree leads to any more are worth a look. */
const large = ['contents', 'photos', 'strays', 'results', 'features', 'perceptual_hashes', 'label_maps'];

/**
 * Into a new catalog at `copy`, in the shape that the damaged one had, and from that to the newest as any other.
 * `installed`: models of which the file may not say any more what their classes are.
 * @throws what `copy` throws, as of a full disk; the damaged file is only read
 */
export function salvage(path: string, copy: string, installed: readonly ModelManifest[]): Salvaged {
  const pages = openPages(path);
  try {
    const person = readOut(pages, copy, installed);
    const catalog = openCatalog(copy);
    try {
      catalog.transaction(() => finish(catalog));
      return { person, counts: countsOf(catalog) };
    } finally {
      catalog.close();
    }
  } finally {
    pages.close();
  }
}

/** Before it tables had other names. */
const oldestShape = 3;

/** Answers with whether what a person did is there with all that it speaks of. */
function readOut(pages: Pages, copy: string, installed: readonly ModelManifest[]): boolean {
  const known = pages.version !== null && pages.version > 0 && pages.version <= migrations.length;
  const into = openCatalog(copy, known ? Math.max(pages.version!, oldestShape) : migrations.length);
  try {
    // Rows come before those that they point to; what points to nothing in the end is taken out.
    into.exec('PRAGMA foreign_keys = OFF');
    return into.transaction(() => {
      const whole = readAll(pages, into, installed);
      return tidy(into, ofPerson.every((name) => whole.has(name)) && whole.has('folders'));
    });
  } finally {
    into.close();
  }
}

function shapeOf(catalog: Catalog): Map<string, string> {
  const rows = catalog.once<{ name: string; sql: string }>(
    `SELECT name, sql FROM sqlite_schema WHERE type = 'table'`,
  );
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

/** Answers with the names of tables of which nothing is lost. */
function readAll(pages: Pages, into: Catalog, installed: readonly ModelManifest[]): Set<string> {
  const met = new Set<number>();
  const schema = schemaOf(pages, met).map(renamed);
  const shape = shapeOf(into);
  const names = [...computed, ...ofPerson];
  const tables = tablesOf(
    schema,
    names.filter((name) => shape.has(name)),
    shape,
  );
  // Nothing can be lost of what there was none of yet.
  const whole = new Set(names.filter((name) => !shape.has(name)));
  for (const table of tables) {
    if (table.root === null) continue;
    const put = putter(into, table);
    let lost = 0;
    for (const row of walk(pages, table.root, met)) {
      const found = row && rowOf(table, row);
      if (!found || !put(found)) lost++;
    }
    if (lost === 0) whole.add(table.name);
    if (table.name !== 'result_keys') continue;
    if (lost > 0) keysOfIndex(pages, schema, put);
    for (const model of installed) describeModel(into, model);
  }
  // What the other trees have is no orphan.
  const walked = new Set(tables.map(({ root }) => root));
  for (const { root } of schema)
    if (root > 0 && !walked.has(root)) for (const node of nodesOf(pages, root, met)) void node;
  const strayed = tables
    .filter(({ name }) => large.includes(name))
    .map((table) => ({ table, put: putter(into, table) }));
  for (const { byRowid, rows } of orphans(pages, met))
    for (const { table, put } of strayed) {
      if (table.byRowid !== byRowid) continue;
      const found = rows.map((row) =>
        row?.values.length === table.columns.length ? rowOf(table, row) : null,
      );
      if (!found.length || found.includes(null)) continue;
      for (const row of found) put(row!);
      break;
    }
  return whole;
}

/** As the step to the oldest shape renames it. */
function renamed(row: SchemaRow): SchemaRow {
  const now = (text: string) =>
    text.replace(/\bsessions\b|(?<=_)sessions(?=_)/g, 'result_keys').replace(/\bsession_id\b/g, 'key_id');
  return { ...row, name: now(row.name), sql: row.sql && now(row.sql) };
}

/** Of one that has answers, where the file does not say any more what its classes are. */
function describeModel(into: Catalog, { id, name, labels, weights: { sha256 } }: ModelManifest): void {
  into.run(
    `INSERT OR IGNORE INTO models (hash, id, name, labels) SELECT ?, ?, ?, ?
     WHERE ? IN (SELECT model_hash FROM result_keys)`,
    ...[sha256, id, name, JSON.stringify(labels), sha256],
  );
}

/** All but when a key was last used stands in its index once more. */
function keysOfIndex(pages: Pages, schema: readonly SchemaRow[], put: (row: Found) => boolean): void {
  const root = schema.find(({ name }) => name === 'sqlite_autoindex_result_keys_1')?.root ?? 0;
  for (const row of walk(pages, root, new Set())) {
    const [model_hash, preprocessing, precision, graph_version, id] = row?.values ?? [];
    if (typeof id === 'number')
      put({
        id,
        model_hash: model_hash!,
        preprocessing: preprocessing!,
        precision: precision!,
        graph_version: graph_version!,
        used_ms: 0,
      });
  }
}

/** False: not taken, because it can't be what was stored. */
function putter(into: Catalog, { name }: Table): (row: Found) => boolean {
  const ours = new Set(
    into.once<{ name: string }>(`SELECT name FROM pragma_table_info('${name}')`).map((each) => each.name),
  );
  const sound = isSound[name];
  let keys: Keys | null = null;
  return (row) => {
    if (sound && !sound(row, (keys ??= keysOf(into)))) return false;
    const columns = Object.keys(row).filter((column) => ours.has(column));
    into.run(
      `INSERT OR IGNORE INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...columns.map((column) => row[column]),
    );
    return true;
  };
}

function keysOf(into: Catalog): Keys {
  const rows = into.once<{ id: number; feature_length?: number | null; classes: number }>(
    `SELECT k.*, json_array_length(m.labels) AS classes FROM result_keys k
     JOIN models m ON m.hash = k.model_hash WHERE json_valid(m.labels)`,
  );
  return {
    featureLength: new Map(rows.map(({ id, feature_length: length = null }) => [id, length])),
    classes: new Map(rows.map(({ id, classes }) => [id, classes])),
  };
}

const reached = `WITH RECURSIVE reached (id) AS (SELECT id FROM folders WHERE parent_id IS NULL
  UNION SELECT f.id FROM folders f JOIN reached r ON f.parent_id = r.id)`;

/** Takes out what points to nothing. Answers with whether what a person did is there with all that it speaks of. */
function tidy(into: Catalog, personIsWhole: boolean): boolean {
  const there = new Set(shapeOf(into).keys());
  const stacked = into.once(`SELECT 1 FROM pragma_table_info('photos') WHERE name = 'under_id'`).length > 0;
  into.exec(
    `DELETE FROM folders WHERE id NOT IN (${reached} SELECT id FROM reached);
     DELETE FROM photos WHERE folder_id NOT IN (SELECT id FROM folders);
     UPDATE photos SET content_id = NULL WHERE content_id NOT IN (SELECT id FROM contents);
     DELETE FROM strays WHERE content_id NOT IN (SELECT id FROM contents);
     DELETE FROM result_keys WHERE model_hash NOT IN (SELECT hash FROM models);
     DELETE FROM settings WHERE name = 'shown' AND value NOT IN (SELECT id FROM result_keys)`,
  );
  if (stacked) into.exec('UPDATE photos SET under_id = NULL WHERE under_id NOT IN (SELECT id FROM photos)');
  const byContent = ['results', 'features', 'label_maps', 'perceptual_hashes'].filter((name) => there.has(name)); // prettier-ignore
  for (const name of byContent) {
    into.exec(`DELETE FROM ${name} WHERE content_id NOT IN (SELECT id FROM contents)`);
    if (name !== 'perceptual_hashes')
      into.exec(`DELETE FROM ${name} WHERE key_id NOT IN (SELECT id FROM result_keys)`);
  }
  if (there.has('features')) dropOddFeatures(into);
  const person = personIsWhole && allIsThere(into, there);
  if (!person) {
    for (const name of [...ofPerson].reverse()) if (there.has(name)) into.exec(`DELETE FROM ${name}`);
    into.exec('UPDATE photos SET own_label = NULL');
    if (there.has('label_maps')) into.exec('DELETE FROM label_maps WHERE head_id <> 0');
  }
  return person;
}

/** What a person spoke of. */
function allIsThere(into: Catalog, there: ReadonlySet<string>): boolean {
  const spokenOf = [
    ['person_words', 'photo_id', 'photos'],
    ['act_photos', 'photo_id', 'photos'],
    ['distinct_contents', 'a', 'contents'],
    ['distinct_contents', 'b', 'contents'],
  ] as const;
  return spokenOf.every(
    ([name, column, of]) =>
      !there.has(name) ||
      into.once(`SELECT 1 FROM ${name} WHERE ${column} NOT IN (SELECT id FROM ${of}) LIMIT 1`).length === 0,
  );
}

/** Features of one model are of about one length; these are not. */
const mostApart = 4;

function dropOddFeatures(into: Catalog): void {
  for (const { id } of into.once<{ id: number }>('SELECT id FROM result_keys')) {
    const some = into.all<{ vector: Uint8Array }>(
      'SELECT vector FROM features WHERE key_id = ? ORDER BY draw_order(content_id) LIMIT 1000',
      id,
    );
    const middle = some.map(({ vector }) => lengthOf(vector)).sort((a, b) => a - b)[some.length >> 1];
    if (middle === undefined) continue;
    const odd: number[] = [];
    for (const { rowid, vector } of into
      .sql('SELECT rowid, vector FROM features WHERE key_id = ?')
      .iterate(id) as Iterable<{ rowid: number; vector: Uint8Array }>) {
      const length = lengthOf(vector);
      if (length > middle * mostApart || length < middle / mostApart) odd.push(rowid);
    }
    for (const rowid of odd) into.run('DELETE FROM features WHERE rowid = ?', rowid);
  }
}

/** What lists need beside the rows. */
function finish(into: Catalog): void {
  for (const { id, name, own_label: own } of into.all<{ id: number; name: string; own_label: string | null }>(
    'SELECT id, name, own_label FROM photos',
  ))
    setWords(into, id, name, own);
  writeValue(into, 'showing', true);
}

function countsOf(into: Catalog): Salvaged['counts'] {
  return into.once<Salvaged['counts']>(
    `SELECT (SELECT count(*) FROM results WHERE code IS NULL) AS answers, (SELECT count(*) FROM features) AS features,
       (SELECT count(*) FROM results WHERE map IS NOT NULL) + (SELECT count(*) FROM label_maps) AS maps,
       (SELECT count(*) FROM photos WHERE content_id IS NOT NULL) + (SELECT count(*) FROM strays) AS files`,
  )[0]!;
}
