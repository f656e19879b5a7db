/** The two graphs of a Vision Transformer: `classify` for runs, `inspect` for one photo at a time. */
import { featureWidth, gridOf, type VitConfig } from './config.ts';
import { clsRows, lastMap, plainRollout, rollout, type RolloutOptions } from './explain/attention.ts';
import { contribution } from './explain/contribution.ts';
import { askedDirection, classDirection } from './explain/direction.ts';
import { headOf, sumOf, viewOf } from './explain/vit.ts';
import type { ExternalTensor, Value } from './onnx/types.ts';
import { Int8Vit } from './quantize.ts';
import { Vit } from './vit.ts';
import type { VitWeights } from './weights/read.ts';

export type MapName = 'cls' | 'rollout' | 'class';

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
  precision: 'fp32' | 'fp16' | 'int8';
  /** Which map `classify` returns as `map` [B, N]; null: none. */
  map: MapName | null;
  rollout?: RolloutOptions;
}

const postNorm =
  'This model normalises after each block, so earlier contributions pass through later norms and no longer add up to the answer.';

export function absentMaps(config: VitConfig): Partial<Record<MapName, string>> {
  return config.norm === 'post' ? { class: postNorm } : {};
}

/**
 * Inputs: `pixel_values` float32 [B, 3, height, width], normalised; for `inspect` also `class_index` int64 [1], the
 * class to explain (−1: the best; −2: none), and unless `absent.class` `direction` float32 [1 or B, F], which is
 * explained instead, or added to the class's row (models/explain/direction.ts; zeros: the class alone).
 * Outputs, float32:
 * - both: `logits` [B, C], `feature` [B, F], of which the logits are a linear function;  classify: `map` [B, N]
 * - inspect: `cls_attention` [B, L, H, N], `rollout` [B, N], and unless `absent.class`: `class_map` and `class_bias_map`
 *   [B, L, N], `class_special`, `class_mlp`, `class_bias` [B, L], `class_start`, `class_head` [B]. One photo may be
 *   asked about many directions: then B of the last is their number.
 */
export function buildVitGraph(config: VitConfig, weights: VitWeights, options: VitGraphOptions): VitGraph {
  const { classes, depth, heads } = config;
  const { patches } = gridOf(config);
  const rolloutOptions = options.rollout ?? plainRollout;
  const Kind = options.precision === 'int8' ? Int8Vit : Vit;
  const type = options.precision === 'fp16' ? 'float16' : 'float32';
  const vit = new Kind(config, weights, { type, allRows: rolloutOptions.discardRatio > 0 });
  const { g } = vit;
  const absent = absentMaps(config);
  const give = (name: string, value: Value, shape: number[], batch = 'batch') =>
    g.output(name, type === 'float16' ? g.float(value) : value, 'float32', [batch, ...shape]);

  const encoded = vit.encode();
  const feature = vit.feature(encoded.tokens);
  const logits = vit.classify(feature);
  give('logits', logits, [classes]);
  give('feature', feature, [featureWidth(config)]);
  const view = viewOf(vit, encoded);
  const finish = (direction: number | null): VitGraph => ({
    ...g.finish('vit'),
    outputs: g.outputNames,
    absent,
    direction,
  });

  if (options.kind === 'classify') {
    const { map } = options;
    if (map && !absent[map]) give('map', mapOf(map), [patches]);
    return finish(null);
  }
  const asked = g.input('class_index', 'int64', [1]);
  give('cls_attention', clsRows(view), [depth, heads, patches]);
  give('rollout', rollout(view, rolloutOptions), [patches]);
  if (absent.class) return finish(null);
  const width = featureWidth(config);
  const input = g.input('direction', 'float32', ['directions', width]);
  const given = type === 'float16' ? g.cast(input, 'float16') : input;
  const { direction, bias } = askedDirection(g, headOf(vit), logits, asked, given);
  const terms = contribution(view, sumOf(vit, encoded), direction);
  const explain = (name: string, value: Value, shape: number[]) => give(name, value, shape, 'explained');
  explain('class_map', terms.patches, [depth, patches]);
  explain('class_bias_map', terms.biasMap, [depth, patches]);
  explain('class_special', terms.special, [depth]);
  explain('class_mlp', terms.mlp, [depth]);
  explain('class_bias', terms.bias, [depth]);
  explain('class_start', terms.start, []);
  explain('class_head', bias ? g.add(terms.head, bias) : terms.head, []);
  return finish(width);

  function mapOf(map: MapName): Value {
    if (map === 'rollout') return rollout(view, rolloutOptions);
    if (map === 'cls') return lastMap(view);
    const { direction } = classDirection(g, headOf(vit), logits, null);
    return g.reduce('Sum', contribution(view, sumOf(vit, encoded), direction).patches, 1);
  }
}
