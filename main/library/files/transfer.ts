/** Photos that are moved to a folder or the trash: how they are called there, and whether they have arrived. */
import { basename, extname, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName } from '../../file-names.ts';
import { codeOf, CopyDiffers, dropUnfinished, fileExists, isThere, moveWhole } from './whole.ts';

/** `name` in `folder`, or "name (2)" and so on: one that nothing has. */
export function freePath(folder: string, name: string, taken: (path: string) => boolean = isThere): string {
  const ending = extname(name);
  for (let i = 1; ; i++) {
    const path = join(folder, i === 1 ? name : `${basename(name, ending)} (${i})${ending}`);
    if (!taken(path)) return path;
  }
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

function cannotMove(from: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
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
