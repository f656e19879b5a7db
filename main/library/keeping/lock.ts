/** Who has a data folder open: locks that the system takes back when a process is gone, however it went. */
import Database from 'better-sqlite3';

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

function isFree(file: Database.Database): boolean {
  try {
    file.exec('BEGIN EXCLUSIVE');
    file.exec('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
