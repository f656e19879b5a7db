/**
 * What eight bits cost and bring: `node test/bench/precision.ts --model FOLDER --photos FOLDER [--limit 400]`.
 * Every variant answers the same photos as fp32, 8 at a time on one thread; speed is in processor time. The rule by
 * which int8 is earned counts labels of the user's own photos; this shows what other ways to quantise would reach.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { decodePhoto } from '../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../main/decode/preprocess.ts';
import { wilsonLowerBound } from '../../main/library/models/agreement.ts';
import type { VitConfig } from '../../models/config.ts';
import { readManifest } from '../../models/load.ts';
import { Layers, type Norm } from '../../models/layers.ts';
import type { Value } from '../../models/onnx/types.ts';
import { Int8Vit, quantizeColumns } from '../../models/quantize.ts';
import { Vit } from '../../models/vit.ts';
import { readVitWeights, type BlockWeights, type VitWeights } from '../../models/weights/read.ts';
import { WeightSource } from '../../models/weights/source.ts';
import { topK } from './answers.ts';
import { openAlone, processorMs } from './alone.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/starter' },
    photos: { type: 'string', default: 'samples' },
    limit: { type: 'string', default: '400' },
  },
});
const batch = 8;

/** Weights per channel, one scale of activations for the whole batch: what ONNX Runtime's own tool makes. */
class PerTensor extends Layers {
  override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    if (name === 'head') return super.project(name, x, weight, inputs, out);
    const { data, scale } = quantizeColumns(weight, inputs, out);
    const { g } = this;
    const parts = [x, g.tensor(g.scoped(`${name}.int8`), data, [inputs, out]), g.tensor(g.scoped(`${name}.scale`), scale, [out])]; // prettier-ignore
    return g.op('DynamicQuantizeMatMul', parts, {}, 'com.microsoft');
  }
}

/** Weights in blocks of `block` inputs with a scale each; onnxruntime rounds the activations block by block. */
const blockwise = (block: number): typeof Layers =>
  class extends Layers {
    override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
      if (name === 'head' || inputs % block) return super.project(name, x, weight, inputs, out);
      const data = new Uint8Array(inputs * out);
      const scale = new Float32Array((inputs / block) * out);
      for (let column = 0; column < out; column++)
        for (let first = 0; first < inputs; first += block) {
          const at = (i: number) => weight[(first + i) * out + column]!;
          let largest = 0;
          for (let i = 0; i < block; i++) largest = Math.max(largest, Math.abs(at(i)));
          const unit = largest / 127 || 1;
          scale[(column * inputs + first) / block] = unit;
          for (let i = 0; i < block; i++) data[column * inputs + first + i] = 128 + Math.round(at(i) / unit);
        }
      const blocks = inputs / block;
      const { g } = this;
      const parts = [x, g.tensor(g.scoped(`${name}.nbits`), data, [out, blocks, block]), g.tensor(g.scoped(`${name}.scale`), scale, [out, blocks])]; // prettier-ignore
      const attributes = { K: inputs, N: out, bits: 8, block_size: block, accuracy_level: 4 };
      return g.op('MatMulNBits', parts, attributes, 'com.microsoft');
    }
  };

/** Every product but the head's with a symmetric scale per token. */
class EveryToken extends Int8Vit {
  override feedForward(h: Value, block: BlockWeights): Value {
    const { layers } = this;
    const { width, mlpWidth } = this.config;
    const hidden = layers.activate(layers.linear('fc1', h, block.fc1));
    const product = layers.project('second', hidden, block.fc2.weight, mlpWidth, width);
    return this.g.add(product, layers.weight('fc2.bias', block.fc2.bias, [width]));
  }
}

/** As EveryToken, the second product of the feed-forward in fp32. */
class TokenButSecond extends Int8Vit {
  override feedForward(h: Value, block: BlockWeights): Value {
    return Vit.prototype.feedForward.call(this, h, block);
  }
}

/**
 * Xiao et al. 2023, "SmoothQuant", α = 0.5, folded into the norms. How large a channel gets is taken from the norm's
 * own scale and shift (three deviations), so that no photos are needed.
 */
