/** Opens the catalog of a data folder; one that can't be read is rebuilt. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { ModelRoots } from '../../../models/store.ts';
import type { Failure } from '../../contract/result.ts';
import { damageMark, openCatalog, type Catalog } from '../catalog/database.ts';
import { finishRebuilding, rebuild, takeTold } from './rebuild.ts';

export interface OpenedCatalog {
  catalog: Catalog;
  /** What became of a damaged one: a sentence for people. */
  rebuilt: Failure | null;
}

/**
 * `alone`: no other process has the data folder open, so that the file may be taken away.
 * @throws SaccadeError `catalog-newer`, `catalog-damaged`, `catalog-unwritable`
 */
export function openKept(home: string, alone: boolean, roots: ModelRoots): OpenedCatalog {
  const path = join(home, 'catalog.sqlite');
  const finished = alone && finishRebuilding(home);
  try {
    const catalog = opened(path);
    return { catalog, rebuilt: finished ? takeTold(catalog) : null };
  } catch (error) {
    if (!(error instanceof SaccadeError) || error.code !== 'catalog-damaged' || !alone) throw error;
    return rebuild(home, roots);
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
      `Expected ${path} to be whole; found: ${found?.integrity_check}. Close every other Saccade and start again: it is set aside then and rebuilt from what can still be read, the last backup and your files. Photos are untouched.`,
    );
  } catch (error) {
    catalog.close();
    if (error instanceof SaccadeError) throw error;
    throw new SaccadeError('catalog-damaged', `Expected ${path} to be whole; it can't be read.`, {
      cause: error,
    });
  }
}
