interface Waiting {
  start(): void;
}

/** Runs what is asked, few at once, the newest first: what was asked last is what is on the screen now. */
export class NewestFirst {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running < this.#limit) this.#running++;
    else await new Promise<void>((start) => this.#waiting.push({ start }));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.pop();
      // The place goes from hand to hand, so that nobody slips in between.
      if (next) next.start();
      else this.#running--;
    }
  }
}
