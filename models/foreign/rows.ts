/**
 * A last layer whose attention is computed for the first tokens alone, since the head reads no others, as Saccade writes
 * its own exports: the rows of the other tokens are computed beside it by the same nodes, from all tokens.
 */
import { intOf } from '../onnx/attributes.ts';
import { inferNodes } from '../onnx/infer/infer.ts';
import { ShapeConflict } from '../onnx/infer/known.ts';
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import { partOf, parting } from './carry.ts';
import { factorsOf, type Flow } from './flow.ts';
import type { Graft } from './graft.ts';

/** Operators that treat a token like another, whatever their number; reductions only over the last axis. */
const tokenwise = new Set([
  'MatMul', 'Gemm', 'MatMulInteger', 'MatMulIntegerToFloat', 'QuantizeLinear', 'DequantizeLinear', 'Cast', 'Identity', 'Dropout',
  'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Split', 'Shape', 'Expand', 'Softmax', 'LayerNormalization', 'Exp', 'Sqrt', 'Neg', 'Abs',
  'ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceSum',
]); // prettier-ignore
const overAxis = new Set(['Softmax', 'LayerNormalization']);
/** Of numbers in the same place: what comes from elsewhere must not have a number a token. */
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Clip']);

/** Whether `node` makes of [B, T, D] its first tokens, [B, R, D] with R < T. @returns R; null: no */
export function firstTokens(flow: Flow, node: Node | undefined, tokens: number): number | null {
  if (!node || !parting.has(node.opType)) return null;
  const output = node.output[0]!;
  const [from, to] = [flow.shape(node.input[0]!), flow.shape(output)];
  const whole = from?.length === 3 && from[0] === flow.batch && from[1] === tokens;
  if (!whole || to?.length !== 3 || to[1]! >= tokens) return null;
  const part = partOf(flow, node, output, 3);
  return part?.axis === 1 && part.start === 0 ? to[1]! : null;
}

/** Nodes that lead from `from` to `to`, in the order of the graph. */
function between(flow: Flow, from: string, to: string): Node[] {
  const reached = new Set([from]);
  const behind = flow.graph.node.filter(({ input, output }) => {
    if (!input.some((name) => reached.has(name))) return false;
    for (const name of output) reached.add(name);
    return true;
  });
  const leads = new Set([to]);
  return behind
    .toReversed()
    .filter(({ input, output }) => {
      if (!output.some((name) => leads.has(name))) return false;
      for (const name of input) leads.add(name);
      return true;
    })
    .toReversed();
}

function staysTokenwise(flow: Flow, node: Node, moving: ReadonlySet<string>): boolean {
  if (elementwise.has(node.opType))
    return node.input.every((name) => {
      const shape = flow.shape(name);
      return !name || moving.has(name) || (shape !== null && shape.slice(0, -1).every((side) => side === 1) && (shape.length < 2 || shape.at(-1) === 1)); // prettier-ignore
    });
  if (!tokenwise.has(node.opType)) return false;
  const rank = flow.shape(node.input[0]!)?.length ?? 0;
  if (overAxis.has(node.opType)) return [-1, rank - 1].includes(intOf(node, 'axis', -1));
  if (!node.opType.startsWith('Reduce')) return true;
  const [from, to] = [flow.shape(node.input[0]!), flow.shape(node.output[0]!)];
  return from !== null && to?.length === from.length && from.every((side, i) => (i === from.length - 1 ? to[i] === 1 : to[i] === side)); // prettier-ignore
}

export interface WholeRows {
  /** R: rows that the graph computes, of the first tokens. */
  asked: number;
  /** The rows of all tokens, [B, H, T, T]. */
  of(g: Graft): Value;
}

/**
 * @param product of queries and keys
 * @param probabilities its rows, [B, H, R, T]
 * @returns null where the graph does not show that the others would be computed in the same way
 */
export function wholeRows(
  flow: Flow,
  product: Node,
  probabilities: string,
  tokens: number,
): WholeRows | null {
  const [queries] = factorsOf(product)!;
  const cuts = [...flow.upstream(queries, (node) => firstTokens(flow, node, tokens) === null, 24)];
  const cut = cuts.find((node) => firstTokens(flow, node, tokens) !== null);
  const shape = flow.shape(probabilities);
  if (!cut || shape?.[2] !== firstTokens(flow, cut, tokens)) return null;
  const from = cut.output[0]!;
  const nodes = between(flow, from, probabilities);
  const moving = new Set([from, ...nodes.flatMap(({ output }) => output)]);
  if (!nodes.includes(product) || !nodes.every((node) => staysTokenwise(flow, node, moving))) return null;
  const known = new Map([[from, flow.known(cut.input[0]!)]]);
  try {
    inferNodes(nodes, flow.opset, (name) => known.get(name) ?? flow.known(name), known);
  } catch (error) {
    if (error instanceof ShapeConflict) return null;
    throw error;
  }
  const whole = known.get(probabilities)?.shape;
  if (whole?.length !== 4 || whole.some((side, i) => side !== (i < 2 ? shape[i] : tokens))) return null;
  const made = new WeakMap<Graft, Value>();
  return {
    asked: shape[2]!,
    of(g) {
      const before = made.get(g);
      if (before) return before;
      const names = new Map([[from, cut.input[0]!]]);
      for (const node of nodes) {
        const outputs = g.again(node, (name) => names.get(name) ?? name);
        for (const [i, name] of node.output.entries()) if (name) names.set(name, outputs[i]!);
      }
      const value = names.get(probabilities)!;
      made.set(g, value);
      return value;
    },
  };
}
