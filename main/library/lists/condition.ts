/** Which photos a list is of, as SQL, with what is known of them beforehand. */
import type { Found } from './found.ts';
import type { Part } from './sets.ts';

export interface StatusRow {
  status: number;
  photos: number;
}

export interface Condition extends Part {
  /** The same on counts that are kept (`countsOf`), where that is enough to count by. */
  kept?: Part & { further: boolean };
  /** How many it finds, where that is known. */
  photos?: number;
  /** The same by status, where that is known without going through them. */
  states?: () => StatusRow[];
  /** Where a large set is part of it, the set and the rest. */
  found?: Found & { plain: boolean };
  /** Keys of paths that it finds, of a folder: `from` ≤ key < `to`. */
  paths?: { from: string; to: string };
  /** Nothing narrows it down more than a bound of probability does. */
  bounded?: boolean;
  /** An index leads to the photos that it finds, so that they need not be looked for among all. */
  led?: boolean;
  /** How photos are counted of which a label holds beside their first; absent: those that it finds. */
  beside?: Beside;
  /** Labels whose confidence is meant, where one of them holds of photos beside their first; absent: photos' first. */
  wanted?: Wanted;
}

interface Beside {
  /** Of the probability: of the label that is counted, be it a photo's first or not. */
  bounds: Part[];
  /** All but the bounds. */
  rest: Part;
  /** The bounds are of labels that are wanted, and not of each photo's first. */
  ofWanted: boolean;
  /** Folder and status are all the rest. */
  plain: boolean;
}

export interface Wanted {
  /** Labels of which one is wanted, of each group. */
  groups: readonly (readonly number[])[];
  /** Of a label's own probability. */
  bounds: readonly Part[];
}
