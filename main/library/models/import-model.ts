import { Worker } from 'node:worker_threads';
import type { ImportOptions } from '../../../models/import.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { TryOut } from '../../../models/try-out.ts';
import { workerEntry } from '../../schedule/worker-entry.ts';
import { settle, unwrap, type Result } from '../../contract/result.ts';

export type Tried = Awaited<ReturnType<TryOut>>;

export interface ImportTask {
  path: string;
  installedRoot: string;
  options: Omit<ImportOptions, 'tryOut'>;
  triesOut: boolean;
}

/** What the thread says: a folder to run once, answered with a `Result<Tried>`; then what came of it. */
export type FromImport = { tryOut: string } | { done: Result<InstalledModel> };

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
  const workerData: ImportTask = { path, installedRoot, options, triesOut: tryOut !== null };
  const worker = new Worker(workerEntry(import.meta.url, 'import-worker'), { workerData, execArgv: [] });
  return unwrap(
    await new Promise<Result<InstalledModel>>((resolve, reject) => {
      worker.on('message', (message: FromImport) => {
        if ('done' in message) return resolve(message.done);
        void settle(() => tryOut!(message.tryOut)).then((tried) => worker.postMessage(tried));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The importing thread ended with code ${code}.`)));
    }),
  );
}
