/** The graphs of a Vision Transformer: `classify` for runs, the others for one photo at a time. */
import { featureWidth, gridOf, type VitConfig } from './config.ts';
import { type MapName, plainRollout, type RolloutOptions } from './explain/options.ts';
import { type Explained, inspection, mapOf, type RunMap } from './explain/outputs.ts';
import { attentionDistance, patchDistances, tokenRows } from './explain/rows.ts';
import { headOf, readDirection, sumOf, viewOf } from './explain/vit.ts';
import { ablatedVit } from './ablation.ts';
import type { GraphPrecision } from './kinds.ts';
import { absentMaps, indivisible } from './absent-maps.ts';
import type { Dimension } from './onnx/builder.ts';
import type { ExternalTensor, Value } from './onnx/types.ts';
import { type Int8Options, Int8Vit } from './quantize.ts';
import { type Encoded, Vit } from './vit.ts';
import type { VitWeights } from './weights/read.ts';

export interface VitGraph {
  model: Uint8Array;
  externalData: ExternalTensor[];
  outputs: string[];
  /** Why a map is not among the outputs. */
  absent: Partial<Record<MapName, string>>;
  /** Length of the input `direction`; null: the graph has none. */
  direction: number | null;
}

export interface VitGraphOptions {
  kind: 'classify' | 'inspect';
  precision: GraphPrecision;
  /** Which map `classify` returns as `map` [B, N]; null: none. */
  map: MapName | null;
  rollout?: RolloutOptions;
  signed?: Int8Options['signed'];
}

/** What explanations need of a graph of ours. */
export function explainedBy(
  vit: Vit,
  encoded: Encoded,
  logits: Value | null,
  rollout: RolloutOptions,
): Explained {
  return {
    view: viewOf(vit, encoded),
    logits,
    sum: indivisible(vit.config)
      ? null
      : {
          residual: () => sumOf(vit, encoded),
          head: () => headOf(vit),
          read: (direction: Value) => readDirection(vit, direction),
        },
    rollout,
  };
}

/**
 * Null: the model can't give it.
 * @param gathering as `read` of models/vit.ts gives it
 * @param asked as `mapOf` takes it
 */
export function storedMap(
  vit: Vit,
  explained: Explained,
  gathering: Value | null,
  map: MapName,
  asked: Value | null = null,
): RunMap | null {
  const { g, config } = vit;
  // What the head reads by, where that is an attention of its own.
  if (map === 'cls' && gathering) {
    const rows = g.reshape(gathering, [0, config.heads, gridOf(config).patches]);
    return { map: g.reduce('Mean', rows, 1), terms: null };
  }
  return mapOf(explained, map, asked);
}

/**
 * Inputs: `pixel_values` float32 [B, 3, height, width], normalised; for `inspect` also `class_index` int64 [1], the
 * class to explain (−1: the best; −2: none; not read where there is no head), and unless the answer can't be taken
 * apart `direction` float32 [1 or B, F], which is explained instead, or added to the class's row (models/explain/direction.ts; zeros: the class alone).
 * Outputs, float32:
 * - both: `logits` [B, C] where there is a head, `feature` [B, F], of which they are a linear function;
 *   classify: `map` [B, N], and of evidence `map_terms` [B, 2] (`totals` of models/explain/contribution.ts)
 * - inspect: `cls_attention` [B, L, H, N], `rollout` [B, N], and unless `absent.class`: `class_map` and `class_bias_map`
 *   [B, L, N], `class_special`, `class_mlp`, `class_bias` [B, L], `class_start`, `class_head` [B]. One photo may be
 *   asked about many directions: then B of the last is their number.
 */
