/**
 * An ONNX file that somebody else exported. The graph says what it takes and gives; how photos are prepared and what
 * the classes are called stands in files beside it (Hugging Face's and timm's names for them), in the folder above
 * where exporters put the file into `onnx/`, or is asked for by name.
 */
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Draft } from '../draft.ts';
import { SaccadeError } from '../error.ts';
import type { Assumption, Label, Preprocessing } from '../manifest.ts';
import { tensorWithNaN } from '../onnx/finite.ts';
import { type OnnxFile, readOnnx } from '../onnx/read.ts';
import { absentOf, batchOf, decomposition } from '../foreign/tap.ts';
import type { Head } from '../foreign/head.ts';
import { wantedInstead } from '../foreign/prepares.ts';
import { analyse, declaredInput, imageInput } from '../foreign/analyse.ts';
import {
  answered,
  type Answers,
  type Asked,
  inputOf,
  open,
  openPreprocessing,
  saidAlone,
  stillAssumed,
} from './answers.ts';
import { fieldNames, OpenAnswers } from './open-answers.ts';
import { outputActivationOf } from './described.ts';
import { type ExportedMetadata, readMetadata } from '../exported/metadata.ts';
import { checkFields } from './fields.ts';
import {
  isImagenetByCustom,
  labelsFor,
  labelsFromNames,
  labelsFromTimm,
  numberedLabels,
  timmNames,
} from './labels.ts';
import { imagenet, readLabelsIn } from './labels-file.ts';
import { type LobeSignature, readLobe } from './lobe.ts';
import { type Fields, readFields } from './parse.ts';
import { readToldInFile, type ToldInFile } from './told-in-file.ts';
import { assumedOfProcessor, preprocessingOf, readProcessor, sidesOf } from './processor.ts';
import { assumedOfTimm, preprocessingOfTimm } from './timm-data.ts';

interface Beside {
  /** What the file says itself, where Saccade wrote it. */
  own: ExportedMetadata | null;
  /** What it says itself, where another program wrote it. */
  told: ToldInFile;
  /** Of Lobe. */
  lobe: LobeSignature | null;
  config: Fields | null;
  processor: Fields | null;
  labels: Label[] | null;
}

function readBeside({ path: file, model }: OnnxFile): Beside {
  const folder = dirname(file);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  const first = <T>(read: (place: string) => T | null): T | null => {
    for (const place of folders) {
      const found = read(place);
      if (found) return found;
    }
    return null;
  };
  return {
    own: readMetadata(model),
    told: readToldInFile(model),
    lobe: first(readLobe),
    config: first((place) => readFields(join(place, 'config.json'))),
    processor: first(readProcessor),
    labels:
      first((place) => readLabelsIn(join(place, 'labels.json'))) ??
      first((place) => readLabelsIn(join(place, 'labels.txt'))),
  };
}

/** timm's description of photos, where the configuration is timm's. */
function timmOf({ config }: Beside): Fields | null {
  if (config?.has('pretrained_cfg')) return config.object('pretrained_cfg');
  return config?.has('architecture') && config.has('input_size') ? config : null;
}

/** The model's type, as transformers calls it. */
function typeOf({ config }: Beside): string | null {
  return config?.has('model_type') ? config.text('model_type') : null;
}

/** What nothing beside the graph says of photos and classes, so that the usual is taken. */
function assumedOf(beside: Beside, answers: Answers, head: Head): Assumption[] {
  const { own, processor, config, lobe } = beside;
  if (own) return stillAssumed(own.assumed ?? [], answers);
  const timm = timmOf(beside);
  const photos = processor
    ? assumedOfProcessor(processor, typeOf(beside))
    : timm
      ? assumedOfTimm(timm)
      : lobe
        ? (['interpolation'] as const)
        : [];
  const found = configuredPreprocessing(beside, { height: 1, width: 1 });
  const cropped = found?.resize.mode === 'shortest-edge' && !found.crop && !answers.resize;
  const named = beside.labels ?? (config?.has('id2label') || config?.has('label2id'));
  return stillAssumed(
    [
      ...(timm && !named && isImagenetByCustom(config!, head.classes) ? (['labels'] as const) : []),
      ...photos.filter((name) => name !== 'size'), // the graph says it, or it is asked for
      ...(cropped ? (['crop'] as const) : []),
      ...(head.activation === null && !typeOf(beside) && !timm ? (['activation'] as const) : []),
    ],
    answers,
  );
}

