import { availableParallelism, loadavg } from 'node:os';
import { SaccadeError } from '../../../models/error.ts';

/** The inference process is gone: whatever was asked of it may have caused that. */
export function isCrash(error: unknown): boolean {
  return error instanceof SaccadeError && error.code === 'process-ended';
}

/** The process lives and does not know the model (any more): it is loaded anew. */
export function isNotLoaded(error: unknown): boolean {
  return error instanceof SaccadeError && error.code === 'not-loaded';
}

/**
 * Milliseconds without an answer after which the process counts as hung. Longer where others want the machine too; a
 * photo that takes too long is given up by its decoder, not by this.
 */
export function hungAfterMs(photos: number, msPerPhoto: number): number {
  const crowd = Math.min(8, Math.max(1, loadavg()[0]! / availableParallelism()));
  return (60_000 + photos * Math.max(3000, 10 * msPerPhoto)) * crowd;
}

const mostUnpinned = 3;
/** So many files blamed one after the other, and not one photo that worked between: it is not the files. */
const mostInARow = 8;

/** When a run gives up: after three crashes that can't be pinned on a file. */
export class CrashRule {
  #unpinned = 0;
  #inARow = 0;

  worked(): void {
    this.#inARow = 0;
  }

  /** A file alone crashed it. Throws `inference-keeps-crashing` where that can no longer be the files. */
  pinned(): void {
    if (++this.#inARow >= mostInARow) throw keepsCrashing();
  }

  /** It crashed, and did not when the same was tried again. */
  unpinned(cause?: SaccadeError): void {
    if (++this.#unpinned >= mostUnpinned) throw keepsCrashing(cause);
  }
}

function keepsCrashing(cause?: SaccadeError): SaccadeError {
  return new SaccadeError(
    'inference-keeps-crashing',
    'The process that computes crashed again and again, whatever the photo. Choose another provider or model, update the graphics driver, and start again: what is done is kept.',
    { cause },
  );
}
