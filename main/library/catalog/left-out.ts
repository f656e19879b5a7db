/** What scans left out, by folder, as of the last look at each. */
import { join } from 'node:path';
import type { LeftOutCount, LeftOutItem } from '../../contract/entities/folder.ts';
import type { LeftOutKind } from '../../contract/values.ts';
import { shownName } from '../../file-names.ts';
import type { Catalog } from './database.ts';
import { folderKey, rangeBelow } from './keys.ts';

export interface LeftOut {
  /** A folder's ends with a slash. */
  name: string;
  kind: LeftOutKind;
  /** Of `other`. */
  extension: string;
}

const within = '(folder_key = ? OR (folder_key >= ? AND folder_key < ?))';

function withinValues(path: string): string[] {
  const key = folderKey(path);
  const { from, to } = rangeBelow(key);
  return [key, from, to];
}

/** Replaces what is known of one folder. Answers with whether anything differs. */
export function setLeftOut(catalog: Catalog, folder: string, left: readonly LeftOut[]): boolean {
  const key = folderKey(folder);
  const before = catalog.all<LeftOut>(
    'SELECT name, kind, extension FROM left_out WHERE folder_key = ? ORDER BY name',
    key,
  );
  const now = new Map(left.map((each) => [each.name, each]));
  if (before.length === now.size && before.every(({ name, kind }) => now.get(name)?.kind === kind))
    return false;
  catalog.transaction(() => {
    catalog.run('DELETE FROM left_out WHERE folder_key = ?', key);
    for (const { name, kind, extension } of now.values())
      catalog.run(
        'INSERT INTO left_out (folder_key, folder, name, kind, extension) VALUES (?, ?, ?, ?, ?)',
        key,
        folder,
        name,
        kind,
        extension,
      );
  });
  return true;
}

/** Of `path` and below it, all that is not of one of the `walked` folders; without them, all. */
export function forgetLeftOut(catalog: Catalog, path: string, walked: ReadonlySet<string> = new Set()): void {
  const folders = catalog.all<{ folder: string; folder_key: string }>(
    `SELECT DISTINCT folder, folder_key FROM left_out WHERE ${within}`,
    ...withinValues(path),
  );
  for (const { folder, folder_key: key } of folders)
    if (!walked.has(folder)) catalog.run('DELETE FROM left_out WHERE folder_key = ?', key);
}

export function countLeftOut(catalog: Catalog, path: string): number {
  return catalog.one<{ n: number }>(
    `SELECT count(*) AS n FROM left_out WHERE ${within}`,
    ...withinValues(path),
  )!.n;
}

/** By kind, most first; of `path` and below it, of all where it is null. */
export function leftOutCounts(catalog: Catalog, path: string | null): LeftOutCount[] {
  return catalog.all<LeftOutCount>(
    `SELECT kind, extension, count(*) AS count FROM left_out WHERE ${path === null ? 'TRUE' : within}
     GROUP BY kind, extension ORDER BY count DESC, kind, extension`,
    ...(path === null ? [] : withinValues(path)),
  );
}

/** `cursor`: how many came before. */
export function leftOutItems(
  catalog: Catalog,
  path: string | null,
  limit: number,
  cursor: string | undefined,
): { items: LeftOutItem[]; next: string | null } {
  const from = Math.max(0, Number.parseInt(cursor ?? '0', 10) || 0);
  const rows = catalog.all<{ folder: string; name: string; kind: LeftOutKind }>(
    `SELECT folder, name, kind FROM left_out WHERE ${path === null ? 'TRUE' : within}
     ORDER BY folder_key, name LIMIT ? OFFSET ?`,
    ...(path === null ? [] : withinValues(path)),
    limit + 1,
    from,
  );
  return {
    items: rows
      .slice(0, limit)
      .map(({ folder, name, kind }) => ({ kind, path: shownName(join(folder, name)) })),
    next: rows.length > limit ? String(from + limit) : null,
  };
}
