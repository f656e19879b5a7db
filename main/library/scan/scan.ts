/**
 * Brings the catalog's photos of a folder in line with the disk. Unchanged size and time: nothing happens. A new file
 * with the size of one that vanished and the same content is that photo moved, and keeps all that is known of it.
 */
import { stat } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { readError } from '../../files.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import {
  ensureFolder,
  folderById,
  folderByPath,
  foldersWithin,
  setFolderReason,
} from '../catalog/folders.ts';
import type { FolderRow } from '../catalog/folders.ts';
import {
  changePhoto,
  foundAgain,
  insertPhoto,
  markMissing,
  movePhoto,
  photoById,
  photoNamed,
  photoPath,
} from '../catalog/photos.ts';
import type { FileFacts, PhotoRow } from '../catalog/photos.ts';
import { hashFile } from './hash.ts';
import { folderIdentity, walkFolder } from './walk.ts';
import type { FoundPhoto } from './walk.ts';

export interface ScanEvents {
  /** Photos found so far. */
  onFound(found: number): void;
  onChanged(what: 'folders' | 'photos'): void;
}

interface Scan extends ScanEvents {
  catalog: Catalog;
  signal: AbortSignal | undefined;
  found: number;
  /** Folders reached already, by identity: links can lead in circles. */
  reached: Set<string>;
  /** Photos with larger ids are new in this scan. */
  lastId: number;
}

const missingDays = 30;

