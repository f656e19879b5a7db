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
import { factsOf, hashFile, type HashedFile } from './hash.ts';
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

/** Saved in its place, as far as times tell. A folder that is renamed leaves its files their times and names. */
const isSaved = (catalog: Catalog, { row, facts }: Changed): boolean =>
  facts.changedMs - facts.modifiedMs < cameLaterMs && namesakes(catalog, row, facts).length === 0;

/** Photos of that name, of other folders, whose file had the size and time that this one has now. */
const namesakes = (catalog: Catalog, { id }: PhotoRow, { bytes, modifiedMs }: FileFacts): PhotoRow[] =>
  catalog.all<PhotoRow>(
    `SELECT * FROM photos WHERE name_key = (SELECT name_key FROM photos WHERE id = ?) AND id <> ?
       AND bytes = ? AND modified_ms = ?`,
    id,
    id,
    bytes,
    modifiedMs,
  );

/** What lies where the photo was: its file, as far as times tell, another, or nothing. */
function lyingAt(catalog: Catalog, photo: PhotoRow): 'same' | 'another' | 'nothing' {
  if (photo.name.includes('\0')) return 'nothing';
  try {
    const is = statSync(systemPath(photoPath(catalog, photo)), { throwIfNoEntry: false });
    if (!is) return 'nothing';
    if (!is.isFile()) return 'same';
    const { bytes, modifiedMs } = factsOf(is);
    return bytes !== photo.bytes || modifiedMs !== photo.modified_ms ? 'another' : 'same';
  } catch {
    return 'same';
  }
}

/** It came with its folder, which was renamed: who moves or copies a file by itself changes its times. */
const cameAlong = (photo: PhotoRow, now: FileFacts): boolean =>
  photo.modified_ms === now.modifiedMs && photo.changed_ms === now.changedMs;

/**
 * Photos, mostly of other folders, of which each has its file under the name of the one before, the first under this
 * one's: exchanged, passed on in a circle, or in a line whose last place is empty. Null where no word of a person's
 * could come to another picture; without any, the picture has words, and may come back where they are.
 */
async function passedOn({ catalog, signal }: Scan, changed: Changed): Promise<PhotoRow[] | null> {
  const line = [changed.row];
  if (isSaved(catalog, changed)) return null;
  for (let last: PhotoRow | undefined = changed.row; last;) {
    const now: HashedFile | null = await hashFile(photoPath(catalog, last), signal).catch(() => null);
    const origins: PhotoRow[] = now ? originsOfFile(catalog, last, now, line) : [];
    const empty = origins.filter((each) => lyingAt(catalog, each) === 'nothing');
    last = origins.find((each) => each.missing_ms === null && lyingAt(catalog, each) === 'another');
    const end = last ?? empty.find((each) => cameAlong(each, now!));
    if (end) line.push(end);
    // Nothing tells whether its disk is unplugged: it keeps its place until its own folder is looked through.
    else if (line.length === 1 && empty.some((each) => isSpoken(catalog, each))) return [];
  }
  return line.length > 1 && line.some((each) => isSpoken(catalog, each)) ? line.slice(1) : null;
}

/** Whose file it may be that lies where `photo` was: by content; of what was never read, by name, size and time. */
function originsOfFile(
  catalog: Catalog,
  photo: PhotoRow,
  now: HashedFile,
  line: readonly PhotoRow[],
): PhotoRow[] {
  const read = catalog.all<PhotoRow>(
    'SELECT * FROM photos WHERE content_id = (SELECT id FROM contents WHERE hash = ?)',
    now.hash,
  );
  const unread = namesakes(catalog, photo, now).filter(({ content_id }) => content_id === null);
  return [...read, ...unread].filter((each) => !line.some(({ id }) => id === each.id));
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
    if (line === null) continue;
    gone.add(each.row.id);
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
