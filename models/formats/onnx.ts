/**
 * An ONNX file that somebody else exported. The graph says what it takes and gives; how photos are prepared and what
 * the classes are called stands in files beside it (Hugging Face's and timm's names for them), in the folder above
 * where exporters put the file into `onnx/`, or is asked for by name.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Draft } from '../draft.ts';
import { SaccadeError } from '../error.ts';
import type { Label, Preprocessing } from '../manifest.ts';
import { type OnnxFile, readOnnx } from '../onnx/read.ts';
import { absentOf, batchOf, decomposition } from '../foreign/tap.ts';
import { analyse, declaredInput, imageInput } from '../foreign/analyse.ts';
import { inputOf, preprocessingOf } from './huggingface.ts';
import { labelsFromId2Label, labelsFromNames, labelsFromTimm } from './labels.ts';
import { type Fields, readFieldsIfThere } from './parse.ts';
import { preprocessing as preprocessingOfTimm } from './timm.ts';

/** What a person says where no file does. */
export interface OnnxAnswers {
  /** Pixels of the model's input, where the file leaves them free. */
  size?: { height: number; width: number };
  /** Per channel R, G, B, of values in 0 … 1. */
  mean?: [number, number, number];
  std?: [number, number, number];
  resize?: Preprocessing['resize'];
  interpolation?: Preprocessing['interpolation'];
  crop?: { height: number; width: number } | null;
  /** Names of the classes in order. */
  labels?: string[];
}

interface Beside {
  config: Fields | null;
  processor: Fields | null;
  labels: Label[] | null;
}

/** More classes no model names; a file of names is no longer. */
const longestLabels = 64 * 1024 * 1024;

/**
 * Names from a text file, one a line, or from JSON: a list of names, of objects with "name" or "label", or an object
 * from index to name.
 * @throws SaccadeError `bad-labels`
 */
export function readLabels(file: string): Label[] {
  const refuse = (found: string, cause?: unknown) =>
    new SaccadeError('bad-labels', `Expected ${basename(file)} to hold a class's name a line, or a JSON list of names; found ${found}.`, { cause }); // prettier-ignore
  if (statSync(file).size > longestLabels) throw refuse('over 64 MB');
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  if (!file.endsWith('.json')) {
    const names = text.split(/\r?\n/).map((line) => line.trim());
    while (names.at(-1) === '') names.pop();
    if (!names.length || names.includes('')) throw refuse(names.length ? 'an empty line' : 'nothing');
    return labelsFromNames(names);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse('no JSON', cause);
  }
  const object = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const list = Array.isArray(json)
    ? json
    : Array.from({ length: Object.keys(object).length }, (_, i) => object[i]);
  if (!list.length) throw refuse('no names');
  return labelsFromNames(
    list.map((entry: unknown) => {
      const { name, label } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>; // prettier-ignore
      const found = [entry, name, label].find((value) => typeof value === 'string');
      if (typeof found !== 'string') throw refuse('an entry without one');
      return found;
    }),
  );
}

function readBeside(file: string): Beside {
  const folder = dirname(file);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  const first = <T>(name: string, read: (path: string) => T | null): T | null => {
    for (const place of folders) {
      const path = join(place, name);
      if (existsSync(path)) return read(path);
    }
    return null;
  };
  return {
    config: first('config.json', readFieldsIfThere),
    processor: first('preprocessor_config.json', readFieldsIfThere),
    labels: first('labels.json', readLabels) ?? first('labels.txt', readLabels),
  };
}

/** The configuration where it is timm's. */
function timmOf({ config }: Beside): Fields | null {
  return config?.has('pretrained_cfg') ? config : null;
}

function configuredSize(beside: Beside): { height: number; width: number } | null {
  const timm = timmOf(beside);
  if (timm) {
    const size = timm.objectOr('pretrained_cfg').values['input_size'];
    const [, height, width] = Array.isArray(size) ? (size as unknown[]) : [];
    return Number.isInteger(height) && Number.isInteger(width) ? { height: height as number, width: width as number } : null; // prettier-ignore
  }
  const side = beside.config?.values['image_size'];
  if (Number.isInteger(side)) return { height: side as number, width: side as number };
  if (!Array.isArray(side) || !side.every(Number.isInteger) || side.length !== 2) return null;
  return { height: side[0] as number, width: side[1] as number };
}

function configuredPreprocessing(
  beside: Beside,
  size: { height: number; width: number } | null,
): Preprocessing | null {
  if (beside.processor) return preprocessingOf(beside.processor, true);
  const timm = timmOf(beside);
  return timm && size ? preprocessingOfTimm(timm.objectOr('pretrained_cfg'), size) : null;
}

const optionOf = {
  size: '--size HEIGHTxWIDTH',
  mean: '--mean R,G,B',
  std: '--std R,G,B',
  resize: '--resize MODE:SIZE',
  interpolation: '--interpolation FILTER',
} as const;

