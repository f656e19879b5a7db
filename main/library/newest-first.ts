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
    if (this.#running >= this.#limit) await new Promise<void>((start) => this.#waiting.push({ start }));
    this.#running++;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      this.#running--;
      this.#waiting.pop()?.start();
    }
  }
}
