/** A file put into another place in one of four ways. Nothing is ever overwritten, and a crash leaves no half of a file under its name. */
import { constants } from 'node:fs';
import { copyFile, link, lstat, open, readlink, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { makeFolder } from '../../files.ts';
import { hashFile } from '../scan/hash.ts';

export const ways = ['copy', 'hardlink', 'symlink', 'move'] as const;
export type Way = (typeof ways)[number];

export interface Placing {
  way: Way;
  from: string;
  to: string;
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);
const partOf = (to: string): string => `${to}.saccade-part`;
const there = (path: string) => lstat(systemPath(path)).catch(() => null);

function cannot({ from, to, way }: Placing, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  if (codeOf(error) === 'EEXIST')
    return new SaccadeError(
      'file-exists',
      `Expected nothing at ${shownName(to)}; something is there, and nothing is overwritten. Move or rename it first.`,
    );
  const verb = way === 'move' ? 'moved' : way === 'copy' ? 'copied' : 'linked';
  return new SaccadeError(
    'cannot-place',
    `${shownName(from)} can't be ${verb} to ${shownName(to)} (${codeOf(error)}). It is where it was; see to the rights and the room there, or choose another way.`,
    { cause: error },
  );
}

/** Gives a file its name only where nothing has it. Some disks know no second name for a file. */
async function nameAnew(from: string, to: string): Promise<void> {
  try {
    await link(systemPath(from), systemPath(to));
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error;
    await (await open(systemPath(to), 'wx')).close();
    await rename(systemPath(from), systemPath(to));
    return;
  }
  await rm(systemPath(from));
}

async function copyWhole(from: string, to: string): Promise<void> {
  const part = partOf(to);
  await rm(systemPath(part), { force: true });
  try {
    const facts = await stat(systemPath(from));
    await copyFile(systemPath(from), systemPath(part), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await utimes(systemPath(part), facts.atime, facts.mtime);
    const file = await open(systemPath(part), 'r');
    await file.sync().finally(() => file.close());
    await nameAnew(part, to);
  } finally {
    await rm(systemPath(part), { force: true });
  }
}

async function sameContent(a: string, b: string): Promise<boolean> {
  const [one, two] = [await hashFile(a), await hashFile(b)];
  return Buffer.compare(one.hash, two.hash) === 0;
}

async function moveWhole(placing: Placing): Promise<void> {
  const { from, to } = placing;
  try {
    return await nameAnew(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
  }
  await copyWhole(from, to);
  if (await sameContent(from, to)) return rm(systemPath(from));
  await rm(systemPath(to));
  throw new Error('the copy differs');
}

/** @throws SaccadeError `file-exists`, `cannot-place` */
export async function place(placing: Placing): Promise<void> {
  const { way, from, to } = placing;
  try {
    if (!(await there(from))) throw Object.assign(new Error('it is gone'), { code: 'ENOENT' });
    makeFolder(dirname(to));
    if (way === 'copy') await copyWhole(from, to);
    else if (way === 'hardlink') await link(systemPath(from), systemPath(to));
    else if (way === 'symlink') await symlink(systemPath(from), systemPath(to));
    else await moveWhole(placing);
  } catch (error) {
    throw cannot(placing, error);
  }
}

/**
 * Takes a placing back, whether it was done, begun or not. What was changed since stays where it is, and is told.
 * Answers with whether anything was there to take back. @throws SaccadeError `changed-meanwhile`, `file-exists`, `cannot-place`
 */
export async function takeBack({ way, from, to }: Placing): Promise<boolean> {
  await rm(systemPath(partOf(to)), { force: true });
  const [source, target] = [await there(from), await there(to)];
  if (!target) return false;
  if (way === 'move') {
    if (source) {
      // Cut off between the two names of one file, or between a copy and its original.
      if (source.ino === target.ino && source.dev === target.dev) await rm(systemPath(to));
      else if (await sameContent(from, to)) await rm(systemPath(to));
      else throw changed(to);
      return true;
    }
    await place({ way: 'move', from: to, to: from });
    return true;
  }
  if (way === 'symlink') {
    if (!target.isSymbolicLink() || (await readlink(systemPath(to))) !== from) throw changed(to);
  } else if (way === 'hardlink') {
    if (source?.ino !== target.ino || source.dev !== target.dev) throw changed(to);
  } else if (!source || !target.isFile() || !(await sameContent(from, to))) throw changed(to);
  await rm(systemPath(to));
  return true;
}

const changed = (path: string): SaccadeError =>
  new SaccadeError(
    'changed-meanwhile',
    `${shownName(path)} is not what was put there: it, or its original, was changed since. It was left as it is.`,
  );