function missing(names: (keyof typeof optionOf)[]): SaccadeError {
  return new SaccadeError(
    'missing-preprocessing',
    `Nothing beside the model says how photos are prepared: expected preprocessor_config.json, or a timm config.json. Put one there, or import it with ${names.map((name) => optionOf[name]).join(', ')}.`,
  );
}

/** File and answers together; answers win. @throws SaccadeError `missing-preprocessing`, `wrong-input-size` */
function decide(
  beside: Beside,
  answers: OnnxAnswers,
  declared: { height: number | null; width: number | null },
): { preprocessing: Preprocessing; input: { height: number; width: number } } {
  const own = declared.height && declared.width ? { height: declared.height, width: declared.width } : null;
  const found = configuredPreprocessing(beside, own ?? answers.size ?? configuredSize(beside));
  const lacking = (['mean', 'std', 'resize', 'interpolation'] as const).filter(
    (name) => !found && !answers[name],
  );
  const configured = configuredSize(beside);
  const prepared = found && inputOf(found, own ?? answers.size ?? configured ?? { height: 0, width: 0 });
  const input = answers.size ?? own ?? (prepared?.height ? prepared : null) ?? configured;
  if (lacking.length || !input) throw missing([...(input ? [] : (['size'] as const)), ...lacking]);
  const resize = answers.resize ?? found!.resize;
  let crop = answers.crop === undefined ? (found?.crop ?? null) : answers.crop;
  if (!crop && resize.mode === 'shortest-edge') crop = input; // what is left over has to go
  const preprocessing: Preprocessing = {
    resize,
    interpolation: answers.interpolation ?? found!.interpolation,
    crop,
    mean: answers.mean ?? found!.mean,
    std: answers.std ?? found!.std,
  };
  const given = inputOf(preprocessing, input);
  const sides = [given, input, own ?? input].map(({ height, width }) => `${height} × ${width}`);
  if (new Set(sides).size > 1)
    throw new SaccadeError('wrong-input-size', `Photos are prepared as ${sides[0]} pixels, and the model takes ${sides[2] === sides[0] ? sides[1] : sides[2]}. Give both the same with ${optionOf.size} and ${optionOf.resize}.`); // prettier-ignore
  return { preprocessing, input };
}

function knownLabels(beside: Beside, answers: OnnxAnswers): Label[] | null {
  if (answers.labels) return labelsFromNames(answers.labels);
  if (beside.labels) return beside.labels;
  const { config } = beside;
  if (config?.has('id2label'))
    return labelsFromId2Label(config, Object.keys(config.object('id2label').values).length);
  const timm = timmOf(beside);
  const classes = timm?.count('num_classes');
  return timm && classes && (timm.has('label_names') || classes === 1000)
    ? labelsFromTimm(timm, classes)
    : null;
}

function dtypeOf({ graph }: OnnxFile): Draft['dtype'] {
  const names = { 1: 'F32', 10: 'F16', 16: 'BF16' } as const;
  const matrices = graph.initializer.filter(({ dims }) => dims.length > 1);
  const [only, ...others] = new Set(matrices.map(({ dataType }) => dataType));
  return (!others.length && names[only as keyof typeof names]) || 'mixed';
}

/**
 * @param file the .onnx file
 * @throws SaccadeError `bad-onnx`, `unsupported-onnx`, `unsupported-input`, `missing-preprocessing`, `missing-labels`,
 *   `wrong-labels`, `wrong-input-size`, `no-logits`, `bad-config`, `bad-labels`, `unsupported-preprocessing`
 */
export function describeOnnx(file: string, answers: OnnxAnswers = {}): Draft {
  const onnx = readOnnx(file);
  const beside = readBeside(file);
  const info = imageInput(onnx);
  const { preprocessing, input } = decide(beside, answers, declaredInput(info));
  const labels = knownLabels(beside, answers);
  const analysis = analyse(onnx, input, labels?.length ?? null);
  const { head, attention, pool } = analysis;
  if (!labels)
    throw new SaccadeError(
      'missing-labels',
      `Nothing beside the model names its ${head.classes} classes: expected config.json with "id2label", labels.json or labels.txt. Put one there, or give --labels FILE with one name a line.`,
    );
  const { layers, grid, ...rest } = attention ?? { layers: [], grid: null };
  return {
    kind: 'onnx',
    architecture: {
      family: 'onnx',
      producer: `${onnx.model.producerName} ${onnx.model.producerVersion}`.trim().slice(0, 200),
      opset: onnx.opset,
      input: analysis.input,
      output: { name: head.output },
      attention: attention && { ...rest, layers: layers.length, pool },
      batch: batchOf(analysis),
      absent: absentOf(analysis, decomposition(analysis)),
    },
    input,
    grid,
    preprocessing,
    labels,
    calibration: { temperature: 1 },
    doubt: null,
    parameters: onnx.parameters,
    licence: null,
    files: onnx.files,
    dtype: dtypeOf(onnx),
  };
}
