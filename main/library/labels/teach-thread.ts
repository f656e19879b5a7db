import { Worker } from 'node:worker_threads';
import { SaccadeError } from '../../../models/error.ts';
import type { Examples } from '../../../models/heads/examples.ts';
import type { Taught, TeachOptions } from '../../../models/heads/teach.ts';
import { unwrap, type Result } from '../../contract/result.ts';
import { workerEntry } from '../../schedule/worker-entry.ts';

export interface TeachTask {
  examples: Examples;
  options: Omit<TeachOptions, 'onstep'>;
}

export type FromTeaching = { done: number; of: number } | { taught: Result<Taught> };

/** Kept from one teaching to the next, so that teaching again after a word does not wait for a thread to start. */
export class TeachThread {
  #worker: Worker | null = null;
  #cancel: (() => void) | null = null;

  /** One at a time. @throws SaccadeError as `teach` does; `cancelled` */
  async teach(task: TeachTask, onstep: (done: number, of: number) => void = () => {}): Promise<Taught> {
    const worker = (this.#worker ??= this.#start());
    const taught = Promise.withResolvers<Result<Taught>>();
    this.#cancel = () =>
      taught.reject(new SaccadeError('cancelled', 'Teaching was cancelled; everything is as it was before.'));
    const hear = (message: FromTeaching) => {
      if ('taught' in message) taught.resolve(message.taught);
      else onstep(message.done, message.of);
    };
    worker.on('message', hear);
    worker.on('error', taught.reject);
    try {
      worker.postMessage(task);
      return unwrap(await taught.promise);
    } finally {
      this.#cancel = null;
      worker.off('message', hear);
      worker.off('error', taught.reject);
    }
  }

  #start(): Worker {
    const worker = new Worker(workerEntry(import.meta.url, 'teach-worker'), { execArgv: [] });
    worker.unref();
    worker.on('error', () => (this.#worker = null));
    return worker;
  }

  /** Ends what it is at. */
  cancel(): void {
    const cancel = this.#cancel;
    if (cancel) void this.#worker?.terminate();
    if (cancel) this.#worker = null;
    cancel?.();
  }

  close(): void {
    this.cancel();
    void this.#worker?.terminate();
    this.#worker = null;
  }
}
