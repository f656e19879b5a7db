/** A thread that installs one model: reading and checking hundreds of megabytes would hold up every question meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { importModel } from '../../../models/import.ts';
import { settle } from '../../contract/result.ts';
import type { ImportTask } from './import-model.ts';

const { path, installedRoot, options } = workerData as ImportTask;
parentPort!.postMessage(await settle(() => importModel(path, installedRoot, options)));
