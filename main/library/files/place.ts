/** A file put into another place in one of four ways, and taken back. */
import { link, lstat, readlink, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath, textOfName } from '../../file-names.ts';
import { makeFolder } from '../../files.ts';
import {
  codeOf,
  copyWhole,
  dropPart,
  dropUnfinished,
  fileExists,
  isThere,
  moveWhole,
  sameContent,
} from './whole.ts';

export const ways = ['copy', 'hardlink', 'symlink', 'move'] as const;
export type Way = (typeof ways)[number];

export interface Placing {
  way: Way;
  from: string;
  to: string;
}

const there = (path: string) => lstat(systemPath(path)).catch(() => null);

function cannot({ from, to, way }: Placing, error: unknown): SaccadeError {
  if (error instanceof SaccadeError) return error;
  if (codeOf(error) === 'EEXIST') return fileExists(to);
  if (way === 'hardlink' && codeOf(error) === 'EXDEV')
    return new SaccadeError(
      'cannot-place',
      `${shownName(from)} can't be linked to ${shownName(to)}: a hard link can't lead to another disk. It is where it was; copy it, or take symbolic links.`,
      { cause: error },
    );
  const verb = way === 'move' ? 'moved' : way === 'copy' ? 'copied' : 'linked';
  return new SaccadeError(
    'cannot-place',
    `${shownName(from)} can't be ${verb} to ${shownName(to)} (${codeOf(error)}). It is where it was; see to the rights and the room there, or choose another way.`,
    { cause: error },
  );
}

/** @throws SaccadeError `file-exists`, `cannot-place` */
export async function place(placing: Placing): Promise<void> {
  const { way, from, to } = placing;
  try {
    if (!isThere(from)) throw Object.assign(new Error('it is gone'), { code: 'ENOENT' });
    makeFolder(dirname(to));
    if (way === 'copy') await copyWhole(from, to);
    else if (way === 'hardlink') await link(systemPath(from), systemPath(to));
    else if (way === 'symlink') await symlink(systemPath(from), systemPath(to));
    else await moveWhole(from, to);
  } catch (error) {
    throw cannot(placing, error);
  }
}

/**
 * Takes a placing back, whether it was done, begun or not. What was changed since stays where it is, and is told.
 * Answers with whether anything was there to take back. @throws SaccadeError `changed-meanwhile`, `file-exists`, `cannot-place`
 */
export async function takeBack({ way, from, to }: Placing): Promise<boolean> {
  const source = await there(from);
  // An empty file under the name of one that is not empty: that is how far it came.
  if (source && source.size > 0 && (way === 'move' || way === 'copy')) dropUnfinished(to);
  else dropPart(to);
  const target = await there(to);
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
    if (
      !target.isSymbolicLink() ||
      textOfName(await readlink(systemPath(to), { encoding: 'buffer' })) !== from
    )
      throw changed(to);
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
