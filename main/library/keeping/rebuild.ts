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
import { readSettings, writeValue } from '../catalog/settings.ts';
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

/** Nobody else has the data folder open. @throws SaccadeError `catalog-unwritable`, and then all is as it was */
export function rebuild(home: string, roots: ModelRoots): Rebuilt {
  const path = join(home, 'catalog.sqlite');
  // Of a start that was killed meanwhile.
  for (const name of readdirSync(home))
    if (name.startsWith('salvaging-')) rmSync(join(home, name), { recursive: true, force: true });
  const beside = mkdtempSync(join(home, 'salvaging-'));
  try {
    const models = listModels(roots).map(({ manifest }) => manifest);
    const read = join(beside, 'read.sqlite');
    const found = readDamaged(path, read, models);
    const made = found?.person ? { path: read, back: null } : makeAnew(home, beside, found && read, models);
    // All of it is there before the old one goes.
    const aside = setAside(home);
    renameSync(made.path, path);
    rmSync(damageMark(path), { force: true });
    const catalog = openCatalog(path);
    return { catalog, rebuilt: told(aside, found, countPerson(catalog, 'main'), made.back) };
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
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
  const catalog = openCatalog(copy);
  try {
    return salvage(path, catalog, installed);
  } catch (error) {
    if (/^(SQLITE_(FULL|IOERR)|ENOSPC)/.test(String((error as { code?: unknown }).code)))
      throw unwritable(copy, error);
    return null;
  } finally {
    catalog.close();
  }
}

/** The last one that was set aside is kept, for whoever can read more of it. */
function setAside(home: string): string {
  const folder = backupsFolder(home);
  makeFolder(folder, 0o700);
  for (const name of readdirSync(folder)) if (name.startsWith('damaged-')) rmSync(join(folder, name));
  const aside = join(folder, `damaged-${new Date().toISOString().replace(/[:.]/g, '-')}.sqlite`);
  const path = join(home, 'catalog.sqlite');
  // The damaged one stays in its place until another replaces it: without one, the next start would make an empty one.
  try {
    linkSync(path, aside);
  } catch {
    copyFileSync(path, aside); // a disk that knows no links
  }
  for (const end of ['-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
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
