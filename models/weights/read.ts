/**
 * A Vision Transformer's weights in the one form that `models/vit.ts` reads, whatever they were called and however
 * they were stored. Matrices are [in, out], as MatMul takes them. Folded in, each an identity of the arithmetic:
 * 1/√d into the query; LayerScale into the projection before it; the value's bias into the output projection's
 * (the rows of softmax sum to one); the key's bias is dropped (it adds the same number to a whole row of scores).
 */
import { SaccadeError } from '../error.ts';
import { gridOf, specialTokens, type VitConfig } from '../config.ts';
import { namesOf, type PartNames, type Projection } from './names.ts';
import { resizePositions } from './positions.ts';
import type { WeightSource } from './source.ts';

export interface Linear {
  /** [in, out] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}
export interface Norm {
  scale: Float32Array;
  shift: Float32Array;
}
export interface BlockWeights {
  norm1: Norm;
  /** [D, D] and [D], 1/√d folded in. */
  query: Linear;
  /** [D, D] */
  key: Float32Array;
  /** [D, D] */
  value: Float32Array;
  /** [D]: folded into `out` already; explanations show it as a term of its own. */
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
  patchPositions: Float32Array;
  /** [S, D]: [CLS], distillation, registers, positions added. */
  special: Float32Array;
  /** Reads one block: at no time are all in memory twice. */
  block(layer: number): BlockWeights;
  norm: Norm;
  head: Linear;
  headDistillation: Linear | null;
}

/** [out, in] → [in, out] */
function transposed(
  matrix: Float32Array,
  out: number,
  inputs: number,
  factor?: Float32Array | number,
): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < out; row++) {
    const scale = typeof factor === 'number' ? factor : (factor?.[row] ?? 1);
    for (let column = 0; column < inputs; column++)
      result[column * out + row] = matrix[row * inputs + column]! * scale;
  }
  return result;
}

function added(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]!);
}

class Reader {
  readonly source: WeightSource;
  readonly config: VitConfig;
  readonly names: PartNames;

  constructor(source: WeightSource, config: VitConfig) {
    this.source = source;
    this.config = config;
    this.names = namesOf(config);
  }

  norm(name: string): Norm {
    const shape = [this.config.width];
    return {
      scale: this.source.read(`${name}.weight`, shape),
      shift: this.source.has(`${name}.bias`)
        ? this.source.read(`${name}.bias`, shape)
        : new Float32Array(this.config.width),
    };
  }

  /** A missing bias is zero: some models have none. */
  bias(name: string, length: number): Float32Array {
    return this.source.has(name) ? this.source.read(name, [length]) : new Float32Array(length);
  }

  linear(name: string, inputs: number, out: number, scaleName = ''): Linear {
    const scale = scaleName ? this.source.read(scaleName, [out]) : undefined;
    const bias = this.bias(`${name}.bias`, out);
    return {
      weight: transposed(this.source.read(`${name}.weight`, [out, inputs]), out, inputs, scale),
      bias: scale ? bias.map((value, i) => value * scale[i]!) : bias,
    };
  }

  /** Rows q, k, v of [D, D] each, still [out, in]. */
  projections(qkv: Projection): { weights: Float32Array[]; biases: Float32Array[] } {
    const { width } = this.config;
    if ('fused' in qkv) {
      const weight = this.source.read(qkv.fused.weight, [3 * width, width]);
      const bias = this.bias(qkv.fused.bias, 3 * width);
      return {
        weights: [0, 1, 2].map((i) => weight.subarray(i * width * width, (i + 1) * width * width)),
        biases: [0, 1, 2].map((i) => bias.subarray(i * width, (i + 1) * width)),
      };
    }
    const names = [qkv.q, qkv.k, qkv.v];
    return {
      weights: names.map((name) => this.source.read(`${name}.weight`, [width, width])),
      biases: names.map((name) => this.bias(`${name}.bias`, width)),
    };
  }

  block(layer: number): BlockWeights {
    const { width, heads, mlpWidth, activation, layerScale } = this.config;
    const names = this.names.block(layer);
    const { weights, biases } = this.projections(names.qkv);
    const [q, k, v] = weights as [Float32Array, Float32Array, Float32Array];
    const scale = 1 / Math.sqrt(width / heads);
    const out = this.linear(names.out, width, width, layerScale ? names.scale1 : '');
    const valueBias = biases[2] as Float32Array;
    const carried = new Float32Array(width);
    for (let row = 0; row < width; row++)
      for (let column = 0; column < width; column++)
        carried[column]! += valueBias[row]! * out.weight[row * width + column]!;
    return {
      norm1: this.norm(names.norm1),
      query: {
        weight: transposed(q, width, width, scale),
        bias: (biases[0] as Float32Array).map((value) => value * scale),
      },
      key: transposed(k, width, width),
      value: transposed(v, width, width),
      valueBias,
      out: { weight: out.weight, bias: added(out.bias, carried) },
      norm2: this.norm(names.norm2),
      fc1: this.linear(names.fc1, width, activation === 'swiglu' ? 2 * mlpWidth : mlpWidth),
      fc2: this.linear(names.fc2, mlpWidth, width, layerScale ? names.scale2 : ''),
    };
  }

  /** Special tokens and patch positions, each with what is constant added. */
  embeddings(): Pick<VitWeights, 'special' | 'patchPositions'> {
    const { config, names, source } = this;
    const { width } = config;
    const trained = config.positions;
    // Registers have no positions of their own; [CLS] and the distillation token do unless the model says not.
    const placed = trained.special ? (config.clsToken ? 1 : 0) + (config.distillation ? 1 : 0) : 0;
    const count = placed + trained.rows * trained.columns;
    const positions = source.read(names.positions, [1, count, width]);
    const special = new Float32Array(specialTokens(config) * width);
    let at = 0;
    if (config.clsToken) special.set(source.read(names.cls, [1, 1, width]), width * at++);
    if (config.distillation) special.set(source.read(names.distillation, [1, 1, width]), width * at++);
    if (config.registers) special.set(source.read(names.registers, [1, config.registers, width]), width * at);
    for (let i = 0; i < placed * width; i++) special[i]! += positions[i]!;
    const resized = resizePositions(
      positions.subarray(placed * width),
      trained,
      gridOf(config),
      width,
      config.positionResize.antialias,
    );
    const bias = this.bias(`${names.patch}.bias`, width);
    return { special, patchPositions: resized.map((value, i) => value + bias[i % width]!) };
  }
}

/**
 * @param source must stay open while `block` is being called
 * @throws SaccadeError `missing-tensor`, `misshaped-tensor`, `unsupported-dtype`, naming the tensor
 */
export function readVitWeights(source: WeightSource, config: VitConfig): VitWeights {
  const reader = new Reader(source, config);
  const { width, patchSize, classes, pool, depth } = config;
  if (source.has(reader.names.block(depth).norm1 + '.weight'))
    throw new SaccadeError(
      'too-many-blocks',
      `The configuration says ${depth} encoder blocks, the weights have more.`,
    );
  const readout = pool === 'cls+mean' ? 2 * width : width;
  return {
    patch: source.read(`${reader.names.patch}.weight`, [width, 3, patchSize, patchSize]),
    ...reader.embeddings(),
    block: (layer) => reader.block(layer),
    norm: reader.norm(reader.names.norm),
    head: reader.linear(reader.names.head, readout, classes),
    headDistillation: config.distillation
      ? reader.linear(reader.names.headDistillation, width, classes)
      : null,
  };
}
