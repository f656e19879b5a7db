/**
 * The Vision Transformer on one page, as an ONNX graph (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words",
 * equations 1 to 4; reading order of google-research/vision_transformer, vit_jax/models_vit.py).
 *
 * B photos, N patches, S prefix tokens ([CLS], distillation, registers), T = S + N tokens, D numbers a token,
 * H heads of d = D / H, F numbers of the feature, C classes. R is how many tokens, counted from the first, are
 * computed after the last attention: the head reads no others.
 */
import { rowsNeeded, type VitConfig } from './config.ts';
import { type Arithmetic, Layers } from './layers.ts';
import type { GraphBuilder } from './onnx/builder.ts';
import type { Value } from './onnx/types.ts';
import { gatherPatches, type Gathered } from './pooling.ts';
import type { BlockWeights, VitWeights } from './weights/read.ts';

export class Vit {
  readonly config: VitConfig;
  readonly weights: VitWeights;
  readonly layers: Layers;
  /** What the layers are written into. */
  readonly g: GraphBuilder;
  /** R */
  readonly lastRows: number;

  constructor(
    config: VitConfig,
    weights: VitWeights,
    options: VitOptions,
    layers = new Layers(config, options),
  ) {
    this.config = config;
    this.weights = weights;
    this.layers = layers;
    this.g = layers.g;
    this.lastRows = options.allRows ? layers.tokens : rowsNeeded(config);
  }

  /** (1) z₀ = [x_class; x¹E; …; xᴺE] + E_pos. → [B, T, D] */
  embed(): Value {
    const { g, layers, weights } = this;
    const patches = layers.patches(this.pixels(), weights.patch);
    const positioned = this.kept(g.add(patches, layers.positions(weights.posEmbed)));
    const tokens = layers.behindPrefix(positioned, weights.prefix);
    return weights.normFirst ? layers.norm('normFirst', tokens, weights.normFirst) : tokens; // CLIP
  }

