/**
 * The Vision Transformer on one page, as an ONNX graph (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words";
 * reading order of google-research/vision_transformer, vit_jax/models_vit.py).
 *
 * B photos, N patches, S special tokens ([CLS], distillation, registers), T = S + N tokens, D numbers a token,
 * H heads of d = D / H, C classes. R is how many tokens, counted from the first, are computed after the last
 * attention: the head reads no others.
 */
import { gridOf, specialTokens, type VitConfig } from './config.ts';
import { Ops } from './onnx/ops.ts';
import type { Value } from './onnx/builder.ts';
import type { BlockWeights, Linear, Norm, VitWeights } from './weights/read.ts';

/** What explanations (models/explain/attention.ts) need of an encoder block. */
export interface BlockTrace {
  /** [B, H, T or R, T] rows of the softmax; [B, H, 1, T] where only [CLS]'s row was asked for. */
  probabilities: Value;
  /** [B, H, T, d] without the value's bias. */
  values: Value;
  /** Its weights: `valueBias` and `out` are what explanations need. */
  block: BlockWeights;
  /** [B, T or R, D] what the feed-forward adds. */
  mlp: Value;
}

export interface Encoded {
  /** [B, T, D] tokens before the first block. */
  start: Value;
  /** [B, R, D] tokens after the last one. */
  tokens: Value;
  blocks: BlockTrace[];
}

export interface VitOptions {
  /** Arithmetic; input and outputs are float32 all the same. */
  type: 'float32' | 'float16';
  /** Keep every row after the last attention (R = T), for a discard ratio over whole matrices. */
  allRows?: boolean;
}

/** How many tokens the head needs: R. */
export function rowsNeeded(config: VitConfig): number {
  const patches = gridOf(config).patches;
  if (config.pool !== 'cls') return specialTokens(config) + patches;
  return config.distillation ? 2 : 1;
}

export class Vit extends Ops {
  readonly config: VitConfig;
  readonly weights: VitWeights;
  readonly options: VitOptions;

  constructor(config: VitConfig, weights: VitWeights, options: VitOptions) {
    super();
    this.config = config;
    this.weights = weights;
    this.options = options;
  }

  /** pixel_values [B, 3, height, width] → tokens [B, T, D] */
  embed(): Value {
    const { imageSize, patchSize, width } = this.config;
    const { patches } = gridOf(this.config);
    const special = specialTokens(this.config);
    const input = this.input('pixel_values', 'float32', ['batch', 3, imageSize.height, imageSize.width]);
    const pixels = this.options.type === 'float16' ? this.cast(input, 'float16') : input;
    const kernel = this.weight('patch.weight', this.weights.patch, [width, 3, patchSize, patchSize]);
    const strides = [patchSize, patchSize];
    const map = this.op('Conv', [pixels, kernel], { kernel_shape: strides, strides }); // [B, D, rows, columns]
    const flat = this.transpose(this.reshape(map, [0, width, patches]), [0, 2, 1]); // [B, N, D]
    const placed = this.add(
      flat,
      this.weight('patch.positions', this.weights.patchPositions, [patches, width]),
    );
    if (!special) return placed;
    const prefix = this.weight('special', this.weights.special, [1, special, width]);
    const batch = this.op('Shape', [input], { start: 0, end: 1 });
    const shape = this.concat([batch, this.ints(special, width)], 0);
    return this.concat([this.op('Expand', [prefix, shape]), placed], 1); // [B, T, D]
  }

  /** Multi-head self-attention. h [B, T, D] → [B, rows, D] */
  attention(h: Value, block: BlockWeights, rows: number): { out: Value } & Omit<BlockTrace, 'mlp'> {
    const { width, heads } = this.config;
    const size = width / heads;
    const split = (x: Value, perm: number[]) => this.transpose(this.reshape(x, [0, -1, heads, size]), perm);
    const [query, key, value] = this.projections(h, block, rows);
    const q = split(query, [0, 2, 1, 3]); // [B, H, rows, d]
    const k = split(key, [0, 2, 3, 1]); // [B, H, d, T]
    const values = split(value, [0, 2, 1, 3]); // [B, H, T, d]
    const probabilities = this.softmax(this.matmul(q, k)); // [B, H, rows, T]
    const mixed = this.transpose(this.matmul(probabilities, values), [0, 2, 1, 3]); // [B, rows, H, d]
    const out = this.linear('out', this.reshape(mixed, [0, -1, width]), block.out, width, width);
    return { out, probabilities, values, block };
  }

  /** Query of the first `rows` tokens [B, rows, D], key and value of all [B, T, D], in as few products as can be. */
  projections(h: Value, block: BlockWeights, rows: number): [Value, Value, Value] {
    const { width } = this.config;
    const { query, key, value } = block;
    if (rows === this.tokens) {
      const bias = new Float32Array(3 * width);
      bias.set(query.bias);
      const weight = sideBySide([query.weight, key, value], width);
      const all = this.linear('qkv', h, { weight, bias }, width, 3 * width);
      return this.split(all, -1, [width, width, width]) as [Value, Value, Value];
    }
    const asked = this.linear('query', this.slice(h, 1, 0, rows), query, width, width);
    const both = this.project('keyValue', h, sideBySide([key, value], width), width, 2 * width);
    return [asked, ...(this.split(both, -1, [width, width]) as [Value, Value])];
  }

  /** The feed-forward, token by token. h [B, R, D] → [B, R, D] */
  feedForward(h: Value, block: BlockWeights): Value {
    const { width, mlpWidth, activation } = this.config;
    const swiglu = activation === 'swiglu';
    const hidden = this.linear('fc1', h, block.fc1, width, swiglu ? 2 * mlpWidth : mlpWidth);
    return this.linear('fc2', this.activate(hidden), block.fc2, mlpWidth, width);
  }

