/** Which content a file named by its path holds, whether it is a photo of the library or a stray. */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { systemPath } from '../../file-names.ts';
import { factsOf, hashFile, type HashedFile } from '../scan/hash.ts';
import { contentOf, setContent, setStray, strayContent } from './contents.ts';
import type { Catalog } from './database.ts';
import type { FileFacts } from '../files/file-facts.ts';

/** With `facts`: only where size and times are still those. */
function libraryPhoto(
  catalog: Catalog,
  path: string,
  facts?: FileFacts,
): { id: number; content_id: number | null } | undefined {
  return catalog.one(
    `SELECT p.id, p.content_id FROM photos p JOIN folders f ON f.id = p.folder_id
     WHERE f.path = ? AND p.name = ? AND (? IS NULL OR p.bytes = ? AND p.modified_ms = ? AND p.changed_ms = ?)`,
    dirname(path),
    basename(path),
    facts?.bytes ?? null,
    facts?.bytes ?? null,
    facts?.modifiedMs ?? null,
    facts?.changedMs ?? null,
  );
}

/** The content it had, if it has not changed since; null where it is to be hashed. */
export function pathContent(catalog: Catalog, path: string, facts: FileFacts): number | null {
  return libraryPhoto(catalog, path, facts)?.content_id ?? strayContent(catalog, path, facts);
}

/**
 * The content of the file as it lies there now; null where it was never hashed or changed since. `outOfReach` is what
 * holds where nothing can be seen, as of a drive that is unplugged: what it was when last hashed, or nothing.
 */
export async function contentNow(
  catalog: Catalog,
  path: string,
  outOfReach: 'as it was' | 'nothing',
): Promise<number | null> {
  const facts = await stat(systemPath(path)).then(factsOf, () => null);
  if (facts) return pathContent(catalog, path, facts);
  return outOfReach === 'nothing' ? null : (libraryPhoto(catalog, path)?.content_id ?? null);
}

/**
 * Records what it holds; answers with the content's row. Whether a file of the library that held something else was edited or
 * is another photo under its name, a look through its folder tells: until then it is remembered by its path.
 */
export function setPathContent(catalog: Catalog, path: string, file: HashedFile): number {
  const contentId = contentOf(catalog, file.hash);
  const photo = libraryPhoto(catalog, path);
  const same = photo && (photo.content_id === null || photo.content_id === contentId);
  if (same) setContent(catalog, photo.id, file, contentId);
  else setStray(catalog, path, file, contentId);
  return contentId;
}

/** The same, hashed now where it has to be. @throws SaccadeError as `hashFile` does */
export async function contentRead(catalog: Catalog, path: string, signal?: AbortSignal): Promise<number> {
  const known = await contentNow(catalog, path, 'as it was');
  if (known !== null) return known;
  const file = await hashFile(path, signal);
  return catalog.transaction(() => setPathContent(catalog, path, file));
}
