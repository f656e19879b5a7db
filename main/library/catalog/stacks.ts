/** Photos of one shot as one: which of them stands for which others, where a person asked for that. */
import { setImmediate as breathe } from 'node:timers/promises';
import { leaders } from '../scan/stack-names.ts';
import type { Catalog } from './database.ts';
import { folderByPath, foldersWithin } from './folders.ts';
import { readSettings } from './settings.ts';
import { showPhotos } from './shown.ts';

interface Row {
  id: number;
  name: string;
  under_id: number | null;
}

/** Of one folder. Answers with whether anything differs. */
function restackFolder(catalog: Catalog, folderId: number, on: boolean): boolean {
  const photos = catalog.all<Row>('SELECT id, name, under_id FROM photos WHERE folder_id = ?', folderId);
  const there = catalog.all<{ id: number; name: string }>(
    'SELECT id, name FROM photos WHERE folder_id = ? AND missing_ms IS NULL',
    folderId,
  );
  const ids = new Map(there.map(({ id, name }) => [name, id]));
  const under = on ? leaders([...ids.keys()]) : new Map<string, string>();
  const changed = photos.filter(({ id, name, under_id: was }) => {
    const now = ids.get(name) === id ? (ids.get(under.get(name) ?? '') ?? null) : null;
    if (now === was) return false;
    catalog.run('UPDATE photos SET under_id = ? WHERE id = ?', now, id);
    return true;
  });
  if (changed.length)
    showPhotos(catalog, 'photos.id IN (SELECT value FROM json_each(?))', JSON.stringify(changed.map(({ id }) => id))); // prettier-ignore
  return changed.length > 0;
}

/** Of these folders alone, where any is in the library: files came or went. */
export function restackFolders(catalog: Catalog, paths: ReadonlySet<string>): void {
  if (!readSettings(catalog).stacks) return;
  for (const path of paths) {
    const folder = folderByPath(catalog, path);
    if (folder) restackFolder(catalog, folder.id, true);
  }
}

/** As the settings say; of a folder and all below it, or (null) of all. Answers with whether anything differs. */
export async function restack(catalog: Catalog, path: string | null): Promise<boolean> {
  const { stacks } = readSettings(catalog);
  const none = !stacks && !catalog.one('SELECT 1 FROM photos WHERE under_id IS NOT NULL LIMIT 1');
  if (none) return false;
  const top = path === null ? null : folderByPath(catalog, path);
  const folders =
    path === null
      ? catalog.all<{ id: number }>('SELECT id FROM folders')
      : top
        ? foldersWithin(catalog, top)
        : [];
  let changed = false;
  for (const { id } of folders) {
    if (!catalog.isOpen() || readSettings(catalog).stacks !== stacks) break;
    changed = catalog.transaction(() => restackFolder(catalog, id, stacks)) || changed;
    await breathe();
  }
  return changed;
}
