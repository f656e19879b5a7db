/**
 * The Vision Transformer with a part of it left out: patches whose tokens are not in the sequence at all, which it
 * takes naturally (Covert et al. 2023, "Learning to Estimate Shapley Values with Vision Transformers"; Naseer et al.
 * 2021, "Intriguing Properties of Vision Transformers"), and heads that add nothing (Michel et al. 2019, "Are Sixteen
 * Heads Really Better than One?").
 */
import type { Value } from './onnx/types.ts';
import { type Int8Options, Int8Vit } from './quantize.ts';
import { type Attended, Vit } from './vit.ts';
import type { VitConfig } from './config.ts';
import type { GraphPrecision } from './kinds.ts';
import type { BlockWeights, VitWeights } from './weights/read.ts';

/** Of a Vision Transformer in either arithmetic. */
const ablated = (Kind: typeof Vit) =>
  class extends Kind {
    #layer = 0;
    #headMask: Value | null = null;
    /** Of the block that is being built. */
    #valueBias: Float32Array = new Float32Array();

    /**
     * Input `kept` int64 [B, K], the indices of the patches that stay, of each of B sets of one photo; each keeps the
     * position it has in the photo. [1, N, D] → [B, K, D]
     */
    override kept(positioned: Value): Value {
      const { g } = this;
      return g.gather(g.squeeze(positioned, 0), g.input('kept', 'int64', ['sets', 'kept']), 0);
    }

    override attention(h: Value, weights: BlockWeights, rows: number): Attended & { out: Value } {
      this.#valueBias = weights.valueBias;
      return super.attention(h, weights, rows);
    }

    /** Input `head_mask` float32 [L, H]: 1 for a head as it is, 0 for one that adds nothing, its value's bias neither. */
    override gathered(x: Value): Value {
      const { g } = this;
      const { depth, heads, width } = this.config;
      this.#headMask ??= g.input('head_mask', 'float32', [depth, heads]);
      const factor = g.reshape(g.slice(this.#headMask, 0, this.#layer, ++this.#layer), [1, heads, 1, 1]);
      // The bias stands in the output projection's, where it can only be taken back: f · (x + b) − b.
      const bias = this.layers.weight('value.bias', this.#valueBias, [1, heads, 1, width / heads]);
      return g.add(g.mul(x, factor), g.mul(bias, g.sub(factor, g.scalar(1))));
    }
  };

const [Whole, Eight] = [ablated(Vit), ablated(Int8Vit)];

/** In eight bits where runs are. */
export function ablatedVit(
  config: VitConfig,
  weights: VitWeights,
  precision: GraphPrecision,
  options: Int8Options,
): Vit {
  return new (precision === 'int8' ? Eight : Whole)(config, weights, options);
}
