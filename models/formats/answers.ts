/** What a person says where no file beside the weights does. Said, it wins over what a file says. */
import { SaccadeError } from '../error.ts';
import type { Preprocessing } from '../manifest.ts';

export interface Answers {
  /** H: no tensor tells how many heads share its columns. */
  heads?: number;
  /** Pixels of the model's input. */
  size?: { height: number; width: number };
  /** Per channel R, G, B, of values in 0 … 1. */
  mean?: [number, number, number];
  std?: [number, number, number];
  resize?: Exclude<Preprocessing['resize'], { mode: 'cover' }>;
  interpolation?: Preprocessing['interpolation'];
  crop?: { height: number; width: number } | null;
  /** Names of the classes in order. */
  labels?: string[];
}

export const optionOf = {
  heads: '--heads NUMBER',
  size: '--size HEIGHTxWIDTH',
  mean: '--mean R,G,B',
  std: '--std R,G,B',
  resize: '--resize MODE:SIZE',
  interpolation: '--interpolation FILTER',
} as const;

export type Asked = keyof typeof optionOf;

/** @param what stands where it should: a sentence's beginning */
export function lacking(what: string, names: Asked[]): SaccadeError {
  const code = names.every((name) => name === 'heads') ? 'missing-heads' : 'missing-preprocessing';
  return new SaccadeError(code, `${what} Import it with ${names.map((name) => optionOf[name]).join(', ')}.`); // prettier-ignore
}

/** What a file says of preprocessing, with what a person says put over it. */
export function answered(file: Preprocessing, answers: Answers): Preprocessing {
  const { resize, interpolation, crop, mean, std } = answers;
  return {
    resize: resize ?? file.resize,
    interpolation: interpolation ?? file.interpolation,
    crop: crop === undefined ? file.crop : crop,
    mean: mean ?? file.mean,
    std: std ?? file.std,
  };
}

/** What the model gets to see after this preprocessing. */
export function inputOf(preprocessing: Preprocessing, fallback: { height: number; width: number }) {
  if (preprocessing.crop) return preprocessing.crop;
  const { resize } = preprocessing;
  if (resize.mode === 'exact') return { height: resize.height, width: resize.width };
  return resize.mode === 'longest-edge' ? { height: resize.size, width: resize.size } : fallback;
}
