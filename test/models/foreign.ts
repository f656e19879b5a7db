/**
 * Small models as other people's exporters write them: one Vision Transformer with the same weights, its attention
 * written in each of the ways that are met, and models that have none.
 */
import { elementTypes, type ElementType, type Value } from '../../models/onnx/types.ts';
import { altered, decodeModel, type Model } from '../../models/onnx/schema.ts';
import { GraphBuilder } from '../../models/onnx/builder.ts';
import { randomNumbers } from './tiny.ts';

export type AttentionStyle =
  | 'softmax'
  | 'decomposed'
  | 'merged heads'
  | 'tokens before heads'
  | 'fused qkv'
  | 'tokens before photos'
  | 'MultiHeadAttention'
  | 'Attention'
  | 'standard Attention'
  | 'dynamically quantised'
  | 'QAttention'
  | 'quantised and dequantised'
  | 'shared keys'
  | 'QLinearSoftmax'
  | 'windows';

export interface ForeignOptions {
  style: AttentionStyle;
  type?: 'float32' | 'float16';
  special?: 0 | 1 | 2 | 3;
  /** Special tokens behind the patches. */
  specialLast?: boolean;
  /** [CLS], the patches, and behind them the other special tokens. */
  specialAround?: boolean;
  /** `tokens`: the mean of all, special ones among them. */
  pool?: 'cls' | 'mean' | 'tokens';
  /** Names of input and output. */
  input?: string;
  output?: string;
  /** Two attentions a block that take the same tokens, and both are added (parallel ViT). */
  parallel?: boolean;
  /** An attention after the last layer that the answer is not made of. */
  aside?: boolean;
  /** `scaled`: factors and numbers behind the classifier; `two`: the mean of two, of [CLS] and of the token behind it (DeiT). */
  head?: 'plain' | 'scaled' | 'two';
  /** Takes photos with their colours last, as Keras has them. */
  coloursLast?: boolean;
  /** What the graph itself does with photos first: their mean and standard deviation. */
  normalises?: { mean: number[]; std: number[] };
  /** Probabilities instead of logits. */
  endsInSoftmax?: boolean;
  batch?: number | string;
  /** Also gives `truth.0`, `truth.1`: the softmax of each layer where it is a value of the graph. */
  truth?: boolean;
}

export const foreign = { height: 24, width: 32, patch: 8, rows: 3, columns: 4, width_: 16, heads: 2, depth: 2, classes: 5 } as const; // prettier-ignore
const { rows, columns, patch, heads, depth, classes } = foreign;
const patches = rows * columns;
const wide = foreign.width_;
const size = wide / heads;

/** Weights depend on names only, so that every style has the same. */
function seedOf(name: string): number {
  return [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);
}

/**
 * Seven bits, as onnxruntime advises for processors without VNNI (`reduce_range`): with eight, their sums of two
 * products overflow 16 bits and are cut, so that what such a graph answers is not what its numbers say.
 */
function rounded(weights: Float32Array): { int8: Int8Array; step: number } {
  const step = Math.max(...weights.map(Math.abs)) / 63;
  return { int8: Int8Array.from(weights, (value) => Math.round(value / step)), step };
}

class ForeignVit extends GraphBuilder {
  readonly truth: Value[] = [];
  /** Fixed matrices as int8, multiplied by dynamically quantised activations, as Optimum writes it. */
  readonly integer: boolean;

  constructor(type: 'float32' | 'float16', integer = false) {
    super(type);
    this.integer = integer;
  }

  random(name: string, shape: number[], scale = 0.5): Float32Array {
    return randomNumbers(shape.reduce((a, b) => a * b, 1), scale, seedOf(name)); // prettier-ignore
  }

  weight(name: string, shape: number[], scale?: number): Value {
    const data = this.random(name, shape, scale);
    return this.tensor(name, this.arithmetic === 'float16' ? new Float16Array(data) : data, shape);
  }

  number(value: number): Value {
    const data = Float32Array.of(value);
    return this.tensor(`number.${value}`, this.arithmetic === 'float16' ? new Float16Array(data) : data, []);
  }

