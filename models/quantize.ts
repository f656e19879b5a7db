/**
 * int8 for the CPU: W8A8 with a scale per token and a scale per output channel.
 *
 * Each row x of activations is divided by its own largest magnitude, so that a photo's answer can't depend on its
 * neighbours in the batch; weights are symmetric per output channel. onnxruntime multiplies in integers
 * (com.microsoft.MatMulIntegerToFloat, VNNI where the processor has it). The head stays in float32, and so does the
 * feed-forward's second product where one hidden number outgrows the others by so much that eight bits can't hold
 * both, which the weights tell (docs/performance.md has the table).
 */
import type { VitConfig } from './config.ts';
import { Layers } from './layers.ts';
import { GraphBuilder } from './onnx/builder.ts';
import type { Value } from './onnx/types.ts';
import { Vit, type VitOptions } from './vit.ts';
import type { BlockWeights, VitWeights } from './weights/read.ts';

/** Names of products that stay in float32; `fc2` is looked at block by block. */
const exact = new Set(['fc2', 'head']);
/** GELU is never less. */
const leastOfGelu = -0.171;
/** Of 0 … 255, which leaves 191 steps for what is positive. */
const zeroOfGelu = 64;
/**
 * GELU bends between −3 and 3, and most blocks of trained models stay below 8. On the real ViT-Tiny two of twelve pass
 * 10 (15 and 52), and cause half of all the rounding that `fc2` would add.
 */
const mostHidden = 10;

export interface Quantized {
  /** [in, out] */
  data: Int8Array;
  /** [out]: weight ≈ data · scale. */
  scale: Float32Array;
}

/** Symmetric, per output channel. weight [in, out] */
export function quantizeColumns(weight: Float32Array, inputs: number, out: number): Quantized {
  const scale = new Float32Array(out);
  for (let row = 0; row < inputs; row++)
    for (let column = 0; column < out; column++)
      scale[column] = Math.max(scale[column]!, Math.abs(weight[row * out + column]!));
  for (let column = 0; column < out; column++) scale[column] = scale[column]! / 127 || 1;
  const data = new Int8Array(weight.length);
  for (let i = 0; i < weight.length; i++) data[i] = Math.round(weight[i]! / scale[i % out]!);
  return { data, scale };
}

/**
 * About the largest number that GELU is given in a block: the mean over tokens plus three deviations, of the hidden
 * channel where that is most, taking the norm's outputs for independent.
 */
function largestHidden({ norm1, norm2, fc1 }: BlockWeights, { norm, width, mlpWidth }: VitConfig): number {
  const { scale, shift } = norm === 'pre' ? norm2 : norm1;
  const mean = Float64Array.from(fc1.bias);
  const variance = new Float64Array(mlpWidth);
  for (let row = 0; row < width; row++)
    for (let column = 0; column < mlpWidth; column++) {
      const weight = fc1.weight[row * mlpWidth + column]!;
      mean[column]! += weight * shift[row]!;
      variance[column]! += (weight * scale[row]!) ** 2;
    }
  return mean.reduce((most, value, i) => Math.max(most, value + 3 * Math.sqrt(variance[i]!)), 0);
}

export interface Int8Options extends VitOptions {
  /**
   * Weights as they are, which is faster with VNNI. Else they are stored 128 higher, with that as their zero point:
   * without VNNI, processors of x86 multiply unsigned by signed bytes two at a time into 16 bits and stop at their end
   * (2 · 255 · 127 is beyond it), and unsigned by unsigned without that. The answers are the same.
   */
  signed?: boolean | undefined;
}

/** Layers whose large products run in eight bits. */
class Int8Layers extends Layers {
  readonly signed: boolean;

  constructor(config: VitConfig, options: Int8Options) {
    super(config, options);
    this.signed = options.signed ?? false;
  }

