/** Joins folders, their photos, and what a person said of them, from the schema `source` of the connection. By paths. */
import { join } from 'node:path';
import type { PersonWords } from '../../contract/entities/photo.ts';
import type { MergeConflict } from '../../contract/entities/merge.ts';
import { shownName } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { isSpokenOf, type PhotoChange } from '../catalog/acts.ts';
import { addFolder, ensureFolder, folderByPath, type FolderRow } from '../catalog/folders.ts';
import { noWords, setWordsOf, wordsOf } from '../catalog/person.ts';
import { insertPhoto, photoNamed } from '../catalog/photos.ts';

export interface JoinedPhotos {
  folders: number;
  /** Words that were taken over. */
  changes: PhotoChange[];
  conflicts: MergeConflict[];
}

/** Within a transaction, after the answers were joined. */
export function joinPhotos(catalog: Catalog): JoinedPhotos {
  const joined: JoinedPhotos = { folders: 0, changes: [], conflicts: [] };
  const theirs = catalog.once<FolderRow>('SELECT * FROM source.folders ORDER BY length(path), path');
  for (const folder of theirs) {
    const before = folderByPath(catalog, folder.path);
    const ours = before ?? (folder.parent_id === null ? addFolder : ensureFolder)(catalog, folder.path);
    if (!before) {
      joined.folders++;
      catalog.run('UPDATE folders SET reason = ?, patterns = ? WHERE id = ?', folder.reason, folder.patterns, ours.id); // prettier-ignore
      takeLeftOut(catalog, ours);
    } else if (folder.patterns !== ours.patterns) joinPatterns(catalog, ours, folder.patterns, joined);
    joinPhotosOf(catalog, folder.id, ours, joined);
  }
  // Without it, keywords of ours in a sidecar would count as somebody else's.
  catalog.exec(
    `INSERT OR IGNORE INTO main.written_keywords (path, written, bytes, hash, picture)
       SELECT path, written, bytes, hash, picture FROM source.written_keywords`,
  );
  // What lies in a folder of the library is remembered there.
  if (theirs.length || catalog.one('SELECT 1 FROM photos LIMIT 1')) adoptStrays(catalog);
  return joined;
}

function takeLeftOut(catalog: Catalog, { path_key: key }: FolderRow): void {
  catalog.run('INSERT OR IGNORE INTO main.left_out SELECT * FROM source.left_out WHERE folder_key = ?', key);
}

function joinPatterns(catalog: Catalog, ours: FolderRow, theirs: string, joined: JoinedPhotos): void {
  if (ours.patterns === '') catalog.run('UPDATE folders SET patterns = ? WHERE id = ?', theirs, ours.id);
  else if (theirs !== '')
    joined.conflicts.push({ about: 'patterns', of: shownName(ours.path), ours: ours.patterns, theirs });
}

interface TheirPhoto {
  id: number;
  name: string;
  bytes: number;
  modified_ms: number;
  changed_ms: number | null;
  date_ms: number;
  missing_ms: number | null;
  error_code: string | null;
  error_message: string | null;
  /** In our numbers. */
  content_id: number | null;
}

const atOnce = 1000;

function joinPhotosOf(catalog: Catalog, theirFolder: number, ours: FolderRow, joined: JoinedPhotos): void {
  for (let last = 0; ;) {
    const rows = catalog.all<TheirPhoto>(
      `SELECT p.id, p.name, p.bytes, p.modified_ms, p.changed_ms, p.date_ms, p.missing_ms, p.error_code, p.error_message,
         c.id AS content_id
       FROM source.photos p LEFT JOIN temp.merged_contents c ON c.source_id = p.content_id
       WHERE p.folder_id = ? AND p.id > ? AND p.away = 0 ORDER BY p.id LIMIT ${atOnce}`,
      theirFolder,
      last,
    );
    if (!rows.length) return;
    last = rows.at(-1)!.id;
    const words = wordsOf(catalog, rows.map(({ id }) => id), 'source'); // prettier-ignore
    for (const row of rows) joinPhoto(catalog, ours, row, words.get(row.id) ?? null, joined);
  }
}

