/**
 * The logit of one class taken apart in a foreign graph: the same terms as `contribution` of models/explain/attention.ts, and
 * the same names, for models whose head reads [CLS].
 */
import type { Node } from '../onnx/schema.ts';
import type { Attention, Layer } from './attention.ts';
import { moving, originsOf } from './carry.ts';
import { type Block, type Decomposition, type Linear, NoSum } from './decompose.ts';
import type { Flow } from './flow.ts';
import type { Graft, Value } from './graft.ts';
import type { Tapped } from './maps.ts';

export interface ClassTerms {
  /** [B, L, N] */
  class_map: Value;
  class_bias_map: Value;
  /** [B, L] */
  class_special: Value;
  class_mlp: Value;
  class_bias: Value;
  /** [B] */
  class_start: Value;
  class_head: Value;
}

const notPlain = () => new NoSum('where its values come from is not plain');

/** The nodes that bring a projection's result into the form of the values, and that projection's bias. */
function wayOfValues(flow: Flow, values: string): { way: Node[]; bias: string | null; from: string } {
  const way: Node[] = [];
  let value = values;
  for (;;) {
    const node = flow.maker(value);
    if (node && moving.has(node.opType)) {
      way.unshift(node);
      value = node.input[0]!;
      continue;
    }
    if (node?.opType === 'MatMul') return { way, bias: null, from: value };
    const bias = node?.opType === 'Add' ? node.input.find((name) => flow.isConstant(name)) : undefined;
    const product = node?.opType === 'Add' ? node.input.find((name) => !flow.isConstant(name)) : undefined;
    if (!bias || !product || flow.shape(bias)?.length !== 1 || flow.maker(product)?.opType !== 'MatMul')
      throw notPlain();
    return { way, bias, from: value };
  }
}

/** Which of the projection's columns each number of each head is: H · d indices. The same for every token, or it throws. */
function columnsOf(flow: Flow, layer: Layer, values: string, from: string, way: Node[]): number[] {
  const origins = originsOf(flow, from, way, values);
  const { heads, tokens } = layer;
  const width = flow.shape(from)?.at(-1) ?? 0;
  const size = (origins?.data.length ?? 0) / heads / tokens;
  if (!origins || !Number.isInteger(size)) throw notPlain();
  // [1, H, T, d] and [H, T, d], or as a fused operator takes it: [1, T, H · d].
  const flat = layer.softmax === null && origins.shape.length === 3;
  const at = (h: number, t: number, j: number) =>
    origins.data[flat ? (t * heads + h) * size + j : (h * tokens + t) * size + j]!;
  const columns: number[] = [];
  for (let h = 0; h < heads; h++)
    for (let j = 0; j < size; j++) {
      const column = at(h, 0, j) % width;
      for (let t = 0; t < tokens; t++) if (at(h, t, j) !== t * width + column) throw notPlain();
      columns.push(column);
    }
  return columns;
}

/** What the projection's bias alone makes of the values, [1, H, 1, d]; null: it has none. */
function biasAlone(g: Graft, flow: Flow, layer: Layer, values: string): Value | null {
  const { way, bias, from } = wayOfValues(flow, values);
  if (!bias) return null;
  const columns = g.ints(...columnsOf(flow, layer, values, from, way));
  return g.reshape(g.float(g.op('Gather', [bias, columns], { axis: 0 })), 1, layer.heads, 1, -1);
}

/** @throws NoSum where the values can't be told from their bias */
export function checkValues(flow: Flow, { blocks }: Decomposition): void {
  for (const { values, layer } of blocks) {
    const projected = values ?? layer.valuesFrom;
    if (!projected) continue;
    const { way, bias, from } = wayOfValues(flow, projected);
    if (bias) columnsOf(flow, layer, projected, from, way);
  }
}

/** Values [B, H, T, d], and what their bias alone would be, [1, H, 1, d]; null: none. */
function valuesOf(g: Graft, flow: Flow, { layer, values }: Block): { whole: Value; bias: Value | null } {
  if (!values) {
    const fused = layer.values!(g);
    return fused.bias || !layer.valuesFrom
      ? fused
      : { ...fused, bias: biasAlone(g, flow, layer, layer.valuesFrom) };
  }
  const shape = flow.shape(values);
  const float = g.float(values);
  return {
    whole: shape?.length === 3 ? g.reshape(float, -1, layer.heads, shape[1]!, shape[2]!) : float,
    bias: biasAlone(g, flow, layer, values),
  };
}

/** The matrix [in, out] with the factors behind it. */
function matrixOf(g: Graft, { matrix, turned, scales }: Linear): Value {
  const float = g.float(matrix);
  return scales.reduce((x, scale) => g.mul(x, g.float(scale)), turned ? g.transpose(float, 1, 0) : float);
}