  activate(x: Value): Value {
    const { activation, mlpWidth } = this.config;
    if (activation === 'relu') return this.op('Relu', [x]);
    if (activation !== 'swiglu') return this.gelu(x, activation === 'gelu-tanh' ? 'tanh' : 'none');
    const [gate, up] = this.split(x, -1, [mlpWidth, mlpWidth]) as [Value, Value];
    return this.mul(this.silu(gate), up); // Shazeer 2020
  }

  /** One encoder block. x [B, T, D] → [B, rows, D] */
  block(x: Value, layer: number, rows: number): { x: Value; trace: BlockTrace } {
    return this.scope(`blocks.${layer}`, () => {
      const block = this.weights.block(layer);
      const kept = rows < this.tokens ? this.slice(x, 1, 0, rows) : x;
      if (this.config.norm === 'pre') {
        const { out, ...seen } = this.attention(this.norm('norm1', x, block.norm1), block, rows);
        const middle = this.add(kept, out);
        const mlp = this.feedForward(this.norm('norm2', middle, block.norm2), block);
        return { x: this.add(middle, mlp), trace: { ...seen, mlp } };
      }
      const { out, ...seen } = this.attention(x, block, rows);
      const middle = this.norm('norm1', this.add(kept, out), block.norm1);
      const mlp = this.feedForward(middle, block);
      return { x: this.norm('norm2', this.add(middle, mlp), block.norm2), trace: { ...seen, mlp } };
    });
  }

  encode(): Encoded {
    const { depth } = this.config;
    const start = this.embed();
    const blocks: BlockTrace[] = [];
    let x = start;
    for (let layer = 0; layer < depth; layer++) {
      const step = this.block(x, layer, layer === depth - 1 ? this.lastRows : this.tokens);
      x = step.x;
      blocks.push(step.trace);
    }
    return { start, tokens: x, blocks };
  }

  /** tokens [B, R, D] → logits [B, C] and the feature the head reads, [B, D] ([CLS]'s part where it reads two). */
  classify(tokens: Value): { logits: Value; feature: Value } {
    const { width, classes, pool, finalNorm } = this.config;
    const head = (x: Value) =>
      this.linear('head', x, this.weights.head, pool === 'cls+mean' ? 2 * width : width, classes);
    if (finalNorm === 'pooled') {
      const feature = this.norm('norm', this.patchMean(tokens), this.weights.norm);
      return { logits: head(feature), feature };
    }
    const normed = this.norm('norm', tokens, this.weights.norm); // [B, R, D]
    if (pool === 'mean') {
      const feature = this.patchMean(normed);
      return { logits: head(feature), feature };
    }
    const feature = this.token(normed, 0);
    if (pool === 'cls+mean')
      return { logits: head(this.concat([feature, this.patchMean(normed)], 1)), feature };
    if (!this.weights.headDistillation) return { logits: head(feature), feature };
    const second = this.linear(
      'headDistillation',
      this.token(normed, 1),
      this.weights.headDistillation,
      width,
      classes,
    );
    return { logits: this.mul(this.add(head(feature), second), this.scalar(0.5)), feature };
  }

  /** R */
  get lastRows(): number {
    return this.options.allRows ? this.tokens : rowsNeeded(this.config);
  }

  /** T */
  get tokens(): number {
    return specialTokens(this.config) + gridOf(this.config).patches;
  }

  /** [B, R, D] → [B, D] */
  token(x: Value, index: number): Value {
    return this.squeeze(this.slice(x, 1, index, index + 1), 1);
  }

  /** Mean over patch tokens. [B, T, D] → [B, D] */
  patchMean(x: Value): Value {
    return this.reduce('Mean', this.slice(x, 1, specialTokens(this.config), this.tokens), 1);
  }

  norm(name: string, x: Value, { scale, shift }: Norm): Value {
    const shape = [this.config.width];
    return this.layerNorm(
      x,
      this.weight(`${name}.scale`, scale, shape),
      this.weight(`${name}.shift`, shift, shape),
      this.config.epsilon,
    );
  }

  linear(name: string, x: Value, { weight, bias }: Linear, inputs: number, out: number): Value {
    return this.add(this.project(name, x, weight, inputs, out), this.weight(`${name}.bias`, bias, [out]));
  }

  /** x · W. Precisions below float16 replace this one step (models/quantize.ts). */
  project(name: string, x: Value, weight: Float32Array, inputs: number, out: number): Value {
    return this.matmul(x, this.weight(`${name}.weight`, weight, [inputs, out]));
  }

  /** A weight below the current scope, in the graph's arithmetic. */
  weight(name: string, data: Float32Array, shape: number[]): Value {
    return this.tensor(
      this.scoped(name),
      this.options.type === 'float16' ? new Float16Array(data) : data,
      shape,
    );
  }

  override scalar(value: number): Value {
    return this.weight(`scalar.${value}`, Float32Array.of(value), []);
  }
}

/** Matrices of `rows` rows each → one matrix, columns next to each other. */
export function sideBySide(matrices: Float32Array[], rows: number): Float32Array {
  const widths = matrices.map((matrix) => matrix.length / rows);
  const total = widths.reduce((a, b) => a + b, 0);
  const joined = new Float32Array(rows * total);
  let column = 0;
  for (const [i, matrix] of matrices.entries()) {
    const width = widths[i]!;
    for (let row = 0; row < rows; row++)
      joined.set(matrix.subarray(row * width, (row + 1) * width), row * total + column);
    column += width;
  }
  return joined;
}
