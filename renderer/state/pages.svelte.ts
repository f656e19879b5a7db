import type { PhotoItem } from '../../main/contract/entities/photo.ts';
import type { PhotoFilter, PhotoSort } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';

export interface Query {
  filter: PhotoFilter;
  sort: PhotoSort;
}

export const pageSize = 100;
/** Pages kept: what is in view at the smallest tiles, and a good way around it. */
const kept = 30;
/** Questions on their way at once; a fast scroll asks for what is in view, not for what was. */
const atOnce = 2;

/**
 * The list in view, by position: pages are fetched as they come into view and a limited number is kept. What was
 * shown stays until something newer has come, so nothing flickers on a refresh or while a filter changes.
 */
export class Pages {
  readonly #bridge: Bridge;
  #pages = $state.raw<ReadonlyMap<number, readonly PhotoItem[]>>(new Map());
  /** Photos in the list; null until the first answer. */
  total = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  query: Query | null = null;
  /** Told of each page that has come anew, of a list that was there before: photos may stand elsewhere. */
  onrenewed: ((before: (position: number) => PhotoItem | undefined) => void) | null = null;
  /** Told why the list can't be read; what was shown of it stays. */
  onfailed: ((failure: Failure) => void) | null = null;
  /** Counts queries; an answer to an older one is dropped. */
  #turn = 0;
  /** Turn that the pages shown belong to. */
  #shownTurn = 0;
  #window = { first: 0, last: 0 };
  #fetching = new Set<number>();
  #stale = new Set<number>();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Photos at hand, in no order. */
  get items(): PhotoItem[] {
    return [...this.#pages.values()].flat();
  }
  at(position: number): PhotoItem | undefined {
    return this.#pages.get(Math.floor(position / pageSize))?.[position % pageSize];
  }

  /** Where a photo at hand stands, or null. */
  positionOf(id: number): number | null {
    for (const [page, items] of this.#pages) {
      const at = items.findIndex((item) => item.id === id);
      if (at >= 0) return page * pageSize + at;
    }
    return null;
  }

  /** Where a photo stands now that stood at `position`: there still, where it is not found elsewhere since the list changed. */
  placeOf(id: number, position: number): number {
    if (this.at(position)?.id === id) return position;
    for (const [page, items] of this.#pages) {
      const at =
        this.#stale.has(page) || this.#fetching.has(page) ? -1 : items.findIndex((one) => one.id === id);
      if (at >= 0) return page * pageSize + at;
    }
    return position;
  }

  /** Another list. */
  show(query: Query): void {
    this.query = query;
    this.#turn++;
    this.#fetching.clear();
    this.#window = { first: 0, last: 0 };
    this.#fetch();
  }

  /** Positions in view, both included. */
  want(first: number, last: number): void {
    this.#window = {
      first: Math.floor(first / pageSize),
      last: Math.floor(Math.max(first, last) / pageSize),
    };
    this.#fetch();
  }

  /** Something may have changed: what is in view is fetched again, the rest when it comes into view. */
  refresh(): void {
    this.failure = null;
    this.#stale = new Set(this.#pages.keys());
    this.#fetch();
  }

  /** The photo at a position, fetched where it is not at hand. */
  async load(position: number): Promise<PhotoItem | null> {
    const here = this.at(position);
    if (here && this.#shownTurn === this.#turn) return here;
    if (!this.query || position < 0) return null;
    const answer = await this.#bridge.ask('photos.page', { ...this.query, at: position, limit: 1 });
    return answer.ok ? (answer.value.items[0] ?? null) : null;
  }

  #missing(): number[] {
    const { first, last } = this.#window;
    const end =
      this.total === null || this.#shownTurn !== this.#turn ? 0 : Math.floor((this.total - 1) / pageSize);
    const wanted = [];
    for (let page = first; page <= Math.max(first, Math.min(last, end)); page++)
      if (this.#shownTurn !== this.#turn || !this.#pages.has(page) || this.#stale.has(page))
        wanted.push(page);
    return wanted.filter((page) => !this.#fetching.has(page));
  }

  #fetch(): void {
    if (!this.query) return;
    for (const page of this.#missing()) {
      if (this.#fetching.size >= atOnce) return;
      void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const turn = this.#turn;
    this.#fetching.add(page);
    this.#stale.delete(page);
    const answer = await this.#bridge.ask('photos.page', {
      ...this.query!,
      at: page * pageSize,
      limit: pageSize,
    });
    if (turn !== this.#turn) return;
    this.#fetching.delete(page);
    if (!answer.ok) {
      this.failure = answer.error;
      this.onfailed?.(answer.error);
      return;
    }
    this.failure = null;
    const renews = this.#shownTurn === turn;
    const shown = this.#pages;
    const pages = new Map(renews ? shown : []);
    this.#shownTurn = turn;
    pages.delete(page); // to the end of the map's order: the latest fetched is forgotten last
    pages.set(page, answer.value.items);
    for (const old of pages.keys()) {
      if (pages.size <= kept) break;
      if (old < this.#window.first || old > this.#window.last) pages.delete(old);
    }
    this.#pages = pages;
    this.total = answer.value.total;
    if (renews) this.onrenewed?.((at) => shown.get(Math.floor(at / pageSize))?.[at % pageSize]);
    this.#fetch();
  }
}
