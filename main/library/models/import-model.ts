import type { ImportOptions } from '../../../models/import.ts';
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

/**
 * `importModel` in a thread of its own, so that this one goes on answering.
 * @param tryOut runs the model once before it is put in place; null: it is put there untried
 * @throws SaccadeError as `importModel` does
 */
export async function importInThread(
  path: string,
  installedRoot: string,
  options: Omit<ImportOptions, 'tryOut'>,
  tryOut: TryOut | null,
): Promise<InstalledModel> {
  const thread = startThread<ImportVerbs>(import.meta.url, 'import-worker');
  if (tryOut) answer(thread.port, { tryOut: (folder: string) => tryOut(folder) });
  try {
    return await thread.call('import', { path, installedRoot, options, triesOut: tryOut !== null });
  } finally {
    thread.close();
  }
}
