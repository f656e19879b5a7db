/**
 * What Saccade wrote into which sidecar, beside the mark in it, which another program may drop; and into which JPEG, in
 * which there is no mark.
 */
import { readMark, type Written } from '../../xmp/written.ts';
import type { Catalog } from './database.ts';

/** A JPEG as it was left: by the whole file it is known again elsewhere, by its picture after metadata were changed. */
export interface WrittenFile {
  bytes: number;
  /** SHA-256 of the file; null: it was not written yet. */
  hash: Uint8Array | null;
  /** `pictureHash`. */
  picture: Uint8Array;
}

export interface WrittenPhoto {
  path: string;
  written: Written | null;
  picture: Uint8Array | null;
}

export function writtenTo(catalog: Catalog, path: string): Written | null {
  const row = catalog.one<{ written: string }>('SELECT written FROM written_keywords WHERE path = ?', path);
  return row ? readMark(row.written) : null;
}

interface Row {
  path: string;
  written: string;
  picture: Uint8Array | null;
}

const photoOf = ({ path, written, picture }: Row): WrittenPhoto => ({ path, written: readMark(written), picture }); // prettier-ignore

export function writtenPhotoAt(catalog: Catalog, path: string): WrittenPhoto | null {
  const row = catalog.one<Row>('SELECT path, written, picture FROM written_keywords WHERE path = ?', path);
  return row ? photoOf(row) : null;
}

/** Whether a file of that size was left by Saccade; reading it to its end tells whether it is this one. */
export const wroteOfSize = (catalog: Catalog, bytes: number): boolean =>
  catalog.one('SELECT 1 FROM written_keywords WHERE bytes = ? AND hash IS NOT NULL LIMIT 1', bytes) !==
  undefined;

export function writtenPhotoOf(catalog: Catalog, hash: Uint8Array, bytes: number): WrittenPhoto | null {
  const row = catalog.one<Row>(
    'SELECT path, written, picture FROM written_keywords WHERE bytes = ? AND hash = ? LIMIT 1',
    bytes,
    hash,
  );
  return row ? photoOf(row) : null;
}

/** The file was moved, and what was written into it goes with it. */
export function moveWritten(catalog: Catalog, from: string, to: string): void {
  catalog.run('UPDATE OR REPLACE written_keywords SET path = ? WHERE path = ?', to, from);
}

/** The file was copied, and what was written into it stands in the copy too. */
export function copyWritten(catalog: Catalog, from: string, to: string): void {
  catalog.run(
    `INSERT OR REPLACE INTO written_keywords (path, written, bytes, hash, picture)
       SELECT ?, written, bytes, hash, picture FROM written_keywords WHERE path = ?`,
    to,
    from,
  );
}

/** `written` null: nothing of ours is in it any more. `file`: of a JPEG. */
export function setWritten(
  catalog: Catalog,
  path: string,
  written: Written | null,
  file: WrittenFile | null = null,
): void {
  if (!written) catalog.run('DELETE FROM written_keywords WHERE path = ?', path);
  else
    catalog.run(
      'INSERT OR REPLACE INTO written_keywords (path, written, bytes, hash, picture) VALUES (?, ?, ?, ?, ?)',
      path,
      JSON.stringify(written),
      file?.bytes ?? null,
      file?.hash ?? null,
      file?.picture ?? null,
    );
}
