import type { Act, SavedSearch } from '../../main/contract/entities/review.ts';
import type { Result } from '../../main/contract/result.ts';
import type { UndoHistory } from '../state/undo-history.ts';
import type { Parts } from '../state/parts.svelte.ts';
import { queryText } from './query-text.ts';

type Around = Parts & { readonly history: UndoHistory };

/** Searches that a person gave a name. */
export class SavedSearches {
  readonly #app: Around;
  items: readonly SavedSearch[] = $state.raw([]);
  /** A name is asked for: of the search in hand (`search` null), or another one for a saved search. */
  asking: { search: SavedSearch | null } | null = $state.raw(null);

  constructor(app: Around) {
    this.#app = app;
  }

  /** What narrows the list, in words that find the same. */
  get text(): string {
    const { query, facets, folders } = this.#app;
    return queryText(query, {
      label: (index) => facets.named(index)?.label.name ?? `${index}`,
      folder: folders.find(query.folderId)?.path ?? null,
    });
  }
  async refresh(): Promise<void> {
    const answer = await this.#app.bridge.ask('searches.list', {});
    if (answer.ok) this.items = answer.value.items;
  }
  name(search: SavedSearch | null): void {
    this.asking = { search };
  }
  async save(name: string, words: string): Promise<void> {
    this.#done(await this.#app.bridge.ask('searches.save', { name, words }));
  }
  async rename({ id }: SavedSearch, name: string): Promise<void> {
    this.#done(await this.#app.bridge.ask('searches.rename', { id, name }));
  }
  async remove({ id }: SavedSearch): Promise<void> {
    this.#done(await this.#app.bridge.ask('searches.remove', { id }));
  }
  #done(answer: Result<{ act: Act }>): void {
    if (!answer.ok) return this.#app.notices.fail(answer.error);
    this.#app.history.tell(answer.value.act);
    void this.refresh();
  }
}
