/**
 * Files that differ from what was under their name: edited, or another photo that was given this name, as when photos are
 * numbered anew or exchanged between folders. What a person said goes with the picture.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { systemPath } from '../../file-names.ts';
import { eachOf } from '../../schedule/each.ts';
import { setContent, strayContent } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import type { FolderRow } from '../catalog/folders.ts';
import { anySpoken, changePhoto, giveWay, insertPhoto, photoNamed, photoPath, unspoken } from '../catalog/photos.ts'; // prettier-ignore
import type { PhotoRow } from '../catalog/photos.ts';
import type { FileFacts } from '../files/file-facts.ts';
import { isThere } from '../files/whole.ts';
import { factsOf, hashFile } from './hash.ts';
import type { Scan } from './scan-state.ts';

export interface Changed {
  row: PhotoRow;
  facts: FileFacts;
}

/** What a look at a folder finds, until all of it was seen. */
export interface Seen {
  /** Photos that are there, of those that were not missing. */
  known: Set<number>;
  changed: Changed[];
  /** Photos whose files are still being written. */
  waiting: Set<number>;
}

interface Origin {
  id: number;
  bytes: number;
  modified_ms: number;
  hash: Uint8Array;
  spoken: 0 | 1;
}

const hashedAtOnce = 4;
const changedAtOnce = 500;

const keyOf = (bytes: number, modifiedMs: number) => `${bytes} ${modifiedMs}`;

/** Photos of the folder that were read, by the size and time that a changed file has now. */
function originsOf(catalog: Catalog, folder: FolderRow, changed: readonly Changed[]): Map<string, Origin[]> {
  const facts = changed.map(({ facts: { bytes, modifiedMs } }) => [bytes, modifiedMs]);
  const rows = catalog.all<Origin>(
    `SELECT id, bytes, modified_ms, (SELECT hash FROM contents WHERE contents.id = content_id) AS hash,
       NOT (${unspoken}) AS spoken
     FROM photos WHERE folder_id = ? AND content_id IS NOT NULL
       AND (bytes, modified_ms) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
    folder.id,
    JSON.stringify(facts),
  );
  return Map.groupBy(rows, (row) => keyOf(row.bytes, row.modified_ms));
}

/** Of each changed photo the other one of the folder whose file is under its name now. */
async function takenBy(scan: Scan, folder: FolderRow, changed: readonly Changed[]) {
  const taken = new Map<number, Origin>();
  if (!changed.length) return taken;
  const origins = originsOf(scan.catalog, folder, changed);
  await eachOf(changed, hashedAtOnce, async ({ row, facts }) => {
    const found = origins.get(keyOf(facts.bytes, facts.modifiedMs))?.filter(({ id }) => id !== row.id);
    if (!found?.length) return;
    const now = await hashFile(join(folder.path, row.name), scan.signal).catch(() => null);
    const origin = now && found.find(({ hash }) => Buffer.compare(hash, now.hash) === 0);
    if (origin) taken.set(row.id, origin);
  });
  return taken;
}

/** Written so long before it came under its name: by renaming or copying, not by saving. */
const cameLaterMs = 2000;

const isSpoken = (catalog: Catalog, { id }: PhotoRow): boolean =>
  catalog.one(`SELECT 1 FROM photos WHERE id = ? AND NOT (${unspoken})`, id) !== undefined;

/** Whether another file than the one that was read lies where the photo was. */
function holdsAnother(catalog: Catalog, photo: PhotoRow): boolean {
  try {
    const is = statSync(systemPath(photoPath(catalog, photo)), { throwIfNoEntry: false });
    if (!is?.isFile()) return false;
    const { bytes, modifiedMs } = factsOf(is);
    return bytes !== photo.bytes || modifiedMs !== photo.modified_ms;
  } catch {
    return false;
  }
}

/**
 * Photos, mostly of other folders, of which each has its file under the name of the one before, the first under this
 * one's: exchanged, or passed on in a circle. Empty where no word of a person's could come to another picture.
 */
async function passedOn({ catalog, signal }: Scan, { row, facts }: Changed): Promise<PhotoRow[]> {
  const line = [row];
  if (facts.changedMs - facts.modifiedMs < cameLaterMs) return [];
  for (let last: PhotoRow | undefined = row; last;) {
    const now = await hashFile(photoPath(catalog, last), signal).catch(() => null);
    const origins: PhotoRow[] = now
      ? catalog.all<PhotoRow>(
          `SELECT * FROM photos WHERE missing_ms IS NULL
             AND content_id = (SELECT id FROM contents WHERE hash = ?)`,
          now.hash,
        )
      : [];
    last = origins.find((each) => !line.some(({ id }) => id === each.id) && holdsAnother(catalog, each));
    if (last) line.push(last);
  }
  return line.some((each) => isSpoken(catalog, each)) ? line.slice(1) : [];
}

/**
 * Brings changed photos in line with their files. One whose name another has taken gives way, and whoever's file it is
 * comes to it as to any file that was moved. A file that takes the place of another and leaves its own, with no word of a
 * person's to it, is that photo restored or edited in a program that saves so: the word stays with the name.
 */
export async function settleChanged(scan: Scan, folder: FolderRow, seen: Seen): Promise<void> {
  const { catalog } = scan;
  const { known, waiting } = seen;
  const taken = await takenBy(scan, folder, seen.changed);
  const gone = new Set([...taken.values()].map(({ id }) => id));
  // Where the other is still being renamed, nothing tells yet whose file is whose.
  const changed = seen.changed.filter(({ row }) => !waiting.has(taken.get(row.id)?.id ?? 0));
  if (changed.length < seen.changed.length) scan.unsettled.add(folder.path);
  const own = new Set(changed.map(({ row }) => row.id));
  // Files are read for it, so only where there are words to lose.
  for (const each of anySpoken(catalog) ? changed : []) {
    if (taken.has(each.row.id) || gone.has(each.row.id)) continue;
    const line = await passedOn(scan, each);
    if (line.length) gone.add(each.row.id);
    // Where they are is looked at in their folder: what lies there is another photo.
    for (const other of line)
      if (own.has(other.id)) gone.add(other.id);
      else catalog.transaction(() => giveWay(catalog, other));
  }
  const givesWay = ({ row }: Changed) => {
    const origin = taken.get(row.id);
    return gone.has(row.id) || (origin !== undefined && (origin.spoken === 1 || known.has(origin.id)));
  };
  for (let at = 0; at < changed.length; at += changedAtOnce) {
    const arrived = catalog.transaction(() =>
      changed.slice(at, at + changedAtOnce).flatMap((each) => {
        const { row, facts } = each;
        let { id } = row;
        // Moved since it was listed, by the person or another program: then it did not change.
        if (photoNamed(catalog, folder.id, row.name)?.id !== id || !isThere(join(folder.path, row.name)))
          return [];
        if (givesWay(each)) {
          giveWay(catalog, row);
          known.delete(id);
          id = insertPhoto(catalog, folder, row.name, facts);
        } else changePhoto(catalog, id, facts);
        known.add(id);
        // A run, or somebody who looked at it, was there before.
        const seen = strayContent(catalog, join(folder.path, row.name), facts);
        if (seen !== null) setContent(catalog, id, facts, seen);
        return id;
      }),
    );
    scan.onChanged('photos');
    scan.onArrived?.(arrived);
    await breathe();
  }
}