/** `path` is the folder of a row, or lies below one. Only what its row's folder and those below hold is compared. */
export async function scanFolder(
  catalog: Catalog,
  path: string,
  events: ScanEvents,
  signal?: AbortSignal,
): Promise<void> {
  const scan: Scan = { ...events, catalog, signal, found: 0, reached: new Set(), lastId: lastPhoto(catalog) };
  const walked = new Set<string>();
  const queue = [path];
  const start = await stat(path).catch((error: unknown) => error);
  if (start instanceof Error) return unavailable(scan, path, start);
  scan.reached.add(folderIdentity(start as { dev: number; ino: number }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    signal?.throwIfAborted();
    await scanOne(scan, next, queue);
    walked.add(next);
  }
  const top = folderByPath(catalog, path);
  if (top) forgetVanishedFolders(scan, top, walked);
  await matchMoved(scan);
  purgeLongMissing(catalog);
  events.onFound(scan.found);
}

function unavailable(scan: Scan, path: string, error: Error): void {
  const row = folderByPath(scan.catalog, path);
  // Its photos stay as they are: a disk that is not plugged in is not a folder that was emptied.
  if (row && setFolderReason(scan.catalog, row.id, readError(path, error).message)) scan.onChanged('folders');
}

/** A folder without photos gets no row here; it has one once a folder below it holds some. */
async function scanOne(scan: Scan, path: string, queue: string[]): Promise<void> {
  const { catalog } = scan;
  let row = folderByPath(catalog, path) ?? null;
  const known = new Set<number>();
  const unreachable: { name: string; failure: Failure }[] = [];
  const folders: string[] = [];
  try {
    await walkFolder(
      path,
      {
        async onPhotos(photos) {
          row ??= madeRow(scan, path);
          compare(scan, row, photos, known);
          await breathe();
        },
        onUnreachable: (name, failure) => unreachable.push({ name, failure }),
        onFolder(folder, key) {
          if (scan.reached.has(key)) return;
          scan.reached.add(key);
          folders.push(folder);
        },
      },
      scan.signal,
    );
  } catch (error) {
    if (scan.signal?.aborted) throw error;
    row ??= madeRow(scan, path);
    unavailable(scan, path, error as Error);
    return;
  }
  queue.push(...folders.sort().reverse());
  if (unreachable.length) row ??= madeRow(scan, path);
  if (row) {
    if (setFolderReason(catalog, row.id, null)) scan.onChanged('folders');
    for (const { name, failure } of unreachable) known.add(unreachableRow(scan, row, name, failure));
    forgetVanished(scan, row, known);
  }
}

function madeRow(scan: Scan, path: string): FolderRow {
  scan.onChanged('folders');
  return scan.catalog.transaction(() => ensureFolder(scan.catalog, path));
}

function compare(scan: Scan, folder: FolderRow, photos: FoundPhoto[], known: Set<number>): void {
  const { catalog } = scan;
  let changed = false;
  scan.found += photos.length;
  const differing: { name: string; facts: FileFacts; row: PhotoRow | undefined }[] = [];
  for (const { name, facts } of photos) {
    const row = photoNamed(catalog, folder.id, name);
    if (row) known.add(row.id);
    const same = row?.bytes === facts.bytes && row.modified_ms === facts.modifiedMs;
    if (!same || row.missing_ms !== null) differing.push({ name, facts, row });
  }
  // One transaction a batch; none at all where nothing is new.
  if (differing.length)
    catalog.transaction(() => {
      for (const { name, facts, row } of differing) {
        changed = true;
        if (!row) known.add(insertPhoto(catalog, folder, name, facts));
        else if (row.bytes === facts.bytes && row.modified_ms === facts.modifiedMs)
          foundAgain(catalog, row.id);
        else changePhoto(catalog, row.id, facts);
      }
    });
  scan.onFound(scan.found);
  if (changed) scan.onChanged('photos');
}

function unreachableRow(scan: Scan, folder: FolderRow, name: string, failure: Failure): number {
  const existing = photoNamed(scan.catalog, folder.id, name);
  if (existing) return existing.id;
  scan.onChanged('photos');
  return insertPhoto(scan.catalog, folder, name, { bytes: 0, modifiedMs: 0 }, failure);
}

function forgetVanished(scan: Scan, folder: FolderRow, known: Set<number>): void {
  const { catalog } = scan;
  const rows = catalog.all<{ id: number }>(
    'SELECT id FROM photos WHERE folder_id = ? AND missing_ms IS NULL',
    folder.id,
  );
  const vanished = rows.filter(({ id }) => !known.has(id));
  if (vanished.length === 0) return;
  catalog.transaction(() => vanished.forEach(({ id }) => markMissing(catalog, id)));
  scan.onChanged('photos');
}

/** Folders of the catalog that the walk did not come by. */
function forgetVanishedFolders(scan: Scan, top: FolderRow, walked: Set<string>): void {
  const { catalog } = scan;
  for (const row of foldersWithin(catalog, top)) {
    if (walked.has(row.path) || row.id === top.id) continue;
    forgetVanished(scan, row, new Set());
    if (setFolderReason(catalog, row.id, `${row.path} is not there any more.`)) scan.onChanged('folders');
    dropEmptyFolder(catalog, row.id);
  }
}

function dropEmptyFolder(catalog: Catalog, id: number): void {
  catalog.run(
    `DELETE FROM folders WHERE id = ? AND parent_id IS NOT NULL AND reason IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM photos WHERE folder_id = folders.id)
       AND NOT EXISTS (SELECT 1 FROM folders child WHERE child.parent_id = folders.id)`,
    id,
  );
}

/** Looked at when all that vanished is known: the new place may come before the old one. */
async function matchMoved(scan: Scan): Promise<void> {
  const { catalog } = scan;
  const arrivals = catalog.all<PhotoRow>(
    `SELECT new.* FROM photos new WHERE new.id > ? AND new.missing_ms IS NULL AND EXISTS (
       SELECT 1 FROM photos gone INDEXED BY photos_missing
       WHERE gone.missing_ms IS NOT NULL AND gone.bytes = new.bytes)`,
    scan.lastId,
  );
  for (const arrived of arrivals) {
    const candidates = catalog.all<PhotoRow & { hash: Uint8Array | null }>(
      `SELECT p.*, c.hash FROM photos p LEFT JOIN contents c ON c.id = p.content_id
       WHERE p.missing_ms IS NOT NULL AND p.bytes = ? ORDER BY p.name = ? DESC, p.missing_ms DESC LIMIT 20`,
      arrived.bytes,
      arrived.name,
    );
    const hash = candidates.some((row) => row.hash)
      ? await hashFile(photoPath(catalog, arrived), scan.signal).then(
          (hashed) => hashed.hash,
          () => null,
        )
      : null;
    const moved = candidates.find((row) =>
      row.hash
        ? hash && Buffer.compare(row.hash, hash) === 0
        : // Never hashed: the same size and time to the millisecond is all there is to go by.
          row.modified_ms === arrived.modified_ms,
    );
    if (moved) takePlace(scan, moved, arrived.id);
  }
}

function lastPhoto(catalog: Catalog): number {
  return catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM photos')!.id ?? 0;
}

function takePlace(scan: Scan, moved: PhotoRow, arrivedId: number): void {
  const { catalog } = scan;
  catalog.transaction(() => {
    const arrived = photoById(catalog, arrivedId);
    // Somebody may have given it a word of their own in the meantime.
    if (arrived.own_label !== null) return;
    const folder = folderById(catalog, arrived.folder_id);
    catalog.run('DELETE FROM photos WHERE id = ?', arrived.id);
    const facts = { bytes: arrived.bytes, modifiedMs: arrived.modified_ms };
    movePhoto(catalog, moved, folder, arrived.name, facts);
    dropEmptyFolder(catalog, moved.folder_id);
  });
  scan.onChanged('photos');
  scan.onChanged('folders');
}

function purgeLongMissing(catalog: Catalog): void {
  catalog.run(
    'DELETE FROM photos WHERE missing_ms < ? AND own_label IS NULL',
    Date.now() - missingDays * 86_400_000,
  );
}
