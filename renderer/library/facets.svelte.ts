import type { LabelFacet } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import type { KeywordFacet } from '../../main/contract/entities/keywords.ts';
import type { Bridge } from '../../main/contract/wire.ts';

const limit = 100;

/** Labels, keywords and states found under the filter, with counts. */
export class Facets {
  readonly #bridge: Bridge;
  items = $state.raw<readonly LabelFacet[]>([]);
  status = $state.raw<Readonly<Record<string, number>>>({});
  /** Photos with a person's own label. */
  own = $state(0);
  /** Keywords of files and sidecars, most photos first. */
  keywords = $state.raw<readonly KeywordFacet[]>([]);
  /** Photos of whose file a part is lost. */
  damaged = $state(0);
  #next = $state.raw<string | null>(null);
  loaded = $state(false);
  /** What is counted is of before something that is known to have ended since. */
  outdated = $state(false);
  #search = $state('');
  #filter: PhotoFilter = {};
  #turn = 0;
  #known = new Map<number, LabelFacet>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }
  get search(): string {
    return this.#search;
  }
  set search(text: string) {
    this.#search = text;
    void this.refresh();
  }
  /** A label seen before, also where the present filter does not find it. */
  named(index: number): LabelFacet | undefined {
    return this.#known.get(index);
  }
  show(filter: PhotoFilter): void {
    this.#filter = filter;
    void this.refresh();
  }
  /** After a run: until all is counted again, photos that it classified count as new. */
  async recount(): Promise<void> {
    this.outdated = true;
    await this.refresh();
  }
  async refresh(): Promise<void> {
    await Promise.all([this.#ask(null), this.#askKeywords()]);
  }
  async #askKeywords(): Promise<void> {
    const filter = this.#filter;
    const answer = await this.#bridge.ask('photos.keywords', { filter, limit });
    if (answer.ok && filter === this.#filter) this.keywords = answer.value.items;
  }
  async more(): Promise<void> {
    if (this.#next) await this.#ask(this.#next);
  }
  async #ask(cursor: string | null): Promise<void> {
    const turn = ++this.#turn;
    const search = this.#search.trim();
    const answer = await this.#bridge.ask('photos.facets', {
      filter: this.#filter,
      limit,
      search: search || undefined,
      cursor: cursor ?? undefined,
    });
    if (turn !== this.#turn) return;
    this.outdated = false;
    if (!answer.ok) return;
    for (const facet of answer.value.items) this.#known.set(facet.index, facet);
    this.items = cursor ? [...this.items, ...answer.value.items] : answer.value.items;
    this.status = answer.value.status;
    this.own = answer.value.own;
    this.damaged = answer.value.damaged;
    this.#next = answer.value.next;
    this.loaded = true;
  }
}
