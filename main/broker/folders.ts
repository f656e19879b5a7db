/** Browsing folders on the host, for an interface that has no folder dialog of its own. */
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { Answer } from '../contract/verbs.ts';

const most = 5000;

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Visible folders below `path` (null: the home folder), sorted by name, at most 5000. Throws SaccadeError `folder-unreadable`. */
export async function listFolders(path: string | null): Promise<Answer<'dialog.listFolders'>> {
  const folder = path ?? homedir();
  if (!isAbsolute(folder))
    throw new SaccadeError('folder-unreadable', `Expected a full path, found "${folder}".`);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new SaccadeError(
      'folder-unreadable',
      `Expected a folder that can be read at ${folder}, found: ${error.message}`,
      { cause: error },
    );
  });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || names.length >= most) continue;
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name)))))
      names.push(entry.name);
  }
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const full = resolve(folder);
  const parent = dirname(full);
  return {
    path: full,
    parent: parent === full ? null : parent,
    items: names.map((name) => ({ name, path: join(full, name) })),
  };
}
