/**
 * Brings the catalog's photos of a folder in line with the disk. Unchanged size and times: nothing happens. A new file
 * with the size of one that vanished and the same content is that photo moved, and keeps all that is known of it.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { systemPath } from '../../file-names.ts';
import { readError } from '../../files.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import {
  ensureFolder,
  folderById,
  folderByPath,
  foldersWithin,
  isBelow,
  setFolderReason,
} from '../catalog/folders.ts';
import type { FolderRow } from '../catalog/folders.ts';
import {
  changePhoto,
  foundAgain,
  insertPhoto,
  leavePhotosOut,
  markMissing,
  movePhoto,
  photoById,
  photoNamed,
  photoPath,
  setChanged,
} from '../catalog/photos.ts';
import type { FileFacts, PhotoRow } from '../catalog/photos.ts';
import { forgetLeftOut, setLeftOut } from '../catalog/left-out.ts';
import { hashFile } from './hash.ts';
import { chosenFor, rulesAbove } from './chosen-rules.ts';
import type { Rules } from './rules.ts';
import type { Settling } from './settling.ts';
import { eachOf } from '../../schedule/each.ts';
import { folderIdentity, walkFolder } from './walk.ts';
import type { FoundPhoto, LeftOut } from './walk.ts';

export interface ScanEvents {
  /** Photos found so far. */
  onFound(found: number): void;
  onChanged(what: 'folders' | 'photos'): void;
  /** Photos that were not there before, or hold something else now. */
  onArrived?(ids: number[]): void;
  /** A link to a folder: looked through in the link's place, or left because it is reached in another. */
  onLinked?(path: string, entered: boolean): void;
}

export interface ScanOptions {
  signal?: AbortSignal;
  /** Contents are read whatever sizes and times say. */
  fresh?: boolean;
  /** Only the folder itself, and folders in it that are new: something changed just there. */
  shallow?: boolean;
  /** Files of which it says that they are still being written wait for another look. */
  settling?: Settling;
  /** Photos with larger ids are new: among them is looked for those that vanished. Absent: those of this scan. */
  newAfter?: number;
  /** Of a part of a root, in which nothing tells whether a link leads to what is reached in another place: those are passed. */
  passLinks?: boolean;
}

interface Scan extends ScanEvents {
  catalog: Catalog;
  signal: AbortSignal | undefined;
  found: number;
  /** Folders reached already, by identity: links can lead in circles. */
  reached: Set<string>;
  /** Photos with larger ids are new. */
  lastId: number;
  /** Contents are read whatever sizes and times say. */
  fresh: boolean;
  /** Folders that were left out, by path. */
  leftOut: Set<string>;
  /** Folders that are there and were not looked into, by path. */
  passed: Set<string>;
  settling: Settling | undefined;
  passLinks: boolean;
  /** Folders with a file that is still being written. */
  unsettled: Set<string>;
}

interface Queued {
  path: string;
  /** Of the folders above it. */
  rules: Rules;
}

const missingDays = 30;
const hashedAtOnce = 4;

/**
 * `path` is the folder of a row, or lies below one. Only what its row's folder and those below hold is compared. Answers
 * with the folders that are to be looked at again in a moment.
 */
export async function scanFolder(
  catalog: Catalog,
  path: string,
  events: ScanEvents,
  {
    signal,
    fresh = false,
    shallow = false,
    settling,
    newAfter = lastPhoto(catalog),
    passLinks = false,
  }: ScanOptions = {},
): Promise<ReadonlySet<string>> {
  const scan: Scan = {
    ...events,
    ...{ catalog, signal, fresh, settling, passLinks, found: 0, lastId: newAfter },
    ...{ reached: new Set(), leftOut: new Set(), passed: new Set(), unsettled: new Set() },
  };
  const walked = new Set<string>();
  const start = await stat(systemPath(path)).catch((error: unknown) => error);
  if (start instanceof Error) {
    unavailable(scan, path, start);
    return scan.unsettled;
  }
  scan.reached.add(folderIdentity(start as { dev: number; ino: number }));
  const queue: Queued[] = [{ path, rules: await rulesAbove(catalog, path) }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    signal?.throwIfAborted();
    if (shallow && next.path !== path && folderByPath(catalog, next.path)) {
      scan.passed.add(next.path);
      continue;
    }
    await scanOne(scan, next, queue);
    walked.add(next.path);
  }
  if (!shallow) forgetLeftOut(catalog, path, walked);
  const top = folderByPath(catalog, path);
  if (top) forgetVanishedFolders(scan, top, walked);
  await matchMoved(scan);
  purgeLongMissing(catalog);
  events.onFound(scan.found);
  return scan.unsettled;
}

