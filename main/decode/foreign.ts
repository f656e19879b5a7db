/** Formats that libvips can't read, decoded in worker threads and handed on as TIFF. */
import type { SaccadeError } from '../../models/error.ts';
import { startThread } from '../rpc/thread.ts';
import type { Thread } from '../rpc/thread.ts';
import type { ForeignPicture, ForeignRequest } from './foreign-worker.ts';

interface ForeignVerbs {
  decode(request: ForeignRequest): ForeignPicture;
}

/** Kept for the next photo: starting one takes longer than decoding a small picture. */
const idle: Thread<ForeignVerbs>[] = [];

/** @throws Error with the reader's message; the signal's reason when it is aborted; its thread is ended then */
export async function toTiff(request: ForeignRequest, signal: AbortSignal): Promise<ForeignPicture> {
  const thread = idle.pop() ?? startThread<ForeignVerbs>(import.meta.url, 'foreign-worker');
  try {
    const picture = await thread.call('decode', request, { signal });
    idle.push(thread);
    return picture;
  } catch (error) {
    const { code, message } = error as SaccadeError;
    if (code === 'process-ended') throw new Error('its reader ended without an answer', { cause: error });
    if (!signal.aborted) {
      idle.push(thread);
      throw new Error(message, { cause: error });
    }
    // The reader blocks its thread, and hears of nothing.
    thread.terminate();
    throw signal.reason;
  }
}
