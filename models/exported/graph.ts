/** A model as an ONNX graph for others: with the maps asked for, names and notes that people can read, any head. */
import { featureWidth, gridOf, type VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { type MapName, plainRollout } from '../explain/options.ts';
import type { Explained } from '../explain/outputs.ts';
import { absentMaps } from '../absent-maps.ts';
import { explainedBy, storedMap } from '../graphs.ts';
import type { GraphPrecision } from '../kinds.ts';
import { type Head, rowsOf } from '../heads/head.ts';
import { noneOfThese } from '../heads/label-names.ts';
import type { Label, ModelManifest } from '../manifest.ts';
import { isEach, metadataOf } from './metadata.ts';
import { onlyNeeded } from '../onnx/needed.ts';
import type { Model } from '../onnx/schema.ts';
import type { ExternalTensor, Value } from '../onnx/types.ts';
import { Int8Vit } from '../quantize.ts';
import { Vit } from '../vit.ts';
import type { VitWeights } from '../weights/read.ts';

export interface ExportedGraphOptions {
  precision: GraphPrecision;
  maps: readonly MapName[];
  opset?: number | undefined;
  /** In place of the model's own. */
  head: Head | null;
}

export interface ExportedGraph {
  message: Model;
  external: readonly ExternalTensor[];
  inputs: { name: string; about: string }[];
  outputs: { name: string; about: string }[];
}

/** Names of the outputs that maps are. */
export const mapOutputs: Record<MapName, string> = {
  cls: 'cls_map',
  rollout: 'rollout_map',
  class: 'class_map',
};

const aboutMaps: Record<MapName, string> = {
  cls: 'Attention of what the head reads to each patch in the last layer, mean of its heads',
  rollout: 'Attention followed through all layers (Abnar and Zuidema 2020), to each patch',
  class:
    'What each patch adds to the logit of the class, or takes from it, through attention, summed over layers',
};

/** Rows of the head as [F, C]. */
function turned({ weight, fits }: Head, rows: number, factor: number): Float32Array {
  const out = new Float32Array(weight.length);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < fits.length; i++) out[i * rows + row] = weight[row * fits.length + i]! * factor;
  return out;
}

function labelsOf(manifest: ModelManifest, head: Head | null): readonly Label[] {
  if (!head) return manifest.labels;
  return head.none ? [...head.labels, noneOfThese] : head.labels;
}

/** Logits by the cosine of feature and rows, and how its directions are read: each over the feature's length. */
function cosine(vit: Vit, feature: Value) {
  const { g } = vit;
  const squares = g.reduce('Sum', g.mul(feature, feature), 1, true);
  const length = g.max(g.sqrt(squares), g.scalar(1e-6)); // [B, 1]
  return { logits: vit.classify(g.div(feature, length)), length };
}

interface Answers {
  logits: Value;
  probabilities: Value;
  explained: Explained;
}

function answersOf(
  vit: Vit,
  encoded: ReturnType<Vit['encode']>,
  feature: Value,
  manifest: ModelManifest,
  head: Head | null,
): Answers {
  const { g } = vit;
  const byCosine = head?.reads.how === 'cosine' ? cosine(vit, feature) : null;
  const logits = byCosine?.logits ?? vit.classify(feature);
  const explained = explainedBy(vit, encoded, logits, plainRollout);
  if (byCosine && explained.sum) {
    const { read } = explained.sum;
    explained.sum.read = (direction) => read!(g.div(direction, byCosine.length));
  }
  const { temperature } = head?.calibration ?? manifest.calibration;
  const each = isEach(manifest, head);
  const probabilities = g.label('probabilities', () => {
    const scaled = g.mul(g.float(logits), g.constant(Float32Array.of(1 / temperature), []));
    return each ? g.op('Sigmoid', [scaled]) : g.softmax(scaled, 2);
  });
  return { logits, probabilities, explained };
}

