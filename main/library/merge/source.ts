/** The catalog of another data folder, as a copy of this version that nobody else has open. The folder is left as it is. */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { openCatalog, damageMark } from '../catalog/database.ts';
import { holdShared } from '../keeping/lock.ts';

const catalogIn = (folder: string): string => join(folder, 'catalog.sqlite');

/** The data folders that a folder is or holds, in the order in which people count. @throws SaccadeError `no-data-folder` */
export function dataFolders(folder: string): string[] {
  if (existsSync(catalogIn(folder))) return [folder];
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names
    .filter((name) => existsSync(catalogIn(join(folder, name))))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (found.length) return found.map((name) => join(folder, name));
  throw new SaccadeError(
    'no-data-folder',
    `Expected ${folder} to be a data folder of Saccade, or to hold some; there is no catalog.sqlite in it, nor in a folder in it.`,
  );
}

/** Whether two folders are one, under whatever names. */
function isSame(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

/**
 * Hands `use` the path of the copy, which is in `home` and deleted after it.
 * @throws SaccadeError `merge-itself`, `merge-busy`, `catalog-newer`, `catalog-damaged`
 */
export function withCopy<T>(folder: string, home: string, use: (path: string) => T): T {
  if (isSame(folder, home))
    throw new SaccadeError(
      'merge-itself',
      `Expected data folders other than the one they are joined into; ${folder} is that one. Set SACCADE_HOME to the folder that is to have them all.`,
    );
  const held = holdShared(join(folder, 'in-use.lock'));
  const temporary = mkdtempSync(join(home, 'merging-'));
  try {
    if (!held.alone)
      throw new SaccadeError(
        'merge-busy',
        `Expected nobody to work in ${folder}; another Saccade has it open. Wait until it has finished, or close it.`,
      );
    const copy = catalogIn(temporary);
    for (const end of ['', '-wal'])
      if (existsSync(catalogIn(folder) + end)) copyFileSync(catalogIn(folder) + end, copy + end);
    checked(copy, folder);
    return use(copy);
  } finally {
    held.release();
    rmSync(temporary, { recursive: true, force: true });
  }
}

function checked(copy: string, folder: string): void {
  const original = catalogIn(folder);
  try {
    const catalog = openCatalog(copy);
    try {
      const [found] = catalog.once<{ integrity_check: string }>('PRAGMA integrity_check(1)');
      if (found?.integrity_check !== 'ok')
        throw notWhole(original, found?.integrity_check.replace(/\s+/g, ' '));
    } finally {
      catalog.close();
    }
  } catch (error) {
    if (!(error instanceof SaccadeError) || error.code === 'catalog-newer') throw told(error, copy, original);
    if (error.code === 'catalog-damaged' && !error.message.startsWith(`Expected ${original}`))
      throw notWhole(original, undefined, error);
    throw error;
  } finally {
    rmSync(damageMark(copy), { force: true });
  }
}

/** With the name of the catalog that was meant, not of its copy. */
function told(error: unknown, copy: string, original: string): unknown {
  if (!(error instanceof SaccadeError)) return error;
  return new SaccadeError(error.code, error.message.replaceAll(copy, original), { cause: error });
}

function notWhole(path: string, found?: string, cause?: unknown): SaccadeError {
  return new SaccadeError(
    'catalog-damaged',
    `Expected ${path} to be a whole catalog; ${found ? `found: ${found}` : "it can't be read"}. Open its data folder with Saccade once: what a person did comes back there from the last backup. Nothing of it was joined.`,
    { cause },
  );
}
