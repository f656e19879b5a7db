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
import type { Dimension, Value } from '../../models/onnx/builder.ts';
import type { ElementType } from '../../models/onnx/types.ts';
import { Vit } from '../../models/vit.ts';
import type { BlockTrace } from '../../models/vit.ts';
import { readVitWeights, type BlockWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
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

/** com.microsoft.MultiHeadAttention for the whole attention; its probabilities can't be had. */
class FusedVit extends Vit {
  override attention(h: Value, block: BlockWeights, rows: number): { out: Value } & Omit<BlockTrace, 'mlp'> {
    const { width, heads } = this.config;
    const parts = this.projections(h, block, rows);
    const attributes = { num_heads: heads, scale: { float: 1 } };
    const mixed = this.op('MultiHeadAttention', parts, attributes, 'com.microsoft');
    const out = this.linear('out', mixed, block.out, width, width);
    return { out, probabilities: mixed, values: mixed, block };
  }
}

/** The same, and [CLS]'s row of the softmax computed beside it. */
class FusedWithRow extends FusedVit {
  override attention(h: Value, block: BlockWeights, rows: number) {
    const { width, heads } = this.config;
    const seen = super.attention(h, block, rows);
    const split = (x: Value, perm: number[]) =>
      this.transpose(this.reshape(x, [0, -1, heads, width / heads]), perm);
    const query = this.linear('query', this.slice(h, 1, 0, 1), block.query, width, width);
    const key = this.matmul(h, this.weight('key.weight', block.key, [width, width]));
    const row = this.softmax(this.matmul(split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])));
    return { ...seen, probabilities: row };
  }
}

/** uint8 [B, height, width, 3], normalised in the graph. */
class ByteVit extends Vit {
  override input(name: string, type: ElementType, shape: Dimension[]): Value {
    if (name !== 'pixel_values') return super.input(name, type, shape);
    const bytes = super.input(name, 'uint8', ['batch', side, side, 3]);
    const planes = this.transpose(this.cast(bytes, 'float32'), [0, 3, 1, 2]);
    return this.sub(this.mul(planes, this.scalar(2 / 255)), this.scalar(1));
  }
}

const root = mkdtempSync(join(tmpdir(), 'saccade-graphs-'));
try {
  const width = Number(values.width);
  const checkpoint = writeTimm(join(root, 'checkpoint'), { width, depth: 12, heads: Number(values.heads), patchSize: 16, grid: side / 16, classes: 1000, distillation: false, registers: 0, layerScale: false, activation: 'gelu', mlpRatio: 4, scale: 0.04 }); // prettier-ignore
  const { manifest } = await importModel(checkpoint, join(root, 'installed'));
  const config = manifest.architecture as unknown as VitConfig;
  using source = new WeightSource([join(checkpoint, 'model.safetensors')]);
  const weights = readVitWeights(source, config);
  const logitsOnly = (what: string, Kind: typeof Vit, allRows = false): Contender => {
    const g = new Kind(config, weights, { type: 'float32', allRows });
    const encoded = g.encode();
    g.output('logits', g.classify(encoded.tokens).logits, 'float32', ['batch', config.classes]);
    if (Kind === FusedWithRow)
      g.output('row', encoded.blocks.at(-1)!.probabilities, 'float32', ['batch', config.heads, 1, g.tokens]);
    return { what, graph: g.finish('graph') };
  };
  const product = (map: 'cls' | 'rollout' | 'class'): Contender => ({
    what: `with the map "${map}"`,
    graph: buildVitGraph(config, weights, { kind: 'classify', precision: 'fp32', map }),
  });
  const contenders = [
    logitsOnly('as it is, labels only', Vit),
    logitsOnly('last block for every token', Vit, true),
    logitsOnly('fused attention', FusedVit),
    logitsOnly('fused attention, [CLS]’s row beside it in every block', FusedWithRow),
    logitsOnly('uint8 NHWC input, normalised in the graph', ByteVit),
    product('cls'),
    product('rollout'),
    product('class'),
  ];
  const floats = new ort.Tensor('float32', randomNumbers(batch * 3 * side * side, 1), [batch, 3, side, side]);
  const bytes = new ort.Tensor('uint8', Uint8Array.from(floats.data as Float32Array, (v) => 127 * (v + 1)), [batch, side, side, 3]); // prettier-ignore
  const times = await compareRuns(contenders, ({ what }) => ({ pixel_values: what.startsWith('uint8') ? bytes : floats }), Number(values.rounds)); // prettier-ignore
  console.log(`width ${width}, ${config.heads} heads\n| graph | ms a photo | speed |\n| --- | --- | --- |`);
  for (const [i, { what }] of contenders.entries())
    console.log(`| ${what} | ${(times[i]! / batch).toFixed(2)} | ${(times[0]! / times[i]!).toFixed(2)} × |`);
} finally {
  rmSync(root, { recursive: true });
}
