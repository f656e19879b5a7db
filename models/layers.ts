/** Layers with weights, written into a graph. What a weight is called is what its layer is called, below the scope. */
import { GraphBuilder } from './onnx/builder.ts';
import type { Ops } from './onnx/ops.ts';
import type { Value } from './onnx/types.ts';

export interface Linear {
  /** [in, out] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

export interface Norm {
  /** [D] each. */
  scale: Float32Array;
  shift: Float32Array;
}

export class Layers {
  readonly g: GraphBuilder;
  /** Of every norm. */
  readonly epsilon: number;

  constructor(arithmetic: 'float32' | 'float16', epsilon: number, opset?: number) {
    this.g = new GraphBuilder(arithmetic, opset);
    this.epsilon = epsilon;
  }

  /** x · W + b. [B, …, in] → [B, …, out] */
  linear(name: string, x: Value, { weight, bias }: Linear): Value {
    const out = bias.length;
    return this.g.label(name, () => {
      const product = this.project(name, x, weight, weight.length / out, out);
      return this.g.add(product, this.weight(`${name}.bias`, bias, [out]));
    });
  }

  /** x · W. Precisions below float16 replace this one step (models/quantize.ts). */
  project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    return this.g.matmul(x, this.weight(`${name}.weight`, weight, [inputs, out]));
  }

  /** Ba et al. 2016, over the last axis. [B, …, D] → [B, …, D] */
  norm(name: string, x: Value, { scale, shift }: Norm): Value {
    const [scales, shifts] = this.normWeights(name, { scale, shift });
    return this.g.label(name, () => this.g.layerNorm(x, scales, shifts, this.epsilon));
  }

  normWeights(name: string, { scale, shift }: Norm): [scale: Value, shift: Value] {
    return [
      this.weight(`${name}.scale`, scale, [scale.length]),
      this.weight(`${name}.shift`, shift, [shift.length]),
    ];
  }

  /** A weight below the current scope, in the graph's arithmetic. */
  weight(name: string, data: Float32Array, shape: number[]): Value {
    const stored = this.g.arithmetic === 'float16' ? new Float16Array(data) : data;
    return this.g.tensor(this.g.scoped(name), stored, shape);
  }
}

/** Columns [from, to) of a layer. */
export function columns({ weight, bias }: Linear, from: number, to: number): Linear {
  const out = bias.length;
  const size = to - from;
  const part = new Float32Array((weight.length / out) * size);
  for (let row = 0; row * size < part.length; row++)
    part.set(weight.subarray(row * out + from, row * out + to), row * size);
  return { weight: part, bias: bias.subarray(from, to) };
}

/** One token: [B, T, D] → [B, D] */
export function tokenAt(g: Ops, x: Value, index: number): Value {
  return g.squeeze(g.slice(x, 1, index, index + 1), 1);
}

/** Mean of the tokens [from, to): [B, T, D] → [B, D] */
export function meanOf(g: Ops, x: Value, from: number, to: number): Value {
  return g.reduce('Mean', g.slice(x, 1, from, to), 1);
}