function smoothed(weights: VitWeights): VitWeights {
  const factors = ({ scale, shift }: Norm, matrices: Float32Array[]): Float32Array =>
    scale.map((value, row) => {
      let largest = 1e-6;
      for (const matrix of matrices) {
        const columns = matrix.length / scale.length;
        for (let i = 0; i < columns; i++) largest = Math.max(largest, Math.abs(matrix[row * columns + i]!));
      }
      return Math.max(1e-4, Math.sqrt((3 * Math.abs(value) + Math.abs(shift[row]!)) / largest));
    });
  const over = ({ scale, shift }: Norm, by: Float32Array): Norm => ({
    scale: scale.map((value, i) => value / by[i]!),
    shift: shift.map((value, i) => value / by[i]!),
  });
  const times = (matrix: Float32Array, by: Float32Array) =>
    matrix.map((value, i) => value * by[Math.floor(i / (matrix.length / by.length))]!);
  return {
    ...weights,
    block(layer) {
      const { norm1, norm2, qkv, fc1, ...rest } = weights.block(layer);
      const first = factors(norm1, [qkv.weight]);
      const second = factors(norm2, [fc1.weight]);
      return {
        ...rest,
        norm1: over(norm1, first),
        norm2: over(norm2, second),
        qkv: { ...qkv, weight: times(qkv.weight, first) },
        fc1: { ...fc1, weight: times(fc1.weight, second) },
      };
    },
  };
}

const variants: { what: string; Kind?: typeof Vit; OfLayers?: typeof Layers; smooth?: true }[] = [
  { what: 'fp32' },
  { what: 'a scale per batch, everything', OfLayers: PerTensor },
  { what: 'a scale per token, everything', Kind: EveryToken },
  { what: 'a scale per token, `fc2` in fp32', Kind: TokenButSecond },
  { what: 'the same, smoothed', Kind: TokenButSecond, smooth: true },
  { what: 'int8 as Saccade has it', Kind: Int8Vit },
  { what: 'the same, smoothed', Kind: Int8Vit, smooth: true },
  { what: 'MatMulNBits, 8 bits, blocks of 32', OfLayers: blockwise(32) },
  { what: 'MatMulNBits, 8 bits, blocks of 64', OfLayers: blockwise(64) },
];

const manifest = readManifest(values.model);
const config = manifest.architecture as unknown as VitConfig;
const { height, width } = manifest.input;
const size = 3 * height * width;
const listed = readdirSync(values.photos, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
  .sort();
const every = Math.max(1, listed.length / Number(values.limit));
const photos = Array.from({ length: Math.floor(listed.length / every) }, (_, i) => listed[Math.floor(i * every)]!); // prettier-ignore

const sessions = await Promise.all(
  variants.map(({ Kind = Vit, OfLayers, smooth }) => {
    using source = new WeightSource(manifest.weights.files.map((file) => join(values.model, file)));
    const weights = readVitWeights(source, config);
    const options = { type: 'float32' } as const;
    const layers = OfLayers && new OfLayers(config, options);
    const vit = new Kind(config, smooth ? smoothed(weights) : weights, options, layers);
    const logits = vit.classify(vit.read(vit.encode().tokens).feature);
    vit.g.output('logits', logits, 'float32', ['batch', config.classes]);
    return openAlone({ graph: vit.g.finish('vit') });
  }),
);
const sums = variants.map(() => ({ agreed: 0, ms: 0, difference: 0 }));
for (let at = 0; at < photos.length; at += batch) {
  const part = photos.slice(at, at + batch);
  const pixels = new Float32Array(part.length * size);
  await Promise.all(
    part.map(async (name, i) => {
      const atLeast = (photo: { width: number; height: number }) =>
        pixelsNeeded(photo, manifest.preprocessing);
      const photo = await decodePhoto(join(values.photos, name), { atLeast });
      await preprocess(photo.pixels, photo, manifest.preprocessing, pixels, i * size);
    }),
  );
  const feeds = { pixel_values: new ort.Tensor('float32', pixels, [part.length, 3, height, width]) };
  let exact = new Float32Array();
  for (const [i, session] of sessions.entries()) {
    const [outputs, ms] = await processorMs(() => session.run(feeds));
    const logits = outputs['logits']!.data as Float32Array<ArrayBuffer>;
    if (i === 0) exact = logits;
    const best = (of: Float32Array, photo: number) =>
      topK(of.subarray(photo * config.classes, (photo + 1) * config.classes), 1)[0];
    const sum = sums[i]!;
    sum.ms += ms;
    sum.agreed += part.filter((_, photo) => best(logits, photo) === best(exact, photo)).length;
    sum.difference +=
      logits.reduce((total, value, j) => total + Math.abs(value - exact[j]!), 0) / config.classes;
  }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(`${manifest.name}, ${photos.length} photos of ${values.photos}`);
console.log('| variant | same label | at least (95 %) | mean difference of logits | speed |');
console.log('| --- | --- | --- | --- | --- |');
for (const [i, { what }] of variants.entries()) {
  const { agreed, ms, difference } = sums[i]!;
  console.log(
    `| ${what} | ${percent(agreed / photos.length)} | ${percent(wilsonLowerBound(agreed, photos.length))} | ${(difference / photos.length).toFixed(3)} | ${(sums[0]!.ms / ms).toFixed(2)} × |`,
  );
}
