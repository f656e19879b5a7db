/**
 * Which keywords in a JPEG Saccade wrote. They bear no mark, so the catalog knows them, by the photo and not by its name
 * alone: the file exactly as it was left is known wherever it lies, and where it was left it is known by its picture,
 * whatever other programs have written beside that. Another picture under that name is another photo, whose keywords
 * are not ours. Copies are as good as what was moved, so a record goes only with its own file's keywords.
 */
import { readFile, stat } from 'node:fs/promises';
import { SaccadeError } from '../../../models/error.ts';
import { pictureHash } from '../../decode/containers/jpeg-picture.ts';
import { systemPath } from '../../file-names.ts';
import type { Written } from '../../xmp/written.ts';
import type { Catalog } from '../catalog/database.ts';
import {
  setWritten,
  type WrittenPhoto,
  writtenPhotoAt,
  writtenPhotoOf,
  wroteOfSize,
} from '../catalog/written.ts';
import { hashFile, type HashedFile } from '../scan/hash.ts';

const pictureAt = (path: string): Promise<Buffer | null> =>
  readFile(systemPath(path)).then(pictureHash, () => null);

async function hashOf(path: string): Promise<HashedFile | null> {
  try {
    return await hashFile(path);
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return null;
  }
}

async function found(catalog: Catalog, path: string): Promise<WrittenPhoto | null> {
  const here = writtenPhotoAt(catalog, path);
  if (here?.picture) {
    const picture = await pictureAt(path);
    if (picture && Buffer.compare(picture, here.picture) === 0) return here;
  }
  const facts = await stat(systemPath(path)).catch(() => null);
  if (!facts || !wroteOfSize(catalog, facts.size)) return null;
  const file = await hashOf(path);
  return file && writtenPhotoOf(catalog, file.hash, file.bytes);
}

/** Null: nothing of ours is known to be in it. */
export async function writtenInto(catalog: Catalog, path: string): Promise<Written | null> {
  return (await found(catalog, path))?.written ?? null;
}

/** Of what the catalog knows alone: what it says yes to is read when its turn comes. */
export async function mayBeWritten(catalog: Catalog, path: string): Promise<boolean> {
  if (writtenPhotoAt(catalog, path)) return true;
  const facts = await stat(systemPath(path)).catch(() => null);
  return facts !== null && wroteOfSize(catalog, facts.size);
}

/** Before it is written (`file` null) and after. @throws the system's error, and Error where the JPEG has no picture */
export async function recordWritten(
  catalog: Catalog,
  path: string,
  written: Written | null,
  file: HashedFile | null,
): Promise<void> {
  if (!written) return setWritten(catalog, path, null);
  const picture = pictureHash(await readFile(systemPath(path)));
  if (!picture) throw new Error('a JPEG without a picture');
  const { bytes, hash } = file ?? { bytes: 0, hash: null };
  setWritten(catalog, path, written, { bytes, hash, picture });
}
