/** The whole path of a model that is being installed, once: a picture's file to its outputs, alone and in a batch. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { Trial } from '../../models/try-out.ts';
import { toFailure, unwrap } from '../contract/result.ts';
import { sharp } from '../decode/engine.ts';
import { evidenceHolds, noWhole } from './answering/adds-up.ts';
import { checkLogits } from './answering/answers.ts';
import { row } from './runtime/outputs.ts';
import type { PreprocessBatch } from './answering/preprocess-batch.ts';
import { load, type LoadParts } from './load.ts';
import { builtInInputs } from './placing/built-in-inputs.ts';
import { type LoadedModel, usualGraph } from './placing/loaded-model.ts';

/** Where nobody chose a batch: more photos show nothing that these do not. */
const usualBatch = 8;
/** Of a photo's outputs, alone and among others; half precision rounds by less. */
const tolerance = 1e-2;
/** No square, so that every way of resizing and cropping has something to do. */
const picture = { width: 640, height: 440 };

/** A PNG of colour waves. */
async function writePicture(file: string): Promise<void> {
  const { width, height } = picture;
  const levels = Uint8Array.from(builtInInputs(1, picture), (value) => Math.round(127.5 + 120 * value));
  const pixels = new Uint8Array(levels.length);
  const plane = width * height;
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) pixels[3 * i + c] = levels[c * plane + i]!;
  await sharp(pixels, { raw: { ...picture, channels: 3 } })
    .png()
    .toFile(file);
}

async function pixelsOf(model: LoadedModel, preprocess: PreprocessBatch): Promise<Float32Array> {
  const { preprocessing, input } = model.manifest;
  const folder = await mkdtemp(join(tmpdir(), 'saccade-try-'));
  try {
    const path = join(folder, 'picture.png');
    await writePicture(path);
    const batch = await preprocess({ photos: [{ path }], preprocessing, input, thumbnailEdge: null, urgent: true });
    for (const result of batch.results) unwrap(result);
    const pixels = batch.pixelValues.slice(0, 3 * input.height * input.width);
    batch.done();
    return pixels;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} // prettier-ignore

/** Outputs of each photo in `pixels`, run in batches of `batch`, and whether all evidence adds up to its score. */
async function outputsOf(model: LoadedModel, pixels: Float32Array, count: number, batch: number) {
  model.batch = batch;
  const rows: Float32Array[] = [];
  let isWhole = true;
  await model.run(usualGraph(model), pixels, count, ({ outputs, start, size }) => {
    for (let i = 0; i < size; i++) {
      const logits = row(outputs, 'logits', i);
      rows[start + i] = logits ?? row(outputs, 'feature', i)!;
      isWhole &&= evidenceHolds(outputs, i, logits, 'fp32');
    }
  });
  return { rows, isWhole };
}

/**
 * @param batch how many photos will be run at once; null: not chosen
 * @returns the picture's outputs first
 * @throws SaccadeError `trial-failed`, `bad-output`, what is wrong with the model
 */
export async function tryOut(
  modelFolder: string,
  batch: number | null,
  { preprocess, ...parts }: LoadParts & { preprocess: PreprocessBatch },
): Promise<Trial> {
  const together = Math.max(2, batch ?? usualBatch);
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const { message } = toFailure(error);
      throw new SaccadeError(
        'trial-failed',
        `The model was read, but running it on a built-in picture, ${what}, failed: ${message.split('\n')[0]!.slice(0, 400)} Nothing was installed.`,
        { cause: error },
      );
    }
  };
  const model = await attempt('alone', () =>
    load({ modelFolder, provider: 'cpu', precision: 'fp32', batch: 1 }, parts),
  );
  try {
    const pixels = await pixelsOf(model, preprocess);
    const first = await attempt('alone', () => outputsOf(model, pixels, 1, 1));
    const [alone] = first.rows;
    checkLogits(alone!);
    const many = builtInInputs(together, model.manifest.input);
    many.set(pixels);
    const { rows, isWhole } = await attempt(`in a batch of ${together}`, () =>
      outputsOf(model, many, together, together),
    );
    for (const outputs of rows) checkLogits(outputs);
    const largest = alone!.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    if (alone!.some((value, i) => Math.abs(value - rows[0]![i]!) > tolerance * largest))
      throw new SaccadeError(
        'trial-failed',
        'The model gave one picture another answer among others than alone, so an answer would depend on its neighbours. Nothing was installed. Export the model with a free batch, or with a batch of 1.',
      );
    return { rows, noEvidence: first.isWhole && isWhole ? null : noWhole };
  } finally {
    await parts.queue.run(() => model.release());
  }
}
