/** Sooner, milliseconds, a throughput says nothing of what is to come: a first answer comes late, the next at once. */
const tellingMs = 2000;

/** Photos or bytes a second over the last seconds, from how far something was and when. */
export class Throughput {
  readonly #windowMs: number;
  #marks: { atMs: number; done: number }[] = [];

  constructor(windowMs = 10_000) {
    this.#windowMs = windowMs;
  }

  /** `done` in all so far; fewer than before means that it began anew, and so does the measurement. */
  mark(done: number, nowMs = performance.now()): void {
    if (done < (this.#marks.at(-1)?.done ?? 0)) this.restart();
    this.#marks.push({ atMs: nowMs, done });
    // One mark before the window stays, so that what is slow still has two to compare.
    while (this.#marks.length > 2 && this.#marks[1]!.atMs < nowMs - this.#windowMs) this.#marks.shift();
  }

  /** A pause is no slowness. */
  restart(): void {
    this.#marks = [];
  }

  /** Null before there is anything to go by. */
  perSecond(): number | null {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.atMs - first.atMs < 100) return null;
    return ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
  }

  /** Null until it has been measured for two seconds. */
  secondsLeft(left: number): number | null {
    const rate = this.perSecond();
    const span = (this.#marks.at(-1)?.atMs ?? 0) - (this.#marks[0]?.atMs ?? 0);
    return rate && span >= tellingMs ? left / rate : null;
  }
}
