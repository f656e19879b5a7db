/** Work that takes turns: so much of it at once, what a person waits for first. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlotsOptions {
  /** Of what waits and is not urgent: the newest first, because what was asked last is what is on the screen now. */
  newestFirst?: boolean;
  /** The work blocks this thread: messages that came meanwhile, urgent ones too, get in before the next is chosen. */
  blocking?: boolean;
  /** So many that are urgent begin at once although all places are taken. Default 0. */
  spare?: number;
}

/** Who asked once often asks again: so long after an answer the next question is still expected. */
const lingerMs = 2000;
const lookMs = 100;

export interface Turn {
  urgent?: boolean | undefined;
  /** Aborted before its turn came: rejects with the signal's reason, without having begun. */
  signal?: AbortSignal | undefined;
}

export class Slots {
  readonly #options: SlotsOptions;
  readonly #urgent: (() => Promise<void>)[] = [];
  readonly #waiting: (() => Promise<void>)[] = [];
  #free: number;
  #asking = 0;
  #askedUntil = -Infinity;

  constructor(slots: number, options: SlotsOptions = {}) {
    this.#free = slots;
    this.#options = options;
  }

  /** Work that a person waits for and that will want an urgent turn, now or once it has got ready for it. */
  async urgently<T>(work: () => Promise<T>): Promise<T> {
    this.#asking++;
    try {
      return await work();
    } finally {
      this.#asking--;
      this.#askedUntil = performance.now() + lingerMs;
    }
  }

  /** A person waits, or did a moment ago: turns that are not urgent should be short ones. */
  get pressed(): boolean {
    return this.#asking > 0 || performance.now() < this.#askedUntil;
  }

  /** Resolves once it is not pressed, or `ended`: for what may as well be done later. */
  async calm(ended: () => boolean): Promise<void> {
    while (this.pressed && !ended()) await sleep(lookMs);
  }

  run<T>(work: () => Promise<T>, { urgent = false, signal }: Turn = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = async (): Promise<T> => {
        signal?.throwIfAborted();
        return work();
      };
      (urgent ? this.#urgent : this.#waiting).push(() => begin().then(resolve, reject));
      if (this.#free > (urgent ? -(this.#options.spare ?? 0) : 0)) void this.#drain();
    });
  }

  #patient(): (() => Promise<void>) | undefined {
    return this.#options.newestFirst ? this.#waiting.pop() : this.#waiting.shift();
  }

  async #drain(): Promise<void> {
    const { blocking } = this.#options;
    this.#free--;
    for (;;) {
      if (blocking) await new Promise((resolve) => setImmediate(resolve));
      const next = this.#urgent.shift() ?? (this.#free < 0 ? undefined : this.#patient());
      if (!next) break;
      await next();
    }
    this.#free++;
  }
}