  /** z_L: the tokens after L blocks, the last of which computes R rows. */
  encode(): Encoded {
    const { g, layers, config } = this;
    const start = g.label('embeddings', () => this.embed());
    const blocks: Encoded['blocks'] = [];
    let tokens = start;
    for (let layer = 0; layer < config.depth; layer++) {
      const weights = this.weights.block(layer);
      const rows = layer === config.depth - 1 ? this.lastRows : layers.tokens;
      const { x, ...seen } = g.scope(`blocks.${layer}`, () => this.block(tokens, weights, rows));
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
    const { g, layers } = this;
    const { out, ...seen } = this.attention(layers.norm('norm1', x, weights.norm1), weights, rows);
    const middle = g.add(layers.first(x, rows), out);
    const mlp = this.feedForward(layers.norm('norm2', middle, weights.norm2), weights);
    return { x: g.add(middle, mlp), mlp, ...seen };
  }

  /** z′ = LN(MSA(z) + z) and z = LN(MLP(z′) + z′), as Vaswani et al. 2017 have it */
  postNorm(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    const { g, layers } = this;
    const { out, ...seen } = this.attention(x, weights, rows);
    const middle = layers.norm('norm1', g.add(layers.first(x, rows), out), weights.norm1);
    const mlp = this.feedForward(middle, weights);
    return { x: layers.norm('norm2', g.add(middle, mlp), weights.norm2), mlp, ...seen };
  }

  /** z′ = LN(MSA(z)) + z and z = LN(MLP(z′)) + z′ (Liu et al. 2022) */
  residualPostNorm(x: Value, weights: BlockWeights, rows: number): BlockOutput {
    const { g, layers } = this;
    const { out, ...seen } = this.attention(x, weights, rows);
    const middle = g.add(layers.first(x, rows), layers.norm('norm1', out, weights.norm1));
    const mlp = layers.norm('norm2', this.feedForward(middle, weights), weights.norm2);
    return { x: g.add(middle, mlp), mlp, ...seen };
  }

  /**
   * Multi-head self-attention (appendix A): softmax(q · kᵀ / √d) · v, heads joined, projected. h [B, T, D] → [B, rows, D]
   * 1/√d stands in the query's weights, and the value's bias in `out` (weights/read.ts).
   */
  attention(h: Value, { qkv, out }: BlockWeights, rows: number): Attended & { out: Value } {
    const { g, layers } = this;
    return g.label('attention', () => {
      const { q, k, v } = layers.byHeads(h, qkv, rows);
      const probabilities = g.softmax(this.scores(q, k));
      const mixed = layers.joined(this.gathered(g.matmul(probabilities, v)));
      return { out: layers.linear('out', mixed, out), probabilities, values: v };
    });
  }

  /** MLP, token by token: GELU(h · W₁ + b₁) · W₂ + b₂. h [B, R, D] → [B, R, D] */
  feedForward(h: Value, { fc1, fc2 }: BlockWeights): Value {
    const { g, layers } = this;
    return g.label('mlp', () => layers.linear('fc2', layers.activate(layers.linear('fc1', h, fc1)), fc2));
  }

  /** (4) y = LN(z_L⁰), or what else of the tokens [B, R, D] the head reads, side by side: the feature [B, F]. */
  read(tokens: Value): Gathered {
    const { layers, weights } = this;
    if (this.config.finalNorm === 'pooled')
      return { feature: layers.norm('norm', layers.patchMean(tokens), weights.norm), gathering: null };
    const normed = layers.norm('norm', tokens, weights.norm);
    if (weights.pooling) return gatherPatches(layers, normed, weights.pooling);
    const read = this.g.label('feature', () => layers.readouts(normed));
    return { feature: this.embedding(read), gathering: null };
  }

  /** What is read of the tokens, projected where the model has an embedding (CLIP). → [B, F] */
  embedding(read: Value): Value {
    const { projection } = this.weights;
    const { width } = this.config;
    if (!projection) return read;
    return this.layers.project('projection', read, projection, width, projection.length / width);
  }

  /** The feature [B, F] → logits [B, C], where the model has a head. */
  classify(feature: Value): Value {
    const { head } = this.weights;
    if (!head) throw new Error('a model without a head has no logits');
    return this.layers.linear('head', feature, head);
  }

  // What models/ablation.ts, models/texts/tower.ts and tests have otherwise.

  /** pixel_values [B, 3, height, width], float32, in the graph's arithmetic */
  pixels(): Value {
    const { height, width } = this.config.imageSize;
    const input = this.g.input('pixel_values', 'float32', ['batch', 3, height, width]);
    return this.g.arithmetic === 'float16' ? this.g.cast(input, 'float16') : input;
  }

  /** The patches that become tokens: all. [B, N, D] → [B, N, D] */
  kept(positioned: Value): Value {
    return positioned;
  }

  /** [B, H, rows, d] · [B, H, d, T] → [B, H, rows, T] */
  scores(q: Value, k: Value): Value {
    return this.g.matmul(q, k);
  }

  /** What each head gathered, [B, H, rows, d], without the value's bias: as it is. */
  gathered(x: Value): Value {
    return x;
  }
}

export interface VitOptions extends Arithmetic {
  /** Keep every row after the last attention (R = T), for a discard ratio over whole matrices. */
  allRows?: boolean;
}

/** What an attention shows of itself (models/explain/vit.ts). */
export interface Attended {
  /** [B, H, T or R, T] rows of the softmax. */
  probabilities: Value;
  /** [B, H, T, d] without the value's bias. */
  values: Value;
}

type BlockOutput = Attended & { x: Value; mlp: Value };

export interface Encoded {
  /** [B, T, D] tokens before the first block. */
  start: Value;
  /** [B, R, D] tokens after the last one. */
  tokens: Value;
  /** `mlp`: what the feed-forward adds, [B, T or R, D]. */
  blocks: (Attended & { mlp: Value; weights: BlockWeights })[];
}
