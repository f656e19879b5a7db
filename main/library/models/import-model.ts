import { Worker } from 'node:worker_threads';
import type { ImportOptions } from '../../../models/import.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { workerEntry } from '../../schedule/worker-entry.ts';
import { unwrap, type Result } from '../../contract/result.ts';

export interface ImportTask {
  path: string;
  installedRoot: string;
  options: ImportOptions;
}

/** `importModel` in a thread of its own, so that this one goes on answering. @throws SaccadeError as it does */
export async function importInThread(
  path: string,
  installedRoot: string,
  options: ImportOptions = {},
): Promise<InstalledModel> {
  const workerData: ImportTask = { path, installedRoot, options };
  const worker = new Worker(workerEntry(import.meta.url, 'import-worker'), { workerData, execArgv: [] });
  return unwrap(
    await new Promise<Result<InstalledModel>>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The importing thread ended with code ${code}.`)));
    }),
  );
}
