/**
 * int8 for the CPU: W8A8 with a scale per token and a scale per output channel.
 *
 * Each row x of activations is divided by its own largest magnitude, so that a photo's answer can't depend on its
 * neighbours in the batch; weights are symmetric per output channel. onnxruntime multiplies in integers
 * (com.microsoft.MatMulIntegerToFloat, VNNI where the processor has it). The feed-forward's second product and the
 * head stay in float32: what GELU leaves has outliers that eight bits can't hold (docs/performance.md has the table).
 */
import type { Value } from './onnx/builder.ts';
import { Vit } from './vit.ts';

/** Names of products that stay in float32. */
const exact = new Set(['fc2', 'head', 'headDistillation']);

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

/** A Vision Transformer whose large products run in eight bits. */
export class Int8Vit extends Vit {
  override project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    if (exact.has(name)) return super.project(name, x, weight, inputs, out);
    const { data, scale } = quantizeColumns(weight, inputs, out);
    const one = this.scalar(1);
    const middle = this.tensor('zero-point', Uint8Array.of(128), []);
    const largest = this.reduce('Max', this.op('Abs', [x]), -1, true); // [B, T, 1]
    // A token of zeros would be divided by zero: the smallest normal number instead.
    const unit = this.op('Max', [this.mul(largest, this.scalar(1 / 127)), this.scalar(1e-30)]);
    const rounded = this.op('QuantizeLinear', [this.div(x, unit), one, middle]);
    const product = this.op(
      'MatMulIntegerToFloat',
      [
        rounded,
        this.tensor(this.scoped(`${name}.int8`), data, [inputs, out]),
        one,
        this.tensor(this.scoped(`${name}.scale`), scale, [out]),
        middle,
      ],
      {},
      'com.microsoft',
    );
    return this.mul(product, unit);
  }
}
