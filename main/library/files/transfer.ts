/** Photos that are moved to a folder or the trash: how they are called there, and whether they have arrived. */
import { extname } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName } from '../../file-names.ts';
import { codeOf, CopyDiffers, dropUnfinished, fileExists, isThere, moveWhole } from './whole.ts';

/** The same with a number where something has the name. */
export function numbered(path: string, number: number): string {
  const ending = extname(path);
  return number === 1 ? path : `${path.slice(0, path.length - ending.length)} (${number})${ending}`;
}

/** "name", "name (2)" and so on: the first that is free for all of these paths, so that files of one name keep one. */
export function freeNumber(paths: readonly string[], taken: (path: string) => boolean = isThere): number {
  for (let number = 1; ; number++) if (!paths.some((path) => taken(numbered(path, number)))) return number;
}

/** @throws SaccadeError `file-exists`, `missing-file`, `cannot-move` */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    if (!isThere(from))
      throw new SaccadeError('missing-file', `There is nothing at ${shownName(from)} (any more).`);
    await moveWhole(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileExists(to);
    throw cannotMove(from, error);
  }
}

/** As a sentence; what is one already stays. */
export function cannotMove(from: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  if (codeOf(error) === 'ENAMETOOLONG')
    return new SaccadeError(
      'cannot-move',
      `${shownName(from)} can't be moved: its name, or the folder's with it, is longer there than the disk takes. It is where it was; give it a shorter name first.`,
      { cause: error },
    );
  if (error instanceof CopyDiffers)
    return new SaccadeError(
      'cannot-move',
      `Expected a copy of ${shownName(from)} with the same content; it differs. Look at the disk.`,
    );
  return new SaccadeError(
    'cannot-move',
    `${shownName(from)} can't be moved (${codeOf(error)}). It is where it was; see to the rights and room on both disks.`,
    { cause: error },
  );
}

/**
 * After a crash: whether the file has arrived. What is left of a move that has not is cleared away; where both are
 * whole, both stay.
 */
export function hasArrived(from: string, to: string): boolean {
  if (!isThere(from)) return isThere(to);
  dropUnfinished(to);
  return false;
}
