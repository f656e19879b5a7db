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
import type { GraphBuilder } from './onnx/builder.ts';
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

/**
 * Without VNNI, processors of x86 add two products in 16 bits and stop at their end: 2 · 255 · 127 is beyond it, 2 · 255
 * · 64 is not. What runs on any machine has to do with seven bits (onnxruntime calls it `reduce_range`).
 */
export const largestWeight = { here: 127, anywhere: 64 } as const;

export interface Quantized {
  /** [in, out] */
  data: Int8Array;
  /** [out]: weight ≈ data · scale. */
  scale: Float32Array;
}

/** Symmetric, per output channel. weight [in, out] */
export function quantizeColumns(
  weight: Float32Array,
  inputs: number,
  out: number,
  largest: number = largestWeight.here,
): Quantized {
  const scale = new Float32Array(out);
  for (let row = 0; row < inputs; row++)
    for (let column = 0; column < out; column++)
      scale[column] = Math.max(scale[column]!, Math.abs(weight[row * out + column]!));
  for (let column = 0; column < out; column++) scale[column] = scale[column]! / largest || 1;
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
  /** Of `largestWeight`; absent: `here`. */
  largest?: number;
}

/** Layers whose large products run in eight bits. */
class Int8Layers extends Layers {
  readonly #largest: number;

  constructor(config: VitConfig, options: VitOptions, largest: number) {
    super(config, options);
    this.#largest = largest;
  }

  override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    if (exact.has(name)) return super.project(name, x, weight, inputs, out);
    const { g } = this;
    const largest = g.max(g.reduce('Max', x, -1, true), g.op('Neg', [g.reduce('Min', x, -1, true)]));
    // A token of zeros would be divided by zero: the smallest normal number instead.
    const unit = g.max(g.mul(largest, g.scalar(1 / 127)), g.scalar(1e-30));
    const rounded = quantizeColumns(weight, inputs, out, this.#largest);
    return inIntegers(g, name, x, { unit, zero: 128 }, rounded, inputs, out);
  }
}

/** A Vision Transformer whose large products run in eight bits. */
export class Int8Vit extends Vit {
  readonly #largest: number;

  constructor(config: VitConfig, weights: VitWeights, options: Int8Options) {
    const { largest = largestWeight.here } = options;
    super(config, weights, options, new Int8Layers(config, options, largest));
    this.#largest = largest;
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
    const rounded = quantizeColumns(fc2.weight, mlpWidth, width, this.#largest);
    const product = inIntegers(g, 'fc2', hidden, { unit, zero: zeroOfGelu }, rounded, mlpWidth, width);
    return g.add(product, layers.weight('fc2.bias', fc2.bias, [width]));
  }
}

/** x · W in integers: x [B, T, in] is rounded to `unit` [B, T, 1] · (0 … 255 − `zero`). → [B, T, out] */
function inIntegers(
  g: GraphBuilder,
  name: string,
  x: Value,
  { unit, zero }: { unit: Value; zero: number },
  { data, scale }: Quantized,
  inputs: number,
  out: number,
): Value {
  const middle = g.constant(Uint8Array.of(zero), [1]);
  // Rows become the axis that scales lie along: one pass, a third of what dividing and then rounding takes.
  const units = g.reshape(unit, [-1]);
  const middles = g.op('Expand', [middle, g.op('Shape', [units])]);
  const rounded = g.op('QuantizeLinear', [g.reshape(x, [-1, inputs]), units, middles], { axis: 0 });
  const product = g.op(
    'MatMulIntegerToFloat',
    [
      g.op('Reshape', [rounded, g.op('Shape', [x])]),
      g.tensor(g.scoped(`${name}.int8`), data, [inputs, out]),
      g.scalar(1),
      g.tensor(g.scoped(`${name}.scale`), scale, [out]),
      middle,
    ],
    {},
    'com.microsoft',
  );
  return g.mul(product, unit);
}