export function buildVitGraph(config: VitConfig, weights: VitWeights, options: VitGraphOptions): VitGraph {
  const rollout = options.rollout ?? plainRollout;
  const { precision, signed } = options;
  const half = precision === 'fp16';
  const built = { type: half ? 'float16' : 'float32', allRows: rollout.discardRatio > 0 } as const;
  const vit =
    precision === 'int8'
      ? new Int8Vit(config, weights, { ...built, signed })
      : new Vit(config, weights, built);
  const { g } = vit;
  const give = (name: string, value: Value, shape: Dimension[]) =>
    g.output(name, half ? g.float(value) : value, 'float32', shape);

  const encoded = vit.encode();
  const { feature, gathering } = vit.read(encoded.tokens);
  const logits = config.classes ? vit.classify(feature) : null;
  const width = featureWidth(config);
  if (logits) give('logits', logits, ['batch', config.classes]);
  give('feature', feature, ['batch', width]);
  const absent = absentMaps(config);
  const explained = explainedBy(vit, encoded, logits, rollout);
  const asksDirection = options.kind === 'inspect' && explained.sum !== null;
  if (options.kind === 'inspect') {
    const asked = g.input('class_index', 'int64', [1]);
    const given = asksDirection ? g.input('direction', 'float32', ['directions', width]) : null;
    const typed = half && given ? g.cast(given, 'float16') : given;
    for (const { name, value, shape } of inspection(explained, asked, typed)) give(name, value, shape);
  } else {
    const stored = options.map && storedMap(vit, explained, gathering, options.map);
    if (stored) give('map', stored.map, ['batch', gridOf(config).patches]);
    if (stored?.terms) g.output('map_terms', stored.terms, 'float32', ['batch', 2]);
  }
  const direction = asksDirection ? width : null;
  return { ...g.finish('vit'), outputs: g.outputNames, absent, direction };
}

type PartGraph = Omit<VitGraph, 'absent' | 'direction'>;

/**
 * What the model answers of parts of one photo, with some heads or all of them. Inputs: `pixel_values` float32
 * [1, 3, height, width], normalised; `kept` int64 [B, K], indices of the patches that stay, of B sets of the same size;
 * `head_mask` float32 [L, H], 1 for a head as it is and 0 for one that adds nothing. Outputs, float32: `logits` [B, C]
 * where there is a head, `feature` [B, F]. A head that reads patches needs one at least (K ≥ 1). In int8 as runs are, so
 * that the answer to a part is compared with one of the same rounding; fp16 is for runs alone.
 */
export function buildAblationGraph(
  config: VitConfig,
  weights: VitWeights,
  { precision, signed }: Pick<VitGraphOptions, 'precision' | 'signed'> = { precision: 'fp32' },
): PartGraph {
  const vit = ablatedVit(config, weights, precision, { type: 'float32', signed });
  const { g } = vit;
  const { feature } = vit.read(vit.encode().tokens);
  if (config.classes) g.output('logits', vit.classify(feature), 'float32', ['sets', config.classes]);
  g.output('feature', feature, 'float32', ['sets', featureWidth(config)]);
  return { ...g.finish('ablation'), outputs: g.outputNames };
}

/**
 * Where tokens look. Inputs: `pixel_values` float32 [B, 3, height, width], normalised; `query` int64 [1], index of a
 * token, special ones first. Outputs, float32: `token_attention` [B, L, H, T], that token's rows of the softmax;
 * `attention_distance` [B, L, H], pixels of the input (models/explain/rows.ts).
 */
export function buildAttentionGraph(config: VitConfig, weights: VitWeights): PartGraph {
  const vit = new Vit(config, weights, { type: 'float32', allRows: true });
  const { g } = vit;
  const { depth, heads, patchSize } = config;
  const view = viewOf(vit, vit.encode());
  const query = g.input('query', 'int64', [1]);
  const distances = patchDistances(gridOf(config), { height: patchSize, width: patchSize });
  g.output('token_attention', tokenRows(view, query), 'float32', ['batch', depth, heads, vit.layers.tokens]);
  g.output('attention_distance', attentionDistance(view, distances), 'float32', ['batch', depth, heads]);
  return { ...g.finish('attention'), outputs: g.outputNames };
}