function unavailable(scan: Scan, path: string, error: Error): void {
  const row = folderByPath(scan.catalog, path);
  // Its photos stay as they are: a disk that is not plugged in is not a folder that was emptied.
  if (row && setFolderReason(scan.catalog, row.id, readError(path, error).message)) scan.onChanged('folders');
}

/** A folder without photos gets no row here; it has one once a folder below it holds some. */
async function scanOne(scan: Scan, { path, rules }: Queued, queue: Queued[]): Promise<void> {
  const { catalog } = scan;
  let row = folderByPath(catalog, path) ?? null;
  const known = new Set<number>();
  const unreachable: { name: string; failure: Failure }[] = [];
  const folders: Queued[] = [];
  const leftOut: LeftOut[] = [];
  try {
    await walkFolder(
      path,
      rules,
      {
        async onPhotos(photos) {
          row ??= madeRow(scan, path);
          const doubtful = compare(scan, row, photos, known);
          await eachOf(doubtful, hashedAtOnce, (photo) => lookInside(scan, path, photo));
          await breathe();
        },
        onUnreachable: (name, failure) => unreachable.push({ name, failure }),
        onFolder(folder, key, within, linked) {
          const known = scan.reached.has(key);
          const passed = !known && linked && scan.passLinks && !folderByPath(catalog, folder);
          if (linked) scan.onLinked?.(folder, !known && !passed);
          if (passed) scan.passed.add(folder);
          if (known || passed) return;
          scan.reached.add(key);
          folders.push({ path: folder, rules: within });
        },
        onLeftOut(left) {
          leftOut.push(left);
          if (left.kind === 'marked') scan.leftOut.add(path);
          else if (left.name.endsWith('/')) scan.leftOut.add(join(path, left.name.slice(0, -1)));
        },
      },
      scan.signal,
      chosenFor(catalog, path),
    );
  } catch (error) {
    if (scan.signal?.aborted) throw error;
    row ??= madeRow(scan, path);
    unavailable(scan, path, error as Error);
    return;
  }
  queue.push(...folders.sort((a, b) => (a.path < b.path ? 1 : -1)));
  if (setLeftOut(catalog, path, leftOut)) scan.onChanged('folders');
  if (unreachable.length) row ??= madeRow(scan, path);
  if (row) {
    if (setFolderReason(catalog, row.id, null)) scan.onChanged('folders');
    for (const { name, failure } of unreachable) known.add(unreachableRow(scan, row, name, failure));
    forgetVanished(scan, row, known, new Set(leftOut.map(({ name }) => name)));
  }
}

function madeRow(scan: Scan, path: string): FolderRow {
  scan.onChanged('folders');
  return scan.catalog.transaction(() => ensureFolder(scan.catalog, path));
}

interface Doubtful {
  row: PhotoRow;
  facts: FileFacts;
}

const sameFile = (row: PhotoRow, facts: FileFacts) =>
  row.bytes === facts.bytes && row.modified_ms === facts.modifiedMs;

