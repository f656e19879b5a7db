/** A model for other programs: our graph as an ONNX file, or its weights under timm's or transformers' names. */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { checkFits, type Head } from '../../../models/heads/head.ts';
import { fitOf } from '../../../models/heads/own.ts';
import type { InstalledModel } from '../../../models/store.ts';
import type { ExportedModel, ModelExport, ModelExportStatus } from '../../contract/exports.ts';
import type { ExportDifference } from '../../contract/entities/model.ts';
import type { Precision } from '../../contract/values.ts';
import { systemPath } from '../../file-names.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import { startThread } from '../../rpc/thread.ts';
import { makeUsual } from '../../umask.ts';
import { openFolderBeside } from '../../whole-file.ts';
import type { Inference } from '../inference.ts';
import type { WriteModelTask, WrittenModel } from './write-model.ts';

/** How far rounding may move a number, as a share of the output's largest one. int8 is told, not judged. */
const allowed = { fp32: 1e-3, fp16: 3e-2, int8: Infinity };

function expectOurs({ manifest }: InstalledModel): void {
  if (manifest.kind !== 'vit')
    throw new SaccadeError(
      'cannot-export',
      `${manifest.name} is an ONNX file already, of somebody else's making: copy it from the model's folder. A model that came as safetensors was expected.`,
    );
}

/** @param over a file of that name may be there: then one beside it is part of it, and goes with it */
function expectFree(path: string, files: readonly string[], over: boolean): void {
  if (over && existsSync(systemPath(path))) return;
  const there = [path, ...files.map((name) => join(dirname(path), name))].find((each) =>
    existsSync(systemPath(each)),
  );
  if (there !== undefined)
    throw new SaccadeError(
      'cannot-export',
      `Expected ${there} not to be there yet; it is. Nothing was written. Choose another name.`,
    );
}

function expectSame(differences: readonly ExportDifference[], precision: Precision): void {
  for (const { name, largest, magnitude } of differences)
    if (largest > allowed[precision] * Math.max(magnitude, 1e-6))
      throw new SaccadeError(
        'export-differs',
        `Expected the exported graph to answer as the model does; its "${name}" is off by up to ${largest.toPrecision(3)}, of numbers up to ${magnitude.toPrecision(3)}. Nothing was written. Choose another precision.`,
      );
}

/**
 * A folder that is there whole or not at all, under a name that is free.
 * @param write makes the folder that it is told
 * @throws SaccadeError `cannot-export`, `cannot-write`; what `write` throws of ours
 */
export async function exportFolder<T>(path: string, write: (folder: string) => Promise<T> | T): Promise<T> {
  expectFree(path, [], false);
  let scratch: ReturnType<typeof openFolderBeside> | null = null;
  try {
    scratch = openFolderBeside(path);
    const folder = join(scratch.path, basename(path));
    const written = await write(folder);
    await makeUsual(scratch.path);
    expectFree(path, [], false);
    await rename(systemPath(folder), systemPath(path));
    return written;
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await scratch?.drop();
  }
}

export interface ExportOptions {
  signal?: AbortSignal | undefined;
  /** Whether a file of that name may be there, and is written over. A folder never is. */
  over: boolean;
  /** As `onnxPieces` takes it: tests ask for a file beside it. */
  mostInside?: number | undefined;
  onProgress?: ((at: Pick<ModelExportStatus, 'step' | 'bytes' | 'totalBytes'>) => void) | undefined;
}

/** In a thread, so that this one goes on answering. */
async function writeInThread(
  task: WriteModelTask,
  { signal, onProgress }: ExportOptions,
): Promise<WrittenModel> {
  const thread = startThread<{ write(task: WriteModelTask): WrittenModel }>(import.meta.url, 'export-worker');
  thread.onEvent((_, payload) =>
    onProgress?.({ step: 'writing', ...(payload as { bytes: number; totalBytes: number }) }),
  );
  try {
    return await thread.call('write', task, signal && { signal });
  } catch (error) {
    if (signal?.aborted) thread.terminate();
    throw error;
  } finally {
    thread.close();
    await thread.gone;
  }
}

/**
 * @param path absolute
 * @throws SaccadeError `cannot-export`, `export-differs`, `head-of-another-model`, `cannot-write`; `cancelled`, and then
 * nothing of it is left
 */
export async function exportModel(
  inference: Inference,
  model: InstalledModel,
  head: Head | null,
  path: string,
  as: ModelExport,
  options: ExportOptions,
): Promise<ExportedModel> {
  expectOurs(model);
  const fits = fitOf(model.manifest);
  if (head && fits) checkFits(head, fits);
  const { signal, onProgress, over, mostInside } = options;
  const write = (to: string) => {
    onProgress?.({ step: 'building', bytes: 0, totalBytes: 0 });
    return writeInThread({ model, head, path: to, as, mostInside }, options);
  };
  if (as.format === 'safetensors') return { path, ...(await exportFolder(path, write)), differences: [] };
  expectFree(path, [], over);
  let scratch: ReturnType<typeof openFolderBeside> | null = null;
  try {
    scratch = openFolderBeside(path);
    const file = join(scratch.path, basename(path));
    const written = await write(file);
    expectFree(path, written.files, over);
    const { maps = [], precision = 'fp32' } = as;
    onProgress?.({ step: 'checking', bytes: 0, totalBytes: 0 });
    const differences = await inference.interactive(
      'checkExport',
      { modelFolder: model.folder, file, head, maps },
      // The file is open there until it has ended.
      signal && { signal, outlast: true },
    );
    expectSame(differences, precision);
    await makeUsual(scratch.path);
    expectFree(path, written.files, over);
    for (const name of written.files)
      await rename(systemPath(join(scratch.path, name)), systemPath(join(dirname(path), name)));
    return { path, ...written, differences };
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await scratch?.drop();
  }
}
