/** Opens the catalog of a data folder; one that can't be read is set aside, and what a person did comes back from the backup. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Failure } from '../../contract/result.ts';
import { makeFolder } from '../../files.ts';
import { backupsFolder } from '../../home.ts';
import { damageMark, openCatalog, type Catalog } from '../catalog/database.ts';
import { listBackups } from './backups.ts';
import { restorePerson, type PersonCounts } from './person.ts';

export interface OpenedCatalog {
  catalog: Catalog;
  /** What became of a damaged one: a sentence for people. */
  rebuilt: Failure | null;
}

/**
 * `alone`: no other process has the data folder open, so that the file may be taken away.
 * @throws SaccadeError `catalog-newer`, `catalog-damaged`, `catalog-unwritable`
 */
export function openKept(home: string, alone: boolean): OpenedCatalog {
  const path = join(home, 'catalog.sqlite');
  try {
    return { catalog: opened(path), rebuilt: null };
  } catch (error) {
    if (!(error instanceof SaccadeError) || error.code !== 'catalog-damaged' || !alone) throw error;
    const aside = setAside(home);
    const catalog = openCatalog(path);
    return { catalog, rebuilt: told(aside, restoreNewest(catalog, home)) };
  }
}

/** One that was found damaged while it was used is looked through before it is used again. */
function opened(path: string): Catalog {
  const catalog = openCatalog(path);
  if (!existsSync(damageMark(path))) return catalog;
  try {
    const [found] = catalog.once<{ integrity_check: string }>('PRAGMA integrity_check(1)');
    if (found?.integrity_check === 'ok') {
      rmSync(damageMark(path), { force: true });
      return catalog;
    }
    throw new SaccadeError(
      'catalog-damaged',
      `Expected ${path} to be whole; found: ${found?.integrity_check}. Close every other Saccade and start again: it is set aside then, and what you did comes back from the last backup. Photos are untouched.`,
    );
  } catch (error) {
    catalog.close();
    if (error instanceof SaccadeError) throw error;
    throw new SaccadeError('catalog-damaged', `Expected ${path} to be whole; it can't be read.`, {
      cause: error,
    });
  }
}

/** The last one that was set aside is kept, for whoever can read more of it. */
function setAside(home: string): string {
  const folder = backupsFolder(home);
  makeFolder(folder, 0o700);
  for (const name of readdirSync(folder)) if (name.startsWith('damaged-')) rmSync(join(folder, name));
  const aside = join(folder, `damaged-${new Date().toISOString().replace(/[:.]/g, '-')}.sqlite`);
  const path = join(home, 'catalog.sqlite');
  for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
  rmSync(damageMark(path), { force: true });
  return aside;
}

function restoreNewest(catalog: Catalog, home: string): { date: string; counts: PersonCounts } | null {
  for (const backup of listBackups(home))
    try {
      return { date: backup.slice(-17, -7), counts: restorePerson(catalog, backup) };
    } catch {
      // That one is damaged too: an older one may not be.
    }
  return null;
}

function told(aside: string, back: ReturnType<typeof restoreNewest>): Failure {
  const n = (count: number, one: string, several: string) =>
    `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
  const came = back
    ? `From the backup of ${back.date} came back: ${n(back.counts.folders, 'folder', 'folders')}, your words for ${n(back.counts.photos, 'photo', 'photos')}, ${n(back.counts.heads, 'head', 'heads')}. Photos are looked for anew; classify them again.`
    : 'There was no backup yet. Add your folders again; photos are untouched.';
  return {
    code: 'catalog-rebuilt',
    message: `Expected the catalog to be whole; it could not be read, and was set aside as ${aside}. ${came}`,
  };
}
