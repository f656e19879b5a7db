import type { PhotoFilter, PhotoSort } from '../../main/contract/requests.ts';
import type { PhotoStatus, SortKey } from '../../main/contract/values.ts';

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
  labels = $state.raw<readonly number[]>([]);
  status = $state.raw<readonly PhotoStatus[]>([]);
  /** Labels by a person's word. */
  person = $state.raw<readonly string[]>([]);
  /** Keywords of files and sidecars; any of them. */
  keywords = $state.raw<readonly string[]>([]);
  withoutLabels = $state.raw<readonly number[]>([]);
  withoutPerson = $state.raw<readonly string[]>([]);
  /** Whether photos have to have any of the labels wanted, or all of them. */
  match: 'any' | 'all' = $state('any');
  /** Photos only of whose file a part is lost. */
  damaged = $state(false);
  /** Photos with a person's own label only. */
  own = $state(false);
  /** Lowest and highest probability shown, 0 … 1. */
  confidence: readonly [number, number] = $state.raw([0, 1]);
  search = $state('');
  /** Of a comparison. */
  cell: { comparison: number; row: number; column: number; name: string } | null = $state.raw(null);
  /** The files of one shot. */
  shot: { id: number; name: string } | null = $state.raw(null);
  sort = $state.raw<PhotoSort>(order);

  readonly filter: PhotoFilter = $derived.by(() => {
    const filter: PhotoFilter = {};
    if (this.folderId !== null) filter.folderId = this.folderId;
    if (this.labels.length) filter.labels = [...this.labels];
    if (this.status.length) filter.status = [...this.status];
    if (this.own) filter.own = true;
    if (this.person.length) filter.person = [...this.person];
    if (this.keywords.length) filter.keywords = [...this.keywords];
    if (this.match === 'all' && this.wanted > 1) filter.match = 'all';
    if (this.withoutLabels.length) filter.withoutLabels = [...this.withoutLabels];
    if (this.withoutPerson.length) filter.withoutPerson = [...this.withoutPerson];
    if (this.damaged) filter.damaged = true;
    if (this.confidence[0] > 0) filter.minProbability = this.confidence[0];
    if (this.confidence[1] < 1) filter.maxProbability = this.confidence[1];
    if (this.cell) {
      const { comparison, row, column } = this.cell;
      filter.cell = { comparison, row, column };
    }
    if (this.shot) filter.shot = this.shot.id;
    if (this.search.trim()) filter.search = this.search.trim();
    return filter;
  });
  /** Something besides the folder narrows the list. */
  readonly narrowed: boolean = $derived(
    Object.keys(this.filter).some((condition) => condition !== 'folderId'),
  );

  /** How many labels are wanted. */
  get wanted(): number {
    return this.labels.length + this.person.length;
  }
  /** Another key starts in the direction people expect of it. */
  sortBy(key: SortKey): void {
    this.sort = { key, descending: descendingFirst[key] };
  }
  turnAround(): void {
    this.sort = { ...this.sort, descending: !this.sort.descending };
  }
  toggleLabel(index: number, how: FilterMode): void {
    [this.labels, this.withoutLabels] = inMode(this.labels, this.withoutLabels, index, how);
    if (how === 'only') [this.person, this.withoutPerson] = [[], []];
  }
  togglePerson(label: string, how: FilterMode): void {
    [this.person, this.withoutPerson] = inMode(this.person, this.withoutPerson, label, how);
    if (how === 'only') [this.labels, this.withoutLabels] = [[], []];
  }
  /** `add`: beside the ones there are; otherwise instead of them. */
  toggleKeyword(name: string, add: boolean): void {
    this.keywords = toggled(this.keywords, name, add);
  }
  toggleStatus(status: PhotoStatus, add: boolean): void {
    this.status = toggled(this.status, status, add);
  }
  /** Another model counts its classes differently. */
  forgetLabels(): void {
    if (this.labels.length) this.labels = [];
    if (this.withoutLabels.length) this.withoutLabels = [];
  }
  clear(): void {
    this.labels = [];
    this.status = [];
    this.own = false;
    this.person = [];
    this.keywords = [];
    this.withoutLabels = [];
    this.withoutPerson = [];
    this.match = 'any';
    this.damaged = false;
    this.confidence = [0, 1];
    this.search = '';
    this.cell = null;
    this.shot = null;
  }
}

/** A label alone, beside the others, or not at all; the same mode again takes it back. */
export type FilterMode = 'only' | 'also' | 'not';

function inMode<Item>(
  wanted: readonly Item[],
  unwanted: readonly Item[],
  item: Item,
  how: FilterMode,
): [wanted: readonly Item[], unwanted: readonly Item[]] {
  const others = (items: readonly Item[]) => items.filter((other) => other !== item);
  if (how === 'not') return [others(wanted), toggled(unwanted, item, true)];
  if (how === 'also') return [toggled(wanted, item, true), others(unwanted)];
  return [toggled(wanted, item, false), []];
}

function toggled<Item>(items: readonly Item[], item: Item, add: boolean): readonly Item[] {
  if (items.includes(item))
    return add ? items.filter((other) => other !== item) : items.length > 1 ? [item] : [];
  return add ? [...items, item] : [item];
}
