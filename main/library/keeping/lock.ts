/** Who has a data folder open: locks that the system takes back when a process is gone, however it went. */
import Database from 'better-sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Held {
  /** Nobody else held it when it was taken. */
  alone: boolean;
  release(): void;
}

/**
 * A shared lock on `path`, as SQLite locks files. Where the file system has no locks, or nothing can be written there,
 * everybody is alone.
 */
export function holdShared(path: string): Held {
  let file: Database.Database | null = null;
  try {
    file = new Database(path, { timeout: 0 });
    const alone = isFree(file);
    file.exec('BEGIN');
    file.prepare('SELECT count(*) FROM sqlite_schema').get();
    const held = file;
    return { alone, release: () => void held.close() };
  } catch {
    file?.close();
    return { alone: true, release: () => {} };
  }
}

/** A shared lock that somebody who holds it may have to himself for a moment, for which others wait. */
export interface Shared {
  /** Does it if nobody else holds the lock, who could not take it meanwhile. Throws what it throws. */
  ifAlone(work: () => void): void;
  release(): void;
}

/** So long somebody who comes waits for work of one who was alone. */
const patienceMs = 60_000;

/** Where the file system has no locks, or nothing can be written there, everybody is alone. */
export function holdBeside(path: string): Shared {
  let file: Database.Database | null = null;
  const hold = () => {
    file!.exec('BEGIN');
    file!.prepare('SELECT count(*) FROM sqlite_schema').get();
  };
  try {
    file = new Database(path, { timeout: patienceMs });
    hold();
  } catch {
    file?.close();
    return { ifAlone: (work) => work(), release: () => {} };
  }
  const held = file;
  return {
    ifAlone(work) {
      held.exec('COMMIT; PRAGMA busy_timeout = 0');
      try {
        if (!begun(held)) return;
        try {
          work();
        } finally {
          held.exec('ROLLBACK');
        }
      } finally {
        held.exec(`PRAGMA busy_timeout = ${patienceMs}`);
        hold();
      }
    },
    release: () => void held.close(),
  };
}

const turnEveryMs = 100;

/**
 * Does what no two processes do at once and takes longer than a transaction, after those who hold the lock on `path`. Null,
 * and where the file system has no locks, or nothing can be written there: at once.
 */
export async function inTurn<T>(path: string | null, work: () => Promise<T>): Promise<T> {
  let file: Database.Database | null = null;
  try {
    file = path === null ? null : new Database(path, { timeout: 0 });
    while (file && isBusy(file)) await sleep(turnEveryMs);
  } catch {
    // As said.
  }
  try {
    return await work();
  } finally {
    file?.close();
  }
}

function isBusy(file: Database.Database): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE');
    return false;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return true;
    throw error;
  }
}

/** Nobody else holds it, and nobody can. */
function begun(file: Database.Database): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE');
    return true;
  } catch {
    return false;
  }
}

function isFree(file: Database.Database): boolean {
  const free = begun(file);
  if (free) file.exec('ROLLBACK');
  return free;
}
