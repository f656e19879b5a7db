import type { Attended } from '../../main/contract/entities/trial.ts';
import type { AttendRequest } from '../../main/contract/inference.ts';
import type { Failure } from '../../main/contract/result.ts';
import type { Bridge } from '../../main/contract/wire.ts';
import type { Tried } from './trial.svelte.ts';

export type Query = AttendRequest['query'];

/** Where one token looked, patch or special; the inspection itself has [CLS]'s. */
export class Looking {
  readonly #bridge: Bridge;
  readonly #tried: () => Tried | null;
  /** Null: as the inspection has it. */
  query = $state.raw<Query | null>(null);
  /** Null until it is answered. */
  attended = $state.raw<Attended | null>(null);
  failure = $state.raw<Failure | null>(null);
  #turn = 0;
  #inFlight = false;

  constructor(bridge: Bridge, tried: () => Tried | null) {
    this.#bridge = bridge;
    this.#tried = tried;
  }

  reset(): void {
    this.#turn++;
    this.query = this.attended = this.failure = null;
  }

  /** One question at a time, always the latest. */
  async ask(query: Query): Promise<void> {
    const turn = ++this.#turn;
    this.query = query;
    const photoId = this.#tried()?.photoId;
    if (this.#inFlight || photoId === undefined) return;
    this.#inFlight = true;
    const answer = await this.#bridge.ask('inspect.attend', { photoId, query });
    this.#inFlight = false;
    if (turn !== this.#turn) {
      if (this.query) await this.ask(this.query);
      return;
    }
    this.attended = answer.ok ? answer.value : null;
    this.failure = answer.ok ? null : answer.error;
  }
}