function configuredSize(beside: Beside): { height: number; width: number } | null {
  if (beside.own) return beside.own.preprocessing.input;
  const timm = timmOf(beside);
  if (timm) {
    const size = timm.values['input_size'];
    const [, height, width] = Array.isArray(size) ? (size as unknown[]) : [];
    return Number.isInteger(height) && Number.isInteger(width) ? { height: height as number, width: width as number } : null; // prettier-ignore
  }
  if (beside.lobe) return beside.lobe.preprocessing.crop;
  return beside.config?.has('image_size') ? sidesOf(beside.config, 'image_size') : beside.told.size;
}

function configuredPreprocessing(
  beside: Beside,
  size: { height: number; width: number } | null,
): Preprocessing | null {
  if (beside.own) return beside.own.preprocessing;
  if (beside.processor) return preprocessingOf(beside.processor, typeOf(beside));
  const timm = timmOf(beside);
  if (!timm) return beside.lobe?.preprocessing ?? beside.told.preprocessing;
  checkFields(timm === beside.config ? 'timm flat' : 'timm pretrained_cfg', timm);
  return size ? preprocessingOfTimm(timm, size) : null;
}

type Sides = { height: number; width: number };

/**
 * File and answers together; answers win.
 * @param known the classes' names, where anything says them
 * @param classesAt how many classes the graph tells apart at an input; throws where it can't be used at all
 * @throws SaccadeError `missing-preprocessing`, `wrong-input-size`
 */
function decide(
  beside: Beside,
  answers: Answers,
  declared: { height: number | null; width: number | null },
  known: { named: boolean; classesAt(input: Sides): number },
): { preprocessing: Preprocessing; input: { height: number; width: number } } {
  const own = declared.height && declared.width ? { height: declared.height, width: declared.width } : null;
  const found = configuredPreprocessing(beside, own ?? answers.size ?? configuredSize(beside));
  const configured = configuredSize(beside);
  const prepared = found && inputOf(found, own ?? answers.size ?? configured ?? { height: 0, width: 0 });
  const input = answers.size ?? own ?? (prepared?.height ? prepared : null) ?? configured;
  const allSaid = { ...(found ? null : beside.told.scale), ...answers };
  const said = found ? answered(found, allSaid) : input && saidAlone(allSaid, input);
  if (!said || !input) {
    const fields: Asked[] = [...(input ? [] : (['size'] as const)), ...openPreprocessing(allSaid, found)];
    throw new OpenAnswers(
      'missing-preprocessing',
      `Nothing beside the model says how photos are prepared: expected preprocessor_config.json, or a timm config.json. Put one there, or say ${fieldNames(fields)}.`,
      open([...fields, ...(known.named ? [] : (['labels'] as const))], allSaid, {
        file: found,
        size: input,
        classes: input && known.classesAt(input),
      }),
    );
  }
  // What is left over has to go.
  const preprocessing: Preprocessing = { ...said, crop: said.crop ?? (said.resize.mode === 'shortest-edge' ? input : null) }; // prettier-ignore
  const given = inputOf(preprocessing, input);
  const sides = [given, input, own ?? input].map(({ height, width }) => `${height} × ${width}`);
  if (new Set(sides).size > 1)
    throw new OpenAnswers('wrong-input-size', `Photos are prepared as ${sides[0]} pixels, and the model takes ${sides[2] === sides[0] ? sides[1] : sides[2]}. Give both the same height and width.`, open([...(own ? [] : (['size'] as const)), 'resize', 'crop'], answers, { file: preprocessing, size: input })); // prettier-ignore
  return { preprocessing, input };
}

