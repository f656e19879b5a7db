/** From an installed model to the bytes a session is made of. */
import { join } from 'node:path';
import { gridOf, prefixTokens, type VitConfig } from './config.ts';
import { SaccadeError } from './error.ts';
import type { MapName, RolloutOptions } from './explain/options.ts';
import { absentMaps } from './absent-maps.ts';
import { buildAblationGraph, buildAttentionGraph, buildVitGraph } from './graphs.ts';
import type { GraphKind, GraphPrecision } from './kinds.ts';
import type { ModelManifest } from './manifest.ts';
import { tapOnnx } from './foreign/tap.ts';
import { checkWeights } from './weights/installed.ts';
import { readVitWeights } from './weights/read.ts';
import { WeightSource } from './weights/source.ts';

export { readManifest } from './store.ts';

export interface BuiltGraph {
  /** ONNX protobuf. */
  model: Uint8Array;
  /** For the session's option of the same name. */
  externalData: { path: string; data: Uint8Array | string }[];
  /** Names; models/graphs.ts has shapes and meaning. */
  outputs: string[];
  /** Why a map is missing from `outputs`. */
  absent: Partial<Record<MapName, string>>;
  layers: number;
  heads: number;
  /** Length of the input `direction`; null: the graph has none. */
  direction: number | null;
  /** 1: answers of a larger batch would be wrong or refused; null: any number of photos. */
  batch: 1 | null;
  /** Of T `all` tokens the patches, in one run; null: the model has none that are known. */
  tokens: { first: number; patches: number; all: number } | null;
  /** Of `ablate`: why tokens can't be left out, as a sentence; null: they can. */
  whole: string | null;
  /** Of `ablate`: why heads can't be switched off, as the end of a sentence; null: they can. */
  allHeads: string | null;
}

export interface GraphOptions {
  kind: GraphKind;
  precision: GraphPrecision;
  /** The map that `classify` returns; null: none. */
  map: MapName | null;
  rollout?: RolloutOptions;
  /** Of int8: whether weights stay signed (models/quantize.ts). */
  signed?: boolean | undefined;
}

/** @throws SaccadeError `weights-gone`, `weights-changed`, and when the weights are no longer what model.json says */
export async function buildGraph(
  folder: string,
  manifest: ModelManifest,
  options: GraphOptions,
): Promise<BuiltGraph> {
  await checkWeights(folder, manifest);
  if (manifest.kind === 'onnx') {
    if (options.precision !== 'fp32')
      throw new SaccadeError(
        'unsupported-precision',
        `${manifest.name} was exported to ONNX by somebody else and runs as it is; expected the precision fp32, which leaves it so, found ${options.precision}.`,
      );
    return tapOnnx(folder, manifest, options);
  }
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const shape = {
    layers: config.depth,
    heads: config.heads,
    batch: null,
    tokens: tokensOf(config),
    whole: null,
    allHeads: null,
  } as const;
  const weights = readVitWeights(source, config);
  const { kind, map, rollout, signed } = options;
  if (kind === 'ablate' || kind === 'attend') {
    const graph =
      kind === 'ablate' ? buildAblationGraph(config, weights, options) : buildAttentionGraph(config, weights);
    return { ...graph, ...shape, absent: absentMaps(config), direction: null };
  }
  // Explanations are exact or they are nothing.
  const precision = kind === 'inspect' ? 'fp32' : options.precision;
  return { ...buildVitGraph(config, weights, { kind, precision, map, rollout, signed }), ...shape };
}

function tokensOf(config: VitConfig): BuiltGraph['tokens'] {
  const [first, { patches }] = [prefixTokens(config), gridOf(config)];
  return { first, patches, all: first + patches };
}
