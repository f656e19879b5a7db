/** The photo that a person tries things on, decoded once: the process may forget it at any moment. */
import { stat } from 'node:fs/promises';
import { systemPath } from '../../file-names.ts';
import type { LoadedModel } from '../placing/loaded-model.ts';
import { preprocessOne } from './inspect.ts';
import type { PreprocessBatch } from './preprocess-batch.ts';

const atHand = new WeakMap<LoadedModel, { file: string; pixelValues: Promise<Float32Array> }>();

/** Model input of one photo, float32 [3, height, width]; not to be written to. @throws SaccadeError of decoding */
export async function photoAtHand(
  model: LoadedModel,
  preprocess: PreprocessBatch,
  path: string,
  options: { urgent?: boolean; signal?: AbortSignal },
): Promise<Float32Array> {
  const { size, mtimeMs, ino } = await stat(systemPath(path)).catch(() => ({ size: 0, mtimeMs: 0, ino: 0 }));
  const file = JSON.stringify([path, size, mtimeMs, ino]);
  const known = atHand.get(model);
  if (known?.file === file) return known.pixelValues;
  // Not ended by whoever asked first: others wait for it too.
  const { urgent } = options;
  const pixelValues = preprocessOne(model, preprocess, path, {
    urgent,
  }).then((one) => one.pixelValues);
  atHand.set(model, { file, pixelValues });
  pixelValues.catch(() => atHand.delete(model));
  return pixelValues;
}