/** The same names in another order: one of them would call every class by another's name. */
function expectOneOrder(file: readonly Label[], configured: readonly Label[]): void {
  const at = file.findIndex(({ name }, i) => name !== configured[i]?.name);
  const sorted = (labels: readonly Label[]) => labels.map(({ name }) => name).sort();
  if (at >= 0 && isDeepStrictEqual(sorted(file), sorted(configured)))
    throw new SaccadeError('bad-labels', `The file of labels and config.json have the same names in another order: class ${at} is "${file[at]!.name.slice(0, 80)}" in the one and "${configured[at]!.name.slice(0, 80)}" in the other. Take the one away that is wrong, or give the labels this model was trained with.`); // prettier-ignore
}

/** @throws SaccadeError `no-logits`, `bad-labels`, `bad-config` */
function knownLabels(beside: Beside, answers: Answers): Label[] | null {
  if (answers.labels) return labelsFromNames(answers.labels);
  const { config, own, told } = beside;
  if (own?.labels.length === 0)
    throw new SaccadeError('no-logits', 'This file was exported without labels: it sees and does not name, and only the model that it was exported from can be taught labels. Import that one.'); // prettier-ignore
  if (own) return own.classes ?? labelsFromNames(own.labels);
  const configured = config?.has('id2label') || config?.has('label2id') ? labelsFor(config, null) : null;
  if (beside.labels && configured) expectOneOrder(beside.labels, configured);
  if (beside.labels ?? configured) return beside.labels ?? configured;
  const names = beside.lobe?.names ?? told.names;
  if (!config || !timmOf(beside)) return names && labelsFromNames(names);
  const classes = config.count('num_classes');
  return timmNames(config) || isImagenetByCustom(config, classes) ? labelsFromTimm(config, classes) : null;
}

/**
 * What makes probabilities of the graph's output. A trial run confirms what the dataflow shows.
 * @throws SaccadeError `unsupported-output`
 */
function activationOf({ config, own }: Beside, head: Head): Draft['outputActivation'] {
  if (head.activation !== null && head.activation !== 'softmax') return head.activation;
  if (head.activation === null && own?.activation) return own.activation;
  const said = outputActivationOf(config?.has('model_type') ? config : null, head.classes);
  if (said === 'sigmoid' && head.activation !== null)
    throw new SaccadeError('unsupported-output', 'config.json says "problem_type": "multi_label_classification", and the graph ends in a softmax, which lets one class alone hold. Export the model again, without the softmax.'); // prettier-ignore
  return said;
}

/** As the graph computes with it; where it gives no probabilities, as the file says. */
function temperatureOf({ own }: Beside, head: Head): number {
  return head.activation === null ? (own?.temperature ?? 1) : head.temperature;
}

function dtypeOf({ tensors }: OnnxFile): Draft['dtype'] {
  const names = { 1: 'F32', 10: 'F16', 16: 'BF16' } as const;
  const matrices = tensors.filter(({ dims }) => dims.length > 1);
  const [only, ...others] = new Set(matrices.map(({ dataType }) => dataType));
  return (!others.length && names[only as keyof typeof names]) || 'mixed';
}

/** A photo's own numbers, which whole ones can't be anything else than: whatever a file says, the graph does the rest. */
const levels: Pick<Preprocessing, 'mean' | 'std'> = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };

/** @throws SaccadeError `unsupported-preprocessing` */
function expectLevels({ mean = levels.mean, std = levels.std }: Answers, name: string): void {
  if (mean.every((each) => each === 0) && std.every((each) => Math.abs(each * 255 - 1) < 1e-3)) return;
  throw new SaccadeError('unsupported-preprocessing', `"${name.slice(0, 80)}" takes whole numbers from 0 to 255, which the graph normalises itself; found mean ${mean.join(', ')} and standard deviation ${std.join(', ')}. Leave both out.`); // prettier-ignore
}

