/**
 * Exposes attention in an ONNX model that somebody else exported. Attention is found by shape and dataflow, never by
 * name, and reduced inside the graph; what the model computes for its logits is left as it is.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { type MapName, plainRollout, type RolloutOptions } from '../explain/options.ts';
import { type Explained, inspection, mapOf } from '../explain/outputs.ts';
import { attentionDistance, patchDistances, tokenRows } from '../explain/rows.ts';
import type { ModelManifest } from '../manifest.ts';
import { type Dimension, valueInfo } from '../onnx/builder.ts';
import { type OnnxFile, readOnnx } from '../onnx/read.ts';
import { encodeModel, type Graph } from '../onnx/schema.ts';
import type { ElementType, Value } from '../onnx/types.ts';
import { analyse, type Analysis } from './analyse.ts';
import { decompose, type Decomposition, NoSum } from './decompose.ts';
import type { Flow } from './flow.ts';
import type { GraphKind } from '../kinds.ts';
import { Graft } from './graft.ts';
import { maskHeads, maskTokens, whyAllHeads, whyWhole } from './mask.ts';
import { namesIn, rename } from './rename.ts';
import { checkValues } from './values.ts';
import { featureWidth, headOf, sumOf, type Tapped, viewOf } from './view.ts';

export interface TapOptions {
  kind: GraphKind;
  /** Which map `classify` returns as `map` [B, N]; null: none. */
  map: MapName | null;
  /** Default: the mean of heads, nothing discarded. */
  rollout?: RolloutOptions;
}

export interface TappedGraph {
  /** ONNX protobuf. */
  model: Uint8Array;
  /** For the session's option of the same name. */
  externalData: { path: string; data: Uint8Array }[];
  outputs: string[];
  /** Why a map is not among the outputs. */
  absent: Partial<Record<MapName, string>>;
  /** Length of the input `direction`; null: the graph has none. */
  direction: number | null;
  layers: number;
  heads: number;
  /** 1: the exporter fixed the batch, or answers depend on the neighbours in it; null: any number of photos. */
  batch: 1 | null;
  tokens: { first: number; patches: number; all: number } | null;
  /** Of `ablate`: null where tokens are left out by a mask, else the sentence why they can't be. */
  whole: string | null;
  /** Of `ablate`: null where heads can be switched off, else the sentence why they can't. */
  allHeads: string | null;
}

/** Names that the tapped graph gives to its input and outputs. */
const ours = [
  ...[
    'pixel_values',
    'class_index',
    'direction',
    'logits',
    'feature',
    'map',
    'map_terms',
    'cls_attention',
    'rollout',
  ],
  ...['class_map', 'class_bias_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head'],
  ...['token_mask', 'head_mask', 'query', 'token_attention', 'attention_distance'],
];

function isTapped(analysis: Analysis): analysis is Tapped {
  return analysis.attention !== null;
}

/** The model as a sum, or one sentence that says why it can't be read as one. */
export function decomposition(analysis: Analysis): Decomposition | string {
  try {
    const parts = decompose(analysis);
    checkValues(analysis.flow, parts);
    return parts;
  } catch (error) {
    if (!(error instanceof NoSum)) throw error;
    return `This model's answer can't be taken apart into what each patch adds: ${error.message}.`;
  }
}

/** Why maps can't be given. */
export function absentOf(
  { absent }: Analysis,
  sum: Decomposition | string,
): Partial<Record<MapName, string>> {
  if (absent) return { cls: absent, rollout: absent, class: absent };
  return typeof sum === 'string' ? { class: sum } : {};
}

/** A dynamic scale spans the whole batch, so a photo's answer would depend on its neighbours. */
export function batchOf({ flow, fixedBatch }: Analysis): 1 | null {
  const dynamic = flow.graph.node.some(({ opType }) => opType.startsWith('DynamicQuantize'));
  return dynamic ? 1 : fixedBatch;
}

