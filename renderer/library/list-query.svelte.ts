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
  folderId: number | null = $state(null);
  #labels = $state.raw<readonly number[]>([]);
  #status = $state.raw<readonly PhotoStatus[]>([]);
  /** Labels by a person's word; any of them. */
  #person = $state.raw<readonly string[]>([]);
  /** Keywords of files and sidecars; any of them. */
  #keywords = $state.raw<readonly string[]>([]);
  /** Photos with a person's own label only. */
  own = $state(false);
  /** Lowest and highest probability shown, 0 … 1. */
  confidence: readonly [number, number] = $state.raw([0, 1]);
  search = $state('');
  /** Of the comparison made last. */
  cell: { row: number; column: number; name: string } | null = $state.raw(null);
  #sort = $state.raw<PhotoSort>(order);

  readonly filter: PhotoFilter = $derived.by(() => {
    const filter: PhotoFilter = {};
    if (this.folderId !== null) filter.folderId = this.folderId;
    if (this.#labels.length) filter.labels = [...this.#labels];
    if (this.#status.length) filter.status = [...this.#status];
    if (this.own) filter.own = true;
    if (this.#person.length) filter.person = [...this.#person];
    if (this.#keywords.length) filter.keywords = [...this.#keywords];
    if (this.confidence[0] > 0) filter.minProbability = this.confidence[0];
    if (this.confidence[1] < 1) filter.maxProbability = this.confidence[1];
    if (this.cell) filter.cell = { row: this.cell.row, column: this.cell.column };
    if (this.search.trim()) filter.search = this.search.trim();
    return filter;
  });
  /** Something besides the folder narrows the list. */
  readonly narrowed: boolean = $derived(
    Object.keys(this.filter).some((condition) => condition !== 'folderId'),
  );

  get labels(): readonly number[] {
    return this.#labels;
  }
  get person(): readonly string[] {
    return this.#person;
  }
  get keywords(): readonly string[] {
    return this.#keywords;
  }
  get status(): readonly PhotoStatus[] {
    return this.#status;
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
  togglePerson(label: string, add: boolean): void {
    this.#person = toggled(this.#person, label, add);
  }
  toggleKeyword(name: string, add: boolean): void {
    this.#keywords = toggled(this.#keywords, name, add);
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
    this.own = false;
    this.#person = [];
    this.#keywords = [];
    this.confidence = [0, 1];
    this.search = '';
    this.cell = null;
  }
}

function toggled<Item>(items: readonly Item[], item: Item, add: boolean): readonly Item[] {
  if (items.includes(item))
    return add ? items.filter((other) => other !== item) : items.length > 1 ? [item] : [];
  return add ? [...items, item] : [item];
}
