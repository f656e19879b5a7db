/**
 * What the choices in the graph are worth on the CPU: `node test/bench/graphs.ts [--width 192 --heads 3 --rounds 15]`,
 * a random Vision Transformer of 12 blocks at 224 pixels, 8 photos at a time, one thread, processor time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import type { VitConfig } from '../../models/config.ts';
import { buildVitGraph } from '../../models/graphs.ts';
import { importModel } from '../../models/import.ts';
import { readVitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { graphVariants, type GraphVariant } from '../models/graph-variants.ts';
import { randomNumbers, writeTimm } from '../models/tiny.ts';
import { compareRuns, type Contender } from './alone.ts';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '192' },
    heads: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '15' },
  },
});
const side = 224;
const batch = 8;

const root = mkdtempSync(join(tmpdir(), 'saccade-graphs-'));
try {
  const width = Number(values.width);
  const checkpoint = writeTimm(join(root, 'checkpoint'), { width, depth: 12, heads: Number(values.heads), patchSize: 16, grid: side / 16, classes: 1000, distillation: false, registers: 0, layerScale: false, activation: 'gelu', mlpRatio: 4, scale: 0.04 }); // prettier-ignore
  const { manifest } = await importModel(checkpoint, join(root, 'installed'));
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource([join(checkpoint, 'model.safetensors')]);
  const weights = readVitWeights(source, config);
  const product = (map: 'cls' | 'rollout' | 'class'): Contender => ({
    what: `with the map "${map}"`,
    graph: buildVitGraph(config, weights, { kind: 'classify', precision: 'fp32', map }),
  });
  const contenders: (Contender | GraphVariant)[] = [
    ...graphVariants(config, weights),
    product('cls'),
    product('rollout'),
    product('class'),
  ];
  const floats = new ort.Tensor('float32', randomNumbers(batch * 3 * side * side, 1), [batch, 3, side, side]);
  const bytes = new ort.Tensor('uint8', Uint8Array.from(floats.data as Float32Array, (v) => 127 * (v + 1)), [batch, side, side, 3]); // prettier-ignore
  const times = await compareRuns(
    contenders,
    (contender) => ({ pixel_values: 'bytes' in contender ? bytes : floats }),
    Number(values.rounds),
  );
  console.log(`width ${width}, ${config.heads} heads\n| graph | ms a photo | speed |\n| --- | --- | --- |`);
  for (const [i, { what }] of contenders.entries())
    console.log(`| ${what} | ${(times[i]! / batch).toFixed(2)} | ${(times[0]! / times[i]!).toFixed(2)} × |`);
} finally {
  rmSync(root, { recursive: true });
}
