/** The user's files, opened so that nothing waits on one for ever, and what keeps one from being read in a sentence. */
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { SaccadeError } from '../models/error.ts';

/** For reading. @throws SaccadeError `missing-file`, `unreadable` */
export async function openFile(path: string): Promise<{ file: FileHandle; facts: Stats }> {
  try {
    // Opening a pipe would keep a thread waiting until somebody writes to it. Windows has no such flag, and needs none.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const facts = await file.stat();
    if (facts.isFile()) return { file, facts };
    await file.close();
  } catch (error) {
    throw readError(path, error);
  }
  throw notAFile(path);
}

export const notAFile = (path: string): SaccadeError =>
  new SaccadeError('unreadable', `Expected a photo's file at ${path}; it is none.`);

/** An error of opening, reading or asking about a file, as ours. */
export function readError(path: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new SaccadeError('missing-file', `There is nothing at ${path} (any more).`, { cause: error });
  return new SaccadeError('unreadable', `${path} can't be read (${code ?? String(error)}).`, {
    cause: error,
  });
}
