import type { Agreement } from '../../main/contract/entities/review.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Judge } from '../../main/contract/labels.ts';

/** What two judges say of the same photos. */
export class Comparison {
  readonly #bridge: Bridge;
  /** Judges by their values; null: the first there is, or the set in use. */
  chosen: { rows: string | null; columns: string | null } = $state.raw({ rows: null, columns: null });
  table: Agreement | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  #judges: { rows: Judge; columns: Judge } | null = null;
  #turn = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }
  /** What is shown of two others stays until the answer is there. */
  async between(rows: Judge, columns: Judge): Promise<void> {
    this.#judges = { rows, columns };
    await this.refresh();
  }
  /** Something was said, seen or taught since. */
  async refresh(): Promise<void> {
    if (!this.#judges) return;
    const turn = ++this.#turn;
    const answer = await this.#bridge.ask('review.agreement', this.#judges);
    if (turn !== this.#turn) return;
    this.table = answer.ok ? answer.value : null;
    this.failure = answer.ok ? null : answer.error;
  }
}
