/** Rows of photos: one a file below a root. */
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { clockAt } from '../../contract/day.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from './database.ts';
import type { FolderRow } from './folders.ts';
import { nameKey, photoKey, searchable } from './keys.ts';
import { showPhotos } from './shown.ts';
import type { FileFacts } from '../files/file-facts.ts';

export interface PhotoRow {
  id: number;
  folder_id: number;
  name: string;
  bytes: number;
  modified_ms: number;
  /** Null: not known, in a catalog of an earlier version. */
  changed_ms: number | null;
  content_id: number | null;
  own_label: string | null;
  missing_ms: number | null;
  /** 1: a person moved it out of the library. */
  away: 0 | 1;
  error_code: string | null;
  error_message: string | null;
}

const columns =
  'id, folder_id, name, bytes, modified_ms, changed_ms, content_id, own_label, missing_ms, away, error_code, error_message';

export function photoById(catalog: Catalog, id: number): PhotoRow {
  const row = catalog.one<PhotoRow>(`SELECT ${columns} FROM photos WHERE id = ?`, id);
  if (!row) throw new SaccadeError('no-such-photo', `The library has no photo ${id} (any more).`);
  return row;
}

/** Those of them that no photo of the library has: it was forgotten, or a person moved it out. */
export function goneOf(catalog: Catalog, ids: readonly number[]): number[] {
  return catalog
    .all<{ id: number }>(
      'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM photos WHERE away = 0)',
      JSON.stringify(ids),
    )
    .map(({ id }) => id);
}

/** Larger ids are of photos that came since. */
export function lastPhoto(catalog: Catalog): number {
  return catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM photos')!.id ?? 0;
}

export function photoPath(catalog: Catalog, photo: Pick<PhotoRow, 'folder_id' | 'name'>): string {
  const folder = catalog.one<{ path: string }>('SELECT path FROM folders WHERE id = ?', photo.folder_id)!;
  return join(folder.path, photo.name);
}

/** @throws SaccadeError as `photoById` does */
export function pathOf(catalog: Catalog, photoId: number): string {
  return photoPath(catalog, photoById(catalog, photoId));
}

export function photoNamed(catalog: Catalog, folderId: number, name: string): PhotoRow | undefined {
  return catalog.one<PhotoRow>(
    `SELECT ${columns} FROM photos WHERE folder_id = ? AND name = ?`,
    folderId,
    name,
  );
}

/** What search finds it by: its name, a person's label, keywords of its files. */
export function setWords(catalog: Catalog, id: number, name: string, ownLabel: string | null): void {
  catalog.run('DELETE FROM photo_words WHERE rowid = ?', id);
  const keywords = catalog.all<{ label: string }>('SELECT label FROM file_keywords WHERE photo_id = ?', id);
  const words = searchable(
    [name, ...(ownLabel === null ? [] : [ownLabel]), ...keywords.map(({ label }) => label)].join('\n'),
  );
  catalog.run('INSERT INTO photo_words (rowid, words) VALUES (?, ?)', id, words);
}