function joinPhoto(
  catalog: Catalog,
  folder: FolderRow,
  theirs: TheirPhoto,
  said: PersonWords | null,
  joined: JoinedPhotos,
): void {
  const of = shownName(join(folder.path, theirs.name));
  const before = photoNamed(catalog, folder.id, theirs.name);
  const id = before?.id ?? insertTheirs(catalog, folder, theirs);
  const isFile =
    !before ||
    (before.content_id !== null && before.content_id === theirs.content_id) ||
    (before.bytes === theirs.bytes && before.modified_ms === theirs.modified_ms);
  if (before && before.content_id === null && theirs.content_id !== null && isFile)
    setFound(catalog, id, theirs);
  if (!said) return;
  if (!isFile) {
    const theirWords = spoken(said);
    joined.conflicts.push({ about: 'picture', of, ours: 'another picture', theirs: theirWords });
    return;
  }
  const words = wordsOf(catalog, [id]).get(id) ?? (isSpokenOf(catalog, id) ? noWords : null);
  if (words === null) {
    setWordsOf(catalog, id, said);
    joined.changes.push({ photoId: id, before: noWords, after: said });
  } else if (spoken(words) !== spoken(said))
    joined.conflicts.push({ about: 'words', of, ours: spoken(words), theirs: spoken(said) });
}

function insertTheirs(catalog: Catalog, folder: FolderRow, theirs: TheirPhoto): number {
  const { name, bytes, modified_ms: modifiedMs, changed_ms: changedMs, missing_ms: missingMs } = theirs;
  const { error_code: code, error_message: message } = theirs;
  const facts = { bytes, modifiedMs, changedMs: changedMs ?? 0 };
  const failure = code === null ? null : { code, message: message ?? '' };
  const id = insertPhoto(catalog, folder, name, facts, failure);
  catalog.run('UPDATE photos SET missing_ms = ?, changed_ms = ? WHERE id = ?', missingMs, changedMs, id);
  setFound(catalog, id, theirs);
  return id;
}

function setFound(
  catalog: Catalog,
  id: number,
  { content_id: contentId, date_ms: dateMs }: TheirPhoto,
): void {
  catalog.run('UPDATE photos SET content_id = ?, date_ms = ? WHERE id = ?', contentId, dateMs, id);
}

/** For people; the same for words that say the same. */
function spoken({ labels, rejected, none }: PersonWords = noWords): string {
  const said = [...labels].sort();
  const not = [...rejected].sort().map((label) => `not ${label}`);
  return [...said, ...not, ...(none ? ['none of these'] : [])].join(', ');
}

/** Files that were classified by path, and are photos of the library now. */
function adoptStrays(catalog: Catalog): void {
  const folders = catalog.all<{ id: number; path: string }>('SELECT id, path FROM folders');
  for (const { id, path } of folders) {
    const prefix = join(path, 'x').slice(0, -1);
    const here = 'path > ? AND path < ? AND instr(substr(path, ?), ?) = 0';
    const values = [
      prefix,
      `${prefix.slice(0, -1)}${String.fromCharCode(prefix.at(-1)!.charCodeAt(0) + 1)}`,
      [...prefix].length + 1,
      prefix.at(-1)!,
    ];
    catalog.run(
      `UPDATE photos SET content_id = s.content_id,
         date_ms = coalesce((SELECT taken_ms FROM contents WHERE id = s.content_id), date_ms) FROM (SELECT * FROM strays WHERE ${here}) s
       WHERE photos.folder_id = ? AND photos.content_id IS NULL AND photos.missing_ms IS NULL
         AND photos.name = substr(s.path, ?) AND photos.bytes = s.bytes AND photos.modified_ms = s.modified_ms
         AND photos.changed_ms = s.changed_ms`,
      ...values,
      id,
      [...prefix].length + 1,
    );
    catalog.run(
      `DELETE FROM strays WHERE ${here} AND EXISTS (SELECT 1 FROM photos WHERE folder_id = ?
         AND name = substr(strays.path, ?) AND content_id = strays.content_id)`,
      ...values,
      id,
      [...prefix].length + 1,
    );
  }
}
