/**
 * The Vision Transformer on one page, as an ONNX graph (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words",
 * equations 1 to 4; reading order of google-research/vision_transformer, vit_jax/models_vit.py).
 *
 * B photos, N patches, S prefix tokens ([CLS], distillation, registers), T = S + N tokens, D numbers a token,
 * H heads of d = D / H, F numbers of the feature, C classes. R is how many tokens, counted from the first, are
 * computed after the last attention: the head reads no others.
 */
import { gridOf, prefixTokens, readouts, rowsNeeded, type VitConfig } from './config.ts';
import { Layers, tokenAt } from './layers.ts';
import type { Value } from './onnx/types.ts';
import { gatherPatches } from './pooling.ts';
import type { BlockWeights, VitWeights } from './weights/read.ts';

export interface VitOptions {
  /** Arithmetic; input and outputs are float32 all the same. */
  type: 'float32' | 'float16';
  /** Keep every row after the last attention (R = T), for a discard ratio over whole matrices. */
  allRows?: boolean;
  /** Of the ONNX operators; absent: the usual one. */
  opset?: number | undefined;
}

/** What an attention shows of itself (models/explain/vit.ts). */
export interface Attended {
  /** [B, H, T or R, T] rows of the softmax. */
  probabilities: Value;
  /** [B, H, T, d] without the value's bias. */
  values: Value;
}

export interface Encoded {
  /** [B, T, D] tokens before the first block. */
  start: Value;
  /** [B, R, D] tokens after the last one. */
  tokens: Value;
  /** `mlp`: what the feed-forward adds, [B, T or R, D]. */
  blocks: (Attended & { mlp: Value; weights: BlockWeights })[];
}

type BlockOutput = Attended & { x: Value; mlp: Value };

export class Vit extends Layers {
  readonly weights: VitWeights;
  /** R */
  readonly lastRows: number;

  constructor(config: VitConfig, weights: VitWeights, { type, allRows, opset }: VitOptions) {
    super(config, type, opset);
    this.weights = weights;
    this.lastRows = allRows ? this.tokens : rowsNeeded(config);
  }

  /** pixel_values [B, 3, height, width], float32, in the graph's arithmetic */
  pixels(): Value {
    const { height, width } = this.config.imageSize;
    const input = this.g.input('pixel_values', 'float32', ['batch', 3, height, width]);
    return this.g.arithmetic === 'float16' ? this.g.cast(input, 'float16') : input;
  }

  /** (1) z₀ = [x_class; x¹E; …; xᴺE] + E_pos. → [B, T, D] */
  embed(): Value {
    const { g, weights } = this;
    const { patchSize, width } = this.config;
    const { patches } = gridOf(this.config);
    const pixels = this.pixels();
    const kernel = this.weight('patch.weight', weights.patch, [width, 3, patchSize, patchSize]);
    const strides = [patchSize, patchSize];
    const map = g.op('Conv', [pixels, kernel], { kernel_shape: strides, strides }); // [B, D, rows, columns]
    const flat = g.transpose(g.reshape(map, [0, width, patches]), [0, 2, 1]); // [B, N, D]
    const placed = this.kept(g.add(flat, this.weight('posEmbed', weights.posEmbed, [patches, width])));
    const count = prefixTokens(this.config);
    if (!count) return this.normFirst(placed);
    const prefix = this.weight('prefix', weights.prefix, [1, count, width]);
    const batch = g.batchOf(placed);
    const expanded = g.op('Expand', [prefix, g.concat([batch, g.ints(count, width)], 0)]);
    return this.normFirst(g.concat([expanded, placed], 1));
  }

  /** The patches that become tokens: all; fewer in models/ablation.ts. [B, N, D] → [B, N, D] */
  kept(placed: Value): Value {
    return placed;
  }

  /** CLIP's norm before the first block, where the model has it. [B, T, D] → [B, T, D] */
  normFirst(x: Value): Value {
    const { normFirst } = this.weights;
    return normFirst ? this.norm('normFirst', x, normFirst) : x;
  }

  /** z_L: the tokens after L blocks, the last of which computes R rows. */
  encode(): Encoded {
    const { depth } = this.config;
    const start = this.g.label('embeddings', () => this.embed());
    const blocks: Encoded['blocks'] = [];
    let tokens = start;
    for (let layer = 0; layer < depth; layer++) {
      const weights = this.weights.block(layer);
      const rows = layer === depth - 1 ? this.lastRows : this.tokens;
      const { x, ...seen } = this.g.scope(`blocks.${layer}`, () => this.block(tokens, weights, rows));
      tokens = x;
      blocks.push({ ...seen, weights });
    }
    return { start, tokens, blocks };
  }