  /** Written as exporters did before LayerNormalization was an operator. */
  norm(name: string, x: Value): Value {
    const centred = this.sub(x, this.reduce('Mean', x, -1, true));
    const variance = this.reduce('Mean', this.op('Pow', [centred, this.number(2)]), -1, true);
    const normed = this.div(centred, this.sqrt(this.add(variance, this.number(1e-5))));
    return this.add(
      this.mul(normed, this.weight(`${name}.scale`, [wide])),
      this.weight(`${name}.shift`, [wide]),
    );
  }

  linear(name: string, x: Value, inputs: number, out: number): Value {
    const bias = this.weight(`${name}.bias`, [out]);
    if (!this.integer) return this.add(bias, this.matmul(x, this.weight(`${name}.weight`, [inputs, out])));
    const { int8, step } = rounded(this.random(`${name}.weight`, [inputs, out]));
    const [data, scale, zero] = this.node('DynamicQuantizeLinear', [x], {}, 3) as [Value, Value, Value];
    const matrix = this.tensor(`${name}.weight`, int8, [inputs, out]);
    const none = this.tensor('zero.int8', Int8Array.of(0), []);
    const product = this.cast(this.op('MatMulInteger', [data, matrix, zero, none]), 'float32');
    const scales = this.mul(scale, this.tensor(`${name}.step`, Float32Array.of(step), []));
    return this.add(this.mul(product, scales), bias);
  }

  /** Columns of queries, keys and values side by side. */
  packed(name: string): { weight: Float32Array; bias: Float32Array } {
    const parts = ['q', 'k', 'v'].map((part) => this.random(`${name}.${part}.weight`, [wide, wide]));
    const weight = new Float32Array(3 * wide * wide);
    for (let row = 0; row < wide; row++)
      for (const [i, part] of parts.entries()) weight.set(part.subarray(row * wide, (row + 1) * wide), (row * 3 + i) * wide); // prettier-ignore
    const biases = ['q', 'k', 'v'].flatMap((part) => [...this.random(`${name}.${part}.bias`, [wide])]);
    return { weight, bias: Float32Array.from(biases) };
  }

