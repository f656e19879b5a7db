/** What `saccade models import` is told about an ONNX file that says too little about itself. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { interpolations, type Interpolation } from '../../models/manifest.ts';
import { readLabels, type OnnxAnswers } from '../../models/formats/onnx.ts';

export interface AnswerOptions {
  size?: { height: number; width: number };
  mean?: [number, number, number];
  std?: [number, number, number];
  resize?: OnnxAnswers['resize'];
  interpolation?: Interpolation;
  crop?: { height: number; width: number } | null;
  labels?: string;
}

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
export function resizing(text: string): NonNullable<OnnxAnswers['resize']> {
  const [, mode, size] = /^(shortest-edge|longest-edge|exact):(.+)$/.exec(text) ?? [];
  if (mode === 'exact') return { mode, ...rectangle(size!) };
  if ((mode === 'shortest-edge' || mode === 'longest-edge') && /^[1-9]\d{0,4}$/.test(size!))
    return { mode, size: Number(size) };
  throw new InvalidArgumentError('Expected shortest-edge:PIXELS, longest-edge:PIXELS or exact:HEIGHTxWIDTH.');
}

export function withAnswers(command: Command): Command {
  return command
    .option(
      '--size <height>x<width>',
      'ONNX: pixels of the input, where the file leaves them free',
      rectangle,
    )
    .option('--mean <r,g,b>', 'ONNX: taken from values in 0 to 1', channels)
    .option('--std <r,g,b>', 'ONNX: they are divided by', channels)
    .option('--resize <mode:size>', 'ONNX: shortest-edge:256, longest-edge:384, exact:224x224', resizing)
    .addOption(new Option('--interpolation <filter>', 'ONNX: of resizing').choices(interpolations))
    .option('--crop <height>x<width>', 'ONNX: from the middle, or none', (text) =>
      text === 'none' ? null : rectangle(text),
    )
    .option('--labels <file>', 'ONNX: names of the classes, one a line, or JSON');
}

/** Null where nothing was said. Throws a SaccadeError `bad-labels`. */
export function answersOf(options: AnswerOptions): OnnxAnswers | null {
  const { size, mean, std, resize, interpolation, crop, labels } = options;
  const answers: OnnxAnswers = {
    ...(size && { size }),
    ...(mean && { mean }),
    ...(std && { std }),
    ...(resize && { resize }),
    ...(interpolation && { interpolation }),
    ...(crop !== undefined && { crop }),
    ...(labels !== undefined && { labels: readLabels(resolve(labels)).map(({ name }) => name) }),
  };
  return Object.keys(answers).length ? answers : null;
}
