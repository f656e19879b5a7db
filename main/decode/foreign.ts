/** Formats that libvips can't read, decoded in worker threads and handed on as TIFF. */
import { Worker } from 'node:worker_threads';
import type { ForeignAnswer, ForeignPicture, ForeignRequest } from './foreign-worker.ts';
import { workerEntry } from '../schedule/worker-entry.ts';

/** Kept for the next photo: starting one takes longer than decoding a small picture. */
const idle: Worker[] = [];

/** @throws Error with the reader's message; the signal's reason when it is aborted; its worker is ended then */
export async function toTiff(request: ForeignRequest, signal: AbortSignal): Promise<ForeignPicture> {
  const worker =
    idle.pop() ??
    new Worker(workerEntry(import.meta.url, 'foreign-worker'), { stdout: true, stderr: true, execArgv: [] });
  worker.ref();
  const { promise, resolve, reject } = Promise.withResolvers<ForeignAnswer>();
  const onExit = () => reject(new Error('its reader ended without an answer'));
  worker.once('message', resolve).once('error', reject).once('exit', onExit);
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  let sound = false;
  try {
    worker.postMessage(request);
    const answer = await promise;
    sound = true;
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // All of them at once would take the worker's own listeners too.
    worker.off('message', resolve).off('error', reject).off('exit', onExit);
    if (sound) {
      worker.unref();
      idle.push(worker);
    } else {
      worker.on('error', () => {});
      void worker.terminate();
    }
  }
}
