import type { LibraryVerbs } from '../../contract/internal.ts';
import type { Act } from '../../contract/entities/review.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { removeSearch, renameSearch, savedSearches, saveSearch } from '../catalog/saved-searches.ts';
import type { LibraryState } from '../state.ts';

export function savedSearchVerbs({ core }: LibraryState) {
  const catalog = () => core().catalog;
  const acted = (act: Act) => {
    core().changes.note('labels');
    return { act };
  };
  return {
    'searches.list': () => ({ items: savedSearches(catalog()) }),
    'searches.save': ({ name, words }) => acted(saveSearch(catalog(), name, words)),
    'searches.rename': ({ id, name }) => acted(renameSearch(catalog(), id, name)),
    'searches.remove': ({ id }) => acted(removeSearch(catalog(), id)),
  } satisfies Partial<Handlers<LibraryVerbs>>;
}
