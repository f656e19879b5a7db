/**
 * One file put into another place, whole or not at all: nothing is ever overwritten, and a crash leaves no half of a
 * file under its name. What goes wrong is thrown as it comes; callers say what they wanted.
 */
import { closeSync, constants, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { copyFile, open, stat, utimes } from 'node:fs/promises';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { hashFile } from '../scan/hash.ts';

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

/** A link that leads nowhere is there. */
export const isThere = (path: string): boolean =>
  lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined;

export const fileExists = (path: string): SaccadeError =>
  new SaccadeError(
    'file-exists',
    `Expected nothing at ${shownName(path)}; something is there, and nothing is overwritten. Move or rename it first.`,
  );

/** The original is where it was. */
export class CopyDiffers extends Error {
  constructor() {
    super('the copy differs');
  }
}

/** What a copy is called until it is whole. */
const partOf = (to: string): string => `${to}.saccade-part`;

export async function sameContent(a: string, b: string): Promise<boolean> {
  const [one, two] = [await hashFile(a), await hashFile(b)];
  return Buffer.compare(one.hash, two.hash) === 0;
}

export const dropPart = (to: string): void => rmSync(systemPath(partOf(to)), { force: true });

function dropEmpty(to: string): void {
  const left = lstatSync(systemPath(to), { throwIfNoEntry: false });
  if (left?.isFile() && left.size === 0) rmSync(systemPath(to));
}

/** What a move or copy that was not finished left: an empty file, or a part of a copy. */
export function dropUnfinished(to: string): void {
  dropPart(to);
  dropEmpty(to);
}

/** The name is taken by an empty file first, which only the file itself replaces; that works on every disk. */
function rename(from: string, to: string): void {
  closeSync(openSync(systemPath(to), 'wx'));
  try {
    renameSync(systemPath(from), systemPath(to));
  } catch (error) {
    dropEmpty(to);
    throw error;
  }
}

/** With its times, and on the disk before it has its name. `compared`: read again first, `CopyDiffers`. */
export async function copyWhole(from: string, to: string, compared = false): Promise<void> {
  const part = partOf(to);
  dropPart(to);
  try {
    const facts = await stat(systemPath(from));
    await copyFile(systemPath(from), systemPath(part), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    if (compared && !(await sameContent(from, part))) throw new CopyDiffers();
    await utimes(systemPath(part), facts.atime, facts.mtime);
    const file = await open(systemPath(part), 'r');
    await file.sync().finally(() => file.close());
    rename(part, to);
  } finally {
    dropPart(to);
  }
}

/** Between disks the copy is compared before the original goes. */
export async function moveWhole(from: string, to: string): Promise<void> {
  try {
    return rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
  }
  await copyWhole(from, to, true);
  try {
    rmSync(systemPath(from));
  } catch (error) {
    // It stays where nobody may take it away: then it is not in both places either.
    if (isThere(from)) rmSync(systemPath(to));
    throw error;
  }
}
