/** Bytes a second over the last seconds, from how far a download was and when. */
export class Speed {
  readonly #windowMs: number;
  #samples: { atMs: number; bytes: number }[] = [];

  constructor(windowMs = 5000) {
    this.#windowMs = windowMs;
  }

  /** `bytes` in all so far; fewer than before means that a file began anew, and so does the measurement. */
  note(bytes: number, atMs: number): void {
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    // One sample before the window stays, so that a slow connection still has two to compare.
    while (this.#samples.length > 2 && this.#samples[1]!.atMs < atMs - this.#windowMs) this.#samples.shift();
  }

  /** Null until two moments are known. */
  bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }
}