/** The photo comes in as float32 [B, 3, height, width] under our name, whatever the model takes under its `name`. */
function placeInput(g: Graft, graph: Graph, name: string, { type, coloursLast }: Analysis['input']): void {
  if (type === 'float32' && !coloursLast) return rename(graph, name, 'pixel_values');
  const types = { uint8: 2, float16: 10, bfloat16: 16, float64: 11 } as const;
  g.inFront(() => {
    let photo = coloursLast ? g.transpose('pixel_values', [0, 2, 3, 1]) : 'pixel_values';
    // A cast drops what follows the point, and of numbers below 0 each processor makes another one.
    if (type === 'uint8') photo = g.op('Relu', [g.add(photo, g.scalar(0.5))]);
    if (type === 'float32') g.node('Identity', [photo], {}, [name]);
    else g.node('Cast', [photo], { to: types[type] }, [name]);
  });
}

/** Frees the names that are ours. @returns old name → new name */
function makeRoom(graph: Graph, taken: Set<string>): Map<string, string> {
  const moved = new Map<string, string>();
  for (const name of ours.filter((own) => taken.has(own))) {
    let free = `${name}/original`;
    while (taken.has(free)) free += '_';
    taken.add(free);
    moved.set(name, free);
    rename(graph, name, free);
  }
  return moved;
}

/**
 * On the CPU onnxruntime computes float16 nodes that stand alone in float32, and a second reader ends that: the same
 * logits to the last bit need a second maker instead.
 */
function apart(g: Graft, flow: Flow, value: Value): Value {
  const maker = flow.known(value).type === 10 ? flow.maker(value) : undefined;
  return maker?.output.length === 1 ? g.again(maker)[0]! : value;
}

type Ask = (name: string, type: ElementType, shape: Dimension[]) => Value;

const unmasked = { whole: null, allHeads: null };

/** Tokens and heads are left out by masks, which are inputs. @returns why tokens, or heads, can't be; null: they can */
function masked(g: Graft, analysis: Analysis, ask: Ask): Pick<TappedGraph, 'whole' | 'allHeads'> {
  const { attention, flow } = analysis;
  const whole = whyWhole(analysis);
  if (whole === null && attention)
    maskTokens(g, flow, attention, ask('token_mask', 'float32', [attention.tokens]));
  const allHeads = whyAllHeads(analysis);
  if (allHeads === null && attention)
    maskHeads(g, flow, attention, ask('head_mask', 'float32', [attention.layers.length, attention.heads]));
  return { whole, allHeads };
}

