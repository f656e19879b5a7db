/** Rows whose files or folders the walk did not come by. */
import { hiddenStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import { readValue, writeValue } from '../catalog/settings.ts';
import { foldersWithin, isBelow, setFolderReason } from '../catalog/folders.ts';
import type { FolderRow } from '../catalog/folders.ts';
import { leavePhotosOut, markMissing, unspoken } from '../catalog/photos.ts';
import type { Scan } from './scan-state.ts';

/** As long as a missing photo is remembered: it may come back, or be found elsewhere. */
const hourMs = 3_600_000;
const missingMs = 30 * 24 * hourMs;

const gone = [statusNumber('missing'), hiddenStatus.away];

/** Photos of the folder itself that are not missing. */
function photosThere(catalog: Catalog, { id }: FolderRow): number {
  return catalog.one<{ n: number }>(
    `SELECT coalesce(sum(photos), 0) AS n FROM photo_counts WHERE folder_id = ? AND status NOT IN (${gone.join()})`,
    id,
  )!.n;
}

/** `known`: photos that are there, of those that were not missing; `leftOut`: names that are there and are not looked at any more. */
export function forgetVanished(
  scan: Scan,
  folder: FolderRow,
  known: Set<number>,
  leftOut: ReadonlySet<string>,
): void {
  const { catalog } = scan;
  // The counts that are kept tell it, where a folder of two hundred thousand rows would have to be gone through.
  if (photosThere(catalog, folder) === known.size) return;
  const all = isLeftOut(scan, folder.path);
  const changed = catalog.transaction(() => {
    // Read here: another window that follows a move may have taken a photo to its new folder until now.
    const rows = catalog.all<{ id: number; name: string }>(
      'SELECT id, name FROM photos WHERE folder_id = ? AND missing_ms IS NULL',
      folder.id,
    );
    const vanished = rows.filter(({ id }) => !known.has(id));
    const out = vanished.filter(({ name }) => all || leftOut.has(name));
    leavePhotosOut(
      catalog,
      out.map(({ id }) => id),
    );
    vanished.forEach(({ id }) => markMissing(catalog, id));
    return vanished.length > 0;
  });
  if (changed) scan.onChanged('photos');
}

function isWithinOne(folders: ReadonlySet<string>, path: string): boolean {
  return [...folders].some((folder) => folder === path || isBelow(path, folder));
}

function isLeftOut({ leftOut }: Scan, path: string): boolean {
  return isWithinOne(leftOut, path);
}

/** Folders of the catalog that the walk did not come by. */
export function forgetVanishedFolders(scan: Scan, top: FolderRow, walked: Set<string>): void {
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

export function dropEmptyFolder(catalog: Catalog, id: number): void {
  catalog.run(
    `DELETE FROM folders WHERE id = ? AND parent_id IS NOT NULL AND reason IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM photos WHERE folder_id = folders.id)
       AND NOT EXISTS (SELECT 1 FROM folders child WHERE child.parent_id = folders.id)`,
    id,
  );
}

/** Not at once after a long time without a look: the clock may be wrong, and what is dropped does not come back. */
export function purgeLongMissing(catalog: Catalog): void {
  const now = Date.now();
  const before = readValue<number | null>(catalog, 'lookedMs', null);
  if (before === null || Math.abs(now - before) > hourMs) writeValue(catalog, 'lookedMs', now);
  if (before === null || now < before || now - before > missingMs / 2) return;
  catalog.run(`DELETE FROM photos WHERE missing_ms < ? AND ${unspoken}`, now - missingMs);
}
