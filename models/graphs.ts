/** The two graphs of a Vision Transformer: `classify` for runs, `inspect` for one photo at a time. */
import {
  clsRows,
  classesToExplain,
  contribution,
  mapRow,
  plainRollout,
  rollout,
  type RolloutOptions,
} from './explain/attention.ts';
import { gridOf, type VitConfig } from './config.ts';
import type { Value } from './onnx/builder.ts';
import type { ExternalTensor } from './onnx/types.ts';
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
 * class to explain, −1 for the best. Outputs, float32:
 * - both: `logits` [B, C], `cls_feature` [B, D];  classify: `map` [B, N]
 * - inspect: `cls_attention` [B, L, H, N], `rollout` [B, N], and unless `absent.class`: `class_map` and `class_bias_map`
 *   [B, L, N], *   `class_special`, `class_mlp`, `class_bias` [B, L], `class_start`, `class_head` [B]
 */
export function buildVitGraph(config: VitConfig, weights: VitWeights, options: VitGraphOptions): VitGraph {
  const { classes, depth, heads, width } = config;
  const { patches } = gridOf(config);
  const rolloutOptions = options.rollout ?? plainRollout;
  const Kind = options.precision === 'int8' ? Int8Vit : Vit;
  const half = options.precision === 'fp16';
  const type = half ? 'float16' : 'float32';
  const g = new Kind(config, weights, { type, allRows: rolloutOptions.discardRatio > 0 });
  const absent = absentMaps(config);
  const give = (name: string, value: Value, shape: (number | string)[]) =>
    g.output(name, half ? g.cast(value, 'float32') : value, 'float32', ['batch', ...shape]);

  const encoded = g.encode();
  const { logits, feature } = g.classify(encoded.tokens);
  give('logits', logits, [classes]);
  give('cls_feature', feature, [width]);

  if (options.kind === 'inspect') {
    const asked = g.input('class_index', 'int64', [1]);
    give('cls_attention', clsRows(g, encoded), [depth, heads, patches]);
    give('rollout', rollout(g, encoded, rolloutOptions), [patches]);
    if (!absent.class) {
      const parts = contribution(g, encoded, classesToExplain(g, logits, asked));
      give('class_map', parts.patches, [depth, patches]);
      give('class_bias_map', parts.biasMap, [depth, patches]);
      give('class_special', parts.special, [depth]);
      give('class_mlp', parts.mlp, [depth]);
      give('class_bias', parts.bias, [depth]);
      give('class_start', parts.start, []);
      give('class_head', parts.head, []);
    }
  } else if (options.map && !absent[options.map]) {
    give('map', mapOf(g, options.map), [patches]);
  }
  return { ...g.finish('vit'), outputs: g.outputNames, absent };

  function mapOf(graph: Vit, map: MapName): Value {
    if (map === 'rollout') return rollout(graph, encoded, rolloutOptions);
    if (map === 'cls') {
      const last = encoded.blocks.at(-1);
      if (!last) throw new Error('a Vision Transformer has at least one block');
      return graph.reduce('Mean', mapRow(graph, last.probabilities), 1);
    }
    const { patches: byLayer } = contribution(graph, encoded, classesToExplain(graph, logits, null));
    return graph.reduce('Sum', byLayer, 1);
  }
}
