/** Undo and redo of whatever an act changed. */
import type { Act } from '../../contract/label-entities.ts';
import { type Change, nextRedo, nextUndo, recordStep } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { setHead } from '../catalog/heads.ts';
import { setDistinct } from '../catalog/perceptual.ts';

/** Puts a change into force but for the words of photos, which lie beside the act. Within a transaction. */
function enforce(catalog: Catalog, change: Change): void {
  if (change.of === 'head') setHead(catalog, change);
  if (change.of === 'distinct') setDistinct(catalog, change.pairs, change.distinct);
}

export interface Taken {
  act: Act;
  change: Change;
}

function step(catalog: Catalog, undoes: boolean): Taken | null {
  return catalog.transaction(() => {
    const next = undoes ? nextUndo(catalog) : nextRedo(catalog);
    if (!next) return null;
    enforce(catalog, next.change);
    return { act: recordStep(catalog, next.id, undoes), change: next.change };
  });
}

export const undo = (catalog: Catalog) => step(catalog, true);
export const redo = (catalog: Catalog) => step(catalog, false);