  override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    if (exact.has(name)) return super.project(name, x, weight, inputs, out);
    const { g } = this;
    const largest = g.max(g.reduce('Max', x, -1, true), g.op('Neg', [g.reduce('Min', x, -1, true)]));
    // A token of zeros would be divided by zero: the smallest normal number instead.
    const unit = g.max(g.mul(largest, g.scalar(1 / 127)), g.scalar(1e-30));
    return inIntegers(this, name, x, { unit, zero: 128 }, weight, inputs, out);
  }
}

/** A Vision Transformer whose large products run in eight bits. */
export class Int8Vit extends Vit {
  readonly #layers: Int8Layers;

  constructor(config: VitConfig, weights: VitWeights, options: Int8Options) {
    const layers = new Int8Layers(config, options);
    super(config, weights, options, layers);
    this.#layers = layers;
  }

  override feedForward(h: Value, weights: BlockWeights): Value {
    const { g, layers } = this;
    const { width, mlpWidth, activation } = this.config;
    const bounded = activation === 'gelu' || activation === 'gelu-tanh';
    if (!bounded || largestHidden(weights, this.config) > mostHidden) return super.feedForward(h, weights);
    const { fc1, fc2 } = weights;
    const hidden = layers.activate(layers.linear('fc1', h, fc1));
    // Below zero there is next to nothing, so most steps are above.
    const unit = g.max(
      g.mul(g.reduce('Max', hidden, -1, true), g.scalar(1 / (255 - zeroOfGelu))),
      g.scalar(-leastOfGelu / zeroOfGelu),
    );
    const product = inIntegers(this.#layers, 'fc2', hidden, { unit, zero: zeroOfGelu }, fc2.weight, mlpWidth, width); // prettier-ignore
    return g.add(product, layers.weight('fc2.bias', fc2.bias, [width]));
  }
}

/** x · W in integers: x [B, T, in] is rounded to `unit` [B, T, 1] · (0 … 255 − `zero`). → [B, T, out] */
function inIntegers(
  { g, signed }: Int8Layers,
  name: string,
  x: Value,
  { unit, zero }: { unit: Value; zero: number },
  weight: Float32Array,
  inputs: number,
  out: number,
): Value {
  const { data, scale } = quantizeColumns(weight, inputs, out);
  const middle = g.constant(Uint8Array.of(zero), [1]);
  // Rows become the axis that scales lie along: one pass, a third of what dividing and then rounding takes.
  const units = g.reshape(unit, [-1]);
  const middles = g.op('Expand', [middle, g.op('Shape', [units])]);
  const rounded = g.op('QuantizeLinear', [g.reshape(x, [-1, inputs]), units, middles], { axis: 0 });
  const product = g.op(
    'MatMulIntegerToFloat',
    [
      g.op('Reshape', [rounded, g.op('Shape', [x])]),
      g.tensor(g.scoped(`${name}.int8`), signed ? data : Uint8Array.from(data, (value) => value + 128), [inputs, out]), // prettier-ignore
      g.scalar(1),
      g.tensor(g.scoped(`${name}.scale`), scale, [out]),
      middle,
      ...(signed ? [] : [g.constant(Uint8Array.of(128), [1])]),
    ],
    {},
    'com.microsoft',
  );
  return g.mul(product, unit);
}

/** Of `signedSum`. */
const terms = 64;

/**
 * One product that a processor which adds in 16 bits gets wrong: input `x` float32 [1, 64], taken as uint8, of 255s →
 * `sum` float32 [1, 16], 64 · 255 · 127 each.
 */
export function signedSum(): { model: Uint8Array; x: Float32Array; sum: number } {
  const g = new GraphBuilder();
  const x = g.cast(g.input('x', 'float32', [1, terms]), 'uint8');
  const weights = g.tensor('weights', new Int8Array(terms * 16).fill(127), [terms, 16]);
  const sum = g.op('MatMulIntegerToFloat', [x, weights, g.scalar(1), g.scalar(1)], {}, 'com.microsoft');
  g.output('sum', sum, 'float32', [1, 16]);
  return { model: g.finish('sum').model, x: new Float32Array(terms).fill(255), sum: terms * 255 * 127 };
}