function tap(
  file: OnnxFile,
  analysis: Analysis,
  input: { height: number; width: number },
  options: TapOptions,
): Omit<TappedGraph, 'externalData'> {
  const { graph, model } = file;
  const { head, attention, flow } = analysis;
  const taken = namesIn(graph);
  const g = new Graft(graph, file.opset, taken);
  graph.output = [];
  const batch = analysis.fixedBatch ?? 'batch';
  const made: { name: string; value: Value; shape: Dimension[] }[] = [];
  const give = (name: string, value: Value, shape: Dimension[]) => made.push({ name, value, shape });

  const logits = g.reshape(g.float(head.logits), [-1, head.classes]);
  give('logits', logits, [batch, head.classes]);
  const width = head.features.reduce((sum, feature) => sum + flow.shape(feature)![1]!, 0);
  if (width) give('feature', g.concat(head.features.map((feature) => g.float(apart(g, flow, feature))), 1), [batch, width]); // prettier-ignore
  const parts = decomposition(analysis);
  const explained = isTapped(analysis) ? explainedBy(g, analysis, parts, logits, options.rollout) : null;
  const asks = options.kind === 'inspect';
  const direction = asks && explained && typeof parts !== 'string' ? featureWidth(flow, parts) : null;
  // Under names of their own until ours are free.
  const inputs: { name: string; value: Value; type: ElementType; shape: Dimension[] }[] = [];
  const ask: Ask = (name, type, shape) => {
    const value = g.name(name);
    inputs.push({ name, value, type, shape });
    return value;
  };
  const classIndex = asks ? ask('class_index', 'int64', [1]) : null;
  const asked = direction ? ask('direction', 'float32', ['directions', direction]) : null;
  const query = options.kind === 'attend' && explained ? ask('query', 'int64', [1]) : null;
  const { whole, allHeads } = options.kind === 'ablate' ? masked(g, analysis, ask) : unmasked;
  if (classIndex && explained)
    for (const { name, value, shape } of inspection(explained, classIndex, asked))
      give(name, value, [shape[0] === 'batch' ? batch : shape[0], ...shape.slice(1)]);
  if (query && explained && attention) {
    const { rows, columns } = attention.grid;
    const sides = { height: input.height / rows, width: input.width / columns };
    const far = attentionDistance(explained.view, patchDistances(attention.grid, sides));
    const [depth, { heads, tokens }] = [attention.layers.length, attention];
    give('token_attention', tokenRows(explained.view, query), [batch, depth, heads, tokens]);
    give('attention_distance', far, [batch, depth, heads]);
  }
  const stored =
    options.kind === 'classify' && explained && options.map ? mapOf(explained, options.map) : null;
  if (explained && stored) give('map', stored.map, [batch, explained.view.patches.count]);
  if (stored?.terms) give('map_terms', stored.terms, [batch, 2]);

  const moved = makeRoom(graph, taken);
  placeInput(g, graph, moved.get(analysis.input.name) ?? analysis.input.name, analysis.input);
  graph.input = [valueInfo('pixel_values', 'float32', [batch, 3, input.height, input.width])];
  for (const { name, type, shape } of inputs) graph.input.push(valueInfo(name, type, shape));
  if (inputs.length)
    g.inFront(() => {
      for (const { name, value } of inputs) g.node('Identity', [name], {}, [value]);
    });
  for (const { name, value, shape } of made) {
    g.node('Identity', [value], {}, [name]);
    graph.output.push(valueInfo(name, 'float32', shape));
  }
  graph.valueInfo = []; // notes of sizes that may no longer hold
  if (model.irVersion < 4n) model.irVersion = 4n; // weights need not be inputs from here on
  return {
    model: encodeModel(model),
    outputs: made.map(({ name }) => name),
    absent: absentOf(analysis, parts),
    direction,
    layers: attention?.layers.length ?? 0,
    heads: attention?.heads ?? 0,
    batch: batchOf(analysis),
    tokens: attention && {
      first: attention.firstPatch,
      patches: attention.tokens - attention.special,
      all: attention.tokens,
    },
    whole,
    allHeads,
  };
}

function explainedBy(
  g: Graft,
  tapped: Tapped,
  parts: Decomposition | string,
  logits: Value,
  rollout: RolloutOptions = plainRollout,
): Explained {
  const sum =
    typeof parts === 'string'
      ? null
      : { residual: () => sumOf(g, tapped, parts), head: () => headOf(g, parts, tapped.head.classes) };
  return { view: viewOf(g, tapped, typeof parts === 'string' ? null : parts), logits, sum, rollout };
}

/** Also over 2 GiB, which Node's readFileSync refuses. */
function readWhole(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    for (let done = 0; done < bytes.length;) {
      const got = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), done);
      if (!got)
        throw new SaccadeError(
          'bad-onnx',
          `${path} became shorter while it was read. Import the model again.`,
        );
      done += got;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/**
 * Input: `pixel_values` float32 [B, 3, height, width], normalised; for `inspect` also `class_index` int64 [1], the
 * class to explain, −1 for the best. Outputs, float32: `logits` [B, C], `feature` [B, D] where the classifier's input was found;
 * classify: `map` [B, N] and `map_terms` [B, 2]; inspect: `cls_attention` [B, L, H, N], `rollout` [B, N], and `class_…` and the input `direction`
 * as models/graphs.ts has them, unless `absent`.
 *
 * @throws SaccadeError when the file is no longer what model.json says
 */
export function tapOnnx(folder: string, manifest: ModelManifest, options: TapOptions): TappedGraph {
  const [name = ''] = manifest.weights.files;
  const file = readOnnx(join(folder, name));
  const analysis = analyse(file, manifest.input, manifest.labels.length);
  const externalData = file.files.slice(1).map((path) => ({ path, data: readWhole(join(folder, path)) }));
  return { ...tap(file, analysis, manifest.input, options), externalData };
}
