/** What Saccade wrote into which sidecar, beside the mark in it, which another program may drop. */
import { readMark, type Written } from '../../xmp/written.ts';
import type { Catalog } from './database.ts';

export function writtenTo(catalog: Catalog, path: string): Written | null {
  const row = catalog.one<{ written: string }>('SELECT written FROM written_keywords WHERE path = ?', path);
  return row ? readMark(row.written) : null;
}

/** The file was moved, and what was written into it goes with it. */
export function moveWritten(catalog: Catalog, from: string, to: string): void {
  catalog.run('UPDATE OR REPLACE written_keywords SET path = ? WHERE path = ?', to, from);
}

/** The file was copied, and what was written into it stands in the copy too. */
export function copyWritten(catalog: Catalog, from: string, to: string): void {
  catalog.run('INSERT OR REPLACE INTO written_keywords (path, written) SELECT ?, written FROM written_keywords WHERE path = ?', to, from); // prettier-ignore
}

/** `written` null: nothing of ours is in it any more. */
export function setWritten(catalog: Catalog, path: string, written: Written | null): void {
  if (written)
    catalog.run('INSERT OR REPLACE INTO written_keywords (path, written) VALUES (?, ?)', path, JSON.stringify(written)); // prettier-ignore
  else catalog.run('DELETE FROM written_keywords WHERE path = ?', path);
}
