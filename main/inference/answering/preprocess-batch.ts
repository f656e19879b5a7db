/** Photos to model inputs, off this thread. */
import type { Preprocessing } from '../../../models/manifest.ts';
import { loadSharp } from '../../decode/engine.ts';
import { SpareMemory } from '../../spare-memory.ts';
import { startThread } from '../../rpc/thread.ts';
import type { Thread } from '../../rpc/thread.ts';
import type { Result } from '../../contract/result.ts';
import type { Classified, ClassifyPhoto } from '../../contract/inference.ts';

export interface PreprocessRequest {
  photos: (ClassifyPhoto | { path: string })[];
  preprocessing: Preprocessing;
  input: { height: number; width: number };
  thumbnailEdge: number | null;
  /** A person waits for it. */
  urgent: boolean;
}

export type PreprocessedPhoto = Pick<Classified, 'width' | 'height' | 'takenMs' | 'damaged' | 'thumbnail'>;

export interface PreprocessAnswer {
  /** In the order asked. */
  results: Result<PreprocessedPhoto>[];
  /** float32 [good, 3, height, width] of those that are ok, in their order; room for the others follows. */
  pixelValues: Float32Array;
  good: number;
  /** Summed over photos, milliseconds. */
  decodeMs: number;
}

interface PreprocessedBatch extends PreprocessAnswer {
  /** `pixelValues` are not looked at any more: their memory may be used for the next photos. */
  done(): void;
}

/** @throws SaccadeError `cancelled`; what is wrong with a photo is in its result */
export type PreprocessBatch = (
  request: PreprocessRequest,
  signal?: AbortSignal,
) => Promise<PreprocessedBatch>;

interface PreprocessVerbs {
  /** Writes into `memory` until it is answered. */
  preprocess(request: PreprocessRequest & { memory: SharedArrayBuffer }): PreprocessAnswer;
}

let thread: Thread<PreprocessVerbs> | null = null;

function start(): Thread<PreprocessVerbs> {
  loadSharp();
  const started = startThread<PreprocessVerbs>(import.meta.url, 'preprocess-worker');
  // A defect in it ends this process, as one here does; the library knows what to do then.
  started.port.onClose((reason) => {
    throw new Error(`The thread that preprocesses ${reason}.`);
  });
  return started;
}

/** Shared, so that no thread on the way to the model's sessions makes a copy. */
const spare = new SpareMemory((bytes) => new SharedArrayBuffer(bytes), 4);

/** Several batches may be asked for at once: their photos are decoded in the order asked. */
export const preprocessInWorker: PreprocessBatch = async (request, signal) => {
  const { photos, input } = request;
  const memory = spare.borrow(
    photos.length * 3 * input.height * input.width * Float32Array.BYTES_PER_ELEMENT,
  );
  const done = (): void => spare.giveBack(memory);
  thread ??= start();
  try {
    const options = { outlast: true, signal };
    const answer = await thread.call('preprocess', { ...request, memory }, options);
    return { ...answer, done };
  } catch (error) {
    done();
    throw error;
  }
};
