import type { AuditBy, Estimate, QueueItem, QueueKind } from '../../main/contract/entities/review.ts';
import type { Selection } from '../../main/contract/requests.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Request } from '../../main/contract/verbs.ts';
import type { Desk } from './labelling.svelte.ts';

/** Whose words are compared. */
export type Judge = Request<'review.agreement'>['rows'];

const page = 50;

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
  total = $state(0);
  at = $state(0);
  estimate: Estimate | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  #next: string | null = null;
  #turn = 0;

  readonly current: QueueItem | null = $derived(this.items?.[this.at] ?? null);
  readonly photoId: number | null = $derived(this.current?.photo.id ?? null);
  readonly selection: Selection | null = $derived(this.photoId === null ? null : { ids: [this.photoId] });
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
    if (this.#next && this.items && this.at >= this.items.length - 5) void this.#ask(this.#next);
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
    this.items = cursor === null ? answer.value.items : [...(this.items ?? []), ...answer.value.items];
    this.total = answer.value.total;
    this.#next = answer.value.next;
  }
}