  /** x [B, T, D] → [B, T, D] */
  attend(style: AttentionStyle, name: string, x: Value, tokens: number): Value {
    const [q, k, v] = ['q', 'k', 'v'].map((part) => `${name}.${part}`) as [string, string, string];
    const separate = () => [q, k, v].map((part) => this.linear(part, x, wide, wide)) as [Value, Value, Value];
    const byHead = (y: Value, perm = [0, 2, 1, 3]) =>
      this.transpose(this.reshape(y, [0, -1, heads, size]), perm);
    const joined = (y: Value) => this.reshape(this.transpose(y, [0, 2, 1, 3]), [0, -1, wide]);
    const scaled = (scores: Value) => this.div(scores, this.number(Math.sqrt(size)));
    const seen = (probabilities: Value) => {
      this.truth.push(probabilities);
      return probabilities;
    };
    const { weight, bias } = this.packed(name);
    const typed = (data: Float32Array) => (this.arithmetic === 'float16' ? new Float16Array(data) : data);
    switch (style) {
      case 'softmax': {
        const [a, b, c] = separate();
        return joined(this.matmul(seen(this.softmax(scaled(this.matmul(byHead(a), byHead(b, [0, 2, 3, 1]))))), byHead(c))); // prettier-ignore
      }
      case 'shared keys': {
        const queries = this.reshape(byHead(this.linear(q, x, wide, wide)), [-1, 1, heads, tokens, size]);
        const one = (part: string) =>
          this.reshape(this.linear(part, x, wide, size), [-1, 1, 1, tokens, size]);
        const rows = this.softmax(scaled(this.matmul(queries, this.transpose(one(k), [0, 1, 2, 4, 3]))));
        this.truth.push(this.reshape(rows, [-1, heads, tokens, tokens]));
        return joined(this.reshape(this.matmul(rows, one(v)), [-1, heads, tokens, size]));
      }
      case 'decomposed': {
        const [a, b, c] = separate();
        const scores = scaled(this.matmul(byHead(a), byHead(b, [0, 2, 3, 1])));
        const exp = this.op('Exp', [this.sub(scores, this.reduce('Max', scores, -1, true))]);
        return joined(this.matmul(seen(this.div(exp, this.reduce('Sum', exp, -1, true))), byHead(c)));
      }
      case 'merged heads': {
        const flat = (y: Value) => this.reshape(byHead(y), [-1, tokens, size]);
        const [a, b, c] = separate().map(flat) as [Value, Value, Value];
        const weights = this.softmax(scaled(this.matmul(a, this.transpose(b, [0, 2, 1]))));
        seen(this.reshape(weights, [-1, heads, tokens, tokens]));
        return joined(this.reshape(this.matmul(this.op('Dropout', [weights]), c), [-1, heads, tokens, size]));
      }
      case 'tokens before heads': {
        const [a, b, c] = separate().map((y) => this.reshape(y, [0, -1, heads, size])) as [
          Value,
          Value,
          Value,
        ];
        const weights = this.softmax(scaled(this.op('Einsum', [a, b], { equation: 'bqhd,bkhd->bqhk' })));
        seen(this.transpose(weights, [0, 2, 1, 3]));
        return this.reshape(this.op('Einsum', [weights, c], { equation: 'bqhk,bkhd->bqhd' }), [0, -1, wide]);
      }
      case 'fused qkv': {
        const all = this.add(
          this.matmul(x, this.tensor(`${name}.qkv`, typed(weight), [wide, 3 * wide])),
          this.tensor(`${name}.qkv.bias`, typed(bias), [3 * wide]),
        );
        const parts = this.transpose(this.reshape(all, [0, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
        const [a, b, c] = [0, 1, 2].map((i) =>
          this.gather(parts, this.tensor(`index.${i}`, BigInt64Array.of(BigInt(i)), []), 0),
        ) as [Value, Value, Value];
        const weights = seen(this.softmax(scaled(this.matmul(a, this.transpose(b, [0, 1, 3, 2])))));
        // As PyTorch guards rows that are masked throughout.
        const guarded = this.op('Where', [this.op('IsNaN', [weights]), this.number(0), weights]);
        return joined(this.matmul(guarded, c));
      }
      case 'tokens before photos': {
        // PyTorch's nn.MultiheadAttention: [T, B, D], heads beside photos, one projection for three.
        const first = this.transpose(x, [1, 0, 2]);
        const all = this.add(
          this.matmul(first, this.tensor(`${name}.qkv`, typed(weight), [wide, 3 * wide])),
          this.tensor(`${name}.qkv.bias`, typed(bias), [3 * wide]),
        );
        const three = this.squeeze(this.transpose(this.unsqueeze(this.reshape(all, [0, 0, 3, wide]), 0), [3, 1, 2, 0, 4]), 3); // prettier-ignore
        const [a, b, c] = [0, 1, 2].map((i) => {
          const part = this.gather(three, this.tensor(`index.${i}`, BigInt64Array.of(BigInt(i)), []), 0);
          return this.transpose(this.reshape(part, [tokens, -1, size]), [1, 0, 2]);
        }) as [Value, Value, Value];
        const weights = this.softmax(scaled(this.matmul(a, this.transpose(b, [0, 2, 1]))));
        seen(this.reshape(weights, [-1, heads, tokens, tokens]));
        const mixed = this.reshape(this.transpose(this.matmul(weights, c), [1, 0, 2]), [-1, wide]);
        const placed = this.reshape(this.linear(`${name}.out`, mixed, wide, wide), [tokens, -1, wide]);
        return this.transpose(placed, [1, 0, 2]);
      }
      case 'MultiHeadAttention': {
        const parts = [q, k, v].map((part) => this.matmul(x, this.weight(`${part}.weight`, [wide, wide])));
        const biases = this.tensor(`${name}.qkv.bias`, typed(bias), [3 * wide]);
        return this.op('MultiHeadAttention', [...parts, biases], { num_heads: heads }, 'com.microsoft');
      }
      case 'Attention':
        return this.op(
          'Attention',
          [
            x,
            this.tensor(`${name}.qkv`, typed(weight), [wide, 3 * wide]),
            this.tensor(`${name}.qkv.bias`, typed(bias), [3 * wide]),
          ],
          { num_heads: heads },
          'com.microsoft',
        );
      case 'standard Attention':
        return this.op('Attention', separate(), { q_num_heads: heads, kv_num_heads: heads });
      case 'dynamically quantised': {
        const [a, b, c] = separate();
        const weights = seen(this.softmax(scaled(this.integerProduct(byHead(a), byHead(b, [0, 2, 3, 1])))));
        return joined(this.integerProduct(weights, byHead(c)));
      }
      case 'QAttention': {
        const [data, scale, zero] = this.node('DynamicQuantizeLinear', [x], {}, 3) as [Value, Value, Value];
        const { int8, step } = rounded(weight);
        return this.op(
          'QAttention',
          [
            data,
            this.tensor(`${name}.qkv`, int8, [wide, 3 * wide]),
            this.tensor(`${name}.qkv.bias`, bias, [3 * wide]),
            scale,
            this.tensor(`${name}.step`, Float32Array.of(step), []),
            '',
            zero,
            this.tensor('zero.int8', Int8Array.of(0), []),
          ],
          { num_heads: heads },
          'com.microsoft',
        );
      }
      case 'quantised and dequantised': {
        const [a, b, c] = separate().map((y) => this.roundTrip(y, 0.05, 128)) as [Value, Value, Value];
        const weights = seen(this.softmax(scaled(this.matmul(byHead(a), byHead(b, [0, 2, 3, 1])))));
        return joined(this.matmul(this.roundTrip(weights, 1 / 255, 0), byHead(c)));
      }
      case 'QLinearSoftmax': {
        const [a, b, c] = separate();
        const [from, rows_, to] = [0.05, 1 / 256, 0.02].map((scale, i) => [
          this.tensor(`scale.${scale}`, Float32Array.of(scale), []),
          this.tensor(`zero.${i === 1 ? 0 : 128}`, Uint8Array.of(i === 1 ? 0 : 128), []),
        ]) as [[Value, Value], [Value, Value], [Value, Value]];
        const smaller = [this.tensor('scale.scores', Float32Array.of(0.05 / Math.sqrt(size)), []), from[1]];
        const whole = (y: Value) => this.op('QuantizeLinear', [y, ...from]);
        const scores = this.op('QLinearMatMul', [whole(byHead(a)), ...smaller, whole(byHead(b, [0, 2, 3, 1])), ...from, ...to]); // prettier-ignore
        const weights = this.op('QLinearSoftmax', [scores, ...to, ...rows_], { axis: -1, opset: 13 }, 'com.microsoft'); // prettier-ignore
        const mixed = this.op('QLinearMatMul', [weights, ...rows_, whole(byHead(c)), ...from, ...to]);
        return joined(this.op('DequantizeLinear', [mixed, ...to]));
      }
      case 'windows': {
        // Two rows of patches at a time would need an even number: here each row looks at itself.
        const windows = this.reshape(x, [-1, columns, wide]);
        return this.reshape(this.attend('softmax', name, windows, columns), [-1, tokens, wide]);
      }
    }
  }

  roundTrip(x: Value, scale: number, zero: number): Value {
    const by = [this.tensor(`scale.${scale}`, Float32Array.of(scale), []), this.tensor(`zero.${zero}`, Uint8Array.of(zero), [])]; // prettier-ignore
    return this.op('DequantizeLinear', [this.op('QuantizeLinear', [x, ...by]), ...by]);
  }

  integerProduct(a: Value, b: Value): Value {
    const [qa, sa, za] = this.node('DynamicQuantizeLinear', [a], {}, 3) as [Value, Value, Value];
    const [qb, sb, zb] = this.node('DynamicQuantizeLinear', [b], {}, 3) as [Value, Value, Value];
    return this.mul(this.cast(this.op('MatMulInteger', [qa, qb, za, zb]), 'float32'), this.mul(sa, sb));
  }
}

/** What `head: 'scaled'` puts behind its classifier. */
export const scaled = { exponent: 0.7, less: 0.3, each: [1, 2, 0.5, 1.5, 3], by: 4 };

/** The same weights whatever the style. */
export function foreignVit(options: ForeignOptions): Model {
  const { style, type = 'float32', special = 1, pool = 'cls', input = 'pixel_values', output = 'logits', batch = 'n' } = options; // prettier-ignore
  const g = new ForeignVit(type, style === 'dynamically quantised');
  const { height, width } = foreign;
  const given = g.input(input, type as ElementType, options.coloursLast ? [batch, height, width, 3] : [batch, 3, height, width]); // prettier-ignore
  let photo = options.coloursLast ? g.transpose(given, [0, 3, 1, 2]) : given;
  if (options.normalises) {
    const [mean, std] = (['mean', 'std'] as const).map((name) => g.tensor(`photo.${name}`, Float32Array.from(options.normalises![name]), [1, 3, 1, 1])); // prettier-ignore
    photo = g.div(g.sub(photo, mean!), std!);
  }
  const kernel = g.weight('patch', [wide, 3, patch, patch], 0.2);
  const map = g.op('Conv', [photo, kernel], { kernel_shape: [patch, patch], strides: [patch, patch] });
  let x = g.transpose(g.reshape(map, [0, wide, -1]), [0, 2, 1]);
  const tokens = patches + special;
  if (special) {
    const shape = g.concat([g.slice(g.op('Shape', [photo]), 0, 0, 1), g.ints(special, wide)], 0);
    const prefix = g.op('Expand', [g.weight('special', [1, special, wide]), shape]);
    if (options.specialAround) {
      const withCls = g.concat([g.slice(prefix, 1, 0, 1), x], 1);
      x = g.concat([g.op('Identity', [withCls]), g.slice(prefix, 1, 1, special)], 1);
    } else x = g.concat(options.specialLast ? [x, prefix] : [prefix, x], 1);
  }
  x = g.add(x, g.weight('positions', [1, tokens, wide]));
  for (let layer = 0; layer < depth; layer++) {
    const name = `layer${layer}`;
    const normed = g.norm(`${name}.norm1`, x);
    const mixed = g.attend(style, name, normed, tokens);
    if (options.parallel) {
      const other = g.attend(style, `${name}.beside`, normed, tokens);
      x = g.add(x, g.linear(`${name}.beside.out`, other, wide, wide));
    }
    x = g.add(x, style === 'tokens before photos' ? mixed : g.linear(`${name}.out`, mixed, wide, wide));
    const hidden = g.op('Relu', [g.linear(`${name}.fc1`, g.norm(`${name}.norm2`, x), wide, 2 * wide)]);
    x = g.add(x, g.linear(`${name}.fc2`, hidden, 2 * wide, wide));
  }
  const at = options.specialLast ? patches : 0;
  const normed = g.norm('norm', x);
  const feature =
    pool === 'cls'
      ? g.gather(normed, g.tensor(`at.${at}`, BigInt64Array.of(BigInt(at)), []), 1)
      : g.reduce('Mean', pool === 'tokens' ? normed : g.slice(normed, 1, options.specialLast ? 0 : special, options.specialLast ? patches : tokens), 1); // prettier-ignore
  let logits = g.linear('head', feature, wide, classes);
  if (options.head === 'scaled') {
    const scale = g.op('Exp', [g.number(scaled.exponent)]);
    logits = g.mul(g.sub(g.mul(scale, logits), g.number(scaled.less)), g.tensor('scaled.each', Float32Array.from(scaled.each), [1, classes])); // prettier-ignore
    logits = g.div(logits, g.number(scaled.by));
  }
  if (options.head === 'two') {
    const behind = g.gather(normed, g.tensor('at.1', BigInt64Array.of(1n), []), 1);
    logits = g.div(g.add(logits, g.linear('head2', behind, wide, classes)), g.number(2));
  }
  if (options.aside) g.output('aside', g.attend(style, 'aside', normed, tokens), type, [batch, tokens, wide]);
  g.output(output, options.endsInSoftmax ? g.softmax(logits) : logits, type, [batch, classes]);
  if (options.truth)
    for (const [layer, value] of g.truth.entries()) g.output(`truth.${layer}`, value, type, [batch, heads, tokens, tokens]); // prettier-ignore
  return inlined(g);
}

/** Weights inside the file, as small exports have them; without our producer's name. */
export function inlined(g: GraphBuilder): Model {
  const { model, externalData } = g.finish('main_graph');
  const decoded = decodeModel(model);
  const bytes = new Map(externalData.map(({ path, data }) => [path, data]));
  for (const tensor of decoded.graph!.initializer)
    if (tensor.dataLocation === 1) {
      tensor.rawData = bytes.get(tensor.name)!;
      tensor.dataLocation = 0;
      tensor.externalData = [];
    }
  decoded.producerName = 'pytorch';
  return decoded;
}

/** The model written in another opset; its nodes must be sound in both. */
export function inOpset(model: Model, version: number): Model {
  for (const entry of model.opsetImport) if (entry.domain === '') entry.version = BigInt(version);
  return model;
}

/** Axes as attributes, as before opset 13 (18 for means). */
export function inOldOpset(model: Model, version: number): Model {
  const graph = model.graph!;
  const numbers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const old = new Set(['ReduceMean', 'ReduceSum', 'ReduceMax', 'Squeeze', 'Unsqueeze']);
  for (const node of graph.node)
    if (old.has(node.opType)) {
      const axes = numbers.get(node.input.pop()!)!;
      const view = new BigInt64Array(new Uint8Array(axes.rawData).buffer);
      node.attribute.push(...axesAttribute([...view]));
    }
  return inOpset(model, version);
}

function axesAttribute(axes: bigint[]) {
  const g = new GraphBuilder();
  g.node('Squeeze', ['x'], { axes }, 1);
  return decodeModel(g.finish('axes').model).graph!.node[0]!.attribute;
}

/** Convolutions and pooling. */
export function foreignCnn(): Model {
  const g = new ForeignVit('float32');
  const photo = g.input('image', 'float32', ['n', 3, foreign.height, foreign.width]);
  let x = g.op('Relu', [g.op('Conv', [photo, g.weight('conv1', [8, 3, 3, 3])], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })]); // prettier-ignore
  // Squeeze and excitation: a gate over channels, which is no attention between tokens.
  const gate = g.op('Sigmoid', [g.op('Conv', [g.op('GlobalAveragePool', [x]), g.weight('gate', [8, 8, 1, 1])], { kernel_shape: [1, 1] })]); // prettier-ignore
  x = g.mul(x, gate);
  const flat = g.op('Flatten', [g.op('GlobalAveragePool', [x])], { axis: 1 });
  const logits = g.op('Gemm', [flat, g.weight('head', [classes, 8]), g.weight('head.bias', [classes])], {
    transB: 1,
  });
  g.output('scores', logits, 'float32', ['n', classes]);
  return inlined(g);
}

/** MLP-Mixer: tokens are mixed by a fixed matrix. */
export function foreignMixer(): Model {
  const g = new ForeignVit('float32');
  const photo = g.input('image', 'float32', ['n', 3, foreign.height, foreign.width]);
  const map = g.op('Conv', [photo, g.weight('patch', [wide, 3, patch, patch])], { kernel_shape: [patch, patch], strides: [patch, patch] }); // prettier-ignore
  let x = g.transpose(g.reshape(map, [0, wide, -1]), [0, 2, 1]);
  const turned = g.transpose(g.norm('norm1', x), [0, 2, 1]);
  x = g.add(x, g.transpose(g.softmax(g.linear('mix', turned, patches, patches)), [0, 2, 1]));
  const logits = g.linear('head', g.reduce('Mean', x, 1), wide, classes);
  g.output('logits', logits, 'float32', ['n', classes]);
  return inlined(g);
}

function cast(from: string, to: string, type: ElementType) {
  const g = new GraphBuilder();
  g.node('Cast', [from], { to: elementTypes[type] }, [to]);
  return altered(decodeModel(g.finish('cast').model).graph!.node[0]!, { name: to });
}

/** The same, given whole numbers, as where a graph prepares a photo's levels itself. */
export function inLevels(model: Model): Model {
  const graph = model.graph!;
  const [input] = graph.input;
  graph.node.unshift(cast('photo.uint8', input!.name, 'float32'));
  input!.name = 'photo.uint8';
  input!.type!.tensorType!.elemType = elementTypes.uint8;
  return model;
}

/** Takes and gives float32 all the same: onnxruntime's binding does not take Node's Float16Array. */
export function inFloat32(model: Model): Model {
  const graph = model.graph!;
  const [input] = graph.input;
  if (input!.type!.tensorType!.elemType !== elementTypes.float16) return model;
  graph.node.unshift(cast('photo.float32', input!.name, 'float16'));
  input!.name = 'photo.float32';
  input!.type!.tensorType!.elemType = elementTypes.float32;
  for (const output of graph.output) {
    const made = graph.node.find((node) => node.output[0] === output.name)!;
    made.output = [`${output.name}.float16`];
    graph.node.push(cast(`${output.name}.float16`, output.name, 'float32'));
    output.type!.tensorType!.elemType = elementTypes.float32;
  }
  return model;
}
