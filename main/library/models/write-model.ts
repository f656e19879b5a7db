/** Writes a model for other programs, where it is not in place yet. Reads and makes hundreds of megabytes: for a thread. */
import { createWriteStream, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { VitConfig } from '../../../models/config.ts';
import { SaccadeError } from '../../../models/error.ts';
import { exportedGraph } from '../../../models/exported/graph.ts';
import { exportTaught } from '../../../models/heads/export.ts';
import type { Head } from '../../../models/heads/head.ts';
import { ownHead } from '../../../models/heads/own.ts';
import { onnxPieces } from '../../../models/onnx/file.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { readVitWeights } from '../../../models/weights/read.ts';
import { WeightSource } from '../../../models/weights/source.ts';
import type { ExportedModel, ModelExport } from '../../contract/exports.ts';
import { systemPath } from '../../file-names.ts';

export interface WriteModelTask {
  model: InstalledModel;
  /** In place of the model's own. */
  head: Head | null;
  /** The file, or the folder; neither is there yet, the folder that holds it is. */
  path: string;
  as: ModelExport;
  /** As `onnxPieces` takes it. */
  mostInside?: number | undefined;
}

export type WrittenModel = Pick<ExportedModel, 'files' | 'inputs' | 'outputs'>;
export type OnWritten = (bytes: number, totalBytes: number) => void;

function writeSafetensors({ model, head, path }: WriteModelTask): WrittenModel {
  const { folder, manifest } = model;
  const used = head ?? ownHead(folder, manifest);
  if (!used)
    throw new SaccadeError(
      'cannot-export',
      `${manifest.name} has no head, and nothing but what ${folder} holds already could be written. Name a head of yours.`,
    );
  exportTaught(folder, manifest, used, path);
  return { files: readdirSync(systemPath(path)).sort(), inputs: [], outputs: [] };
}

const chunk = 4 * 2 ** 20;

function* chunks(pieces: readonly Uint8Array[], onBytes: (bytes: number) => void) {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += chunk) {
      const part = piece.subarray(at, at + chunk);
      yield part;
      onBytes(part.length);
    }
}

const bytesOf = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, { length }) => sum + length, 0);

async function writeOnnx(
  { model: { folder, manifest }, head, path, as, mostInside }: WriteModelTask & { as: { format: 'onnx' } },
  onWritten: OnWritten,
): Promise<WrittenModel> {
  const { maps = [], precision = 'fp32', opset } = as;
  using source = new WeightSource(manifest.weights.files.map((each) => join(folder, each)));
  const weights = readVitWeights(source, manifest.architecture as unknown as VitConfig);
  const { message, external, inputs, outputs } = exportedGraph(manifest, weights, {
    ...{ precision, maps, opset, head },
  });
  const dataFile = `${basename(path)}.data`;
  const { model, data } = onnxPieces(message, external, dataFile, mostInside);
  const total = bytesOf(model) + bytesOf(data ?? []);
  let written = 0;
  const write = (file: string, pieces: readonly Uint8Array[]) =>
    pipeline(
      Readable.from(chunks(pieces, (bytes) => onWritten((written += bytes), total))),
      createWriteStream(systemPath(file)),
    );
  onWritten(0, total);
  if (data) await write(join(dirname(path), dataFile), data);
  await write(path, model);
  return { files: [...(data ? [dataFile] : []), basename(path)], inputs, outputs };
}

/** @throws SaccadeError `cannot-export`, `head-of-another-model`; the system's errors */
export async function writeModel(task: WriteModelTask, onWritten: OnWritten): Promise<WrittenModel> {
  const { as } = task;
  return as.format === 'onnx' ? writeOnnx({ ...task, as }, onWritten) : writeSafetensors(task);
}
