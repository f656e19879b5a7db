/** Files on their way to another place, each written down before it goes, by the batch they belong to. */
import type { FileMove } from './acts.ts';
import type { Catalog } from './database.ts';

/** `to` null: where the system keeps what it takes, which it tells nobody. */
export type Underway = Omit<FileMove, 'to'> & { to: string | null };

export interface WrittenMove extends Underway {
  id: number;
  done: boolean;
}

export function writeMove(catalog: Catalog, batch: string, { photoId, from, to, copied }: Underway): number {
  const { lastInsertRowid } = catalog.run(
    'INSERT INTO file_moves (batch, photo_id, from_path, to_path, copied) VALUES (?, ?, ?, ?, ?)',
    batch,
    photoId,
    from,
    to,
    copied ? 1 : 0,
  );
  return Number(lastInsertRowid);
}

export const moveDone = (catalog: Catalog, id: number) =>
  catalog.run('UPDATE file_moves SET done = 1 WHERE id = ?', id);

/** It did not come about. */
export const dropMove = (catalog: Catalog, id: number) =>
  catalog.run('DELETE FROM file_moves WHERE id = ?', id);

export function movesOf(catalog: Catalog, batch: string): WrittenMove[] {
  return catalog
    .all<{
      id: number;
      photo_id: number;
      from_path: string;
      to_path: string | null;
      copied: number;
      done: number;
    }>('SELECT * FROM file_moves WHERE batch = ? ORDER BY id', batch)
    .map((row) => ({
      id: row.id,
      photoId: row.photo_id,
      from: row.from_path,
      to: row.to_path,
      copied: row.copied ? true : undefined,
      done: row.done === 1,
    }));
}

export const forgetMoves = (catalog: Catalog, batch: string) =>
  catalog.run('DELETE FROM file_moves WHERE batch = ?', batch);

/** That a crash left. */
export const openBatches = (catalog: Catalog): string[] =>
  catalog.all<{ batch: string }>('SELECT DISTINCT batch FROM file_moves').map(({ batch }) => batch);