/** [B]: classes to explain, the best one where `asked` [1] is negative. */
function classes(g: Graft, logits: Value, asked: Value | null): Value {
  const best = g.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
  return asked ? g.op('Where', [g.op('Less', [asked, g.ints(0)]), best, asked]) : best;
}

/** [CLS]'s own numbers of [B, T, D] or [T, B, D] tokens: [B, D] */
function ofCls(g: Graft, { flow, cls }: Tapped, tokens: Value, width: number): Value {
  const axis = flow.shape(tokens)?.[0] === flow.batch ? 1 : 0;
  return g.reshape(g.float(g.slice(tokens, axis, cls, cls + 1)), -1, width);
}

function throughAttention(g: Graft, tapped: Tapped, block: Block, direction: Value, width: number) {
  const { heads, tokens } = tapped.attention;
  const size = width / heads;
  const along = g.reshape(
    g.matmul(matrixOf(g, block.out), g.reshape(direction, -1, width, 1)),
    -1,
    heads,
    size,
    1,
  );
  const row = block.layer.row(g, tapped.cls); // [B, H, 1, T]
  const { whole, bias } = valuesOf(g, tapped.flow, block);
  const spread = (values: Value) => {
    const scores = g.transpose(g.matmul(values, along), 0, 1, 3, 2); // [B, H, 1, T], or [B, H, 1, 1]
    return g.reshape(g.sum(g.mul(row, scores), 1), -1, tokens);
  };
  const all = spread(whole);
  if (!bias) return { own: all, bias: g.sub(all, all) };
  const ofBias = spread(bias);
  return { own: g.sub(all, ofBias), bias: ofBias };
}

/** @param logits [B, C]; @param asked `class_index` [1], or null for the best class */
export function classTerms(
  g: Graft,
  tapped: Tapped,
  parts: Decomposition,
  logits: Value,
  asked: Value | null,
): ClassTerms {
  const { flow, attention } = tapped;
  const width = flow.shape(parts.last)![2]!;
  const index = classes(g, logits, asked);
  const head = g.op('Gather', [g.float(parts.head.matrix), index], { axis: parts.head.turned ? 0 : 1 });
  const row = parts.head.turned ? head : g.transpose(head, 1, 0); // [B, D]
  const scaled = g.mul(row, g.float(parts.norm.scale));
  const token = ofCls(g, tapped, parts.last, width);
  const centred = g.sub(token, g.mean(token, 1));
  const variance = g.add(g.mean(g.mul(centred, centred), 1), g.scalar(parts.norm.epsilon));
  const direction = g.div(g.sub(scaled, g.mean(scaled, 1)), g.op('Sqrt', [variance])); // [B, D]
  const dot = (x: Value) => g.sum(g.mul(x, direction), 1); // [B, 1]
  const biasesOf = ({ biases, scales }: Linear) =>
    biases.map((bias) => dot(scales.reduce((x, scale) => g.mul(x, g.float(scale)), g.float(bias))));
  const total = (values: Value[]) => values.reduce((a, b) => g.add(a, b));
  const patches = (x: Value) => slicePatches(g, attention, g.reshape(x, -1, 1, attention.tokens)); // [B, 1, N]

  const flows = parts.blocks.map((block) => throughAttention(g, tapped, block, direction, width));
  const own = flows.map((flowed) => patches(flowed.own));
  const biasMaps = flows.map((flowed) => patches(flowed.bias));
  const bias = parts.blocks.map(({ out }, layer) => total([g.sum(flows[layer]!.bias, 1), ...biasesOf(out)]));
  const special = flows.map((flowed, layer) =>
    g.sub(g.sum(flowed.own, 1), g.reshape(g.sum(own[layer]!, 2), -1, 1)),
  );
  const mlps = parts.feedForwards.map((value) => dot(ofCls(g, tapped, value, width)));
  const headBias = parts.head.biases.map((value) => g.reshape(g.op('Gather', [g.float(value), index], { axis: 0 }), -1, 1)); // prettier-ignore
  const shift = g.sum(g.mul(row, g.float(parts.norm.shift)), 1);
  const flat = (x: Value) => g.reshape(x, -1);
  return {
    class_map: g.concat(own, 1),
    class_bias_map: g.concat(biasMaps, 1),
    class_special: g.concat(special, 1),
    class_mlp: g.concat(mlps, 1),
    class_bias: g.concat(bias, 1),
    class_start: flat(dot(ofCls(g, tapped, parts.start, width))),
    class_head: flat(total([shift, ...headBias])),
  };
}

function slicePatches(g: Graft, { tokens, special, firstPatch }: Attention, x: Value): Value {
  return special ? g.slice(x, 2, firstPatch, firstPatch + tokens - special) : x;
}
