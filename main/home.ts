/** The data folder: where it is, and that it is its owner's alone. */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** Folder of everything Saccade keeps: `SACCADE_HOME`, or where the platform puts application data. Absolute. */
export function home(): string {
  return resolve(process.env['SACCADE_HOME'] || envPaths('saccade', { suffix: '' }).data);
}

/** Copies of the catalog, and of what people did. */
export const backupsFolder = (folder: string): string => join(folder, 'backups');

/** What Saccade makes in it; `SACCADE_HOME` may be a folder that holds other things too. */
const ours =
  /^(catalog|thumbnails)\.sqlite(-wal|-shm)?$|^catalog\.sqlite\.(damaged|rebuilt)$|^(beside|in-use|window)\.lock$|^verdicts\.json$|^(backups|models|providers|compiled|downloads|external|organised|window|shards)$/;

/**
 * Takes from everybody but the owner what they may do in it (0700 and 0600), also with what is there: thumbnails show
 * photos that only their owner may read. What belongs to somebody else, and links, stay as they are.
 */
export function keepPrivate(folder: string): void {
  if (process.platform === 'win32') return;
  restrict(folder, (name) => ours.test(name));
}

function restrict(path: string, within: (name: string) => boolean): void {
  try {
    const facts = lstatSync(path);
    const folder = facts.isDirectory();
    // A sticky folder is one that many write into, such as /tmp.
    if ((!folder && !facts.isFile()) || facts.uid !== process.getuid?.() || facts.mode & 0o1000) return;
    if (facts.mode & 0o077) chmodSync(path, facts.mode & 0o700);
    if (folder)
      for (const name of readdirSync(path)) if (within(name)) restrict(join(path, name), () => true);
  } catch {
    // Gone meanwhile, or on a file system without permissions.
  }
}
