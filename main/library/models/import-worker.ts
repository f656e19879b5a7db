/** A thread that installs one model: reading and checking hundreds of megabytes would hold up every question meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { importModel } from '../../../models/import.ts';
import { settle, unwrap, type Result } from '../../contract/result.ts';
import type { FromImport, ImportTask, Tried } from './import-model.ts';

const port = parentPort!;
const { path, installedRoot, options, triesOut } = workerData as ImportTask;
const tell = (message: FromImport) => port.postMessage(message);

/** The trial is run elsewhere: what crashes there must not take this process along. */
function tryOut(folder: string): Promise<Tried> {
  const answered = new Promise<Result<Tried>>((resolve) => port.once('message', resolve));
  tell({ tryOut: folder });
  return answered.then(unwrap);
}

tell({
  done: await settle(() => importModel(path, installedRoot, { ...options, ...(triesOut && { tryOut }) })),
});
port.unref();
