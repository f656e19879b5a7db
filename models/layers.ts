/**
 * Layers with weights, written into a graph that they hold; letters are those of models/vit.ts. What a weight is called
 * is what its layer is called, below the scope.
 */
import { gridOf, prefixTokens, readouts, type VitConfig } from './config.ts';
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

export interface Arithmetic {
  /** Of all between input and outputs, which are float32 all the same. */
  type: 'float32' | 'float16';
  /** Of the ONNX operators; absent: the usual one. */
  opset?: number | undefined;
}

export class Layers {
  readonly g: GraphBuilder;
  readonly config: VitConfig;
  /** T */
  readonly tokens: number;

  constructor(config: VitConfig, { type, opset }: Arithmetic) {
    this.g = new GraphBuilder(type, opset);
    this.config = config;
    this.tokens = prefixTokens(config) + gridOf(config).patches;
  }

  /** Each patch through E, kernel [D, 3, P, P]. pixels [B, 3, height, width] → [B, N, D] */
  patches(pixels: Value, kernel: Float32Array): Value {
    const { g } = this;
    const { patchSize, width } = this.config;
    const size = [patchSize, patchSize];
    const weight = this.weight('patch.weight', kernel, [width, 3, ...size]);
    const map = g.op('Conv', [pixels, weight], { kernel_shape: size, strides: size }); // [B, D, rows, columns]
    return g.transpose(g.reshape(map, [0, width, gridOf(this.config).patches]), [0, 2, 1]);
  }

  /** E_pos of the patches, and E's bias. → [N, D] */
  positions(posEmbed: Float32Array): Value {
    return this.weight('posEmbed', posEmbed, [gridOf(this.config).patches, this.config.width]);
  }

  /** [CLS] and what else is no patch, prefix [S, D], before the patches. [B, N, D] → [B, T, D] */
  behindPrefix(patches: Value, prefix: Float32Array): Value {
    const { g } = this;
    const { width } = this.config;
    const count = prefixTokens(this.config);
    if (!count) return patches;
    const tokens = this.weight('prefix', prefix, [1, count, width]);
    const shape = g.concat([g.batchOf(patches), g.ints(count, width)], 0);
    return g.concat([g.op('Expand', [tokens, shape]), patches], 1);
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
    return this.g.label(name, () => this.g.layerNorm(x, scales, shifts, this.config.epsilon));
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

  /** Query of the first `rows` tokens [B, rows, D], key and value of all [B, T, D], in as few products as can be. */
  projections(h: Value, qkv: Linear, rows: number): [Value, Value, Value] {
    const { g } = this;
    const { width } = this.config;
    if (rows === this.tokens)
      return g.split(this.linear('qkv', h, qkv), -1, [width, width, width]) as [Value, Value, Value];
    const query = this.linear('query', g.slice(h, 1, 0, rows), columns(qkv, 0, width));
    const { weight } = columns(qkv, width, 3 * width);
    const both = this.project('keyValue', h, weight, width, 2 * width); // the two have no bias of their own
    return [query, ...(g.split(both, -1, [width, width]) as [Value, Value])];
  }

  /** The projections as the heads take them: q [B, H, rows, d], k [B, H, d, T] and v [B, H, T, d]. h [B, T, D] */
  byHeads(h: Value, qkv: Linear, rows: number): { q: Value; k: Value; v: Value } {
    const [query, key, value] = this.projections(h, qkv, rows);
    const v = this.byHead(value, [0, 2, 1, 3]);
    return { q: this.byHead(query, [0, 2, 1, 3]), k: this.byHead(key, [0, 2, 3, 1]), v };
  }

  /** Heads side by side. [B, H, rows, d] → [B, rows, D] */
  joined(x: Value): Value {
    return this.g.reshape(this.g.transpose(x, [0, 2, 1, 3]), [0, -1, this.config.width]);
  }

  /** [B, T, D] → [B, T, H, d] → its axes in the order of `perm` */
  byHead(x: Value, perm: number[]): Value {
    const { width, heads } = this.config;
    return this.g.transpose(this.g.reshape(x, [0, -1, heads, width / heads]), perm);
  }

  activate(x: Value): Value {
    const { g } = this;
    const { activation, mlpWidth } = this.config;
    if (activation === 'relu') return g.op('Relu', [x]);
    if (activation === 'silu') return g.silu(x);
    if (activation === 'quick-gelu') return g.mul(x, g.op('Sigmoid', [g.mul(x, g.scalar(1.702))]));
    if (activation !== 'swiglu') return g.gelu(x, activation === 'gelu-tanh' ? 'tanh' : 'none');
    const [gate, up] = g.split(x, -1, [mlpWidth, mlpWidth]) as [Value, Value];
    return g.mul(g.silu(gate), up); // Shazeer 2020
  }

  /** [B, T, D] → [B, rows, D] */
  first(x: Value, rows: number): Value {
    return rows < this.tokens ? this.g.slice(x, 1, 0, rows) : x;
  }

  /** What the head reads of the tokens, side by side. [B, R, D] → [B, D · readouts] */
  readouts(x: Value): Value {
    const read = readouts(this.config).map((readout) =>
      readout === 'mean' ? this.patchMean(x) : tokenAt(this.g, x, readout),
    );
    return this.g.concat(read, 1);
  }

  /** Mean over patch tokens. [B, T, D] → [B, D] */
  patchMean(x: Value): Value {
    return meanOf(this.g, x, prefixTokens(this.config), this.tokens);
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
