/** Searches under names that people gave them; each change is an act that can be taken back. */
import { SaccadeError } from '../../../models/error.ts';
import type { Act, SavedSearch } from '../../contract/entities/review.ts';
import { recordAct } from './acts.ts';
import type { Catalog } from './database.ts';

/** In the order in which they were saved. */
export function savedSearches(catalog: Catalog): SavedSearch[] {
  return catalog.all<SavedSearch>('SELECT id, name, words FROM saved_searches ORDER BY id');
}

function savedSearch(catalog: Catalog, id: number): SavedSearch {
  const row = catalog.one<SavedSearch>('SELECT id, name, words FROM saved_searches WHERE id = ?', id);
  if (!row)
    throw new SaccadeError(
      'no-such-search',
      'Expected a saved search; it was removed. Choose another, or undo that.',
    );
  return row;
}

/** As it is from now on; null: removed. */
export function setSavedSearch(catalog: Catalog, id: number, search: SavedSearch | null): void {
  if (search)
    catalog.run(
      'INSERT OR REPLACE INTO saved_searches (id, name, words) VALUES (?, ?, ?)',
      ...[search.id, search.name, search.words],
    );
  else catalog.run('DELETE FROM saved_searches WHERE id = ?', id);
}

function change(
  catalog: Catalog,
  kind: Act['kind'],
  before: SavedSearch | null,
  after: SavedSearch | null,
): Act {
  const { id } = (after ?? before)!;
  const about = [...new Set([before?.name, after?.name].filter((name) => name !== undefined))];
  setSavedSearch(catalog, id, after);
  return recordAct(catalog, {
    ...{ kind, about, photos: 0 },
    change: { of: 'search', id, search: after },
    inverse: { of: 'search', id, search: before },
  });
}

/** In place of the one that is called so, if there is one. */
export function saveSearch(catalog: Catalog, name: string, words: string): Act {
  return catalog.transaction(() => {
    const before = savedSearches(catalog).find((each) => each.name === name) ?? null;
    const id = before?.id ?? nextId(catalog);
    return change(catalog, 'save-search', before, { id, name, words });
  });
}

/** Never one that was given before: an undo may bring it back. */
function nextId(catalog: Catalog): number {
  const { lastInsertRowid } = catalog.run("INSERT INTO saved_searches (name, words) VALUES ('', '')");
  return Number(lastInsertRowid);
}

/** @throws SaccadeError `no-such-search` */
export function renameSearch(catalog: Catalog, id: number, name: string): Act {
  return catalog.transaction(() => {
    const before = savedSearch(catalog, id);
    return change(catalog, 'rename-search', before, { ...before, name });
  });
}

/** @throws SaccadeError `no-such-search` */
export function removeSearch(catalog: Catalog, id: number): Act {
  return catalog.transaction(() => change(catalog, 'remove-search', savedSearch(catalog, id), null));
}
