/**
 * A Vision Transformer's weights in the one form that `models/vit.ts` reads, whatever they were called and however
 * they were stored. Matrices are [in, out], as MatMul takes them. Folded in, each an identity of the arithmetic:
 * 1/√d into the query; LayerScale into the projection before it; the value's bias into the output projection's
 * (the rows of softmax sum to one); the key's bias is dropped (it adds the same number to a whole row of scores).
 */
import { SaccadeError } from '../error.ts';
import { gridOf, hasDistillationHead, prefixTokens, readWidth, type VitConfig } from '../config.ts';
import type { Linear, Norm } from '../layers.ts';
import { type BlockNames, partNames, type PartNames, type Projection } from './names.ts';
import { resizePositions } from './positions.ts';
import type { WeightSource } from './source.ts';

export interface BlockWeights {
  norm1: Norm;
  /** [D, 3 · D] and [3 · D]: query, with 1/√d folded in, key and value; the latter two have no bias left. */
  qkv: Linear;
  /** [D], of the value: folded into `out` already; explanations show it as a term of its own. */
  valueBias: Float32Array;
  /** [D, D] and [D], LayerScale and the value's bias folded in. */
  out: Linear;
  norm2: Norm;
  /** [D, mlpWidth], or [D, 2 · mlpWidth] for SwiGLU: the gated half, then the other. */
  fc1: Linear;
  /** [mlpWidth, D], LayerScale folded in. */
  fc2: Linear;
}
export interface VitWeights {
  /** [D, 3, P, P] */
  patch: Float32Array;
  /** [N, D]: position of each patch plus the patch embedding's bias. */
  posEmbed: Float32Array;
  /** [S, D]: [CLS], distillation, registers, positions added. */
  prefix: Float32Array;
  /** Reads one block: at no time are all in memory twice. */
  block(layer: number): BlockWeights;
  /** Before the first block; null: none. */
  normFirst: Norm | null;
  norm: Norm;
  /** Null: the head reads tokens or their mean. */
  pooling: PoolingWeights | null;
  /** [D, F], of the embedding (CLIP); null: none. */
  projection: Float32Array | null;
  /** [F, C] and [C]; of two heads that are averaged (DeiT) half of each, one above the other. Null: no head. */
  head: Linear | null;
}

/** Attention pooling: one learned query over the patch tokens, then a feed-forward beside it. */
export interface PoolingWeights {
  /** [D]: the latent through its projection, 1/√d folded in. */
  query: Float32Array;
  /** [D, D]; its bias adds the same to a whole row of scores and is dropped. */
  key: Float32Array;
  /** [D, D] and [D] */
  value: Linear;
  out: Linear;
  norm: Norm;
  /** [D, M], M of the pooling's own */
  fc1: Linear;
  /** [M, D] */
  fc2: Linear;
}

/** [out, in] → [in, out] */
function transposed(matrix: Float32Array, out: number, inputs: number, factors?: Float32Array): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < out; row++) {
    const scale = factors?.[row] ?? 1;
    for (let column = 0; column < inputs; column++)
      result[column * out + row] = matrix[row * inputs + column]! * scale;
  }
  return result;
}

function joined(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function added(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]!);
}

const biasesOf = (qkv: Projection): string[] =>
  'fused' in qkv ? [qkv.fused.bias] : [qkv.q, qkv.k, qkv.v].map((name) => `${name}.bias`);

/**
 * Norms and linear layers of all these families have a bias, but for query, key and value: one that is not there was lost.
 */
export class Reader {
  readonly source: WeightSource;
  readonly config: VitConfig;
  readonly names: PartNames;

  constructor(source: WeightSource, config: VitConfig) {
    this.source = source;
    this.config = config;
    this.names = partNames(config);
  }

  norm(name: string): Norm {
    const shape = [this.config.width];
    return {
      scale: this.source.read(`${name}.weight`, shape),
      shift: this.source.read(`${name}.bias`, shape),
    };
  }

  linear(name: string, inputs: number, out: number, scaleName = ''): Linear {
    const scale = scaleName ? this.source.read(scaleName, [out]) : undefined;
    const bias = this.source.read(`${name}.bias`, [out]);
    return {
      weight: transposed(this.source.read(`${name}.weight`, [out, inputs]), out, inputs, scale),
      bias: scale ? bias.map((value, i) => value * scale[i]!) : bias,
    };
  }

