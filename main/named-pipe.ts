/** Writing to a named pipe without a thread that waits for its reader: such a thread would keep the process from ending. */
import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { SaccadeError } from '../models/error.ts';
import { systemPath } from './file-names.ts';

const betweenLooksMs = 100;

/**
 * A file descriptor whose writes don't block, once somebody reads; it is the caller's to close. Throws the system's
 * error, and SaccadeError `cancelled` when `signal` is aborted before.
 */
export async function openPipe(path: string, signal?: AbortSignal): Promise<number> {
  for (;;) {
    if (signal?.aborted) throw new SaccadeError('cancelled', `Nobody read ${path} before the interruption.`);
    try {
      return openSync(systemPath(path), constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    // What has nothing else left to do need not live for this.
    await wait(betweenLooksMs, undefined, { ref: false });
  }
}

/** Resolves once somebody reads, or when `signal` is aborted. */
export async function readerOf(path: string, signal?: AbortSignal): Promise<void> {
  closeSync(await openPipe(path, signal));
}
