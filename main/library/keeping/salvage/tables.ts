/** What the rows of a catalog's tables look like, as they are stored. */
import Database from 'better-sqlite3';
import type { Value } from './nodes.ts';
import type { Row, SchemaRow } from './trees.ts';

interface Column {
  name: string;
  type: string;
  optional: boolean;
}

export interface Table {
  name: string;
  root: number | null;
  byRowid: boolean;
  /** In the order in which a record has them: of a table without rowids its key comes first. */
  columns: Column[];
  /** The column that is the rowid, whose place in the record is empty. */
  alias: string | null;
}

interface ColumnInfo {
  name: string;
  type: string;
  notnull: number;
  pk: number;
}

/** As the file says, or, where it does not say it any more, as `shape` has them. `shape`: statements that make tables. */
export function tablesOf(
  schema: readonly SchemaRow[],
  names: readonly string[],
  shape: ReadonlyMap<string, string>,
): Table[] {
  return names.flatMap((name) => {
    const row = schema.find((each) => each.type === 'table' && each.name === name);
    const described = describe(name, row?.sql ?? shape.get(name)!) ?? [];
    return described.map((table) => ({ ...table, root: row?.root ?? null }));
  });
}

function describe(name: string, sql: string): Omit<Table, 'root'>[] | null {
  const database = new Database(':memory:');
  try {
    database.prepare(sql).run();
    const lasting = database.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').pluck().get(name);
    if (lasting === undefined) return null;
    const byRowid = lasting === 0;
    const info = database
      .prepare('SELECT name, type, "notnull", pk FROM pragma_table_info(?)')
      .all(name) as ColumnInfo[];
    const key = info.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const alias = byRowid && key.length === 1 && key[0]!.type === 'INTEGER' ? key[0]!.name : null;
    const ordered = byRowid ? info : [...key, ...info.filter(({ pk }) => pk === 0)];
    const columns = ordered.map((column) => ({
      name: column.name,
      type: column.type,
      optional: column.notnull === 0 && column.pk === 0,
    }));
    return [{ name, byRowid, columns, alias }];
  } catch {
    // No statement that makes a table: the page it stood on is not what it was.
    return null;
  } finally {
    database.close();
  }
}

/** By column; those that were added to the table later may be absent. Null: this is no row of that table. */
export function rowOf({ columns, alias }: Table, { rowid, values }: Row): Record<string, Value> | null {
  if (values.length > columns.length) return null;
  const found: Record<string, Value> = {};
  for (const [i, value] of values.entries()) {
    const { name, type, optional } = columns[i]!;
    if (name === alias) {
      if (value !== null) return null;
      found[name] = rowid;
    } else if (value === null ? !optional : !isOf(type, value)) return null;
    else found[name] = value;
  }
  return found;
}

function isOf(type: string, value: Exclude<Value, null>): boolean {
  if (type === 'INTEGER') return Number.isSafeInteger(value);
  if (type === 'REAL') return typeof value === 'number';
  if (type === 'TEXT') return typeof value === 'string';
  return value instanceof Uint8Array;
}
