/** What `saccade models import` is told where the files beside the weights say too little. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolve } from 'node:path';
import type { Answers, Asked } from '../../models/formats/answers.ts';
import { readLabels } from '../../models/formats/labels-file.ts';
import { interpolations, type Interpolation } from '../../models/manifest-values.ts';

export interface AnswerOptions {
  heads?: number;
  size?: { height: number; width: number };
  mean?: [number, number, number];
  std?: [number, number, number];
  resize?: Answers['resize'];
  interpolation?: Interpolation;
  crop?: { height: number; width: number } | 'none';
  labels?: string;
}

const flags: Record<Asked, string> = {
  heads: '--heads NUMBER',
  size: '--size HEIGHTxWIDTH',
  mean: '--mean R,G,B',
  std: '--std R,G,B',
  resize: '--resize MODE:SIZE',
  interpolation: '--interpolation FILTER',
  crop: '--crop HEIGHTxWIDTH',
  labels: '--labels FILE',
};

/** How the command line is told what the files leave open. */
export const flagsOf = (fields: Asked[]): string => `saccade models import PATH ${fields.map((name) => flags[name]).join(' ')}`; // prettier-ignore

/** "224" or "256x192", height first. */
export function rectangle(text: string): { height: number; width: number } {
  const [, height, width] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/i.exec(text) ?? [];
  if (!height) throw new InvalidArgumentError('Expected pixels as HEIGHTxWIDTH, such as 224x224.');
  return { height: Number(height), width: Number(width ?? height) };
}

/** "0.485,0.456,0.406" */
export function channels(text: string): [number, number, number] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite))
    throw new InvalidArgumentError('Expected three numbers for red, green and blue, such as 0.5,0.5,0.5.');
  return numbers as [number, number, number];
}

/** "shortest-edge:256", "longest-edge:384" or "exact:224x224" */
export function resizing(text: string): NonNullable<Answers['resize']> {
  const [, mode, size] = /^(shortest-edge|longest-edge|exact):(.+)$/.exec(text) ?? [];
  if (mode === 'exact') return { mode, ...rectangle(size!) };
  if ((mode === 'shortest-edge' || mode === 'longest-edge') && /^[1-9]\d{0,4}$/.test(size!))
    return { mode, size: Number(size) };
  throw new InvalidArgumentError('Expected shortest-edge:PIXELS, longest-edge:PIXELS or exact:HEIGHTxWIDTH.');
}

/** "16" */
function heads(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of attention heads, such as 12.');
}

const none = 'none';

/** `rectangle`, or "none". Not null: Commander takes null for an option that was not given a value, and says `true`. */
function cropping(text: string): { height: number; width: number } | typeof none {
  return text === none ? none : rectangle(text);
}

export function withAnswers(command: Command): Command {
  return command
    .option('--heads <number>', 'safetensors: attention heads, which no tensor shows', heads)
    .option('--size <height>x<width>', 'pixels of the input, where the files leave them free', rectangle)
    .option('--mean <r,g,b>', 'taken from values in 0 to 1', channels)
    .option('--std <r,g,b>', 'they are divided by', channels)
    .option('--resize <mode:size>', 'shortest-edge:256, longest-edge:384, exact:224x224', resizing)
    .addOption(new Option('--interpolation <filter>', 'of resizing').choices(interpolations))
    .option('--crop <height>x<width>', 'from the middle, or none', cropping)
    .option('--labels <file>', 'names of the classes, one a line, or JSON; imagenet-1k: its 1000 names');
}

/** What was said, and null where nothing was. Throws a SaccadeError `bad-labels`. */
export function answersOf(options: AnswerOptions): Answers | null {
  const { size, mean, std, resize, interpolation, crop, labels } = options;
  const answers: Answers = {
    heads: options.heads,
    size,
    mean,
    std,
    resize,
    interpolation,
    crop: crop === none ? null : crop,
    labels: labels === undefined ? undefined : readLabels(resolve(labels)).map(({ name }) => name),
  };
  const said = Object.entries(answers).filter(([, answer]) => answer !== undefined);
  return said.length ? Object.fromEntries(said) : null;
}
