/** One folder's entries: photos by name, folders, and names that can't be written down. */
import { opendir, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';
import { isUtf8 } from 'node:buffer';
import { SaccadeError } from '../../../models/error.ts';
import { readError } from '../../files.ts';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import type { FileFacts } from '../catalog/photos.ts';
import { eachOf } from '../../schedule/each.ts';
import { factsOf } from './hash.ts';

const photoNames = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|avif|hei[cf]|hif|bmp|dib)$/i;

/** By its name: every file that may be a photo. What it really is shows when it is read. */
export function isPhotoName(name: string): boolean {
  // Names that begin with a dot are hidden; macOS keeps halves of files under such names on foreign disks.
  return photoNames.test(name) && !name.startsWith('.');
}

export interface FoundPhoto {
  name: string;
  facts: FileFacts;
}

export interface FolderEntries {
  /** In batches, so that a folder of any size is walked in little memory. */
  onPhotos(photos: FoundPhoto[]): void | Promise<void>;
  /** A photo that nothing can be asked about, or a photo or folder whose name, as near as it can be written, is no UTF-8. */
  onUnreachable(name: string, failure: Failure): void;
  /** Absolute path of a folder in it, links followed; `key` is the same for the same folder however it is reached. */
  onFolder(path: string, key: string): void;
}

const batch = 256;
const atOnce = 32;

/** Throws the file system's error where the folder itself can't be read. */
export async function walkFolder(path: string, entries: FolderEntries, signal?: AbortSignal): Promise<void> {
  let waiting: { name: string; linked: boolean }[] = [];
  async function settle(): Promise<void> {
    const found: FoundPhoto[] = [];
    await eachOf(waiting, atOnce, async ({ name, linked }) => {
      const full = join(path, name);
      const facts = await reach(full);
      if (facts instanceof SaccadeError) {
        if (isPhotoName(name)) entries.onUnreachable(name, toFailure(facts));
      } else if (facts?.isDirectory() && linked) entries.onFolder(full, folderIdentity(facts));
      else if (facts?.isFile() && isPhotoName(name)) found.push({ name, facts: factsOf(facts) });
    });
    waiting = [];
    if (found.length) await entries.onPhotos(found);
  }
  const folder = await opendir(path, { encoding: 'buffer' as BufferEncoding, bufferSize: 512 });
  for await (const entry of folder as unknown as AsyncIterable<Dirent<Buffer>>) {
    signal?.throwIfAborted();
    const valid = isUtf8(entry.name);
    const name = entry.name.toString();
    if (name.startsWith('.')) continue;
    if (!valid) {
      if (isPhotoName(name) || entry.isDirectory()) entries.onUnreachable(name, notUtf8(name));
    } else if (entry.isDirectory()) {
      const below = join(path, name);
      const facts = await reach(below);
      // What keeps it from being read shows when it is opened.
      if (facts) entries.onFolder(below, facts instanceof SaccadeError ? below : folderIdentity(facts));
    } else if (isPhotoName(name) || entry.isSymbolicLink()) {
      waiting.push({ name, linked: entry.isSymbolicLink() });
      if (waiting.length >= batch) await settle();
    }
  }
  await settle();
}

/** Null: it is gone, or a link to nothing. */
async function reach(path: string): Promise<Stats | SaccadeError | null> {
  try {
    return await stat(path);
  } catch (error) {
    const failure = readError(path, error);
    return failure.code === 'missing-file' ? null : failure;
  }
}

const notUtf8 = (name: string): Failure => ({
  code: 'invalid-name',
  message: `Expected a name in UTF-8; "${name}" is none, so it can't be opened by it. Rename it.`,
});

export function folderIdentity(facts: { dev: number; ino: number }): string {
  return `${facts.dev}:${facts.ino}`;
}
