/** The catalog's file: opened, brought to the newest shape, and its statements kept prepared. */
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { SaccadeError } from '../../../models/error.ts';
import { clockAt } from '../../contract/day.ts';
import { makeFolder } from '../../files.ts';
import { backupsFolder } from '../../home.ts';
import { nameKey as labelKey } from '../../../models/heads/label-names.ts';
import { IdSets } from './id-sets.ts';
import { drawOrder, searchable } from './keys.ts';
import { cellOf } from './map-cells.ts';
import { migrations } from './migrations.ts';

export interface Catalog {
  /** Prepared once and kept. */
  sql(text: string): Database.Statement<unknown[], unknown>;
  /** First row, or undefined. */
  one<Row>(text: string, ...values: unknown[]): Row | undefined;
  all<Row>(text: string, ...values: unknown[]): Row[];
  /** The first column of all rows. */
  column<Value>(text: string, ...values: unknown[]): Value[];
  readonly sets: IdSets;
  run(text: string, ...values: unknown[]): Database.RunResult;
  /** All of `work` or nothing of it. Nests. */
  transaction<T>(work: () => T): T;
  exec(text: string): void;
  /** As `all`, of statements that are used once. */
  once<Row>(text: string): Row[];
  /** Copies one schema of the connection into a file, by SQLite's online backup. */
  backup(path: string, schema: string): Promise<void>;
  isOpen(): boolean;
  close(): void;
}

/**
 * `path` null: a catalog in a temporary file that nobody else sees and that is gone when it is closed. `version`: of an
 * earlier shape, for what is read out of one that is damaged.
 * @throws SaccadeError `catalog-newer`, `catalog-damaged`, `catalog-unwritable`
 */
export function openCatalog(path: string | null, version = migrations.length): Catalog {
  const database = open(path);
  try {
    usePages(database);
    database.pragma('journal_mode = WAL');
    // A killed process loses nothing; a power cut at most the last moments, never the whole.
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma('cache_size = -16000');
    // Results come in any order of content, so many pages change a little: fewer, larger checkpoints.
    database.pragma('wal_autocheckpoint = 4000');
    database.function('searchable', { deterministic: true }, (text) => searchable(String(text)));
    database.function('label_key', { deterministic: true }, (text) => labelKey(String(text)));
    database.function('map_cell', { deterministic: true }, (latitude, longitude) =>
      cellOf({ latitude: Number(latitude), longitude: Number(longitude) }),
    );
    database.function('clock_at', (ms) => clockAt(Number(ms)));
    database.function('draw_order', { deterministic: true }, (id) => drawOrder(Number(id)));
    migrate(database, path, version);
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
  const columns = new Map<string, Database.Statement<unknown[], unknown>>();
  const column = (text: string) => {
    let statement = columns.get(text);
    if (!statement) columns.set(text, (statement = database.prepare(text).pluck()));
    return statement;
  };
  const sets = new IdSets(database);
  const noticing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (path !== null && isDamage(error)) markDamaged(path);
      throw error;
    }
  };
  return {
    sql,
    one: <Row>(text: string, ...values: unknown[]) =>
      noticing(() => sql(text).get(...values) as Row | undefined),
    all: <Row>(text: string, ...values: unknown[]) => noticing(() => sql(text).all(...values) as Row[]),
    column: <Value>(text: string, ...values: unknown[]) =>
      noticing(() => column(text).all(...values) as Value[]),
    sets,
    run: (text, ...values) => noticing(() => sql(text).run(...values)),
    transaction: (work) => noticing(() => database.transaction(work).immediate()),
    exec: (text) => void noticing(() => database.exec(text)),
    once: <Row>(text: string) => noticing(() => database.prepare(text).all() as Row[]),
    async backup(to, schema) {
      const options = { attached: schema, progress: () => pagesAtOnce };
      await database.backup(to, options);
    },
    isOpen: () => database.open,
    close: () => void database.close(),
  };
}

