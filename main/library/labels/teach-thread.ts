import { SaccadeError } from '../../../models/error.ts';
import type { Examples } from '../../../models/heads/examples.ts';
import type { Taught, TeachOptions } from '../../../models/heads/teach.ts';
import { startThread, type Thread } from '../../rpc/thread.ts';

export interface TeachTask {
  examples: Examples;
  options: Omit<TeachOptions, 'onstep'>;
}

export interface TeachVerbs {
  teach(task: TeachTask): Taught;
}

export interface TeachStep {
  done: number;
  of: number;
}

/** Kept from one teaching to the next, so that teaching again after a word does not wait for a thread to start. */
export class TeachThread {
  #thread: Thread<TeachVerbs> | null = null;
  #stop: AbortController | null = null;

  /** One at a time. @throws SaccadeError as `teach` does; `cancelled` */
  async teach(task: TeachTask, onstep: (done: number, of: number) => void = () => {}): Promise<Taught> {
    const thread = (this.#thread ??= this.#start());
    const stop = (this.#stop = new AbortController());
    const deaf = thread.onEvent((_, step) => onstep((step as TeachStep).done, (step as TeachStep).of));
    try {
      return await thread.call('teach', task, { signal: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      throw new SaccadeError('cancelled', 'Teaching was cancelled; everything is as it was before.');
    } finally {
      deaf();
      if (this.#stop === stop) this.#stop = null;
    }
  }

  #start(): Thread<TeachVerbs> {
    const thread = startThread<TeachVerbs>(import.meta.url, 'teach-worker');
    void thread.closed.then(() => {
      if (this.#thread === thread) this.#thread = null;
    });
    return thread;
  }

  /** Ends what it is at. */
  cancel(): void {
    if (this.#stop) this.close();
  }

  close(): void {
    this.#stop?.abort();
    // Fitting blocks its thread, which hears of nothing meanwhile.
    this.#thread?.terminate();
    this.#thread = null;
  }
}
