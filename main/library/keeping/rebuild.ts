/**
 * A catalog in place of a damaged one, which is set aside: of what can still be read in it, of the last backup where what
 * a person did can't, and of the files, which are looked at anew.
 */
import { copyFileSync, existsSync, linkSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '../../../models/manifest.ts';
import { listModels, type ModelRoots } from '../../../models/store.ts';
import type { Failure } from '../../contract/result.ts';
import { makeFolder } from '../../files.ts';
import { backupsFolder } from '../../home.ts';
import { damageMark, openCatalog, unwritable, type Catalog } from '../catalog/database.ts';
import { readSettings, readValue, writeValue } from '../catalog/settings.ts';
import { keyIdFor } from '../catalog/shown.ts';
import { joinComputed } from '../merge/merge.ts';
import { listBackups } from './backups.ts';
import { countPerson, restorePerson, type PersonCounts } from './person.ts';
import { salvage, type Salvaged } from './salvage/salvage.ts';

interface Rebuilt {
  catalog: Catalog;
  /** What came back: a sentence for people. */
  rebuilt: Failure;
}

/** Where one that is finished waits for its place. */
const finishedBeside = (path: string): string => `${path}.rebuilt`;
const toldOnce = 'rebuilt';

/** Nobody else has the data folder open. @throws SaccadeError `catalog-unwritable`, and then all is as it was */
export function rebuild(home: string, roots: ModelRoots): Rebuilt {
  const path = join(home, 'catalog.sqlite');
  const beside = mkdtempSync(join(home, unfinished));
  try {
    const models = listModels(roots).map(({ manifest }) => manifest);
    const read = join(beside, 'read.sqlite');
    const found = readDamaged(path, read, models);
    const made = found?.person ? { path: read, back: null } : makeAnew(home, beside, found && read, models);
    const aside = setAside(home);
    const catalog = openCatalog(made.path);
    writeValue(catalog, toldOnce, told(aside, found, countPerson(catalog, 'main'), made.back));
    catalog.close();
    // All of it is there before the old one goes.
    renameSync(made.path, finishedBeside(path));
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  finishRebuilding(home);
  const catalog = openCatalog(path);
  return { catalog, rebuilt: takeTold(catalog)! };
}

const unfinished = 'salvaging-';

/**
 * Puts one in its place that was finished by a process that was killed before it came to that; what is left of those that
 * were not finished goes. Answers with whether there was one. Nobody else has the data folder open.
 */
export function finishRebuilding(home: string): boolean {
  const path = join(home, 'catalog.sqlite');
  if (!existsSync(home)) return false;
  for (const name of readdirSync(home))
    if (name.startsWith(unfinished)) rmSync(join(home, name), { recursive: true, force: true });
  if (!existsSync(finishedBeside(path))) return false;
  // Pages in the log of the damaged one would be taken for its own.
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  rmSync(damageMark(path), { force: true });
  renameSync(finishedBeside(path), path);
  return true;
}

/** What came back, of a catalog that was just put in its place. */
export function takeTold(catalog: Catalog): Failure | null {
  const rebuilt = readValue<Failure | null>(catalog, toldOnce, null);
  catalog.run('DELETE FROM settings WHERE name = ?', toldOnce);
  return rebuilt;
}

/** Of the newest backup, whose date is `back`, with what could be read beside it. */
function makeAnew(home: string, beside: string, read: string | null, models: readonly ModelManifest[]) {
  const path = join(beside, 'anew.sqlite');
  const catalog = openCatalog(path);
  try {
    const back = restoreNewest(catalog, home);
    if (read) joinComputed(catalog, read);
    showChosen(catalog, models);
    return { path, back };
  } finally {
    catalog.close();
  }
}

/** Lists show the answers of the model that the settings name. */
function showChosen(catalog: Catalog, models: readonly ModelManifest[]): void {
  const { model, precision } = readSettings(catalog);
  const chosen = models.find(({ id }) => id === model);
  if (chosen) writeValue(catalog, 'shown', keyIdFor(catalog, chosen.weights.sha256, precision));
}

/** Null: nothing of it can be read. Whatever else is wrong with it must not keep anybody from a catalog that works. */
function readDamaged(path: string, copy: string, installed: readonly ModelManifest[]): Salvaged | null {
  try {
    return salvage(path, copy, installed);
  } catch (error) {
    if (/^(SQLITE_(FULL|IOERR)|ENOSPC|catalog-unwritable)/.test(String((error as { code?: unknown }).code)))
      throw unwritable(copy, error);
    for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true });
    return null;
  }
}

/** The last one that was set aside is kept, for whoever can read more of it. */
function setAside(home: string): string {
  const folder = backupsFolder(home);
  makeFolder(folder, 0o700);
  for (const name of readdirSync(folder)) if (name.startsWith('damaged-')) rmSync(join(folder, name));
  const aside = join(folder, `damaged-${new Date().toISOString().replace(/[:.]/g, '-')}.sqlite`);
  const path = join(home, 'catalog.sqlite');
  // The damaged one stays in its place, with its log, until another replaces it.
  for (const end of ['', '-wal'])
    try {
      if (existsSync(path + end)) linkSync(path + end, aside + end);
    } catch {
      copyFileSync(path + end, aside + end); // a disk that knows no links
    }
  return aside;
}

/** Answers with its date; null: there is none that can be read. */
function restoreNewest(catalog: Catalog, home: string): string | null {
  for (const backup of listBackups(home))
    try {
      restorePerson(catalog, backup);
      return backup.slice(-17, -7);
    } catch {
      // That one is damaged too: an older one may not be.
    }
  return null;
}

const n = (count: number, one: string, several: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;

/** `back`: the date of the backup from which came what a person did, where it did not come out of the file itself. */
function told(aside: string, found: Salvaged | null, person: PersonCounts, back: string | null): Failure {
  const did = `${n(person.folders, 'folder', 'folders')}, your words for ${n(person.photos, 'photo', 'photos')}, ${n(person.heads, 'head', 'heads')}`;
  const came =
    back !== null
      ? `From the backup of ${back} came back: ${did}.`
      : found?.person
        ? `All that you did could be read out of it: ${did}.`
        : person.folders > 0
          ? `There was no backup yet; ${n(person.folders, 'folder', 'folders')} could be read out of it.`
          : 'There was no backup yet: add your folders again; photos are untouched.';
  return {
    code: 'catalog-rebuilt',
    message: `Expected the catalog to be whole; it was damaged, and was set aside as ${aside}. ${came} ${readOut(found)} Photos are looked for anew; classify again what is lacking.`,
  };
}

function readOut(found: Salvaged | null): string {
  const { answers = 0, features = 0, maps = 0, files = 0 } = found?.counts ?? {};
  if (answers + features + maps + files === 0) return 'No answers could be read out of it.';
  return `Of what was computed could be read: ${n(answers, 'answer', 'answers')}, what models saw in ${n(features, 'photo', 'photos')}, ${n(maps, 'map', 'maps')}, and what ${n(files, 'file', 'files')} held.`;
}