  /** Query, key and value one above the other: [3 · D, D], still [out, in], and [3 · D] */
  projections(qkv: Projection): Linear {
    const { width, qkvBias } = this.config;
    const bias = (name: string, length: number) =>
      qkvBias ? this.source.read(name, [length]) : new Float32Array(length);
    if ('fused' in qkv)
      return {
        weight: this.source.read(qkv.fused.weight, [3 * width, width]),
        bias: bias(qkv.fused.bias, 3 * width),
      };
    const names = [qkv.q, qkv.k, qkv.v];
    return {
      weight: joined(names.map((name) => this.source.read(`${name}.weight`, [width, width]))),
      bias: joined(names.map((name) => bias(`${name}.bias`, width))),
    };
  }

  /**
   * All biases of query, key and value are there, or none in any block: only timm and transformers build them without.
   * @throws SaccadeError `missing-tensor`
   */
  #expectBiases({ qkv }: BlockNames): void {
    const { qkvBias, keys } = this.config;
    const wanted = qkvBias || (keys !== 'timm' && keys !== 'huggingface');
    const [first] = biasesOf(this.names.block(0).qkv);
    for (const name of biasesOf(qkv))
      if (this.source.has(name) !== wanted) this.source.shape(wanted ? name : first!);
  }

  block(layer: number): BlockWeights {
    const { width, heads, mlpWidth, activation, layerScale } = this.config;
    const names = this.names.block(layer);
    this.#expectBiases(names);
    const { weight, bias } = this.projections(names.qkv);
    const factors = new Float32Array(3 * width).fill(1).fill(1 / Math.sqrt(width / heads), 0, width);
    const queryBias = new Float32Array(3 * width);
    queryBias.set(bias.subarray(0, width).map((value, i) => value * factors[i]!));
    const valueBias = bias.subarray(2 * width);
    const out = this.linear(names.out, width, width, layerScale ? names.scale1 : '');
    const carried = new Float32Array(width);
    for (let row = 0; row < width; row++)
      for (let column = 0; column < width; column++)
        carried[column]! += valueBias[row]! * out.weight[row * width + column]!;
    return {
      norm1: this.norm(names.norm1),
      qkv: { weight: transposed(weight, 3 * width, width, factors), bias: queryBias },
      valueBias,
      out: { weight: out.weight, bias: added(out.bias, carried) },
      norm2: this.norm(names.norm2),
      fc1: this.linear(names.fc1, width, activation === 'swiglu' ? 2 * mlpWidth : mlpWidth),
      fc2: this.linear(names.fc2, mlpWidth, width, layerScale ? names.scale2 : ''),
    };
  }

  pooling(): PoolingWeights {
    const { width, heads } = this.config;
    const { source } = this;
    const names = this.names.pooling!;
    const latent = source.read(names.latent, [1, 1, width]);
    const all = joined(names.qkv.map(({ weight, of }) => source.read(weight, [of * width, width])));
    const biases = joined(names.qkv.map(({ bias, of }) => source.read(bias, [of * width])));
    const [q, k, v] = [0, 1, 2].map((part) =>
      transposed(all.subarray(part * width * width, (part + 1) * width * width), width, width),
    ) as [Float32Array, Float32Array, Float32Array];
    const query = biases.slice(0, width);
    for (let row = 0; row < width; row++)
      for (let column = 0; column < width; column++)
        query[column]! += latent[row]! * q[row * width + column]!;
    const hidden = source.shape(`${names.fc1}.weight`)[0] ?? 0;
    return {
      query: query.map((value) => value / Math.sqrt(width / heads)),
      key: k,
      value: { weight: v, bias: biases.slice(2 * width) },
      out: this.linear(names.out, width, width),
      norm: this.norm(names.norm),
      fc1: this.linear(names.fc1, width, hidden),
      fc2: this.linear(names.fc2, hidden, width),
    };
  }

  /** [count, D], with axes of 1 before it or, of one row, without an axis for it. */
  rows(name: string, count: number): Float32Array {
    const { width } = this.config;
    const shape = this.source.shape(name);
    const sides = shape.slice(shape.findIndex((side) => side !== 1));
    const fits = sides.at(-1) === width && (sides.length === 1 ? count === 1 : sides.length === 2 && sides[0] === count); // prettier-ignore
    return this.source.read(name, fits ? shape : [1, count, width]);
  }

  /** [D, F]; open_clip stores it so, Hugging Face turned. */
  projection(length: number): Float32Array {
    const { width, keys } = this.config;
    const { projection: name } = this.names;
    return keys === 'open_clip'
      ? this.source.read(name, [width, length])
      : transposed(this.source.read(name, [length, width]), length, width);
  }

  /** Prefix tokens, with their positions added, and positions of the patches. */
  embeddings(): Pick<VitWeights, 'prefix' | 'posEmbed'> {
    const { config, names, source } = this;
    const { width } = config;
    const trained = config.positions;
    const positioned =
      (trained.special ? (config.clsToken ? 1 : 0) + (config.distillation ? 1 : 0) : 0) +
      (trained.registers ? config.registers : 0);
    const count = positioned + trained.rows * trained.columns;
    const positions = this.rows(names.positions, count);
    const prefix = new Float32Array(prefixTokens(config) * width);
    let at = 0;
    if (config.clsToken) prefix.set(this.rows(names.cls, 1), width * at++);
    if (config.distillation) prefix.set(source.read(names.distillation, [1, 1, width]), width * at++);
    if (config.registers) prefix.set(source.read(names.registers, [1, config.registers, width]), width * at);
    for (let i = 0; i < positioned * width; i++) prefix[i]! += positions[i]!;
    const posEmbed = resizePositions(
      positions.subarray(positioned * width),
      trained,
      gridOf(config),
      width,
      config.positionResize.antialias,
    );
    return { prefix, posEmbed };
  }

  /** Two heads that are averaged are one over both tokens, halved. */
  head(): Linear | null {
    const { config, names } = this;
    const { width, classes, pool } = config;
    if (classes === 0) return null;
    if (!hasDistillationHead(config) || pool !== 'cls')
      return this.linear(names.head, readWidth(config), classes);
    const heads = [names.head, names.headDistillation].map((name) => this.linear(name, width, classes));
    const [first, second] = heads as [Linear, Linear];
    return {
      weight: joined([first.weight, second.weight]).map((value) => value / 2),
      bias: added(first.bias, second.bias).map((value) => value / 2),
    };
  }
}

