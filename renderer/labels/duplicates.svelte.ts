import type { DuplicateGroup, DuplicatesStatus } from '../../main/contract/entities/likeness.ts';
import type { Failure, Result } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import { listLimit } from '../state/list-limit.ts';

const page = 30;

/** The same picture in several files, and photos that look alike. */
export class Duplicates {
  readonly #bridge: Bridge;
  readonly #fail: (failure: Failure) => void;
  kind: DuplicateGroup['kind'] = $state('same');
  status: DuplicatesStatus | null = $state.raw(null);
  groups: readonly DuplicateGroup[] = $state.raw([]);
  total = $state(0);
  #next = $state.raw<string | null>(null);

  readonly running: boolean = $derived(this.status?.state === 'running');

  constructor(bridge: Bridge, fail: (failure: Failure) => void) {
    this.#bridge = bridge;
    this.#fail = fail;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }
  /** What is known since it was asked last; this window may be younger than the comparison. */
  async refresh(): Promise<void> {
    const { status } = this;
    const answer = await this.#bridge.ask('duplicates.status', {});
    if (answer.ok && this.status === status) this.status = answer.value;
    await this.list();
  }
  async find(): Promise<void> {
    await this.#change(() => this.#bridge.ask('duplicates.find', {}));
  }
  async cancel(): Promise<void> {
    await this.#change(() => this.#bridge.ask('duplicates.cancel', {}));
  }
  /** What was told since it was asked is newer than the answer. */
  async #change(ask: () => Promise<Result<DuplicatesStatus>>): Promise<void> {
    const { status } = this;
    const answer = await ask();
    if (!answer.ok) this.#fail(answer.error);
    else if (this.status === status) this.progressed(answer.value);
  }
  progressed(status: DuplicatesStatus): void {
    this.status = status;
    if (status.state === 'finished') void this.list();
    if (status.error) this.#fail(status.error);
  }
  async show(kind: DuplicateGroup['kind']): Promise<void> {
    this.kind = kind;
    this.groups = [];
    await this.list();
  }
  async list(more = false): Promise<void> {
    const { kind } = this;
    const cursor = (more && this.#next) || undefined;
    const limit = listLimit(more, page, this.groups);
    const answer = await this.#bridge.ask('duplicates.groups', { kind, limit, cursor });
    // Asked for twice, a page comes once.
    if (kind !== this.kind || (cursor && cursor !== this.#next)) return;
    if (!answer.ok) return this.#fail(answer.error);
    this.groups = more ? [...this.groups, ...answer.value.items] : answer.value.items;
    this.total = answer.value.total;
    this.#next = answer.value.next;
  }
  async distinguish({ photos }: DuplicateGroup): Promise<void> {
    const photoIds = photos.map(({ id }) => id);
    const answer = await this.#bridge.ask('duplicates.distinguish', { photoIds });
    if (!answer.ok) return this.#fail(answer.error);
    await this.list();
  }
}