function open(path: string | null): Database.Database {
  try {
    if (path !== null) makeFolder(dirname(path), 0o700);
    return new Database(path ?? '', { timeout: 10_000 });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** @param path what could not be written, or the folder that could not be made for it */
export function unwritable(path: string | null, cause: unknown): SaccadeError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new SaccadeError(
    'catalog-unwritable',
    `Expected to write ${path}; found ${found}. Free it, or set SACCADE_HOME to another folder.`,
    { cause },
  );
}

/** Of a backup, between which questions are answered. */
const pagesAtOnce = 1000;

/** Beside a catalog in which damage was met: it is looked through before it is used again. */
export const damageMark = (path: string): string => `${path}.damaged`;

function markDamaged(path: string): void {
  try {
    writeFileSync(damageMark(path), '');
  } catch {
    // A disk that takes nothing: it is met again.
  }
}

/** A copy as it was, before its shape is changed; the last two are kept. */
function keepCopy(database: Database.Database, path: string, version: number): void {
  const folder = backupsFolder(dirname(path));
  makeFolder(folder, 0o700);
  const copy = join(folder, `version-${version}.sqlite`);
  const part = join(folder, `.saccade-${process.pid}.part`);
  rmSync(part, { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(part);
    renameSync(part, copy);
  } finally {
    rmSync(part, { force: true });
  }
  const older = readdirSync(folder)
    .flatMap((name) => /^version-(\d+)\.sqlite$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
  for (const old of older.slice(2)) rmSync(join(folder, `version-${old}.sqlite`), { force: true });
}

/**
 * Bytes. A feature of 768 numbers takes 1.5 KB: of pages of 4 KB it fills two thirds, of these nearly all. Larger ones
 * still would be written again and again for the few bytes that change in an index.
 */
const pageBytes = 8192;

/** Of a new catalog; one of smaller pages is written anew when its shape changes. */
function usePages(database: Database.Database): void {
  if (database.pragma('page_count', { simple: true }) === 0) database.pragma(`page_size = ${pageBytes}`);
}

/** With pages of that size, and without the gaps that a change of shape leaves; of a million photos that takes 26 s. */
function writeAnew(database: Database.Database): void {
  const said = (name: string) => database.pragma(name, { simple: true }) as number;
  if (said('page_size') === pageBytes && said('freelist_count') < said('page_count') / 20) return;
  try {
    // In the journal that others read along with, pages keep their size.
    database.pragma('journal_mode = DELETE');
    database.pragma(`page_size = ${pageBytes}`);
    database.exec('VACUUM');
  } catch (error) {
    // Others have it open, or the disk has no room for two of it: it is as good as it was, and larger.
    if (!/^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(codeOf(error))) throw error;
  } finally {
    database.pragma('journal_mode = WAL');
  }
}

function migrate(database: Database.Database, path: string | null, wanted: number): void {
  const name = path ?? 'the catalog';
  const versionNow = () => database.pragma('user_version', { simple: true }) as number;
  const version = versionNow();
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get();
  if (version < 0 || (version === 0 && tables !== 0)) throw noCatalog(name);
  if (version > migrations.length)
    throw new SaccadeError(
      'catalog-newer',
      `Expected ${name} of version ${migrations.length} or older, found ${version}: a newer Saccade wrote it. Update Saccade.`,
    );
  if (path !== null && version > 0 && version < migrations.length) keepCopy(database, path, version);
  for (let step = version; step < wanted; step++)
    database
      .transaction(() => {
        // Another process that opened it at once may have taken this step.
        if (versionNow() > step) return;
        database.exec(migrations[step]!);
        database.pragma(`user_version = ${step + 1}`);
      })
      .immediate();
  if (version > 0 && version < migrations.length) writeAnew(database);
  if (wanted < migrations.length) return;
  const there = new Set(database.prepare('SELECT name FROM sqlite_schema').pluck().all());
  if (!lasting.every((table) => there.has(table))) throw noCatalog(name);
}

/** Without them no catalog of this version can be. */
const lasting = ['settings', 'models', 'folders', 'contents', 'photos', 'results', 'runs', 'left_out'];

const noCatalog = (path: string | null, cause?: unknown): SaccadeError =>
  new SaccadeError(
    'catalog-damaged',
    `Expected ${path} to be a catalog; it can't be read. Close every other Saccade and start again: it is set aside then and rebuilt from what can still be read, the last backup and your files. Photos are untouched.`,
    { cause },
  );

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isDamage = (error: unknown) => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));

function damaged(path: string | null, error: unknown): unknown {
  const code = codeOf(error);
  // A plain error is a step that does not fit the tables that are there.
  if (code === 'SQLITE_ERROR' || isDamage(error)) return noCatalog(path, error);
  if (code === 'SQLITE_CANTOPEN' || code === 'SQLITE_READONLY' || code === 'SQLITE_FULL')
    return unwritable(path, error);
  return error;
}
