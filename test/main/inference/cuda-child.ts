/** Computes on the CPU, and answers with the onnxruntime libraries that this process has open. A process of its own. */
import { readFileSync } from 'node:fs';
import { builtInInputs } from '../../../main/inference/placing/built-in-inputs.ts';
import { whyNot } from '../../../main/inference/runtime/providers.ts';
import { createOrtSession } from '../../../main/inference/runtime/create-session.ts';
import { onnxruntimeVersion } from '../../../main/inference/runtime/inference-session.ts';
import { buildGraph, readManifest } from '../../../models/load.ts';
import { modelFolder } from './parts.ts';

export interface Loaded {
  version: string;
  libraries: string[];
  logits: number[];
  whyNotCuda: string | null;
}

const manifest = readManifest(modelFolder);
const graph = await buildGraph(modelFolder, manifest, { kind: 'classify', precision: 'fp32', map: null });
const session = await createOrtSession(graph, 'cpu');
const { height, width } = manifest.input;
const outputs = await session.run({
  pixel_values: { type: 'float32', data: builtInInputs(1, manifest.input), dims: [1, 3, height, width] },
});
const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
const paths = maps.map((line) => line.slice(line.indexOf('/'))).filter((path) => /onnxruntime/.test(path));
process.send!({
  version: onnxruntimeVersion,
  libraries: [...new Set(paths)].sort(),
  logits: [...outputs['logits']!.data],
  whyNotCuda: whyNot('cuda'),
} satisfies Loaded);
process.disconnect();
