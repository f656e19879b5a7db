/**
 * Processes of the library make what they make for its owner alone. What they write for a person, into a place that
 * the person named, is as any program of theirs would make it.
 */
import { chmod, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemPath } from './file-names.ts';
import { namesIn } from './files.ts';

let usual: number | null = null;

/** For all that is made from now on. */
export function makePrivate(): void {
  usual = process.umask(0o077);
}

/** A file, or a folder with everything in it. `within`: false for a folder whose files are the same as elsewhere. */
export async function makeUsual(path: string, within = true): Promise<void> {
  if (usual === null || process.platform === 'win32') return;
  const facts = await lstat(systemPath(path));
  if (facts.isFile()) return chmod(systemPath(path), 0o666 & ~usual);
  if (!facts.isDirectory()) return;
  await chmod(systemPath(path), 0o777 & ~usual);
  if (!within) return;
  for (const name of await namesIn(path)) await makeUsual(join(path, name));
}
