/** Photos to model inputs, off this thread. */
import { Worker } from 'node:worker_threads';
import { SaccadeError } from '../../models/error.ts';
import type { Preprocessing } from '../../models/manifest.ts';
// Loaded here first: a native library that only worker threads load can be unloaded under them.
import '../decode/engine.ts';
import { workerEntry } from '../decode/worker-entry.ts';
import type { Result } from '../result.ts';
import type { Classified, ClassifyPhoto } from './verbs.ts';

export interface PrepareRequest {
  photos: (ClassifyPhoto | { path: string })[];
  preprocessing: Preprocessing;
  input: { height: number; width: number };
  thumbnailEdge: number | null;
  /** A person waits for it. */
  urgent: boolean;
}

export type PreparedPhoto = Pick<Classified, 'width' | 'height' | 'takenMs' | 'damaged' | 'thumbnail'>;

export interface PrepareAnswer {
  /** In the order asked. */
  results: Result<PreparedPhoto>[];
  /** float32 [good, 3, height, width] of those that are ok, in their order; room for the others follows. */
  pixelValues: Float32Array;
  good: number;
  /** Summed over photos, milliseconds. */
  decodeMs: number;
}

/** @throws SaccadeError `cancelled`; what is wrong with a photo is in its result */
export type Prepare = (request: PrepareRequest, signal?: AbortSignal) => Promise<PrepareAnswer>;

let worker: Worker | null = null;
let nextId = 1;
const waiting = new Map<number, (answer: PrepareAnswer) => void>();

function start(): Worker {
  const started = new Worker(workerEntry(import.meta.url, 'prepare-worker'), { execArgv: [] });
  started.on('message', ({ id, answer }: { id: number; answer: PrepareAnswer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
    if (waiting.size === 0) started.unref();
  });
  // A defect in the worker ends this process, as one here does; the library knows what to do then.
  started.on('error', (error) => {
    throw error;
  });
  return started;
}

/** Several batches may be asked for at once: their photos are decoded in the order asked. */
export const prepareInWorker: Prepare = async (request, signal) => {
  if (signal?.aborted) throw new SaccadeError('cancelled', 'Decoding was cancelled.');
  worker ??= start();
  const id = nextId++;
  const answered = new Promise<PrepareAnswer>((resolve) => waiting.set(id, resolve));
  worker.ref();
  worker.postMessage({ id, request });
  const cancel = () => worker?.postMessage({ cancel: id });
  signal?.addEventListener('abort', cancel, { once: true });
  const answer = await answered;
  signal?.removeEventListener('abort', cancel);
  if (signal?.aborted) throw new SaccadeError('cancelled', 'Decoding was cancelled.');
  return answer;
};
