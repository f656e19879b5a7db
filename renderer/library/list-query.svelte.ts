import type { PhotoFilter, PhotoSort, PhotoStatus, SortKey } from '../../main/contract/entities.ts';

const order: PhotoSort = { key: 'name', descending: false };
/** Which way people expect a list first. */
const descendingFirst: Record<SortKey, boolean> = {
  name: false,
  path: false,
  date: true,
  confidence: true,
  focus: false,
};

/** What the list shows, and in which order. */
export class ListQuery {
  #folderId = $state<number | null>(null);
  #labels = $state.raw<readonly number[]>([]);
  #status = $state.raw<readonly PhotoStatus[]>([]);
  #own = $state(false);
  #confidence = $state.raw<readonly [number, number]>([0, 1]);
  #search = $state('');
  #sort = $state.raw<PhotoSort>(order);

  readonly filter: PhotoFilter = $derived.by(() => {
    const filter: PhotoFilter = {};
    if (this.#folderId !== null) filter.folderId = this.#folderId;
    if (this.#labels.length) filter.labels = [...this.#labels];
    if (this.#status.length) filter.status = [...this.#status];
    if (this.#own) filter.own = true;
    if (this.#confidence[0] > 0) filter.minProbability = this.#confidence[0];
    if (this.#confidence[1] < 1) filter.maxProbability = this.#confidence[1];
    if (this.#search.trim()) filter.search = this.#search.trim();
    return filter;
  });
  /** Something besides the folder narrows the list. */
  readonly narrowed: boolean = $derived(
    Object.keys(this.filter).some((condition) => condition !== 'folderId'),
  );

  get folderId(): number | null {
    return this.#folderId;
  }
  set folderId(id: number | null) {
    this.#folderId = id;
  }
  get labels(): readonly number[] {
    return this.#labels;
  }
  get status(): readonly PhotoStatus[] {
    return this.#status;
  }
  /** Photos with a person's own label only. */
  get own(): boolean {
    return this.#own;
  }
  set own(only: boolean) {
    this.#own = only;
  }
  /** Lowest and highest probability shown, 0 … 1. */
  get confidence(): readonly [number, number] {
    return this.#confidence;
  }
  set confidence(between: readonly [number, number]) {
    this.#confidence = between;
  }
  get search(): string {
    return this.#search;
  }
  set search(text: string) {
    this.#search = text;
  }
  get sort(): PhotoSort {
    return this.#sort;
  }

  /** Another key starts in the direction people expect of it. */
  sortBy(key: SortKey): void {
    this.#sort = { key, descending: descendingFirst[key] };
  }
  turnAround(): void {
    this.#sort = { ...this.#sort, descending: !this.#sort.descending };
  }
  /** `add`: beside the ones there are; otherwise instead of them. */
  toggleLabel(index: number, add: boolean): void {
    this.#labels = toggled(this.#labels, index, add);
  }
  toggleStatus(status: PhotoStatus, add: boolean): void {
    this.#status = toggled(this.#status, status, add);
  }
  /** Another model counts its classes differently. */
  forgetLabels(): void {
    if (this.#labels.length) this.#labels = [];
  }
  clear(): void {
    this.#labels = [];
    this.#status = [];
    this.#own = false;
    this.#confidence = [0, 1];
    this.#search = '';
  }
}

function toggled<Item>(items: readonly Item[], item: Item, add: boolean): readonly Item[] {
  if (items.includes(item))
    return add ? items.filter((other) => other !== item) : items.length > 1 ? [item] : [];
  return add ? [...items, item] : [item];
}
