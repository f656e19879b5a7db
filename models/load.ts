/** From an installed model to the bytes a session is made of. */
import { join } from 'node:path';
import type { VitConfig } from './config.ts';
import { SaccadeError } from './error.ts';
import type { MapName, RolloutOptions } from './explain/options.ts';
import { buildVitGraph } from './graphs.ts';
import type { ModelManifest } from './manifest.ts';
import { tapOnnx } from './foreign/tap.ts';
import { readVitWeights } from './weights/read.ts';
import { WeightSource } from './weights/source.ts';

export { readManifest } from './store.ts';

/** Part of every result's key: raise it when a change to a graph may change answers. */
export const graphVersion = 2;

export interface PreparedGraph {
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
}

export interface PrepareOptions {
  kind: 'classify' | 'inspect';
  precision: 'fp32' | 'fp16' | 'int8';
  /** The map that `classify` returns; null: none. */
  map: MapName | null;
  rollout?: RolloutOptions;
}

/** @throws SaccadeError when the weights are no longer what model.json says */
export async function prepareGraph(
  folder: string,
  manifest: ModelManifest,
  options: PrepareOptions,
): Promise<PreparedGraph> {
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
  const graph = buildVitGraph(config, readVitWeights(source, config), {
    kind: options.kind,
    precision: options.kind === 'inspect' ? 'fp32' : options.precision, // explanations are exact or they are nothing
    map: options.map,
    ...(options.rollout ? { rollout: options.rollout } : {}),
  });
  return { ...graph, layers: config.depth, heads: config.heads, batch: null };
}
