/** The same Vision Transformer in other graphs: what was tried beside models/vit.ts, and how fast it is elsewhere. */
import type { VitConfig } from '../../models/config.ts';
import type { Dimension, Value } from '../../models/onnx/builder.ts';
import type { ElementType, ExternalTensor } from '../../models/onnx/types.ts';
import { Vit, type BlockTrace } from '../../models/vit.ts';
import type { BlockWeights, VitWeights } from '../../models/weights/read.ts';

type Attended = { out: Value } & Omit<BlockTrace, 'mlp'>;

/** com.microsoft.MultiHeadAttention for the whole attention; its probabilities can't be had. */
class FusedVit extends Vit {
  override attention(h: Value, block: BlockWeights, rows: number): Attended {
    const { width, heads } = this.config;
    const parts = this.projections(h, block, rows);
    const attributes = { num_heads: heads, scale: { float: 1 } };
    const mixed = this.op('MultiHeadAttention', parts, attributes, 'com.microsoft');
    const out = this.linear('out', mixed, block.out, width, width);
    return { out, probabilities: mixed, values: mixed, block };
  }
}

/** The same, and [CLS]'s row of the softmax computed beside it. */
class FusedWithRow extends FusedVit {
  override attention(h: Value, block: BlockWeights, rows: number): Attended {
    const { width, heads } = this.config;
    const seen = super.attention(h, block, rows);
    const split = (x: Value, perm: number[]) =>
      this.transpose(this.reshape(x, [0, -1, heads, width / heads]), perm);
    const query = this.linear('query', this.slice(h, 1, 0, 1), block.query, width, width);
    const key = this.matmul(h, this.weight('key.weight', block.key, [width, width]));
    const row = this.softmax(this.matmul(split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])));
    return { ...seen, probabilities: row };
  }
}

/** uint8 [B, height, width, 3], normalised in the graph with mean and deviation 0.5. */
class ByteVit extends Vit {
  override input(name: string, type: ElementType, shape: Dimension[]): Value {
    if (name !== 'pixel_values') return super.input(name, type, shape);
    const [batch, channels, height, width] = shape as [Dimension, Dimension, Dimension, Dimension];
    const bytes = super.input(name, 'uint8', [batch, height, width, channels]);
    const planes = this.transpose(this.cast(bytes, 'float32'), [0, 3, 1, 2]);
    return this.sub(this.mul(planes, this.scalar(2 / 255)), this.scalar(1));
  }
}

export interface GraphVariant {
  what: string;
  /** Takes uint8 NHWC instead of normalised float32 NCHW. */
  bytes?: true;
  graph: { model: Uint8Array; externalData: ExternalTensor[] };
}

/** Graphs with `logits` [B, C]; the one with [CLS]'s row gives `row` [B, H, 1, T] of the last block too. */
export function graphVariants(config: VitConfig, weights: VitWeights): GraphVariant[] {
  const build = (Kind: typeof Vit, allRows = false): GraphVariant['graph'] => {
    const g = new Kind(config, weights, { type: 'float32', allRows });
    const { tokens, blocks } = g.encode();
    g.output('logits', g.classify(tokens).logits, 'float32', ['batch', config.classes]);
    const row = ['batch', config.heads, 1, g.tokens];
    if (Kind === FusedWithRow) g.output('row', blocks.at(-1)!.probabilities, 'float32', row);
    return g.finish('graph');
  };
  return [
    { what: 'as it is, labels only', graph: build(Vit) },
    { what: 'last block for every token', graph: build(Vit, true) },
    { what: 'fused attention', graph: build(FusedVit) },
    { what: 'fused attention, [CLS]’s row beside it', graph: build(FusedWithRow) },
    { what: 'uint8 NHWC input, normalised in the graph', bytes: true, graph: build(ByteVit) },
  ];
}
