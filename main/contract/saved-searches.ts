/** Verbs of searches that are kept under a name. */
import { z } from 'zod';
import type { Act, SavedSearch } from './entities/review.ts';
import { id, words } from './values.ts';
import { library } from './verb.ts';

const name = z.string().trim().min(1).max(200);

export const savedSearchVerbs = {
  'searches.list': library<{ items: SavedSearch[] }>()(z.strictObject({})),
  /** In place of the one that is called so, if there is one. `words` as they are typed (`query-words.ts`). */
  'searches.save': library<{ act: Act }>()(z.strictObject({ name, words: words.trim().min(1) })),
  'searches.rename': library<{ act: Act }>()(z.strictObject({ id, name })),
  'searches.remove': library<{ act: Act }>()(z.strictObject({ id })),
};
