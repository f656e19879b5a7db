/** A data folder that is held: its locks, its catalog, and what there is to tell of both. */
import { join } from 'node:path';
import type { ModelRoots } from '../../../models/store.ts';
import type { Events } from '../../contract/verbs.ts';
import { makeFolder } from '../../files.ts';
import { unwritable, type Catalog } from '../catalog/database.ts';
import { holdBeside, holdShared, type Held, type Shared } from './lock.ts';
import { openKept } from './open.ts';

export interface HeldHome {
  catalog: Catalog;
  /** Nobody else had the folder open. */
  alone: boolean;
  told: Events['notice'][];
  /** Held as long as rows of the catalog are remembered between transactions. */
  beside: Shared;
  /** After the catalog is closed. */
  release(): void;
}

/**
 * `window`: for one, of which there should be no second.
 * @throws SaccadeError `catalog-newer`, `catalog-damaged`, `catalog-unwritable`
 */
export function holdHome(home: string, window: boolean, roots: ModelRoots): HeldHome {
  const inUse = holdIn(home);
  const beside = holdBeside(join(home, 'beside.lock'));
  const held: Pick<Held, 'release'>[] = [inUse, beside];
  const told: Events['notice'][] = [];
  const release = () => held.forEach((each) => each.release());
  if (window) {
    const asWindow = holdShared(join(home, 'window.lock'));
    held.push(asWindow);
    if (!asWindow.alone)
      told.push({
        level: 'info',
        failure: {
          code: 'library-shared',
          message: `Another Saccade has the library in ${home} open. Both work; what is done in one appears in the other within seconds.`,
        },
      });
  }
  try {
    const { catalog, rebuilt } = openKept(home, inUse.alone, roots);
    if (rebuilt) told.push({ level: 'warning', failure: rebuilt });
    return { catalog, alone: inUse.alone, told, beside, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** @throws SaccadeError `catalog-unwritable` */
function holdIn(home: string): Held {
  try {
    makeFolder(home, 0o700);
    return holdShared(join(home, 'in-use.lock'));
  } catch (cause) {
    throw unwritable(join(home, 'catalog.sqlite'), cause);
  }
}
