/**
 * Brings the catalog's photos of a folder in line with the disk. Unchanged size and times: nothing happens. A new file
 * with the size of one that vanished and the same content is that photo moved, and keeps all that is known of it.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { systemPath } from '../../file-names.ts';
import { isOfSystem, readError } from '../../files.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { ensureFolder, folderByPath, setFolderReason } from '../catalog/folders.ts';
import type { FolderRow } from '../catalog/folders.ts';
import { forgetLeftOut, setLeftOut } from '../catalog/left-out.ts';
import { insertPhoto, lastPhoto, photoNamed } from '../catalog/photos.ts';
import { eachOf } from '../../schedule/each.ts';
import { chosenFor, rulesAbove } from './chosen-rules.ts';
import { compare, lookInside } from './compare.ts';
import { matchMoved } from './moved.ts';
import { type Seen, settleChanged } from './replaced.ts';
import type { Rules } from './rules.ts';
import type { Scan, ScanEvents } from './scan-state.ts';
import type { Settling } from './settling.ts';
import { forgetVanished, forgetVanishedFolders, purgeLongMissing } from './vanished.ts';
import { folderIdentity, walkFolder } from './walk.ts';
import type { LeftOut } from '../catalog/left-out.ts';

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

interface Queued {
  path: string;
  /** Of the folders above it. */
  rules: Rules;
}

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
  const seen: Seen = { known: new Set(), changed: [], waiting: new Set() };
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
          const doubtful = compare(scan, row, photos, seen);
          await eachOf(doubtful, hashedAtOnce, (photo) => lookInside(scan, path, photo, seen));
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
    // What keeps the catalog from being written, or a folder that was removed meanwhile, is not the folder's fault.
    if (scan.signal?.aborted || !isOfSystem(error)) throw error;
    row ??= madeRow(scan, path);
    unavailable(scan, path, error);
    return;
  }
  queue.push(...folders.sort((a, b) => (a.path < b.path ? 1 : -1)));
  if (setLeftOut(catalog, path, leftOut)) scan.onChanged('folders');
  if (unreachable.length) row ??= madeRow(scan, path);
  if (row) {
    if (setFolderReason(catalog, row.id, null)) scan.onChanged('folders');
    for (const { name, failure } of unreachable) {
      const id = unreachableRow(scan, row, name, failure);
      if (id !== null) seen.known.add(id);
    }
    await settleChanged(scan, row, seen);
    forgetVanished(scan, row, seen.known, new Set(leftOut.map(({ name }) => name)));
  }
}

function madeRow(scan: Scan, path: string): FolderRow {
  scan.onChanged('folders');
  return scan.catalog.transaction(() => ensureFolder(scan.catalog, path));
}

/** Null: of one that is missing. */
function unreachableRow(scan: Scan, folder: FolderRow, name: string, failure: Failure): number | null {
  const { catalog, onChanged } = scan;
  return catalog.transaction(() => {
    const existing = photoNamed(catalog, folder.id, name);
    if (existing) return existing.missing_ms === null ? existing.id : null;
    onChanged('photos');
    return insertPhoto(catalog, folder, name, { bytes: 0, modifiedMs: 0, changedMs: 0 }, failure);
  });
}
