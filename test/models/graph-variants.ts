/** The same Vision Transformer in other graphs: what was tried beside models/vit.ts, and how fast it is elsewhere. */
import type { VitConfig } from '../../models/config.ts';
import { columns } from '../../models/layers.ts';
import type { ExternalTensor, Value } from '../../models/onnx/types.ts';
import { type Attended, Vit } from '../../models/vit.ts';
import type { BlockWeights, VitWeights } from '../../models/weights/read.ts';

/** com.microsoft.MultiHeadAttention for the whole attention; its probabilities can't be had. */
class FusedVit extends Vit {
  override attention(h: Value, { qkv, out }: BlockWeights, rows: number): Attended & { out: Value } {
    const parts = this.layers.projections(h, qkv, rows);
    const attributes = { num_heads: this.config.heads, scale: { float: 1 } };
    const mixed = this.g.op('MultiHeadAttention', parts, attributes, 'com.microsoft');
    return { out: this.layers.linear('out', mixed, out), probabilities: mixed, values: mixed };
  }
}

/** The same, and [CLS]'s row of the softmax computed beside it. */
class FusedWithRow extends FusedVit {
  override attention(h: Value, weights: BlockWeights, rows: number): Attended & { out: Value } {
    const { g, layers } = this;
    const { width } = this.config;
    const seen = super.attention(h, weights, rows);
    const query = layers.linear('query', g.slice(h, 1, 0, 1), columns(weights.qkv, 0, width));
    const key = layers.project('key', h, columns(weights.qkv, width, 2 * width).weight, width, width);
    const scores = g.matmul(layers.byHead(query, [0, 2, 1, 3]), layers.byHead(key, [0, 2, 3, 1]));
    return { ...seen, probabilities: g.softmax(scores) };
  }
}

/** uint8 [B, height, width, 3], normalised in the graph with mean and deviation 0.5. */
class ByteVit extends Vit {
  override pixels(): Value {
    const { g } = this;
    const { height, width } = this.config.imageSize;
    const bytes = g.input('pixel_values', 'uint8', ['batch', height, width, 3]);
    const planes = g.transpose(g.float(bytes), [0, 3, 1, 2]);
    return g.sub(g.mul(planes, g.scalar(2 / 255)), g.scalar(1));
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
    const vit = new Kind(config, weights, { type: 'float32', allRows });
    const { tokens, blocks } = vit.encode();
    vit.g.output('logits', vit.classify(vit.read(tokens).feature), 'float32', ['batch', config.classes]);
    const row = ['batch', config.heads, 1, vit.layers.tokens];
    if (Kind === FusedWithRow) vit.g.output('row', blocks.at(-1)!.probabilities, 'float32', row);
    return vit.g.finish('graph');
  };
  return [
    { what: 'as it is, labels only', graph: build(Vit) },
    { what: 'last block for every token', graph: build(Vit, true) },
    { what: 'fused attention', graph: build(FusedVit) },
    { what: 'fused attention, [CLS]’s row beside it', graph: build(FusedWithRow) },
    { what: 'uint8 NHWC input, normalised in the graph', bytes: true, graph: build(ByteVit) },
  ];
}
