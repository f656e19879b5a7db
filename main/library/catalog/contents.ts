/** Contents by SHA-256, and which file held which when it was last hashed. */
import { basename, dirname, sep } from 'node:path';
import { clockAt } from '../../contract/day.ts';
import type { Classified } from '../../contract/inference.ts';
import type { Catalog } from './database.ts';
import type { FileFacts } from '../files/file-facts.ts';
import { showPhotos } from './shown.ts';

/** `hash`: 32 bytes. */
export function contentOf(catalog: Catalog, hash: Uint8Array): number {
  const known = catalog.one<{ id: number }>('SELECT id FROM contents WHERE hash = ?', hash);
  return known?.id ?? Number(catalog.run('INSERT INTO contents (hash) VALUES (?)', hash).lastInsertRowid);
}

/** What whoever decodes it finds out about a photo. Within a transaction. */
export function describeContent(
  catalog: Catalog,
  contentId: number,
  { width, height, takenMs, damaged }: Pick<Classified, 'width' | 'height' | 'takenMs' | 'damaged'>,
): void {
  catalog.run(
    'UPDATE contents SET width = ?, height = ?, taken_ms = ?, damaged = ? WHERE id = ?',
    width,
    height,
    takenMs,
    damaged ? 1 : 0,
    contentId,
  );
  if (takenMs !== null) catalog.run('UPDATE photos SET date_ms = ? WHERE content_id = ?', takenMs, contentId);
}

/** Records what the photo's file holds; what is known about that content is shown at once. */
export function setContent(catalog: Catalog, photoId: number, facts: FileFacts, contentId: number): void {
  catalog.run(
    `UPDATE photos SET content_id = ?, bytes = ?, modified_ms = ?, changed_ms = ?, missing_ms = NULL,
       error_code = NULL, error_message = NULL,
       date_ms = coalesce((SELECT taken_ms FROM contents WHERE id = ?),
         (SELECT taken_ms FROM captures WHERE photo_id = photos.id), ?) WHERE id = ?`,
    contentId,
    facts.bytes,
    facts.modifiedMs,
    facts.changedMs,
    contentId,
    clockAt(facts.modifiedMs),
    photoId,
  );
  showPhotos(catalog, 'photos.id = ?', photoId);
}

/** The content a file outside the library's folders had, if it has not changed since. */
export function strayContent(catalog: Catalog, path: string, facts: FileFacts): number | null {
  const row = catalog.one<{ content_id: number }>(
    'SELECT content_id FROM strays WHERE path = ? AND bytes = ? AND modified_ms = ? AND changed_ms = ?',
    path,
    facts.bytes,
    facts.modifiedMs,
    facts.changedMs,
  );
  return row?.content_id ?? null;
}

export function setStray(catalog: Catalog, path: string, facts: FileFacts, contentId: number): void {
  catalog.run(
    'INSERT OR REPLACE INTO strays (path, bytes, modified_ms, changed_ms, content_id) VALUES (?, ?, ?, ?, ?)',
    path,
    facts.bytes,
    facts.modifiedMs,
    facts.changedMs,
    contentId,
  );
}

/** Files that lie in no folder of the library: one that was added later has photos of its own. */
export function countStrays(catalog: Catalog): number {
  return catalog.one<{ n: number }>(
    `SELECT count(*) AS n FROM strays WHERE NOT EXISTS (SELECT 1 FROM folders f WHERE f.parent_id IS NULL
       AND substr(strays.path, 1, length(rtrim(f.path, ?)) + 1) = rtrim(f.path, ?) || ?)`,
    sep,
    sep,
    sep,
  )!.n;
}

/** Contents that no file has any more, with all that was found out about them. */
export function dropOrphans(catalog: Catalog): void {
  catalog.run(
    `DELETE FROM contents WHERE NOT EXISTS (SELECT 1 FROM photos WHERE photos.content_id = contents.id)
       AND NOT EXISTS (SELECT 1 FROM strays WHERE strays.content_id = contents.id)`,
  );
}

/** The library's photo at a path. */
export function photoAt(catalog: Catalog, path: string): number | null {
  const row = catalog.one<{ id: number }>(
    'SELECT p.id FROM photos p JOIN folders f ON f.id = p.folder_id WHERE f.path = ? AND p.name = ?',
    dirname(path),
    basename(path),
  );
  return row?.id ?? null;
}
