/** Runs every graph variant of a model on CPU and WebGPU, and answers with the differences. A process of its own. */
import { join } from 'node:path';
import { builtInInputs } from '../../../main/inference/placing/built-in-inputs.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import type { Feeds, InferenceSession } from '../../../main/inference/runtime/inference-session.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import type { BuiltGraph, GraphOptions } from '../../../models/load.ts';
import type { VitConfig } from '../../../models/config.ts';
import { readVitWeights } from '../../../models/weights/read.ts';
import { WeightSource } from '../../../models/weights/source.ts';
import { graphVariants } from '../../models/graph-variants.ts';

export interface Difference {
  variant: string;
  /** Largest absolute difference by output. */
  outputs: Record<string, number>;
  nodes: { all: number; onCpu: number } | null;
  error: string | null;
}

const variants: GraphOptions[] = (['fp32', 'fp16'] as const).flatMap((precision) => [
  ...([null, 'cls', 'rollout', 'class'] as const).map((map): GraphOptions => ({
    kind: 'classify',
    precision,
    map,
  })),
]);
// Explanations are computed in fp32 whatever is asked for.
variants.push({ kind: 'inspect', precision: 'fp32', map: null });

/** The device and the shaders that it has compiled last as long as any session: graphs share most of theirs. */
const held: InferenceSession[] = [];

async function compare(
  folder: string,
  variant: string,
  prepare: () => Promise<Pick<BuiltGraph, 'model' | 'externalData'>>,
  inspect = false,
): Promise<Difference> {
  try {
    const { input } = readManifest(folder);
    const graph = (await prepare()) as BuiltGraph;
    const count = inspect ? 1 : 3;
    const feeds: Feeds = {
      pixel_values: {
        type: 'float32',
        data: builtInInputs(count, input),
        dims: [count, 3, input.height, input.width],
      },
      ...(inspect ? { class_index: { type: 'int64', data: BigInt64Array.of(2n), dims: [1] } as const } : {}),
      ...(graph.direction
        ? {
            direction: {
              type: 'float32',
              data: new Float32Array(graph.direction),
              dims: [1, graph.direction],
            } as const,
          }
        : {}),
    };
    const cpu = await createOrtSession(graph, 'cpu');
    const gpu = await createOrtSession(graph, 'webgpu');
    held.push(gpu);
    const expected = await cpu.run(feeds);
    const found = await gpu.run(feeds);
    const outputs = Object.fromEntries(
      Object.entries(expected).map(([name, { data }]) => [
        name,
        data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - found[name]!.data[i]!)), 0),
      ]),
    );
    const nodes = gpu.nodes();
    await cpu.release();
    return { variant, outputs, nodes, error: null };
  } catch (error) {
    return { variant, outputs: {}, nodes: null, error: String(error) };
  }
}

process.on('message', async ({ folder }: { folder: string }) => {
  const manifest = readManifest(folder);
  for (const options of variants) {
    const name = `${options.kind} ${options.map ?? 'no map'} ${options.precision}`;
    const prepare = () => buildGraph(folder, manifest, options);
    process.send!(await compare(folder, name, prepare, options.kind === 'inspect'));
  }
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  // WebGPU has no Cast of bytes.
  for (const { what, graph, bytes } of graphVariants(config, readVitWeights(source, config)))
    if (!bytes) process.send!(await compare(folder, what, async () => graph));
  await Promise.all(held.map((session) => session.release()));
  process.disconnect();
});
