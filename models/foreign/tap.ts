/**
 * Exposes attention in an ONNX model that somebody else exported. Attention is found by shape and dataflow, never by
 * name, and reduced inside the graph; what the model computes for its logits is left as it is.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { RolloutOptions } from '../explain/attention.ts';
import { SaccadeError } from '../error.ts';
import type { MapName } from '../graphs.ts';
import type { ModelManifest } from '../manifest.ts';
import { valueInfo } from '../onnx/builder.ts';
import { type OnnxFile, readOnnx } from '../onnx/read.ts';
import { encodeModel, type Graph } from '../onnx/schema.ts';
import { analyse, type Analysis } from './analyse.ts';
import { checkValues, classTerms } from './class.ts';
import { decompose, type Decomposition, NoSum } from './decompose.ts';
import type { Flow } from './flow.ts';
import { Graft, type Value } from './graft.ts';
import { clsAttention, lastMap, rollout, type Tapped } from './maps.ts';
import { namesIn, rename } from './rename.ts';

export interface TapOptions {
  kind: 'classify' | 'inspect';
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
}

/** Names that the tapped graph gives to its input and outputs. */
const classOutputs = ['class_map', 'class_bias_map', 'class_special', 'class_mlp', 'class_bias', 'class_start', 'class_head'] as const; // prettier-ignore
const ours = ['pixel_values', 'class_index', 'logits', 'feature', 'map', 'cls_attention', 'rollout', ...classOutputs]; // prettier-ignore

function isTapped(analysis: Analysis): analysis is Tapped {
  return analysis.attention !== null;
}

/** The model as a sum, or one sentence that says why it can't be read as one. */
export function sumOf(analysis: Analysis): Decomposition | string {
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
function placeInput(g: Graft, graph: Graph, name: string, type: Analysis['input']['type']): void {
  if (type === 'float32') return rename(graph, name, 'pixel_values');
  const types = { float16: 10, bfloat16: 16, float64: 11 } as const;
  g.node('Cast', ['pixel_values'], { to: types[type] }, name);
  graph.node.unshift(...graph.node.splice(-1)); // before whatever reads it
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
  return maker?.output.length === 1 ? g.again(maker) : value;
}

export function tap(
  file: OnnxFile,
  analysis: Analysis,
  input: { height: number; width: number },
  options: TapOptions,
): Omit<TappedGraph, 'externalData'> {
  const { graph, model } = file;
  const { head, attention } = analysis;
  const taken = namesIn(graph);
  const g = new Graft(graph, file.opset, taken);
  graph.output = [];
  const batch = analysis.fixedBatch ?? 'batch';
  const made: { name: string; value: Value; shape: number[] }[] = [];
  const give = (name: string, value: Value, ...shape: number[]) => made.push({ name, value, shape });

  const logits = g.reshape(g.float(head.logits), -1, head.classes);
  give('logits', logits, head.classes);
  const width = head.feature && analysis.flow.shape(head.feature)?.[1];
  if (head.feature && width) give('feature', g.float(apart(g, analysis.flow, head.feature)), width);
  const sum = sumOf(analysis);
  const absent = absentOf(analysis, sum);
  const asked = g.name('class_index');
  if (isTapped(analysis)) {
    const { layers, heads, tokens, special } = analysis.attention;
    const patches = tokens - special;
    if (options.kind === 'inspect') {
      give('cls_attention', clsAttention(g, analysis), layers.length, heads, patches);
      give('rollout', rollout(g, analysis, options.rollout), patches);
      if (typeof sum !== 'string') {
        const terms = classTerms(g, analysis, sum, logits, asked);
        const perLayer = {
          class_map: [patches],
          class_bias_map: [patches],
          class_start: null,
          class_head: null,
        };
        for (const name of classOutputs) {
          const shape = name in perLayer ? perLayer[name as keyof typeof perLayer] : [];
          give(name, terms[name], ...(shape ? [layers.length, ...shape] : []));
        }
      }
    } else if (options.map === 'cls') give('map', lastMap(g, analysis), patches);
    else if (options.map === 'rollout') give('map', rollout(g, analysis, options.rollout), patches);
    else if (options.map === 'class' && typeof sum !== 'string') {
      const byLayer = classTerms(g, analysis, sum, logits, null).class_map;
      give('map', g.reshape(g.sum(byLayer, 1), -1, patches), patches);
    }
  }
  const moved = makeRoom(graph, taken);
  placeInput(g, graph, moved.get(analysis.input.name) ?? analysis.input.name, analysis.input.type);
  graph.input = [valueInfo('pixel_values', 'float32', [batch, 3, input.height, input.width])];
  for (const { name, value, shape } of made) {
    g.node('Identity', [value], {}, name);
    graph.output.push(valueInfo(name, 'float32', [batch, ...shape]));
  }
  if (options.kind === 'inspect') {
    graph.input.push(valueInfo('class_index', 'int64', [1]));
    g.node('Identity', ['class_index'], {}, asked);
    graph.node.unshift(...graph.node.splice(-1)); // before whatever reads it
  }
  graph.valueInfo = []; // notes of sizes that may no longer hold
  if (model.irVersion < 4n) model.irVersion = 4n; // weights need not be inputs from here on
  return {
    model: encodeModel(model),
    outputs: made.map(({ name }) => name),
    absent,
    direction: null,
    layers: attention?.layers.length ?? 0,
    heads: attention?.heads ?? 0,
    batch: batchOf(analysis),
  };
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
 * classify: `map` [B, N]; inspect: `cls_attention` [B, L, H, N], `rollout` [B, N], and `class_…` as models/graphs.ts has them,
 * unless `absent`.
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
