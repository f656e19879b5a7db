/** Files that were found beside their rows: what is new, what differs, and what may. */
import { join } from 'node:path';
import type { FolderRow } from '../catalog/folders.ts';
import { foundAgain, giveUpName, insertPhoto, photoById, photoNamed, setChanged } from '../catalog/photos.ts';
import type { PhotoRow } from '../catalog/photos.ts';
import type { FileFacts } from '../files/file-facts.ts';
import { isThere } from '../files/whole.ts';
import { hashFile } from './hash.ts';
import type { Changed, Seen } from './replaced.ts';
import type { Scan } from './scan-state.ts';
import type { FoundPhoto } from './walk.ts';

const sameFile = (row: PhotoRow, facts: FileFacts) =>
  row.bytes === facts.bytes && row.modified_ms === facts.modifiedMs;

/** Answers with the photos whose size and time are as they were and whose content may not be. */
export function compare(scan: Scan, folder: FolderRow, photos: FoundPhoto[], seen: Seen): Changed[] {
  const { catalog } = scan;
  const { known } = seen;
  const arrived: number[] = [];
  scan.found += photos.length;
  const doubtful: Changed[] = [];
  const differing: FoundPhoto[] = [];
  for (const { name, facts } of photos) {
    const row = photoNamed(catalog, folder.id, name);
    if (row && row.missing_ms === null) known.add(row.id);
    const isKnown = row !== undefined && sameFile(row, facts) && row.missing_ms === null;
    if (!isKnown && scan.settling?.isSettled(join(folder.path, name), facts) === false) {
      scan.unsettled.add(folder.path);
      if (row) seen.waiting.add(row.id);
    } else if (!row || !sameFile(row, facts) || row.missing_ms !== null) differing.push({ name, facts });
    else if (scan.fresh || row.changed_ms !== facts.changedMs) doubtful.push({ row, facts });
  }
  // One transaction a batch; none at all where nothing is new.
  if (differing.length)
    catalog.transaction(() => {
      for (const { name, facts } of differing) {
        // Another window may have looked through the folder meanwhile.
        const row = photoNamed(catalog, folder.id, name);
        // The person, or another program, may have moved it since it was listed.
        if (row?.missing_ms !== null && !isThere(join(folder.path, name))) continue;
        const other = row?.away && row.missing_ms !== null && !sameFile(row, facts);
        if (other) giveUpName(catalog, row);
        if (!row || other) {
          const id = insertPhoto(catalog, folder, name, facts);
          known.add(id);
          arrived.push(id);
        } else if (sameFile(row, facts)) {
          foundAgain(catalog, row.id);
          known.add(row.id);
          doubtful.push({ row: photoById(catalog, row.id), facts });
        } else seen.changed.push({ row, facts });
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
export async function lookInside(
  scan: Scan,
  folder: string,
  { row, facts }: Changed,
  seen: Seen,
): Promise<void> {
  const { catalog } = scan;
  const hash = catalog.one<{ hash: Uint8Array }>('SELECT hash FROM contents WHERE id = ?', row.content_id);
  const unread = !hash || (row.changed_ms === null && !scan.fresh);
  if (unread && row.error_code === null) return setChanged(catalog, row.id, facts);
  const path = join(folder, row.name);
  const now = unread ? null : await hashFile(path, scan.signal).catch(() => null);
  // Gone since it was listed: that is for the next look to tell.
  if (!now && !isThere(path)) return;
  if (hash && now && Buffer.compare(hash.hash, now.hash) === 0) return setChanged(catalog, row.id, now);
  seen.changed.push({ row, facts: now ?? facts });
}
