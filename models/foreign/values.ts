/** The values that a layer's attention mixes, told from the bias of their projection. */
import type { Ops } from '../onnx/ops.ts';
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import type { Layer } from './attention.ts';
import { moving, originsOf } from './carry.ts';
import { type Block, type Decomposition, NoSum } from './decompose.ts';
import type { Flow } from './flow.ts';

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
function biasAlone(g: Ops, flow: Flow, layer: Layer, values: string): Value | null {
  const { way, bias, from } = wayOfValues(flow, values);
  if (!bias) return null;
  const columns = g.ints(...columnsOf(flow, layer, values, from, way));
  return g.reshape(g.float(g.gather(bias, columns, 0)), [1, layer.heads, 1, -1]);
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
export function valuesOf(g: Ops, flow: Flow, { layer, values }: Block): { whole: Value; bias: Value | null } {
  if (!values) {
    const fused = layer.values!(g);
    return fused.bias || !layer.valuesFrom
      ? fused
      : { ...fused, bias: biasAlone(g, flow, layer, layer.valuesFrom) };
  }
  const shape = flow.shape(values);
  const float = g.float(values);
  return {
    whole: shape?.length === 3 ? g.reshape(float, [-1, layer.heads, shape[1]!, shape[2]!]) : float,
    bias: biasAlone(g, flow, layer, values),
  };
}