/**
 * Input `pixel_values` float32 [batch, 3, height, width], normalised; with the map `class` also `class_index` int64
 * [1], −1 for the likeliest. Outputs, float32: `logits` and `probabilities` [batch, C] where there is a head, `feature`
 * [batch, F], and the maps of `mapOutputs` [batch, N].
 * @throws SaccadeError `cannot-export` where a map can't be had
 */
export function exportedGraph(
  manifest: ModelManifest,
  weights: VitWeights,
  options: ExportedGraphOptions,
): ExportedGraph {
  const { head, maps, precision, opset } = options;
  const own = manifest.architecture as unknown as VitConfig;
  const rows = head ? rowsOf(head) : own.classes;
  const config: VitConfig = { ...own, classes: rows };
  const factor = head?.reads.how === 'cosine' ? head.reads.scale : 1;
  const read = head ? { ...weights, head: { weight: turned(head, rows, factor), bias: head.bias } } : weights;
  const absent = absentMaps(config);
  for (const map of maps)
    if (absent[map] !== undefined)
      throw new SaccadeError('cannot-export', `The map "${map}" can't be exported. ${absent[map]}`);
  const half = precision === 'fp16';
  const built = { type: half ? 'float16' : 'float32', opset } as const;
  const vit = precision === 'int8' ? new Int8Vit(config, read, built) : new Vit(config, read, built);
  const { g } = vit;
  const outputs: ExportedGraph['outputs'] = [];
  const give = (name: string, value: Value, length: number, about: string) => {
    outputs.push({ name, about });
    g.output(name, half ? g.label(name, () => g.float(value)) : value, 'float32', ['batch', length], about);
  };
  const { preprocessing } = manifest;
  const inputs = [
    {
      name: 'pixel_values',
      about: `RGB photos as float32 [batch, 3, ${config.imageSize.height}, ${config.imageSize.width}], in 0 … 1, less the mean ${preprocessing.mean.join(', ')}, over the deviation ${preprocessing.std.join(', ')}`,
    },
  ];
  const labels = labelsOf(manifest, head);
  const encoded = vit.encode();
  const { feature, gathering } = vit.read(encoded.tokens);
  const answers = rows ? answersOf(vit, encoded, feature, manifest, head) : null;
  if (answers) {
    give(
      'logits',
      answers.logits,
      rows,
      `Before temperature and ${isEach(manifest, head) ? 'sigmoid' : 'softmax'}, in the order of the metadata's saccade.labels`,
    );
    outputs.push({
      name: 'probabilities',
      about: `Of the labels, after temperature and ${isEach(manifest, head) ? 'sigmoid' : 'softmax'}`,
    });
    g.output('probabilities', answers.probabilities, 'float32', ['batch', rows], outputs.at(-1)!.about);
  }
  give('feature', feature, featureWidth(config), 'The vector that the logits are a linear function of');
  const explained = answers?.explained ?? explainedBy(vit, encoded, null, plainRollout);
  let asked: Value | null = null;
  if (maps.includes('class')) {
    inputs.push({
      name: 'class_index',
      about:
        'Whose evidence class_map shows: int64 [1], an index of saccade.labels; −1: the likeliest of each photo',
    });
    asked = g.input('class_index', 'int64', [1], inputs.at(-1)!.about);
  }
  const { rows: high, columns, patches } = gridOf(config);
  for (const map of maps) {
    const value = g.label(mapOutputs[map], () => storedMap(vit, explained, gathering, map, asked)?.map);
    if (value) give(mapOutputs[map], value, patches, `${aboutMaps[map]}; ${high} rows of ${columns} patches`);
  }
  const told = [...inputs, ...outputs].map(({ name, about }) => `${name}: ${about}.`);
  const message = onlyNeeded(
    g.message('vision_transformer', {
      docString: `${manifest.name}, written by Saccade. ${told.join(' ')}`,
      metadataProps: metadataOf(manifest, head, labels),
    }),
  );
  message.graph!.input.find(({ name }) => name === 'pixel_values')!.docString = inputs[0]!.about;
  return { message, external: g.external, inputs, outputs };
}