/**
 * @param file the .onnx file
 * @throws SaccadeError `bad-onnx`, `unsupported-onnx`, `unsupported-input`, `not-finite`, `missing-preprocessing`, `missing-labels`,
 *   `wrong-labels`, `wrong-input-size`, `no-logits`, `bad-config`, `bad-labels`, `unsupported-preprocessing`
 */
export function describeOnnx(file: string, answers: Answers = {}): Draft {
  const onnx = readOnnx(file);
  const nan = tensorWithNaN(onnx.tensors, dirname(file));
  if (nan)
    throw new SaccadeError('not-finite', `The weights of "${nan.name.slice(0, 80)}" hold NaN; a model of finite numbers was expected.`); // prettier-ignore
  const beside = readBeside(onnx);
  const info = imageInput(onnx);
  const declared = declaredInput(info);
  if (declared.batch !== null && declared.batch > 1)
    throw new SaccadeError('unsupported-input', `${basename(file)} takes ${declared.batch} photos at a time and no other number. Export the model with a free batch, or with a batch of 1.`); // prettier-ignore
  const known = knownLabels(beside, answers);
  const whole = declared.type === 'uint8';
  if (whole) expectLevels(answers, info.name);
  // A configuration of transformers that names no classes has its own names for them, their numbers.
  const numbered = beside.config?.has('model_type') ?? false;
  const { preprocessing, input } = decide(beside, whole ? { ...answers, ...levels } : answers, declared, {
    named: known !== null || numbered,
    classesAt: (at) => analyse(onnx, at, known?.length ?? null).head.classes,
  });
  const analysis = analyse(onnx, input, known?.length ?? null);
  const { head, attention, pool } = analysis;
  const wanted = beside.own ? null : wantedInstead(analysis.flow, analysis.input.name, preprocessing);
  if (wanted) {
    const [mean, std] = [wanted.mean, wanted.std.map((each) => Number(each.toPrecision(6)))];
    throw new OpenAnswers(
      'unsupported-preprocessing',
      `The graph normalises photos itself, from numbers of ${wanted.from}, and they would be normalised twice, with mean ${preprocessing.mean.join(', ')} and standard deviation ${preprocessing.std.join(', ')} before. Give the mean as ${mean.join(', ')} and the standard deviation as ${std.join(', ')}.`,
      open(['mean', 'std'], answers, { file: preprocessing, size: input, classes: head.classes }),
    );
  }
  // A backbone's vector is no answer: a head of transformers has as many classes as this says, or two.
  const counted = numbered && beside.config!.count('num_labels', 2) === head.classes;
  const labels = known ?? (counted ? numberedLabels(head.classes) : null);
  if (!labels)
    throw new OpenAnswers(
      'missing-labels',
      `Nothing beside the model names its ${head.classes} classes: expected config.json with "id2label", labels.json or labels.txt. Put one there, or give a file with one name a line${head.classes === 1000 ? ` (${imagenet}, if they are ImageNet-1k's)` : ''}.`,
      open(['labels'], answers, { file: preprocessing, size: input, classes: head.classes }),
    );
  const assumed = assumedOf(beside, whole ? { ...answers, ...levels } : answers, head);
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
    outputActivation: activationOf(beside, head),
    ...(assumed.length && { assumed }),
    calibration: { temperature: temperatureOf(beside, head) },
    doubt: beside.own?.doubt ?? null,
    parameters: onnx.parameters,
    licence:
      beside.own?.licence && beside.own.licence !== 'unknown' ? beside.own.licence : beside.told.licence,
    files: onnx.files,
    dtype: dtypeOf(onnx),
  };
}
