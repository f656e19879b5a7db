/** The catalog's file: opened, brought to the newest shape, and its statements kept prepared. */
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { SaccadeError } from '../../../models/error.ts';
import { makeFolder } from '../../files.ts';
import { nameKey as labelKey } from '../../../models/heads/label-names.ts';
import { drawOrder, searchable } from './keys.ts';
import { migrations } from './migrations.ts';

export interface Catalog {
  /** Prepared once and kept. */
  sql(text: string): Database.Statement<unknown[], unknown>;
  /** First row, or undefined. */
  one<Row>(text: string, ...values: unknown[]): Row | undefined;
  all<Row>(text: string, ...values: unknown[]): Row[];
  run(text: string, ...values: unknown[]): Database.RunResult;
  /** All of `work` or nothing of it. Nests. */
  transaction<T>(work: () => T): T;
  exec(text: string): void;
  isOpen(): boolean;
  close(): void;
}

/**
 * `path` null: a catalog in a temporary file that nobody else sees and that is gone when it is closed.
 * @throws SaccadeError `catalog-newer`, `catalog-damaged`, `catalog-unwritable`
 */
export function openCatalog(path: string | null): Catalog {
  const database = open(path);
  try {
    database.pragma('journal_mode = WAL');
    // A killed process loses nothing; a power cut at most the last moments, never the whole.
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma('cache_size = -32000');
    // Results come in any order of content, so many pages change a little: fewer, larger checkpoints.
    database.pragma('wal_autocheckpoint = 4000');
    database.function('searchable', { deterministic: true }, (text) => searchable(String(text)));
    database.function('label_key', { deterministic: true }, (text) => labelKey(String(text)));
    database.function('draw_order', { deterministic: true }, (id) => drawOrder(Number(id)));
    migrate(database, path ?? 'the catalog');
  } catch (error) {
    database.close();
    throw damaged(path, error);
  }
  const prepared = new Map<string, Database.Statement<unknown[], unknown>>();
  const sql: Catalog['sql'] = (text) => {
    let statement = prepared.get(text);
    if (!statement) prepared.set(text, (statement = database.prepare(text)));
    return statement;
  };
  return {
    sql,
    one: <Row>(text: string, ...values: unknown[]) => sql(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: unknown[]) => sql(text).all(...values) as Row[],
    run: (text, ...values) => sql(text).run(...values),
    transaction: (work) => database.transaction(work).immediate(),
    exec: (text) => void database.exec(text),
    isOpen: () => database.open,
    close: () => void database.close(),
  };
}

function open(path: string | null): Database.Database {
  try {
    if (path !== null) makeFolder(dirname(path), 0o700);
    return new Database(path ?? '', { timeout: 10_000 });
  } catch (cause) {
    throw new SaccadeError(
      'catalog-unwritable',
      `Expected to write ${path}; found ${(cause as Error).message}. Free it, or set SACCADE_HOME to another folder.`,
      { cause },
    );
  }
}

function migrate(database: Database.Database, name: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get();
  if (version < 0 || (version === 0 && tables !== 0)) throw noCatalog(name);
  if (version > migrations.length)
    throw new SaccadeError(
      'catalog-newer',
      `Expected ${name} of version ${migrations.length} or older, found ${version}: a newer Saccade wrote it. Update Saccade.`,
    );
  for (let step = version; step < migrations.length; step++)
    database
      .transaction(() => {
        database.exec(migrations[step]!);
        database.pragma(`user_version = ${step + 1}`);
      })
      .immediate();
  const there = new Set(database.prepare('SELECT name FROM sqlite_schema').pluck().all());
  if (!lasting.every((table) => there.has(table))) throw noCatalog(name);
}

/** Without them no catalog of this version can be. */
const lasting = ['settings', 'models', 'folders', 'contents', 'photos', 'results', 'runs', 'left_out'];

const noCatalog = (path: string | null, cause?: unknown): SaccadeError =>
  new SaccadeError(
    'catalog-damaged',
    `Expected ${path} to be a catalog; it can't be read. Move it away and start again: photos are untouched, results are made anew.`,
    { cause },
  );

function damaged(path: string | null, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // A plain error is a step that does not fit the tables that are there.
  if (code === 'SQLITE_ERROR' || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return noCatalog(path, error);
  if (code === 'SQLITE_CANTOPEN' || code === 'SQLITE_READONLY' || code === 'SQLITE_FULL')
    return new SaccadeError(
      'catalog-unwritable',
      `Expected to write ${path}; found ${(error as Error).message}. Free it, or set SACCADE_HOME to another folder.`,
      { cause: error },
    );
  return error;
}
