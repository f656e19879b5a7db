/** `saccade inspect` of a folder: the numbers of every photo in it, a file each or in one table. */
import { join, resolve } from 'node:path';
import type { Inspection } from '../contract/entities/inspection.ts';
import type { Attended } from '../contract/entities/trial.ts';
import { inspectionMetadata, inspectionTensors } from '../contract/inspection-file.ts';
import { unwrap } from '../contract/result.ts';
import { encodeSafetensors } from '../../models/weights/encode-safetensors.ts';
import { distanceTensor, openInspectionTable } from '../report/inspection-table.ts';
import { writePicture } from '../report/pictures.ts';
import type { Library } from '../rpc/library.ts';
import { Distances, longestSide } from './distances.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { classifyPaths } from './job.ts';
import { computeOf, type ComputeOptions } from './options.ts';
import { derivedName, shownPath } from './paths.ts';
import { clearProgress, message, showProgress } from './terminal.ts';

/** Distances are of all patches, whichever token is asked for. */
const anyToken = { patch: 0 };

export function attend(
  library: Library,
  path: string,
  query: { patch: number } | { special: number },
  options: ComputeOptions,
  signal: AbortSignal,
): Promise<Attended> {
  return library
    .ask('internal.attend', { ...computeOf(options), path, query }, { signal, urgent: true })
    .then(unwrap);
}

export interface FolderOptions extends ComputeOptions {
  output?: string;
  distance?: string;
  recursive: boolean;
}

/** Photos that fail are told, and the others are done all the same. */
export async function inspectFolder(
  library: Library,
  interrupted: AbortSignal,
  folder: string,
  options: FolderOptions,
  inspectOne: (path: string) => Promise<Inspection>,
  preprocessing: (model: string) => Promise<unknown>,
): Promise<ExitCode> {
  const found: { path: string; file: string }[] = [];
  let failed = 0;
  const fail = (path: string, sentence: string) => {
    clearProgress();
    failed++;
    message(`${path}: ${sentence}`);
  };
  await classifyPaths(
    library,
    {
      ...computeOf(options),
      paths: [folder],
      recursive: options.recursive,
      topK: 1,
      map: null,
      retryFailed: false,
    },
    interrupted,
    shownPath([folder]),
    async (outcome) => {
      if (outcome.status === 'ok') found.push({ path: outcome.path, file: outcome.file });
      else fail(outcome.path, outcome.error.message);
    },
    ({ done, total }) => showProgress(`Looking for photos: ${done} of ${total}`),
  );
  const table = options.output && /\.parquet$/i.test(options.output) ? await openInspectionTable(resolve(options.output)) : null; // prettier-ignore
  const nameOf = derivedName([folder], '.safetensors');
  const distances = new Distances();
  let model = '';
  let longest = 0;
  for (const [at, { path, file }] of found.entries()) {
    if (interrupted.aborted) break;
    showProgress(`Inspecting ${at + 1} of ${found.length} · ${path}`);
    try {
      const inspection = await inspectOne(file);
      const attended = options.distance ? await attend(library, file, anyToken, options, interrupted) : null;
      model = inspection.model;
      if (attended && inspection.grid) {
        distances.count(attended);
        longest = longestSide(inspection);
      }
      if (table) await table.add({ path, inspection, attended });
      else if (options.output) {
        const metadata = inspectionMetadata(inspection, await preprocessing(model));
        const tensors = inspectionTensors(inspection);
        if (attended) tensors['attention_distance'] = distanceTensor(attended);
        const target = join(resolve(options.output), nameOf(file));
        await writePicture(target, encodeSafetensors(tensors, metadata));
      }
    } catch (error) {
      if (interrupted.aborted) break;
      fail(path, (error as Error).message);
    }
  }
  clearProgress();
  // What was inspected by then is kept.
  await table?.end();
  if (interrupted.aborted) return exitCodes.interrupted;
  if (options.distance && found.length) await distances.write(resolve(options.distance), model, longest);
  if (!found.length && !failed) message('No photos were found there.');
  return failed ? exitCodes.someFailed : exitCodes.allWell;
}
