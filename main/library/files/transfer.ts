/** A file from one place to another, so that nothing is ever overwritten and a crash leaves one whole file. */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { copyFile, stat, utimes } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { hashFile } from '../scan/hash.ts';

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

export const isThere = (path: string): boolean =>
  lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined;

/** What a copy between disks is called until it is whole. */
const partOf = (to: string): string => `${to}.saccade-part`;

/** `name` in `folder`, or "name (2)" and so on: one that nothing has. */
export function freePath(folder: string, name: string, taken: (path: string) => boolean = isThere): string {
  const ending = extname(name);
  for (let i = 1; ; i++) {
    const path = join(folder, i === 1 ? name : `${basename(name, ending)} (${i})${ending}`);
    if (!taken(path)) return path;
  }
}

export const fileExists = (path: string): SaccadeError =>
  new SaccadeError(
    'file-exists',
    `Expected nothing at ${shownName(path)}; something is there, and nothing is overwritten. Move or rename it first.`,
  );

/**
 * The name is taken by an empty file first, which only the file itself replaces.
 * @throws SaccadeError `file-exists`, `missing-file`, `cannot-move`
 */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    if (!isThere(from))
      throw new SaccadeError('missing-file', `There is nothing at ${shownName(from)} (any more).`);
    closeSync(openSync(systemPath(to), 'wx'));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileExists(to);
    throw cannotMove(from, error);
  }
  try {
    renameSync(systemPath(from), systemPath(to));
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') {
      dropOurs(to);
      throw cannotMove(from, error);
    }
    await moveAcross(from, to);
  }
}

/** Between disks: the copy is compared before the original goes. */
async function moveAcross(from: string, to: string): Promise<void> {
  const part = partOf(to);
  try {
    const facts = await stat(systemPath(from));
    await copyFile(systemPath(from), systemPath(part), constants.COPYFILE_EXCL);
    const [before, after] = [await hashFile(from), await hashFile(part)];
    if (Buffer.compare(before.hash, after.hash) !== 0)
      throw new SaccadeError(
        'cannot-move',
        `Expected a copy of ${shownName(from)} with the same content; it differs. Look at the disk.`,
      );
    await utimes(systemPath(part), facts.atime, facts.mtime);
    const file = openSync(systemPath(part), 'r');
    fsyncSync(file);
    closeSync(file);
    renameSync(systemPath(part), systemPath(to));
    rmSync(systemPath(from));
  } catch (error) {
    if (existsSync(systemPath(from))) dropOurs(to);
    throw cannotMove(from, error);
  }
}

/** What a move that was not finished left: an empty file, or a part of a copy. */
function dropOurs(to: string): void {
  rmSync(systemPath(partOf(to)), { force: true });
  const left = lstatSync(systemPath(to), { throwIfNoEntry: false });
  if (left?.isFile() && left.size === 0) rmSync(systemPath(to));
}

function cannotMove(from: string, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
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
  dropOurs(to);
  return false;
}
