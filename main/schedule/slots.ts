/** Work that takes turns: so much of it at once, what a person waits for first. */
export interface SlotsOptions {
  /** Of what waits and is not urgent: the newest first, because what was asked last is what is on the screen now. */
  newestFirst?: boolean;
  /** The work blocks this thread: messages that came meanwhile, urgent ones too, get in before the next is chosen. */
  blocking?: boolean;
}

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

  constructor(slots: number, options: SlotsOptions = {}) {
    this.#free = slots;
    this.#options = options;
  }

  run<T>(work: () => Promise<T>, { urgent = false, signal }: Turn = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = async (): Promise<T> => {
        signal?.throwIfAborted();
        return work();
      };
      (urgent ? this.#urgent : this.#waiting).push(() => begin().then(resolve, reject));
      if (this.#free > 0) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    const { newestFirst, blocking } = this.#options;
    this.#free--;
    for (;;) {
      if (blocking) await new Promise((resolve) => setImmediate(resolve));
      const next = this.#urgent.shift() ?? (newestFirst ? this.#waiting.pop() : this.#waiting.shift());
      if (!next) break;
      await next();
    }
    this.#free++;
  }
}