  /** x [B, T, D] → [B, rows, D] */
  block(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    if (this.config.norm === 'residual-post') return this.residualPostNorm(x, weights, rows);
    return this.config.norm === 'pre' ? this.preNorm(x, weights, rows) : this.postNorm(x, weights, rows);
  }

  /** (2) z′ = MSA(LN(z)) + z and (3) z = MLP(LN(z′)) + z′ */
  preNorm(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    const { out, ...seen } = this.attention(this.norm('norm1', x, weights.norm1), weights, rows);
    const middle = this.g.add(this.first(x, rows), out);
    const mlp = this.feedForward(this.norm('norm2', middle, weights.norm2), weights);
    return { x: this.g.add(middle, mlp), mlp, ...seen };
  }

  /** z′ = LN(MSA(z) + z) and z = LN(MLP(z′) + z′), as Vaswani et al. 2017 have it */
  postNorm(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    const { out, ...seen } = this.attention(x, weights, rows);
    const middle = this.norm('norm1', this.g.add(this.first(x, rows), out), weights.norm1);
    const mlp = this.feedForward(middle, weights);
    return { x: this.norm('norm2', this.g.add(middle, mlp), weights.norm2), mlp, ...seen };
  }

  /** z′ = LN(MSA(z)) + z and z = LN(MLP(z′)) + z′ (Liu et al. 2022) */
  residualPostNorm(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    const { out, ...seen } = this.attention(x, weights, rows);
    const middle = this.g.add(this.first(x, rows), this.norm('norm1', out, weights.norm1));
    const mlp = this.norm('norm2', this.feedForward(middle, weights), weights.norm2);
    return { x: this.g.add(middle, mlp), mlp, ...seen };
  }

  /**
   * Multi-head self-attention (appendix A): softmax(q · kᵀ / √d) · v, heads joined, projected. h [B, T, D] → [B, rows, D]
   * 1/√d stands in the query's weights, and the value's bias in `out` (weights/read.ts).
   */
  attention(h: Value, { qkv, out }: BlockWeights, rows: number): Attended & { out: Value } {
    const { g } = this;
    return g.label('attention', () => {
      const [q, k, v] = this.projections(h, qkv, rows);
      const values = this.byHead(v, [0, 2, 1, 3]); // [B, H, T, d]
      const probabilities = g.softmax(
        this.scores(this.byHead(q, [0, 2, 1, 3]), this.byHead(k, [0, 2, 3, 1])),
      );
      const gathered = this.gathered(g.matmul(probabilities, values));
      const mixed = g.transpose(gathered, [0, 2, 1, 3]); // [B, rows, H, d]
      return {
        out: this.linear('out', g.reshape(mixed, [0, -1, this.config.width]), out),
        probabilities,
        values,
      };
    });
  }

  /** What each head gathered, [B, H, rows, d], without the value's bias: as it is; less in models/ablation.ts. */
  gathered(x: Value): Value {
    return x;
  }

  /** [B, H, rows, d] · [B, H, d, T] → [B, H, rows, T] */
  scores(q: Value, k: Value): Value {
    return this.g.matmul(q, k);
  }

  /** The feed-forward, token by token. h [B, R, D] → [B, R, D] */
  feedForward(h: Value, { fc1, fc2 }: BlockWeights): Value {
    return this.g.label('mlp', () => this.linear('fc2', this.activate(this.linear('fc1', h, fc1)), fc2));
  }

  /** (4) y = LN(z_L⁰), or what else of the tokens [B, R, D] the head reads, side by side. → [B, F] */
  feature(tokens: Value): Value {
    return this.read(tokens).feature;
  }

  /** The feature, and of attention pooling the weights it gathers the patches by, [B, H, 1, N]. */
  read(tokens: Value): { feature: Value; gathering: Value | null } {
    const { g } = this;
    const { norm, pooling } = this.weights;
    if (this.config.finalNorm === 'pooled')
      return { feature: this.norm('norm', this.patchMean(tokens), norm), gathering: null };
    const normed = this.norm('norm', tokens, norm);
    if (pooling) return gatherPatches(this, normed, pooling);
    const read = readouts(this.config).map((readout) =>
      readout === 'patches' ? this.patchMean(normed) : tokenAt(g, normed, readout),
    );
    return { feature: this.embedding(g.concat(read, 1)), gathering: null };
  }

  /** What is read of the tokens, projected where the model has an embedding (CLIP). → [B, F] */
  embedding(read: Value): Value {
    const { projection } = this.weights;
    if (!projection) return read;
    const { width } = this.config;
    return this.project('projection', read, projection, width, projection.length / width);
  }

  /** The feature [B, F] → logits [B, C], where the model has a head. */
  classify(feature: Value): Value {
    const { head } = this.weights;
    if (!head) throw new Error('a model without a head has no logits');
    return this.linear('head', feature, head);
  }
}
