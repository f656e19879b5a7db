/** What an export wrote, deleted again where nobody has changed it since. */
import { lstat, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { namesIn } from '../../files.ts';

interface Written {
  path: string;
  isFolder: boolean;
  bytes: number;
  modifiedMs: number;
}

/** The file, or the folder with all that is in it, the innermost first. */
export async function writtenAt(path: string): Promise<Written[]> {
  const facts = await lstat(systemPath(path));
  const self = { path, isFolder: facts.isDirectory(), bytes: facts.size, modifiedMs: facts.mtimeMs };
  if (!self.isFolder) return [self];
  const inside = [];
  for (const name of await namesIn(path)) inside.push(...(await writtenAt(join(path, name))));
  return [...inside, self];
}

/** @throws SaccadeError `changed-meanwhile`: then all of it stays. */
export async function takeBack(written: readonly Written[]): Promise<void> {
  for (const { path, isFolder, bytes, modifiedMs } of written) {
    const now = await lstat(systemPath(path)).catch(() => null);
    const same = now && (isFolder ? now.isDirectory() : now.size === bytes && now.mtimeMs === modifiedMs);
    if (!same)
      throw new SaccadeError(
        'changed-meanwhile',
        `${shownName(path)} was changed since it was written, so all of the export stays as it is. Delete it yourself if you do not need it.`,
      );
  }
  for (const { path, isFolder } of written)
    // A folder into which somebody put something else stays.
    if (isFolder) await rmdir(systemPath(path)).catch(() => {});
    else await rm(systemPath(path));
}
