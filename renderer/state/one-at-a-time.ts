/** Questions that come faster than their answers: one is on its way, and all that come meanwhile are one more after it. */
export class OneAtATime {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Until all that was asked for is done. */
  ask(): Promise<void> {
    this.#again = true;
    return (this.#running ??= this.#run());
  }
  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#work();
      }
    } finally {
      this.#running = null;
    }
  }
}
