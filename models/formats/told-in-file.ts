/** What other exporters write into an ONNX file's metadata of photos and classes. */
import { SaccadeError } from '../error.ts';
import type { Preprocessing } from '../manifest.ts';
import type { Model } from '../onnx/schema.ts';

export interface ToldInFile {
  /** Names of the classes in order. */
  names: string[] | null;
  size: { height: number; width: number } | null;
  preprocessing: Preprocessing | null;
  /** What the file's range of numbers comes to, where it says no more of preprocessing. */
  scale: Pick<Preprocessing, 'mean' | 'std'> | null;
  licence: string | null;
}

type Metadata = ReadonlyMap<string, string>;

/** @throws SaccadeError `unsupported-output`, `unsupported-preprocessing`, `bad-onnx` */
export function readToldInFile({ metadataProps }: Pick<Model, 'metadataProps'>): ToldInFile {
  const told: Metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
  const ofImages = scaleOf(told);
  if (told.get('author') !== 'Ultralytics')
    return { names: null, size: null, preprocessing: null, scale: ofImages, licence: null };
  const task = told.get('task') ?? 'classify';
  if (task !== 'classify')
    throw new SaccadeError('unsupported-output', `The file says that its task is "${task.slice(0, 80)}"; a model for "classify" was expected, which names what a photo shows. Export one of those.`); // prettier-ignore
  const names = told.has('names') ? namesIn(told.get('names')!) : null;
  const size = sidesIn(told.get('imgsz') ?? '');
  return {
    names,
    size,
    preprocessing: size && preparesByTorchvision(told.get('version') ?? '') ? ultralytics(size) : null,
    scale: ofImages,
    licence: told.get('license') || null,
  };
}

/** Before 8.1 Ultralytics' classifiers were given photos in other ways. */
function preparesByTorchvision(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version) ?? [];
  return Number(major) > 8 || (Number(major) === 8 && Number(minor) >= 1);
}

/** ultralytics/data/augment.py, `classify_transforms`: the numbers stay in 0 … 1. */
function ultralytics(size: { height: number; width: number }): Preprocessing {
  const isSquare = size.height === size.width;
  return {
    resize: isSquare ? { mode: 'shortest-edge', size: size.height } : { mode: 'exact', ...size },
    interpolation: 'bilinear',
    crop: isSquare ? size : null,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
}

/** "[224, 224]": height and width. */
function sidesIn(text: string): { height: number; width: number } | null {
  const [, height, width] = /^\[\s*(\d{1,5})\s*,\s*(\d{1,5})\s*\]$/.exec(text.trim()) ?? [];
  return height === undefined ? null : { height: Number(height), width: Number(width) };
}

/** Names by their numbers as Python writes a dictionary, `{0: 'cat', 1: "bird's nest"}`. */
function namesIn(text: string): string[] {
  const entry = /\s*(\d{1,7})\s*:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*([,}])/y;
  const names: string[] = [];
  const refuse = () =>
    new SaccadeError('bad-onnx', `The file's metadata "names" should name its classes from 0 on, as {0: 'cat', 1: 'dog'}; found ${text.slice(0, 80)}. Give the labels this model was trained with in a file of its own.`); // prettier-ignore
  const start = /^\s*\{/.exec(text);
  entry.lastIndex = start?.[0].length ?? 0;
  for (let end = start ? ',' : '}'; end === ',';) {
    const [, index, quoted, mark] = entry.exec(text) ?? [];
    if (quoted === undefined || Number(index) !== names.length) throw refuse();
    names.push(unescaped(quoted.slice(1, -1)));
    end = mark!;
  }
  if (!names.length) throw refuse();
  return names;
}

/** As Python escapes what it writes: quotes, backslashes, and characters that are not seen. */
function unescaped(text: string): string {
  const plain: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gs, (_, x, u, U, one: string) => {
    const code = (x ?? u ?? U) as string | undefined;
    return code === undefined ? (plain[one] ?? one) : String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff)); // prettier-ignore
  });
}

const ranges: Record<string, { mean: number; std: number }> = {
  NominalRange_0_255: { mean: 0, std: 1 / 255 },
  Normalized_0_1: { mean: 0, std: 1 },
  Normalized_1_1: { mean: 0.5, std: 0.5 },
};

/** ONNX's own words for images (docs/MetadataProps.md of ONNX). */
function scaleOf(told: Metadata): ToldInFile['scale'] {
  const refuse = (key: string, expected: string) =>
    new SaccadeError('unsupported-preprocessing', `The file says that its input is "${told.get(key)!.slice(0, 80)}" ("${key}"); Saccade gives photos as ${expected}. Export the model for that.`); // prettier-ignore
  const format = told.get('Image.BitmapPixelFormat') ?? 'Rgb8';
  if (format !== 'Rgb8') throw refuse('Image.BitmapPixelFormat', 'red, green and blue, in this order ("Rgb8")'); // prettier-ignore
  if ((told.get('Image.ColorSpaceGamma') ?? 'SRGB') !== 'SRGB') throw refuse('Image.ColorSpaceGamma', '"SRGB"'); // prettier-ignore
  const range = told.get('Image.NominalPixelRange');
  if (range === undefined) return null;
  const scale = Object.hasOwn(ranges, range) ? ranges[range] : undefined;
  if (!scale) throw refuse('Image.NominalPixelRange', Object.keys(ranges).join(', '));
  const { mean, std } = scale;
  return { mean: [mean, mean, mean], std: [std, std, std] };
}
