import { constants } from 'node:fs';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from './client.ts';
import { matchesHash } from './hash.ts';
import type { HubFile, HubRepository } from './repository.ts';

/**
 * Takes a file out of the cache that Hugging Face's tools keep on this machine
 * (`models--owner--name/snapshots/<commit>/<file>`, `…/blobs/<hash>`), if it is there and its content is right.
 * Nothing in the cache is changed.
 * @param target absolute path of the copy
 */
export async function takeFromCache(
  cacheFolder: string,
  { repository, revision }: HubRepository,
  file: HubFile,
  target: string,
  signal: AbortSignal,
): Promise<boolean> {
  const folder = join(cacheFolder, `models--${repository.replaceAll('/', '--')}`);
  for (const path of [join(folder, 'snapshots', revision, file.path), join(folder, 'blobs', file.hash.hex)]) {
    const found = await stat(path).catch(() => null);
    if (!found?.isFile() || found.size !== file.bytes) continue;
    const copy = `${target}.cached`;
    try {
      await copyFile(path, copy, constants.COPYFILE_FICLONE);
      // The copy is hashed, not the original: that is what will be used.
      if (await matchesHash(copy, file.bytes, file.hash, signal)) {
        await rename(copy, target);
        return true;
      }
    } catch (error) {
      signal.throwIfAborted();
      const known = diskError(error);
      if (known !== error) throw known;
    } finally {
      await rm(copy, { force: true });
    }
  }
  return false;
}