/**
 * @param source must stay open while `block` is being called
 * @throws SaccadeError `missing-tensor`, `misshaped-tensor`, `unsupported-dtype`, naming the tensor
 */
export function readVitWeights(source: WeightSource, config: VitConfig): VitWeights {
  const reader = new Reader(source, config);
  const { width, patchSize } = config;
  const { patch } = reader.names;
  const { posEmbed, ...encoder } = readEncoder(reader);
  // Where a norm comes before the first block, as in CLIP, patches are embedded without one.
  const bias = config.normFirst ? null : source.read(`${patch}.bias`, [width]);
  return {
    patch: source.read(`${patch}.weight`, [width, 3, patchSize, patchSize]),
    posEmbed: bias ? posEmbed.map((value, i) => value + bias[i % width]!) : posEmbed,
    ...encoder,
  };
}

/** All but how patches, or tokens of text, are embedded. */
export function readEncoder(reader: Reader): Omit<VitWeights, 'patch'> {
  const { source, config } = reader;
  const { depth } = config;
  if (source.has(reader.names.block(depth).norm1 + '.weight'))
    throw new SaccadeError(
      'too-many-blocks',
      `The configuration says ${depth} encoder blocks, the weights have more.`,
    );
  return {
    ...reader.embeddings(),
    block: (layer) => reader.block(layer),
    normFirst: config.normFirst ? reader.norm(reader.names.normFirst) : null,
    norm: reader.norm(reader.names.norm),
    pooling: config.pool === 'attention' ? reader.pooling() : null,
    projection: config.projection ? reader.projection(config.projection) : null,
    head: reader.head(),
  };
}
