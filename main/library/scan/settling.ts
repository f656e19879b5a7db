/** Which files are still being written: those whose size and times changed a moment ago. */
import type { FileFacts } from '../files/file-facts.ts';

/** So long a file has to stay as it is. */
const settleMs = 1500;
const mostRemembered = 100_000;

interface Seen extends FileFacts {
  atMs: number;
}

export class Settling {
  readonly #seen = new Map<string, Seen>();

  /** The change time decides; where it is of now or of the future, by another machine's clock, what is seen twice. */
  isSettled(path: string, facts: FileFacts): boolean {
    const age = Date.now() - facts.changedMs;
    const seen = this.#seen.get(path);
    const same =
      seen?.bytes === facts.bytes &&
      seen.modifiedMs === facts.modifiedMs &&
      seen.changedMs === facts.changedMs;
    const now = performance.now();
    if (age >= settleMs || (same && now - seen!.atMs >= settleMs)) {
      this.#seen.delete(path);
      return true;
    }
    if (this.#seen.size > mostRemembered) this.#seen.clear();
    if (!same) this.#seen.set(path, { ...facts, atMs: now });
    return false;
  }
}
