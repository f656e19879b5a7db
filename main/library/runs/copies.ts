/** Which contents are on their way to an answer, and which other files hold the same and wait for it. */
import type { WorkItem } from './work.ts';

export class Copies {
  readonly #waiting = new Map<number, WorkItem[]>();

  /** False: another file of that content is under way, and this one waits for its answer. */
  begin(item: WorkItem, contentId: number): boolean {
    const waiting = this.#waiting.get(contentId);
    if (waiting) waiting.push(item);
    else this.#waiting.set(contentId, []);
    return !waiting;
  }

  /** The content is answered: who waited for it. */
  answered(contentId: number): WorkItem[] {
    const waiting = this.#waiting.get(contentId) ?? [];
    this.#waiting.delete(contentId);
    return waiting;
  }

  /** Its file gave no answer about the content: who is to be asked in its place. */
  successor(contentId: number): WorkItem | undefined {
    const waiting = this.#waiting.get(contentId);
    const next = waiting?.shift();
    if (!next) this.#waiting.delete(contentId);
    return next;
  }
}
