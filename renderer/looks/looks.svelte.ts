import type {
  CalledLabel,
  ComparedPhoto,
  LabelLooks,
  LooksStatus,
  UnusualPhoto,
} from '../../main/contract/entities/looks.ts';
import type { PhotoFilter } from '../../main/contract/requests.ts';
import type { MapJudge } from '../../main/contract/looks.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { listLimit } from '../state/list-limit.ts';

/** Patches for the label, and as many against it. */
const crops = 24;
const pageSize = 60;
/** Photos that are looked at when somebody asks for more, at most. */
const more = 200;

export type LooksTab = 'where' | 'compare';

/** Labels that can be chosen from a list; a rarer one is reached from where it is named. */
const listed = 300;

/** Of a set of labels and some photos. */
interface Among {
  /** Null: what the model came with. */
  headId: number | null;
  filter: PhotoFilter;
}
interface Asked extends Among {
  label: number;
}

/** What one label looks at over its photos, and how two sets of maps differ. */
export class Looks {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  tab: LooksTab = $state('where');
  /** Null: nothing was asked yet. */
  among: Among | null = $state.raw(null);
  /** Null: no label is chosen yet, or the set names none of the photos. */
  asked: Asked | null = $state.raw(null);
  /** Of the set, those of most photos first; null: not known yet. */
  labels: readonly CalledLabel[] | null = $state.raw(null);
  answer: LabelLooks | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  status: LooksStatus | null = $state.raw(null);
  photos: readonly UnusualPhoto[] = $state.raw([]);
  total = $state(0);
  #next: string | null = $state(null);
  /** Photos with less of their evidence in unusual places are not shown: 0 … 1. */
  minimum = $state(0);
  compared: readonly ComparedPhoto[] = $state.raw([]);
  comparison: { total: number; unknown: number; median: number | null } | null = $state.raw(null);
  compareFailure: Failure | null = $state.raw(null);
  #nextCompared: string | null = $state(null);
  #turn = 0;
  /** Of the photos listed last: an answer to an earlier question is dropped. */
  #listing = 0;
  #judges: [MapJudge, MapJudge] | null = null;

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }

  get hasMore(): boolean {
    return this.#next !== null;
  }
  get hasMoreCompared(): boolean {
    return this.#nextCompared !== null;
  }
  /** Photos of the label that `look` would look at. */
  get toLook(): number {
    return this.answer ? Math.min(more, this.answer.photos - this.answer.known) : 0;
  }
  /** Photos are looked at for what is on the screen. */
  get looking(): LooksStatus | null {
    return this.status?.state === 'running' ? this.status : null;
  }

  /** @param label null: the one of most photos */
  async open(headId: number | null, label: number | null, filter: PhotoFilter): Promise<void> {
    const turn = ++this.#turn;
    if (this.among?.headId !== headId || JSON.stringify(this.among.filter) !== JSON.stringify(filter))
      this.labels = null;
    const among = (this.among = { headId, filter });
    this.tab = 'where';
    this.asked = label === null ? null : { ...among, label };
    this.answer = this.failure = null;
    this.photos = [];
    this.minimum = 0;
    await Promise.all([this.#name(among), label === null ? null : this.refresh()]);
    const [first] = this.labels ?? [];
    // Of a set that was only chosen, the label of most photos; unless something else is asked meanwhile.
    if (label !== null || turn !== this.#turn || !first) return;
    this.asked = { ...among, label: first.index };
    await this.refresh();
  }
  async #name(among: Among): Promise<void> {
    const answer = await this.#bridge.ask('looks.labels', { ...among, limit: listed });
    if (among !== this.among) return;
    this.labels = answer.ok ? answer.value.items : [];
    if (!answer.ok) this.failure = answer.error;
  }
  /** Photos have gone, come or changed: what is in sight is asked again. */
  async renew(): Promise<void> {
    if (this.tab === 'compare') await (this.#judges && this.compare(...this.#judges));
    else await Promise.all([this.among && this.#name(this.among), this.refresh()]);
  }
  /** After more maps are known. */
  async refresh(): Promise<void> {
    const { asked } = this;
    if (!asked) return;
    const turn = ++this.#turn;
    const answer = await this.#bridge.ask('looks.label', { ...asked, crops });
    if (turn !== this.#turn) return;
    this.answer = answer.ok ? answer.value : null;
    this.failure = answer.ok ? null : answer.error;
    if (answer.ok) await this.#list(null);
  }
  async #list(cursor: string | null): Promise<void> {
    const [turn, listing] = [this.#turn, ++this.#listing];
    const answer = await this.#bridge.ask('looks.photos', {
      ...this.asked!,
      minimum: this.minimum,
      limit: listLimit(cursor !== null, pageSize, this.photos),
      cursor: cursor ?? undefined,
    });
    if (turn !== this.#turn || listing !== this.#listing) return;
    if (!answer.ok) return this.#fail(answer.error);
    const { items, total, next } = answer.value;
    this.photos = cursor === null ? items : [...this.photos, ...items];
    this.total = total;
    this.#next = next;
  }
  async showFrom(minimum: number): Promise<void> {
    this.minimum = minimum;
    await this.#list(null);
  }
  async more(): Promise<void> {
    if (this.#next !== null) await this.#list(this.#next);
  }

  /** Looks at photos whose maps are not known. */
  async look(): Promise<void> {
    if (this.asked) await this.#find({ ...this.asked, most: more });
  }
  /** The same of a head's first labels, for comparing. */
  async lookFor(headId: number | null): Promise<void> {
    await this.#find({ headId, label: null, most: more });
  }
  async #find(request: { headId: number | null; label: number | null; filter?: PhotoFilter; most: number }) {
    const { status } = this;
    const answer = await this.#bridge.ask('looks.find', request);
    if (!answer.ok) this.#fail(answer.error);
    // What was told since it was asked is newer: a short look has ended before it is answered that it began.
    else if (this.status === status) this.progressed(answer.value);
  }
  async cancel(): Promise<void> {
    await this.#bridge.ask('looks.cancel', {});
  }
  progressed(status: LooksStatus): void {
    const ended = status.state !== 'running';
    this.status = status;
    if (status.state === 'failed' && status.error) this.#fail(status.error);
    if (!ended) return;
    if (this.tab === 'where') void this.refresh();
    else if (this.#judges) void this.compare(...this.#judges);
  }

  async compare(one: MapJudge, other: MapJudge, cursor: string | null = null): Promise<void> {
    if (JSON.stringify(this.#judges) !== JSON.stringify([one, other])) {
      this.compared = [];
      this.comparison = this.#nextCompared = null;
    }
    this.#judges = [one, other];
    const turn = ++this.#turn;
    const answer = await this.#bridge.ask('looks.compare', {
      one,
      other,
      limit: listLimit(cursor !== null, pageSize, this.compared),
      cursor: cursor ?? undefined,
    });
    if (turn !== this.#turn) return;
    this.compareFailure = answer.ok ? null : answer.error;
    if (!answer.ok) {
      this.compared = [];
      this.comparison = null;
      return;
    }
    const { items, total, unknown, median, next } = answer.value;
    this.compared = cursor === null ? items : [...this.compared, ...items];
    this.comparison = { total, unknown, median };
    this.#nextCompared = next;
  }
  async moreCompared(): Promise<void> {
    if (this.#judges && this.#nextCompared !== null) await this.compare(...this.#judges, this.#nextCompared);
  }
}