export function insertPhoto(
  catalog: Catalog,
  folder: FolderRow,
  name: string,
  facts: FileFacts,
  error: Failure | null = null,
): number {
  const { lastInsertRowid } = catalog.run(
    `INSERT INTO photos (folder_id, name, name_key, path_key, bytes, modified_ms, changed_ms, date_ms, error_code,
       error_message, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    folder.id,
    name,
    nameKey(name),
    photoKey(folder.path_key, name),
    facts.bytes,
    facts.modifiedMs,
    facts.changedMs,
    clockAt(facts.modifiedMs),
    error?.code ?? null,
    error?.message ?? null,
    error ? 3 : 0,
  );
  const id = Number(lastInsertRowid);
  setWords(catalog, id, name, null);
  return id;
}

/** The file is another one than it was: what was known about its content no longer holds. */
export function changePhoto(catalog: Catalog, id: number, facts: FileFacts): void {
  catalog.run(
    `UPDATE photos SET bytes = ?, modified_ms = ?, changed_ms = ?, date_ms = ?, content_id = NULL, missing_ms = NULL, away = 0,
       error_code = NULL, error_message = NULL WHERE id = ?`,
    facts.bytes,
    facts.modifiedMs,
    facts.changedMs,
    clockAt(facts.modifiedMs),
    id,
  );
  showPhotos(catalog, 'photos.id = ?', id);
}

/** Only about the file something was changed, such as its permissions: its content is what it was. */
export function setChanged(catalog: Catalog, id: number, facts: FileFacts): void {
  catalog.run('UPDATE photos SET changed_ms = ? WHERE id = ?', facts.changedMs, id);
}

export function foundAgain(catalog: Catalog, id: number): void {
  catalog.run(
    'UPDATE photos SET missing_ms = NULL, away = 0, error_code = NULL, error_message = NULL WHERE id = ?',
    id,
  );
  showPhotos(catalog, 'photos.id = ?', id);
}

export function markMissing(catalog: Catalog, id: number): void {
  catalog.run(
    'UPDATE photos SET missing_ms = ?, away = 0 WHERE id = ? AND missing_ms IS NULL',
    Date.now(),
    id,
  );
  showPhotos(catalog, 'photos.id = ?', id);
}

/** A person moved it out of the library: lists don't show it, and what is known of it waits for its return. */
export function markAway(catalog: Catalog, id: number): void {
  catalog.run('UPDATE photos SET missing_ms = ?, away = 1 WHERE id = ?', Date.now(), id);
  showPhotos(catalog, 'photos.id = ?', id);
}

/**
 * Another file has come to where a photo was before it was moved away: what a person said of that one is not said of this
 * one. It waits under a name that no file can have; where it goes when it comes back, the act that is undone knows.
 */
export function giveUpName(catalog: Catalog, { id, name }: PhotoRow): void {
  catalog.run('UPDATE photos SET name = ? WHERE id = ?', `${name}\0${id}`, id);
}

/** The name that a photo's file had, also of one that gave it up. */
export const givenName = (name: string): string => name.split('\0', 1)[0]!;

/** The same photo under a new name: everything that belongs to it stays. */
export function movePhoto(
  catalog: Catalog,
  photo: PhotoRow,
  folder: FolderRow,
  name: string,
  facts: FileFacts,
): void {
  catalog.run(
    `UPDATE photos SET folder_id = ?, name = ?, name_key = ?, path_key = ?, modified_ms = ?, changed_ms = ?,
       missing_ms = NULL, away = 0, error_code = NULL, error_message = NULL WHERE id = ?`,
    folder.id,
    name,
    nameKey(name),
    photoKey(folder.path_key, name),
    facts.modifiedMs,
    facts.changedMs,
    photo.id,
  );
  setWords(catalog, photo.id, name, photo.own_label);
  showPhotos(catalog, 'photos.id = ?', photo.id);
}

/** A condition on photos of which a person said nothing, not even what they are not: no word goes with their rows. */
export const unspoken = 'own_label IS NULL AND id NOT IN (SELECT photo_id FROM person_words)';

/** Whether a person has said something of any photo. */
export const anySpoken = (catalog: Catalog): boolean =>
  catalog.one(
    `SELECT 1 FROM photos WHERE own_label IS NOT NULL UNION ALL SELECT 1 FROM person_words LIMIT 1`,
  ) !== undefined;

/**
 * Another photo is where this one was: a scan was quicker than its move, or this one is missing, was moved away or renamed.
 * What a person said of it comes back with its file.
 */
export function giveWay(catalog: Catalog, photo: PhotoRow): void {
  const { changes } = catalog.run(`DELETE FROM photos WHERE id = ? AND away = 0 AND ${unspoken}`, photo.id);
  if (changes) return;
  markAway(catalog, photo.id);
  giveUpName(catalog, photo);
}

/** Photos that are there and are left out from now on. What a person said of one is not thrown away. */
export function leavePhotosOut(catalog: Catalog, ids: readonly number[]): void {
  for (const id of ids) {
    catalog.run(`DELETE FROM photos WHERE id = ? AND ${unspoken}`, id);
    markMissing(catalog, id);
  }
}

/** A failure of the file, not of its content: it can't be opened, or not be named. */
export function setFileError(catalog: Catalog, id: number, error: Failure | null): void {
  catalog.run(
    'UPDATE photos SET error_code = ?, error_message = ? WHERE id = ?',
    error?.code ?? null,
    error?.message ?? null,
    id,
  );
  showPhotos(catalog, 'photos.id = ?', id);
}

export function setOwnLabel(catalog: Catalog, photo: PhotoRow, label: string | null): void {
  catalog.run('UPDATE photos SET own_label = ? WHERE id = ?', label, photo.id);
  setWords(catalog, photo.id, photo.name, label);
}
