/**
 * Attention as one node, whose probabilities nobody else sees: onnxruntime's Attention, QAttention and
 * MultiHeadAttention (docs/ContribOperators.md) and ONNX's own Attention (opset 23). They are computed once more
 * from the node's inputs, beside it.
 */
import { floatOf, hasAttribute, intOf, intsOf } from '../onnx/attributes.ts';
import type { Node } from '../onnx/schema.ts';
import type { Flow } from './flow.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Value } from '../onnx/types.ts';

/** softmax(scale · queries · keysᵀ + bias). Queries and keys are [B, H, T, d], keys turned are [B, H, d, T]. */
interface QueriesAndKeys {
  queries: Value;
  keysTurned: Value;
  scale: number;
  /** Added to the scores: what [B, H, T, T] takes by broadcasting. */
  bias: Value | null;
}

export interface FusedFound {
  node: Node;
  heads: number;
  queryTokens: number;
  keyTokens: number;
  parts(g: Ops): QueriesAndKeys;
  /** Values [B, H, T, d], their bias counted in; what it alone gives, [1, H, 1, d], or null where it has none of its own. */
  values(g: Ops): { whole: Value; bias: Value | null };
  /** The value that holds them projected, where the node does not project them itself. */
  valuesFrom?: string;
}

/** Why a fused node's attention can't be computed again. */
interface FusedRefused {
  node: Node;
  refused: string;
}

type Answer = FusedFound | FusedRefused;

const given = (node: Node, input: number) => Boolean(node.input[input]);

/** [B, T, H · d] → [B, H, T, d], or its keys' turn [B, H, d, T] */
function byHead(g: Ops, x: Value, heads: number, size: number, turned: boolean): Value {
  const split = g.reshape(x, [0, -1, heads, size]);
  return g.transpose(split, turned ? [0, 2, 3, 1] : [0, 2, 1, 3]);
}

/** Part of a packed bias: [1, H, 1, d] */
function biasByHead(g: Ops, bias: Value, from: number, width: number, heads: number): Value {
  return g.reshape(g.float(g.slice(bias, 0, from, from + width)), [1, heads, 1, width / heads]);
}

/** Columns [from, to) of the packed projection of queries, keys and values, times the tokens. → [B, T, to − from] */
function project(g: Ops, tokens: Value, weight: Value, bias: Value, from: number, to: number): Value {
  const product = g.matmul(tokens, g.slice(weight, 1, from, to));
  return bias ? g.add(product, g.float(g.slice(bias, 0, from, to))) : product;
}

/** Attention(input, weights, bias, mask, past, attention bias) and QAttention(…, scales, mask, zero points, past). */
function packedWeights(flow: Flow, node: Node): Answer {
  const quantised = node.opType === 'QAttention';
  const heads = intOf(node, 'num_heads', 0);
  const [shape, weight] = [flow.shape(node.input[0] ?? ''), flow.shape(node.input[1] ?? '')];
  if (shape?.length !== 3 || weight?.length !== 2 || !heads)
    return { node, refused: 'its shapes are not known' };
  const unusual = quantised ? [5, 8] : [3, 4];
  if (
    unusual.some((input) => given(node, input)) ||
    intOf(node, 'unidirectional', 0) ||
    intOf(node, 'do_rotary', 0)
  )
    return { node, refused: 'it masks tokens' };
  const width = intsOf(node, 'qkv_hidden_sizes')?.[0] ?? weight[1]! / 3;
  const size = width / heads;
  const name = (input: number) => node.input[input] ?? '';
  const tokensOf = (g: Ops) =>
    quantised
      ? g.op('DequantizeLinear', [name(0), name(3), name(6)].slice(0, given(node, 6) ? 3 : 2))
      : g.float(name(0));
  const perColumn = (flow.shape(name(4))?.[0] ?? 1) > 1;
  const matrixOf = (g: Ops) =>
    quantised
      ? g.op(
          'DequantizeLinear',
          [name(1), name(4), name(7)].slice(0, given(node, 7) ? 3 : 2),
          perColumn ? { axis: 1 } : {},
        )
      : g.float(name(1));
  return {
    node,
    heads,
    queryTokens: shape[1]!,
    keyTokens: shape[1]!,
    parts(g) {
      const [tokens, matrix] = [tokensOf(g), matrixOf(g)];
      const queries = project(g, tokens, matrix, name(2), 0, width);
      const keys = project(g, tokens, matrix, name(2), width, 2 * width);
      const bias = !quantised && given(node, 5) ? g.float(name(5)) : null;
      return {
        queries: byHead(g, queries, heads, size, false),
        keysTurned: byHead(g, keys, heads, size, true),
        scale: floatOf(node, 'scale', 0) || 1 / Math.sqrt(size),
        bias,
      };
    },
    values(g) {
      const columns = weight[1]! - 2 * width;
      const whole = project(g, tokensOf(g), matrixOf(g), name(2), 2 * width, 2 * width + columns);
      return {
        whole: byHead(g, whole, heads, columns / heads, false),
        bias: name(2) ? biasByHead(g, name(2), 2 * width, columns, heads) : null,
      };
    },
  };
}

