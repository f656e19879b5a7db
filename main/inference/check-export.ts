/** An exported file beside the model it was made of: the same pictures through both. */
import { SaccadeError } from '../../models/error.ts';
import { mapOutputs } from '../../models/exported/graph.ts';
import { applyHead, headLogits } from '../../models/heads/apply.ts';
import { evidenceDirection } from '../../models/heads/evidence.ts';
import { ownHead } from '../../models/heads/own.ts';
import type { Head } from '../../models/heads/head.ts';
import type { ExportDifference } from '../contract/entities/model.ts';
import type { CheckExportRequest } from '../contract/inference.ts';
import { row } from './runtime/outputs.ts';
import { runInspection } from './answering/inspect.ts';
import { load, type LoadParts } from './load.ts';
import { builtInInputs } from './placing/built-in-inputs.ts';
import type { LoadedModel } from './placing/loaded-model.ts';
import { firstLine } from './runtime/failures.ts';
import { openFileSession, type Outputs } from './runtime/inference-session.ts';

/** More than one, so that photos that are mixed up show. */
const pictures = 2;

type Rows = Map<string, Float32Array[]>;

async function reference(
  model: LoadedModel,
  head: Head | null,
  maps: CheckExportRequest['maps'],
  pixels: Float32Array,
) {
  const rows: Rows = new Map();
  const keep = (name: string, i: number, values: Float32Array | null) => {
    if (values) rows.set(name, Object.assign(rows.get(name) ?? [], { [i]: values }));
  };
  for (const map of [null, ...maps.filter((each) => each !== 'class' || head === null)])
    await model.run({ kind: 'classify', map }, pixels, pictures, ({ outputs, start, size }) => {
      for (let i = 0; i < size; i++) {
        keep('feature', start + i, row(outputs, 'feature', i));
        if (!head) keep('logits', start + i, row(outputs, 'logits', i));
        if (map) keep(mapOutputs[map], start + i, row(outputs, 'map', i));
      }
    });
  const features = rows.get('feature')!;
  const reader = head ?? ownHead(model.folder, model.manifest);
  for (const [i, data] of features.entries()) {
    if (!reader) break;
    const { length } = data;
    const { k, rows: best, probabilities } = applyHead(reader, { data, length }, Infinity);
    const byLabel = new Float32Array(k);
    best.forEach((label, at) => (byLabel[label] = probabilities[at]!));
    keep('probabilities', i, byLabel);
    if (!head) continue;
    keep('logits', i, headLogits(head, { data, length }));
    if (!maps.includes('class')) continue;
    const index = best[0]!;
    const one = pixels.subarray((i * pixels.length) / pictures, ((i + 1) * pixels.length) / pictures);
    const explained = { direction: evidenceDirection(head, index, data), bias: head.bias[index]!, index };
    const { contribution, layers, absent } = await runInspection(model, one, null, { explained });
    if (!contribution) throw new SaccadeError('no-map', `${absent.class} Nothing was written.`);
    keep('class_map', i, sumOverLayers(contribution.patches, layers));
  }
  return rows;
}

function sumOverLayers(values: Float32Array, layers: number): Float32Array {
  const length = values.length / layers;
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let layer = 0; layer < layers; layer++) sum += values[layer * length + i]!;
    return sum;
  });
}

async function outputsOf(
  file: string,
  maps: CheckExportRequest['maps'],
  pixels: Float32Array,
  input: { height: number; width: number },
): Promise<Outputs> {
  try {
    const session = await openFileSession(file);
    try {
      const dims = [pictures, 3, input.height, input.width];
      return await session.run({
        pixel_values: { type: 'float32', data: pixels, dims },
        ...(maps.includes('class') && {
          class_index: { type: 'int64', data: BigInt64Array.of(-1n), dims: [1] },
        }),
      });
    } finally {
      await session.release();
    }
  } catch (cause) {
    throw new SaccadeError(
      'export-differs',
      `The exported graph does not run here: ${firstLine(cause)} Nothing was written. Choose another opset or precision.`,
      { cause },
    );
  }
}

/** @throws SaccadeError `export-differs` where it does not run, or gives what is no number; `cancelled` */
export async function checkExport(
  { modelFolder, file, head, maps }: CheckExportRequest,
  parts: LoadParts,
  signal?: AbortSignal,
): Promise<ExportDifference[]> {
  const goOn = () => {
    if (signal?.aborted) throw new SaccadeError('cancelled', 'The export was cancelled.');
  };
  const model = await load({ modelFolder, provider: 'cpu', precision: 'fp32', batch: pictures }, parts);
  try {
    goOn();
    const { input } = model.manifest;
    const pixels = builtInInputs(pictures, input);
    const expected = await reference(model, head, maps, pixels);
    goOn();
    const found = await outputsOf(file, maps, pixels, input);
    return [...expected].map(([name, rows]) => {
      let largest = 0;
      let magnitude = 0;
      for (const [i, values] of rows.entries()) {
        const given = row(found, name, i);
        if (given?.length !== values.length || !given.every(Number.isFinite))
          throw new SaccadeError(
            'export-differs',
            `The exported graph's output "${name}" should be ${values.length} numbers a photo; it is not. Nothing was written.`,
          );
        for (const [at, value] of values.entries()) {
          largest = Math.max(largest, Math.abs(value - given[at]!));
          magnitude = Math.max(magnitude, Math.abs(value));
        }
      }
      return { name, largest, magnitude };
    });
  } finally {
    await parts.queue.run(() => model.release());
  }
}
