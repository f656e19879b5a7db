/** A model for other programs: our graph as an ONNX file, or its weights under timm's or transformers' names. */
import { createWriteStream, readdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { VitConfig } from '../../../models/config.ts';
import { SaccadeError } from '../../../models/error.ts';
import { exportedGraph } from '../../../models/exported/graph.ts';
import { exportTaught } from '../../../models/heads/export.ts';
import { checkFits, type Head } from '../../../models/heads/head.ts';
import { fitOf, ownHead } from '../../../models/heads/own.ts';
import { onnxPieces } from '../../../models/onnx/file.ts';
import type { InstalledModel } from '../../../models/store.ts';
import { readVitWeights } from '../../../models/weights/read.ts';
import { WeightSource } from '../../../models/weights/source.ts';
import type { ExportedModel, ModelExport } from '../../contract/exports.ts';
import type { ExportDifference } from '../../contract/entities/model.ts';
import { systemPath } from '../../file-names.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import { makeUsual } from '../../umask.ts';
import { openFolderBeside } from '../../whole-file.ts';
import type { Inference } from '../inference.ts';

/** How far rounding may move a number, as a share of the output's largest one. int8 is told, not judged. */
const allowed = { fp32: 1e-3, fp16: 3e-2, int8: Infinity };

function expectOurs({ manifest }: InstalledModel): void {
  if (manifest.kind !== 'vit')
    throw new SaccadeError('cannot-export', `${manifest.name} is an ONNX file already, of somebody else's making: copy it from the model's folder. A model that came as safetensors was expected.`); // prettier-ignore
}

async function exportSafetensors(
  model: InstalledModel,
  head: Head | null,
  path: string,
): Promise<ExportedModel> {
  const { folder, manifest } = model;
  const used = head ?? ownHead(folder, manifest);
  if (!used)
    throw new SaccadeError('cannot-export', `${manifest.name} has no head, and nothing but what ${folder} holds already could be written. Name a head of yours.`); // prettier-ignore
  exportTaught(folder, manifest, used, path);
  await makeUsual(path);
  return { path, files: readdirSync(path).sort(), inputs: [], outputs: [], differences: [] };
}

async function writePieces(file: string, pieces: Uint8Array[]): Promise<void> {
  await pipeline(Readable.from(pieces), createWriteStream(systemPath(file)));
}

function expectSame(differences: readonly ExportDifference[], precision: 'fp32' | 'fp16' | 'int8'): void {
  for (const { name, largest, magnitude } of differences)
    if (largest > allowed[precision] * Math.max(magnitude, 1e-6))
      throw new SaccadeError('export-differs', `Expected the exported graph to answer as the model does; its "${name}" is off by up to ${largest.toPrecision(3)}, of numbers up to ${magnitude.toPrecision(3)}. Nothing was written. Choose another precision.`); // prettier-ignore
}

async function exportOnnx(
  inference: Inference,
  model: InstalledModel,
  head: Head | null,
  path: string,
  { maps = [], precision = 'fp32', opset }: Extract<ModelExport, { format: 'onnx' }>,
): Promise<ExportedModel> {
  const { folder, manifest } = model;
  const dataFile = `${basename(path)}.data`;
  let scratch: ReturnType<typeof openFolderBeside> | null = null;
  try {
    scratch = openFolderBeside(path);
    const file = join(scratch.path, basename(path));
    const files = [basename(path)];
    let written;
    {
      using source = new WeightSource(manifest.weights.files.map((each) => join(folder, each)));
      const weights = readVitWeights(source, manifest.architecture as unknown as VitConfig);
      written = exportedGraph(manifest, weights, { precision, maps, opset, head });
      const pieces = onnxPieces(written.message, written.external, dataFile);
      if (pieces.data) {
        files.unshift(dataFile);
        await writePieces(join(scratch.path, dataFile), pieces.data);
      }
      await writePieces(file, pieces.model);
    }
    const { inputs, outputs } = written;
    const differences = await inference.interactive('checkExport', { modelFolder: folder, file, head, maps });
    expectSame(differences, precision);
    await makeUsual(scratch.path);
    for (const name of files)
      await rename(systemPath(join(scratch.path, name)), systemPath(join(dirname(path), name)));
    return { path, files, inputs, outputs, differences };
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await scratch?.drop();
  }
}

/** @throws SaccadeError `cannot-export`, `export-differs`, `head-of-another-model`, `cannot-write` */
export async function exportModel(
  inference: Inference,
  model: InstalledModel,
  head: Head | null,
  path: string,
  asked: ModelExport,
): Promise<ExportedModel> {
  expectOurs(model);
  const fits = fitOf(model.manifest);
  if (head && fits) checkFits(head, fits);
  const to = resolve(path);
  return asked.format === 'safetensors'
    ? exportSafetensors(model, head, to)
    : exportOnnx(inference, model, head, to, asked);
}
