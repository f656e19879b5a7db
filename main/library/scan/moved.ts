/** Photos that were missed in one place and found in another: they keep their row. */
import { lstatSync } from 'node:fs';
import { systemPath } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById } from '../catalog/folders.ts';
import { movePhoto, photoById, photoPath, unspoken } from '../catalog/photos.ts';
import type { PhotoRow } from '../catalog/photos.ts';
import { moveWritten, writtenTo } from '../catalog/written.ts';
import { ownBeside, sharedBeside } from '../files/companions.ts';
import { isThere } from '../files/whole.ts';
import { hashFile } from './hash.ts';
import type { Scan } from './scan-state.ts';
import { dropEmptyFolder } from './vanished.ts';
import { folderIdentity } from './walk.ts';

/** Looked at when all that vanished is known: the new place may come before the old one. */
export async function matchMoved(scan: Scan): Promise<void> {
  const { catalog } = scan;
  const arrivals = catalog.all<PhotoRow>(
    `SELECT new.* FROM photos new WHERE new.id > ? AND new.missing_ms IS NULL AND EXISTS (
       SELECT 1 FROM photos gone INDEXED BY photos_missing
       WHERE gone.missing_ms IS NOT NULL AND gone.bytes = new.bytes)`,
    scan.lastId,
  );
  for (const arrived of arrivals) {
    if (!isAsRead(catalog, arrived)) continue;
    const path = photoPath(catalog, arrived);
    const candidates = catalog
      .all<PhotoRow & { hash: Uint8Array | null }>(
        `SELECT p.*, c.hash FROM photos p LEFT JOIN contents c ON c.id = p.content_id
         WHERE p.missing_ms IS NOT NULL AND p.bytes = ? ORDER BY p.name = ? DESC, p.missing_ms DESC LIMIT 20`,
        arrived.bytes,
        arrived.name,
      )
      .filter((row) => !isStillThere(catalog, row, path));
    const hash = candidates.some((row) => row.hash)
      ? await hashFile(path, scan.signal).then(
          (hashed) => hashed.hash,
          () => null,
        )
      : null;
    // Never hashed: the same size and time to the millisecond is all there is to go by, and has to be one's alone.
    const alike = candidates.filter((row) => !row.hash && row.modified_ms === arrived.modified_ms);
    const moved =
      candidates.find((row) => row.hash && hash && Buffer.compare(row.hash, hash) === 0) ??
      alike.find(({ name }) => name === arrived.name) ??
      (alike.length === 1 ? alike[0] : undefined);
    if (moved) takePlace(scan, moved, arrived);
  }
}

/** Another window may have found what was moved, and given the number of a row that went to another. */
const isAsRead = (catalog: Catalog, photo: PhotoRow): boolean =>
  catalog.one(
    'SELECT 1 FROM photos WHERE id = ? AND folder_id = ? AND name = ? AND missing_ms IS ?',
    photo.id,
    photo.folder_id,
    photo.name,
    photo.missing_ms,
  ) !== undefined;

/**
 * What is only left out has not moved. One that gave up its name has no place; where case tells no files apart, the file of
 * the old name is the one that was found under the new one.
 */
function isStillThere(catalog: Catalog, photo: PhotoRow, arrived: string): boolean {
  if (photo.name.includes('\0')) return false;
  try {
    const [was, is] = [photoPath(catalog, photo), arrived].map((path) =>
      lstatSync(systemPath(path), { throwIfNoEntry: false }),
    );
    return was !== undefined && (is === undefined || folderIdentity(was) !== folderIdentity(is));
  } catch {
    return false;
  }
}

/** What is known to be written into the photo and its sidecars, as far as those went with it. */
function followWritten(catalog: Catalog, from: string, to: string): void {
  moveWritten(catalog, from, to);
  for (const beside of [ownBeside, sharedBeside]) {
    const [was, is] = [beside(from), beside(to)];
    if (writtenTo(catalog, was) && !isThere(was) && isThere(is)) moveWritten(catalog, was, is);
  }
}

function takePlace(scan: Scan, moved: PhotoRow, found: PhotoRow): void {
  const { catalog } = scan;
  catalog.transaction(() => {
    if (!isAsRead(catalog, found) || !isAsRead(catalog, moved)) return;
    const arrived = photoById(catalog, found.id);
    // Somebody may have given it a word of their own in the meantime.
    if (!catalog.one(`SELECT 1 FROM photos WHERE id = ? AND ${unspoken}`, arrived.id)) return;
    const folder = folderById(catalog, arrived.folder_id);
    const [from, to] = [photoPath(catalog, moved), photoPath(catalog, arrived)];
    catalog.run('DELETE FROM photos WHERE id = ?', arrived.id);
    const facts = {
      bytes: arrived.bytes,
      modifiedMs: arrived.modified_ms,
      changedMs: arrived.changed_ms ?? 0,
    };
    movePhoto(catalog, moved, folder, arrived.name, facts);
    followWritten(catalog, from, to);
    dropEmptyFolder(catalog, moved.folder_id);
  });
  scan.onChanged('photos');
  scan.onChanged('folders');
}
