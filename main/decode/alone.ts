/**
 * libvips keeps one text of errors for all threads of a process, so what fails beside others gets their words. Readers
 * go through here side by side; one that failed goes once more alone, and then the words are its own.
 */
import { SaccadeError } from '../../models/error.ts';

let reading = 0;
let idle: (() => void) | null = null;
let alone: Promise<void> | null = null;

export async function besideOthers<T>(work: () => Promise<T>): Promise<T> {
  while (alone) await alone;
  reading++;
  try {
    return await work();
  } finally {
    if (--reading === 0) idle?.();
  }
}

/** Not within `besideOthers`, which would wait for itself. */
async function whileNobodyReads<T>(work: () => Promise<T>): Promise<T> {
  while (alone) await alone;
  const { promise, resolve } = Promise.withResolvers<void>();
  alone = promise;
  try {
    if (reading > 0) await new Promise<void>((ready) => (idle = ready));
    return await work();
  } finally {
    idle = null;
    alone = null;
    resolve();
  }
}

/** Side by side, and once more alone where libvips complained. */
export async function inOwnWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await besideOthers(work);
  } catch (error) {
    if (error instanceof SaccadeError) throw error;
    return whileNobodyReads(work);
  }
}
