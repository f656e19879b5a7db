import type { Judge } from '../../main/contract/labels.ts';
import type { AuditBy, Estimate, QueueItem, QueueKind } from '../../main/contract/entities/review.ts';
import type { PersonWords } from '../../main/contract/entities/photo.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Desk } from './labelling.svelte.ts';

/** Whose words are compared. */

const page = 50;
/** Photos before the one in sight, and after it, that are looked at again once something changed. */
const [behind, ahead] = [50, 150];

const spoken = ({ labels, rejected, none }: PersonWords) => JSON.stringify([labels, rejected, none]);

/** A queue of photos to be looked at, one after the other. */
export class Review implements Desk {
  readonly #bridge: Bridge;
  queue: QueueKind = $state('unsure');
  by: AuditBy = $state('person');
  /** With whom the set in use is compared; null: what the model came with. */
  other: Judge | null = $state.raw(null);
  /** Of which label the estimate is; null: of all. */
  label: number | null = $state(null);
  items: readonly QueueItem[] | null = $state.raw(null);
  /** How many there are after those at hand. */
  #more = $state(0);
  at = $state(0);
  estimate: Estimate | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  #next: string | null = null;
  #turn = 0;

  readonly current: QueueItem | null = $derived(this.items?.[this.at] ?? null);
  readonly photoId: number | null = $derived(this.current?.photo.id ?? null);
  readonly selection: Selection | null = $derived(this.photoId === null ? null : { ids: [this.photoId] });
  /** With the one in sight. */
  readonly left: number = $derived(Math.max(0, (this.items?.length ?? 0) - this.at) + this.#more);
  readonly drawn: boolean = $derived(this.queue === 'sample');

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }
  async open(queue: QueueKind = this.queue): Promise<void> {
    this.queue = queue;
    this.items = this.estimate = null;
    this.at = 0;
    // What it says comes when it comes: nobody waits for it.
    void this.measure();
    await this.#ask(null);
  }
  async measure(): Promise<void> {
    const { queue, label } = this;
    if (queue !== 'sample') return;
    const answer = await this.#bridge.ask('review.estimate', { label: label ?? undefined });
    if (answer.ok && queue === this.queue && label === this.label) this.estimate = answer.value;
  }
  next(): void {
    if (this.current) this.at++;
    void this.measure();
    this.#fill();
  }
  #fill(): void {
    if (this.#next && this.items && this.at >= this.items.length - 5) void this.#ask(this.#next);
  }
  /**
   * Something was said, seen or moved, perhaps by another window. What comes leaves the queue where somebody spoke of it
   * since; what is in sight, or was, stays: keys mean the photo that one sees.
   */
  async refresh(): Promise<void> {
    const turn = this.#turn;
    const looked = this.items?.slice(Math.max(0, this.at - behind), this.at + ahead) ?? [];
    if (!looked.length) return;
    const ids = looked.map(({ photo }) => photo.id);
    const answer = await this.#bridge.ask('review.items', { ids });
    if (!answer.ok || turn !== this.#turn || !this.items) return;
    const now = new Map(answer.value.items.map((item) => [item.photo.id, item]));
    const asked = new Set(ids);
    const { at, items } = this;
    const stays = (item: QueueItem, place: number): boolean => {
      const is = now.get(item.photo.id);
      if (!asked.has(item.photo.id)) return true;
      return is !== undefined && (place <= at || (spoken(is.person) === spoken(item.person) && is.photo.status !== 'missing')); // prettier-ignore
    };
    const kept = items.map(stays);
    this.items = items
      .filter((_, place) => kept[place])
      .map((item) => ({ ...item, ...now.get(item.photo.id), against: item.against }));
    this.at = at - kept.slice(0, at).filter((stayed) => !stayed).length;
    this.#fill();
  }
  step(by: -1 | 1): void {
    if (by > 0) this.next();
    else if (this.at > 0) this.at--;
  }
  goTo(photoId: number): void {
    const at = this.items?.findIndex(({ photo }) => photo.id === photoId) ?? -1;
    if (at >= 0) this.at = at;
    void this.measure();
  }
  async #ask(cursor: string | null): Promise<void> {
    const turn = cursor === null ? ++this.#turn : this.#turn;
    this.#next = null;
    const answer = await this.#bridge.ask('review.queue', {
      queue: this.queue,
      limit: page,
      by: this.queue === 'audit' ? this.by : undefined,
      with: this.queue === 'disagreement' ? (this.other ?? undefined) : undefined,
      label: this.queue === 'sample' ? (this.label ?? undefined) : undefined,
      cursor: cursor ?? undefined,
    });
    if (turn !== this.#turn) return;
    this.failure = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    const here = cursor === null ? [] : (this.items ?? []);
    // Taught again meanwhile, a set is less sure of what it was asked about already.
    const known = new Set(here.map(({ photo }) => photo.id));
    this.items = [...here, ...answer.value.items.filter(({ photo }) => !known.has(photo.id))];
    this.#more = answer.value.left - answer.value.items.length;
    this.#next = answer.value.next;
  }
}
