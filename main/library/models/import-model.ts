import { SaccadeError } from '../../../models/error.ts';
import type { ImportOptions } from '../../../models/import.ts';
import { sweepImports } from '../../../models/import-sweep.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { TryOut } from '../../../models/try-out.ts';
import { answer } from '../../rpc/calls.ts';
import { startThread } from '../../rpc/thread.ts';

export interface ImportTask {
  path: string;
  installedRoot: string;
  options: Omit<ImportOptions, 'tryOut'>;
  triesOut: boolean;
}

/** What the thread asks of who started it. */
export interface ImporterVerbs {
  /** A folder to run once. */
  tryOut(folder: string): Awaited<ReturnType<TryOut>>;
}

interface ImportVerbs {
  import(task: ImportTask): InstalledModel;
}

const underway = new Set<Promise<unknown>>();

/** Resolves when no import is going on. */
export async function importsEnded(): Promise<void> {
  await Promise.allSettled(underway);
}

/**
 * `importModel` in a thread of its own, so that this one goes on answering.
 * @param tryOut runs the model once before it is put in place; null: it is put there untried
 * @throws SaccadeError as `importModel` does; `cancelled` where `signal` is aborted, and then nothing of it is left
 */
export function importInThread(
  path: string,
  installedRoot: string,
  options: Omit<ImportOptions, 'tryOut'>,
  tryOut: TryOut | null,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const task = { path, installedRoot, options, triesOut: tryOut !== null };
  const importing = inThread(task, tryOut, signal);
  underway.add(importing);
  return importing.finally(() => underway.delete(importing));
}

async function inThread(
  task: ImportTask,
  tryOut: TryOut | null,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const thread = startThread<ImportVerbs>(import.meta.url, 'import-worker');
  if (tryOut) answer(thread.port, { tryOut: (folder: string) => tryOut(folder) });
  try {
    return await thread.call('import', task, signal && { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
    thread.terminate();
    await thread.gone;
    if (underway.size === 1) sweepImports(task.installedRoot, true);
    throw new SaccadeError('cancelled', 'The import was cancelled before it had ended.', { cause: error });
  } finally {
    thread.close();
  }
}
