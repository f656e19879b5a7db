/** The user's files, opened so that nothing waits on one for ever, and what keeps one from being read in a sentence. */
import { constants, mkdirSync, readdirSync, rmdirSync, statSync, type Stats } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SaccadeError } from '../models/error.ts';
import { shownName, systemPath, textOfName } from './file-names.ts';

/** For reading. @throws SaccadeError `missing-file`, `unreadable` */
export async function openFile(path: string): Promise<{ file: FileHandle; facts: Stats }> {
  try {
    // Opening a pipe would keep a thread waiting until somebody writes to it. Windows has no such flag, and needs none.
    const file = await open(systemPath(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const facts = await file.stat();
    if (facts.isFile()) return { file, facts };
    await file.close();
  } catch (error) {
    throw readError(path, error);
  }
  throw notAFile(path);
}

export const notAFile = (path: string): SaccadeError =>
  new SaccadeError('unreadable', `Expected a photo's file at ${shownName(path)}; it is none.`);

/** What the system refused, as opposed to what went wrong in a program. */
export const isOfSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

/** An error of opening, reading or asking about a file, as ours. */
export function readError(path: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new SaccadeError('missing-file', `There is nothing at ${shownName(path)} (any more).`, {
      cause: error,
    });
  return new SaccadeError('unreadable', `${shownName(path)} can't be read (${code ?? String(error)}).`, {
    cause: error,
  });
}

/** Names in a folder of the user's, as text that leads back to each. Throws the system's error. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(systemPath(folder), { encoding: 'buffer' });
  return names.map((name) => textOfName(name));
}

/** As `namesIn`, where nobody can wait. */
export function namesInSync(folder: string): string[] {
  return readdirSync(systemPath(folder), { encoding: 'buffer' }).map((name) => textOfName(name));
}

/** The folders of these that nothing is in; the innermost first. */
export function dropEmpty(folders: readonly string[]): void {
  for (const folder of folders)
    try {
      rmdirSync(systemPath(folder));
    } catch {
      // Something is in it, or it is gone.
    }
}

/**
 * A folder with those above it, as `mkdir -p`; answers with those that were not there, the innermost first. Node's own
 * recursive way tries for ever below /proc and on a drive that is not there. Throws the system's error.
 */
export function makeFolder(path: string, mode = 0o777): string[] {
  const missing: string[] = [];
  const found = (folder: string) => statSync(systemPath(folder), { throwIfNoEntry: false });
  for (let folder = resolve(path); !found(folder); folder = dirname(folder)) {
    missing.push(folder);
    if (dirname(folder) === folder) break;
  }
  try {
    for (const folder of missing.toReversed())
      try {
        mkdirSync(systemPath(folder), { mode });
      } catch (error) {
        // Another process may have made it meanwhile.
        if (!found(folder)?.isDirectory()) throw error;
      }
    if (!found(path)?.isDirectory())
      throw Object.assign(new Error(`${shownName(path)} is no folder`), { code: 'ENOTDIR' });
  } catch (error) {
    dropEmpty(missing);
    throw error;
  }
  return missing;
}
