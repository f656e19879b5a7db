/** Undo and redo of whatever an act changed. */
import { SaccadeError } from '../../../models/error.ts';
import type { Act, Moved } from '../../contract/entities/review.ts';
import { type Change, nextRedo, nextUndo, recordStep, type Step } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { setHead } from '../catalog/heads.ts';
import { setDistinct } from '../catalog/perceptual.ts';
import { setSavedSearch } from '../catalog/saved-searches.ts';
import type { Moves } from '../files/moves.ts';

/** Puts a change into force but for the words of photos, which lie beside the act. Within a transaction. */
function enforce(catalog: Catalog, change: Change): void {
  if (change.of === 'head') setHead(catalog, change);
  if (change.of === 'search') setSavedSearch(catalog, change.id, change.search);
  if (change.of === 'distinct') setDistinct(catalog, change.pairs, change.distinct);
}

export interface Taken {
  act: Act;
  change: Change;
  /** Files that could not be moved back, with why. */
  failed: Moved['failed'];
}

/**
 * Null: there is nothing to undo, or to do again. `inForce` makes a change of heads, which the lists follow, in its own
 * transaction. `only`: no other act than this one.
 * @throws SaccadeError `done-since`, as `Moves.step` does, and what a transaction throws; nothing is changed then
 */
export async function takeStep(
  catalog: Catalog,
  moves: Pick<Moves, 'step' | 'inTurn'>,
  undoes: boolean,
  inForce: (change: () => void) => void,
  only?: number,
): Promise<Taken | null> {
  const following = () => (undoes ? nextUndo(catalog) : nextRedo(catalog));
  const expected = () => {
    const next = following();
    if (only !== undefined && next?.id !== only) throw doneSince();
    return next;
  };
  const take = async (next: Step): Promise<Taken> => {
    const { change } = next;
    if (change.of === 'files') {
      const { act, failed } = await moves.step(next, undoes);
      return { act: act!, change, failed };
    }
    let act: Act;
    const record = () => {
      // Others may have been waited for, who were writing.
      if (following()?.id !== next.id) throw doneSince();
      enforce(catalog, change);
      act = recordStep(catalog, next.id, undoes);
    };
    if (change.of === 'head') inForce(record);
    else catalog.transaction(record);
    return { act: act!, change, failed: [] };
  };
  const next = expected();
  if (next?.change.of !== 'files') return next && take(next);
  // Another process may be taking it: which is next is known once its files are where they belong.
  return moves.inTurn(async () => {
    const still = expected();
    return still && take(still);
  });
}

const doneSince = () =>
  new SaccadeError(
    'done-since',
    'Expected this to be what was done last; something else was done since, or it was taken back already, by another window or a command. Nothing was changed. What was done is listed under Labels, and taken back from its end.',
  );
