/** Look-alikes among very many vectors: a thread of their own, which holds them while it groups them. */
import { SaccadeError } from '../../../models/error.ts';
import type { AddAlikeRequest, AlikeStep } from '../../contract/inference.ts';
import { startThread, type Thread } from '../../rpc/thread.ts';
import { untilEnded } from '../runtime/computing.ts';

export interface AlikeVerbs {
  add(request: Omit<AddAlikeRequest, 'set'>): void;
  step(request: { forMs: number }): AlikeStep;
}

interface Held {
  set: string;
  thread: Thread<AlikeVerbs>;
  rows: number;
  count: number;
}

/** So often whoever waits is told how far it is, and can stop it. */
const stepMs = 1000;
/** A million of 768 numbers take 1.5 GB, which goes back when nobody has asked for so long. */
const keptMs = 60_000;

/** It doesn't take turns with models: it would hold up a run for minutes, and each is the slower for the other. */
export class AlikeSets {
  #held: Held | null = null;
  #closing: NodeJS.Timeout | undefined;

  async add({ set, ...part }: AddAlikeRequest): Promise<void> {
    const { from, count, length, data } = part;
    if (from === 0) {
      this.#letGo();
      this.#held = { set, thread: startThread<AlikeVerbs>(import.meta.url, 'alike-worker'), rows: 0, count };
    }
    const held = this.#of(set);
    if (from !== held.rows) throw notHeld(set);
    held.rows += data.byteLength / 2 / length;
    await untilEnded(held.thread.call('add', part));
  }

  async step({ set }: { set: string }): Promise<AlikeStep> {
    const held = this.#of(set);
    if (held.rows < held.count) throw notHeld(set);
    const answer = await untilEnded(held.thread.call('step', { forMs: stepMs }));
    if (answer.groups) this.drop({ set });
    return answer;
  }

  drop({ set }: { set: string }): void {
    if (this.#held?.set === set) this.#letGo();
  }

  #of(set: string): Held {
    if (this.#held?.set !== set) throw notHeld(set);
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => this.#letGo(), keptMs).unref();
    return this.#held;
  }

  #letGo(): void {
    clearTimeout(this.#closing);
    this.#held?.thread.close();
    this.#held = null;
  }
}

const notHeld = (set: string) =>
  new SaccadeError(
    'not-loaded',
    `Expected the vectors "${set}" to be held; they are not (the process may have been restarted). Send them again.`,
  );