/** MultiHeadAttention(query, key, value, bias, padding mask, attention bias, past key, past value, …) */
function multiHead(flow: Flow, node: Node): Answer {
  const heads = intOf(node, 'num_heads', 0);
  const name = (input: number) => node.input[input] ?? '';
  const [query, key] = [flow.shape(name(0)), flow.shape(name(1))];
  if (query?.length !== 3 || key?.length !== 3 || !heads)
    return { node, refused: 'its queries and keys are packed together or of unknown shape' };
  if ([4, 6, 7].some((input) => given(node, input)) || intOf(node, 'unidirectional', 0))
    return { node, refused: 'it masks tokens' };
  const width = query[2]!;
  const size = width / heads;
  return {
    node,
    heads,
    queryTokens: query[1]!,
    keyTokens: key[1]!,
    parts(g) {
      const plusBias = (input: number) => {
        const x = g.float(name(input));
        return name(3) ? g.add(x, g.float(g.slice(name(3), 0, input * width, (input + 1) * width))) : x;
      };
      return {
        queries: byHead(g, plusBias(0), heads, size, false),
        keysTurned: byHead(g, plusBias(1), heads, size, true),
        scale: floatOf(node, 'scale', 0) || 1 / Math.sqrt(size),
        bias: given(node, 5) ? g.float(name(5)) : null,
      };
    },
    valuesFrom: name(2),
    values(g) {
      const columns = flow.shape(name(2))?.at(-1) ?? width;
      const x = g.float(name(2));
      const whole = name(3) ? g.add(x, g.float(g.slice(name(3), 0, 2 * width, 2 * width + columns))) : x;
      return {
        whole: byHead(g, whole, heads, columns / heads, false),
        bias: name(3) ? biasByHead(g, name(3), 2 * width, columns, heads) : null,
      };
    },
  };
}

/** Attention(Q, K, V, mask, past key, past value) of opset 23: [B, H, T, d], or [B, T, H · d] with heads as attributes. */
function standard(flow: Flow, node: Node): Answer {
  const name = (input: number) => node.input[input] ?? '';
  const [query, key] = [flow.shape(name(0)), flow.shape(name(1))];
  if (!query || !key || query.length !== key.length) return { node, refused: 'its shapes are not known' };
  const flat = query.length === 3;
  const heads = flat ? intOf(node, 'q_num_heads', 0) : query[1]!;
  const sameHeads = flat ? intOf(node, 'kv_num_heads', heads) === heads : key[1] === heads;
  if (!heads || !sameHeads) return { node, refused: 'several of its heads share keys' };
  const keyTokens = flat ? key[1]! : key[2]!;
  const mask = given(node, 3) ? flow.known(name(3)) : null;
  const masked = mask && (mask.type === 9 || ![1, keyTokens].includes(mask.shape?.at(-1) ?? 0)); // a shorter one ends the row
  if (
    masked ||
    [4, 5, 6].some((input) => given(node, input)) ||
    intOf(node, 'is_causal', 0) ||
    floatOf(node, 'softcap', 0)
  )
    return { node, refused: 'it masks tokens' };
  const size = flat ? query[2]! / heads : query[3]!;
  return {
    node,
    heads,
    queryTokens: flat ? query[1]! : query[2]!,
    keyTokens,
    parts: (g) => ({
      queries: flat ? byHead(g, g.float(name(0)), heads, size, false) : g.float(name(0)),
      keysTurned: flat
        ? byHead(g, g.float(name(1)), heads, size, true)
        : g.transpose(g.float(name(1)), [0, 1, 3, 2]),
      scale: hasAttribute(node, 'scale') ? floatOf(node, 'scale', 0) : 1 / Math.sqrt(size),
      bias: given(node, 3) ? g.float(name(3)) : null,
    }),
    valuesFrom: name(2),
    values: (g) => ({
      whole: flat
        ? byHead(g, g.float(name(2)), heads, (flow.shape(name(2))?.[2] ?? 0) / heads, false)
        : g.float(name(2)),
      bias: null,
    }),
  };
}

const kinds: Record<string, (flow: Flow, node: Node) => Answer> = {
  'com.microsoft.Attention': packedWeights,
  'com.microsoft.QAttention': packedWeights,
  'com.microsoft.MultiHeadAttention': multiHead,
  '.Attention': standard,
  'ai.onnx.Attention': standard,
};
/** Others of the kind, not seen in Vision Transformers. */
const others = /^com\.microsoft\.(\w*Attention\w*|LongformerAttention)$/;

/** In the order of the graph. */
export function findFused(flow: Flow): Answer[] {
  return flow.graph.node.flatMap((node): Answer[] => {
    const kind = `${node.domain}.${node.opType}`;
    const read = kinds[kind];
    if (read) return [read(flow, node)];
    return others.test(kind) ? [{ node, refused: 'Saccade does not know this operator' }] : [];
  });
}
