/** Rows of folders: roots a person added, and below them every folder that holds photos or can't be read. */
import { basename, dirname, sep } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Folder } from '../../contract/entities/folder.ts';
import { shownName } from '../../file-names.ts';
import { classifiesNew } from './classify-new.ts';
import { photoStatus } from '../../contract/values.ts';
import type { Catalog } from './database.ts';
import { folderKey, rangeBelow } from './keys.ts';
import { countLeftOut } from './left-out.ts';

export interface FolderRow {
  id: number;
  parent_id: number | null;
  path: string;
  path_key: string;
  name: string;
  reason: string | null;
  patterns: string;
}

/** Larger ids are of folders that came since. */
export function lastFolder(catalog: Catalog): number {
  return catalog.one<{ id: number | null }>('SELECT max(id) AS id FROM folders')!.id ?? 0;
}

export function folderById(catalog: Catalog, id: number): FolderRow {
  const row = catalog.one<FolderRow>('SELECT * FROM folders WHERE id = ?', id);
  if (!row) throw new SaccadeError('no-such-folder', `The library has no folder ${id} (any more).`);
  return row;
}

export function folderByPath(catalog: Catalog, path: string): FolderRow | undefined {
  return catalog.one<FolderRow>('SELECT * FROM folders WHERE path = ?', path);
}

export function rootFolders(catalog: Catalog): FolderRow[] {
  return catalog.all<FolderRow>('SELECT * FROM folders WHERE parent_id IS NULL ORDER BY path_key');
}

/** The folder itself and all below it. */
export function foldersWithin(catalog: Catalog, folder: FolderRow): FolderRow[] {
  const { from, to } = rangeBelow(folder.path_key);
  return catalog.all<FolderRow>(
    'SELECT * FROM folders WHERE id = ? OR (path_key >= ? AND path_key < ?) ORDER BY path_key',
    folder.id,
    from,
    to,
  );
}

function insert(catalog: Catalog, path: string, parentId: number | null): FolderRow {
  const { lastInsertRowid } = catalog.run(
    'INSERT INTO folders (parent_id, path, path_key, name) VALUES (?, ?, ?, ?)',
    parentId,
    path,
    folderKey(path),
    basename(path) || path,
  );
  return folderById(catalog, Number(lastInsertRowid));
}

/**
 * Makes a root of `path`, absolute. One that lies below a root is found or made there; roots that lie below it become
 * its children, with all that is known about them.
 */
export function addFolder(catalog: Catalog, path: string): FolderRow {
  return catalog.transaction(() => {
    const existing = folderByPath(catalog, path);
    if (existing) return existing;
    const above = rootFolders(catalog).find((root) => isBelow(path, root.path));
    if (above) return ensureFolder(catalog, path);
    const folder = insert(catalog, path, null);
    for (const root of rootFolders(catalog))
      if (isBelow(root.path, path)) {
        const parent = dirname(root.path) === path ? folder : ensureFolder(catalog, dirname(root.path));
        catalog.run('UPDATE folders SET parent_id = ? WHERE id = ?', parent.id, root.id);
      }
    return folder;
  });
}

/** The row of a folder below a root, made with those between where there is none yet. */
export function ensureFolder(catalog: Catalog, path: string): FolderRow {
  const existing = folderByPath(catalog, path);
  if (existing) return existing;
  const parent = dirname(path);
  if (parent === path) throw new Error(`${path} is below no root`);
  return insert(catalog, path, ensureFolder(catalog, parent).id);
}

export function isBelow(path: string, ancestor: string): boolean {
  return path !== ancestor && path.startsWith(ancestor.endsWith(sep) ? ancestor : ancestor + sep);
}

export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || isBelow(path, ancestor);
}

/** `reason` null: it can be read (again). */
export function setFolderReason(catalog: Catalog, id: number, reason: string | null): boolean {
  return (
    catalog.run('UPDATE folders SET reason = ? WHERE id = ? AND reason IS NOT ?', reason, id, reason)
      .changes > 0
  );
}

/** Whether all photos lie in it or below. */
export function holdsAll(catalog: Catalog, folder: Pick<FolderRow, 'parent_id'>): boolean {
  return folder.parent_id === null && rootFolders(catalog).length === 1;
}

/** As a condition on a column that holds ids of folders: this one and all below it. */
export function folderOrBelow(folder: Pick<FolderRow, 'id' | 'path_key'>): {
  sql: string;
  values: unknown[];
} {
  const { from, to } = rangeBelow(folder.path_key);
  return {
    sql: 'folder_id IN (SELECT id FROM folders WHERE id = ? OR (path_key >= ? AND path_key < ?))',
    values: [folder.id, from, to],
  };
}

export function photosWithin(catalog: Catalog, folder: FolderRow): number {
  const { sql, values } = holdsAll(catalog, folder)
    ? { sql: 'folder_id = 0', values: [] }
    : folderOrBelow(folder);
  return catalog.one<{ n: number }>(
    `SELECT coalesce(sum(photos), 0) AS n FROM photo_counts WHERE ${sql} AND status < ?`,
    ...values,
    photoStatus.options.length,
  )!.n;
}

export function describeFolder(catalog: Catalog, row: FolderRow): Folder {
  return {
    id: row.id,
    parentId: row.parent_id,
    path: shownName(row.path),
    name: shownName(row.name),
    photos: photosWithin(catalog, row),
    children: catalog.one<{ n: number }>('SELECT count(*) AS n FROM folders WHERE parent_id = ?', row.id)!.n,
    available: row.reason === null,
    reason: row.reason,
    leftOut: countLeftOut(catalog, row.path),
    patterns: row.patterns,
    classifyNew: row.parent_id === null ? classifiesNew(catalog, row) : null,
  };
}

/** Sorted by name; `cursor` is the last key of the page before. */
export function childFolders(
  catalog: Catalog,
  parentId: number | null,
  limit: number,
  cursor: string | undefined,
): { items: Folder[]; next: string | null } {
  const rows = catalog.all<FolderRow>(
    'SELECT * FROM folders WHERE parent_id IS ? AND path_key > ? ORDER BY path_key LIMIT ?',
    parentId,
    cursor ?? '',
    limit + 1,
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map((row) => describeFolder(catalog, row)),
    next: rows.length > limit ? shown.at(-1)!.path_key : null,
  };
}