/** Answers with the photos whose size and time are as they were and whose content may not be. */
function compare(scan: Scan, folder: FolderRow, photos: FoundPhoto[], known: Set<number>): Doubtful[] {
  const { catalog } = scan;
  const arrived: number[] = [];
  scan.found += photos.length;
  const doubtful: Doubtful[] = [];
  const differing: { name: string; facts: FileFacts; row: PhotoRow | undefined }[] = [];
  for (const { name, facts } of photos) {
    const row = photoNamed(catalog, folder.id, name);
    if (row) known.add(row.id);
    const isKnown = row !== undefined && sameFile(row, facts) && row.missing_ms === null;
    if (!isKnown && scan.settling?.isSettled(join(folder.path, name), facts) === false)
      scan.unsettled.add(folder.path);
    else if (!row || !sameFile(row, facts) || row.missing_ms !== null) differing.push({ name, facts, row });
    else if (scan.fresh || row.changed_ms !== facts.changedMs) doubtful.push({ row, facts });
  }
  // One transaction a batch; none at all where nothing is new.
  if (differing.length)
    catalog.transaction(() => {
      for (const { name, facts, row } of differing) {
        if (!row) {
          const id = insertPhoto(catalog, folder, name, facts);
          known.add(id);
          arrived.push(id);
        } else if (sameFile(row, facts)) {
          foundAgain(catalog, row.id);
          doubtful.push({ row: photoById(catalog, row.id), facts });
        } else {
          changePhoto(catalog, row.id, facts);
          arrived.push(row.id);
        }
      }
    });
  scan.onFound(scan.found);
  if (differing.length) scan.onChanged('photos');
  if (arrived.length) scan.onArrived?.(arrived);
  return doubtful;
}

/**
 * Reads a file whose change time differs, or every file where that is asked for: an edit may leave size and time as
 * they were. What was never read, or was by a version that kept no change time, has nothing to be compared with.
 */
async function lookInside(scan: Scan, folder: string, { row, facts }: Doubtful): Promise<void> {
  const { catalog } = scan;
  const hash = catalog.one<{ hash: Uint8Array }>('SELECT hash FROM contents WHERE id = ?', row.content_id);
  const unread = !hash || (row.changed_ms === null && !scan.fresh);
  if (unread && row.error_code === null) return setChanged(catalog, row.id, facts);
  const now = unread ? null : await hashFile(join(folder, row.name), scan.signal).catch(() => null);
  if (hash && now && Buffer.compare(hash.hash, now.hash) === 0) return setChanged(catalog, row.id, now);
  catalog.transaction(() => changePhoto(catalog, row.id, now ?? facts));
  scan.onChanged('photos');
}

function unreachableRow(scan: Scan, folder: FolderRow, name: string, failure: Failure): number {
  const existing = photoNamed(scan.catalog, folder.id, name);
  if (existing) return existing.id;
  scan.onChanged('photos');
  return insertPhoto(scan.catalog, folder, name, { bytes: 0, modifiedMs: 0, changedMs: 0 }, failure);
}

/** `leftOut`: names that are there and are not looked at any more. */
function forgetVanished(
  scan: Scan,
  folder: FolderRow,
  known: Set<number>,
  leftOut: ReadonlySet<string>,
): void {
  const { catalog } = scan;
  const rows = catalog.all<{ id: number; name: string }>(
    'SELECT id, name FROM photos WHERE folder_id = ? AND missing_ms IS NULL',
    folder.id,
  );
  const vanished = rows.filter(({ id }) => !known.has(id));
  if (vanished.length === 0) return;
  const all = isLeftOut(scan, folder.path);
  const out = vanished.filter(({ name }) => all || leftOut.has(name));
  catalog.transaction(() => {
    leavePhotosOut(
      catalog,
      out.map(({ id }) => id),
    );
    vanished.forEach(({ id }) => markMissing(catalog, id));
  });
  scan.onChanged('photos');
}

function isWithinOne(folders: ReadonlySet<string>, path: string): boolean {
  return [...folders].some((folder) => folder === path || isBelow(path, folder));
}

function isLeftOut({ leftOut }: Scan, path: string): boolean {
  return isWithinOne(leftOut, path);
}

/** Folders of the catalog that the walk did not come by. */
function forgetVanishedFolders(scan: Scan, top: FolderRow, walked: Set<string>): void {
  const { catalog } = scan;
  for (const row of foldersWithin(catalog, top)) {
    if (walked.has(row.path) || row.id === top.id || isWithinOne(scan.passed, row.path)) continue;
    forgetVanished(scan, row, new Set(), new Set());
    const reason = isLeftOut(scan, row.path)
      ? `${row.path} is left out.`
      : `${row.path} is not there any more.`;
    if (setFolderReason(catalog, row.id, reason)) scan.onChanged('folders');
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

export function lastPhoto(catalog: Catalog): number {
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
    const facts = {
      bytes: arrived.bytes,
      modifiedMs: arrived.modified_ms,
      changedMs: arrived.changed_ms ?? 0,
    };
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
