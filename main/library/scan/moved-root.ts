/**
 * A folder that was added and is not there any more, found again under another path: a drive that was plugged in
 * elsewhere. It is known by what lies in it, since no system names volumes as another does.
 */
import { stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { shownName, systemPath } from '../../file-names.ts';
import type { Failure } from '../../contract/result.ts';
import { classifiesNew, setClassifiesNew } from '../catalog/classify-new.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderById, folderOrBelow, foldersWithin, isWithin, rootFolders } from '../catalog/folders.ts';
import type { FolderRow } from '../catalog/folders.ts';
import { folderKey, rangeBelow } from '../catalog/keys.ts';
import { forgetLeftOut } from '../catalog/left-out.ts';
import { hashFile } from './hash.ts';

interface Sample {
  folder: string;
  name: string;
  bytes: number;
  modified_ms: number;
  hash: Uint8Array | null;
}

/** Photos from either end that are looked for, and of how many the content is compared. */
const fromEachEnd = 16;
const hashed = 4;
/** Some may have been changed, or deleted, elsewhere. */
const leastShare = 0.8;

/** The root that now lies at `path`, absolute, at which the library knows nothing yet; null: none does. */
export async function movedRoot(catalog: Catalog, path: string): Promise<FolderRow | null> {
  const roots = rootFolders(catalog);
  if (roots.some((root) => isWithin(path, root.path) || isWithin(root.path, path))) return null;
  for (const root of roots)
    if (!(await isThere(root.path)) && (await holdsThose(catalog, root, path))) return root;
  return null;
}

const isThere = (path: string): Promise<boolean> =>
  stat(systemPath(path)).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );

function samples(catalog: Catalog, root: FolderRow): Sample[] {
  const { sql, values } = folderOrBelow(root);
  const end = (order: 'ASC' | 'DESC') =>
    catalog.all<Sample & { id: number }>(
      `SELECT p.id, f.path AS folder, p.name, p.bytes, p.modified_ms, c.hash FROM photos p
       JOIN folders f ON f.id = p.folder_id LEFT JOIN contents c ON c.id = p.content_id
       WHERE p.missing_ms IS NULL AND p.error_code IS NULL AND p.${sql} ORDER BY p.id ${order} LIMIT ${fromEachEnd}`,
      ...values,
    );
  return [...new Map([...end('ASC'), ...end('DESC')].map((each) => [each.id, each])).values()];
}

async function holdsThose(catalog: Catalog, root: FolderRow, path: string): Promise<boolean> {
  const wanted = samples(catalog, root);
  const found: (Sample & { at: string; sameTime: boolean })[] = [];
  for (const each of wanted) {
    const at = join(path, relative(root.path, each.folder), each.name);
    const facts = await stat(systemPath(at)).catch(() => null);
    if (facts?.isFile() && facts.size === each.bytes)
      found.push({ ...each, at, sameTime: Math.trunc(facts.mtimeMs) === each.modified_ms });
  }
  if (found.length === 0 || found.length < leastShare * wanted.length) return false;
  const known = found.filter(({ hash }) => hash !== null).slice(0, hashed);
  // Never read: sizes and times are all there is to go by, and then all of them.
  if (known.length === 0) return found.every(({ sameTime }) => sameTime);
  for (const { hash, at } of known) {
    const now = await hashFile(at).catch(() => null);
    if (!now || Buffer.compare(now.hash, hash!) !== 0) return false;
  }
  return true;
}

export const movedNotice = (from: string, to: string): Failure => ({
  code: 'folder-found-again',
  message: `The photos in ${shownName(to)} are those that were in ${shownName(from)}: what is known of them was kept.`,
});

/** Everything that belongs to its photos stays; a scan is to look through it. */
export function moveRoot(catalog: Catalog, root: FolderRow, path: string): FolderRow {
  return catalog.transaction(() => {
    const classifies = classifiesNew(catalog, root);
    setClassifiesNew(catalog, root, null);
    setClassifiesNew(catalog, { path }, classifies);
    forgetLeftOut(catalog, root.path);
    for (const folder of foldersWithin(catalog, root)) {
      const now = join(path, relative(root.path, folder.path));
      const key = folderKey(now);
      catalog.run(
        'UPDATE folders SET path = ?, path_key = ?, name = ?, reason = NULL WHERE id = ?',
        now,
        key,
        basename(now) || now,
        folder.id,
      );
      catalog.run(
        'UPDATE photos SET path_key = ? || name_key WHERE folder_id = ?',
        rangeBelow(key).from,
        folder.id,
      );
    }
    catalog.run(
      'UPDATE written_keywords SET path = ? || substr(path, ?) WHERE instr(path, ?) = 1',
      join(path, 'x').slice(0, -1),
      [...join(root.path, 'x')].length,
      join(root.path, 'x').slice(0, -1),
    );
    return folderById(catalog, root.id);
  });
}
