/** `signature.json` beside a model that Lobe exported: the classes' names and the size of photos. */
import { join } from 'node:path';
import type { Preprocessing } from '../manifest.ts';
import { type Fields, readFields } from './parse.ts';

export interface LobeSignature {
  names: string[];
  /** What lobe-python does (image_utils.py): photos fill the input and are cropped; their numbers stay in 0 … 1. */
  preprocessing: Preprocessing;
}

/** Null: there is none, or another program's of that name. @throws SaccadeError `bad-config`, `unsafe-file`, `lfs-pointer` */
export function readLobe(folder: string): LobeSignature | null {
  const file = readFields(join(folder, 'signature.json'));
  if (!file?.has('classes') || !file.has('inputs')) return null;
  const classes = file.object('classes');
  const inputs = file.object('inputs');
  if (!classes.has('Label') || !inputs.has('Image')) return null;
  return { names: namesIn(classes), preprocessing: preparedFor(sidesIn(inputs.object('Image'))) };
}

function namesIn(classes: Fields): string[] {
  const names = classes.values['Label'];
  if (!Array.isArray(names) || !names.length || !names.every((name) => typeof name === 'string'))
    throw classes.error('Label', 'a list of names');
  return names as string[];
}

function sidesIn(image: Fields): { height: number; width: number } {
  const shape = image.values['shape'];
  const [, height, width] = Array.isArray(shape) ? (shape as unknown[]) : [];
  const good = [height, width].every((side) => Number.isInteger(side) && (side as number) > 0);
  if (!good) throw image.error('shape', 'the number of photos, height, width and channels');
  return { height: height as number, width: width as number };
}

function preparedFor(size: { height: number; width: number }): Preprocessing {
  const { height, width } = size;
  return {
    resize: height === width ? { mode: 'shortest-edge', size: height } : { mode: 'cover', height, width },
    interpolation: 'bicubic', // Pillow's own; which one is not told
    crop: size,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
}
