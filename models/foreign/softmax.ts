/** Finding a graph's attention by what it computes: softmax(Q · Kᵀ) · V, whatever its nodes are called. */
import { intOf } from '../onnx/attributes.ts';
import type { Node } from '../onnx/schema.ts';
import { factorsOf, type Flow, writtenSoftmax } from './flow.ts';

/** A product of the photo with itself, made into rows that sum to one, which then weigh something. */
export interface SoftmaxFound {
  node: Node;
  /** Float, or uint8 where `scale` and `zero` say how to read it. */
  probabilities: string;
  quantised?: { scale: string; zero: string };
  /** As inferred; null where the graph does not tell. */
  shape: readonly number[] | null;
}

/** Operators between the product and the softmax, or the softmax and the product, that keep rows rows. */
const passing = new Set([
  'Add', 'Sub', 'Mul', 'Div', 'Cast', 'CastLike', 'Identity', 'Dropout', 'Where', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze',
  'QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'Clip', 'Max', 'Min', 'Expand', 'QLinearAdd', 'QLinearMul',
]); // prettier-ignore
/** The farthest that exporters put between the two. */
const farthest = 24;

function isActivationProduct(flow: Flow, node: Node): boolean {
  const factors = factorsOf(node);
  return factors !== null && factors.every((name) => name && !flow.isConstant(name));
}

/** The product of two activations that walking from `value` against the current comes to. */
function comesFrom(flow: Flow, value: string): Node | null {
  const passes = ({ opType }: Node) => passing.has(opType);
  for (const node of flow.upstream(value, passes, farthest)) if (isActivationProduct(flow, node)) return node;
  return null;
}

/** Of queries and keys, whose rows `probabilities` are. */
export function productBefore(flow: Flow, probabilities: string): Node | null {
  const seen = candidate(flow, flow.maker(probabilities)!);
  return seen && comesFrom(flow, seen.scores);
}

/** The product that `value`, weights in rows, goes into with another activation, and which factor it is. */
export function productAfter(flow: Flow, value: string): { node: Node; factor: 0 | 1 } | null {
  let front = [value];
  const seen = new Set(front);
  for (let step = 0; step < farthest && front.length; step++) {
    const next: string[] = [];
    for (const name of front)
      for (const node of flow.readers(name)) {
        if (isActivationProduct(flow, node)) return { node, factor: factorsOf(node)![0] === name ? 0 : 1 };
        if (passing.has(node.opType))
          next.push(...node.output.filter((output) => output && !seen.has(output)));
      }
    for (const name of next) seen.add(name);
    front = next;
  }
  return null;
}

/** Whether a Softmax node's rows lie along the last axis. Before opset 13 all axes from `axis` on were one row. */
function rowsAreLast(flow: Flow, node: Node): boolean {
  const rank = flow.shape(node.input[0] ?? '')?.length;
  const axis = intOf(node, 'axis', flow.opset < 13 && node.domain === '' ? 1 : -1);
  return axis === -1 || (rank !== undefined && axis === rank - 1);
}

/** What a softmax that is written out takes, where it is over the last axis. */
function writtenOverRows(flow: Flow, node: Node): string | null {
  const written = writtenSoftmax(flow, node);
  if (!written) return null;
  const [whole, row] = [flow.shape(written.exponents), flow.shape(written.sum)];
  const lastOnly = whole && row?.length === whole.length && row.every((side, i) => side === (i === whole.length - 1 ? 1 : whole[i])); // prettier-ignore
  return lastOnly ? (written.exp.input[0] ?? null) : null;
}

function candidate(flow: Flow, node: Node): { scores: string; found: SoftmaxFound } | null {
  const probabilities = node.output[0] ?? '';
  const found = { node, probabilities, shape: flow.shape(probabilities) };
  const scores = writtenOverRows(flow, node);
  if (scores) return { scores, found };
  const quantised = node.opType === 'QLinearSoftmax';
  if ((node.opType !== 'Softmax' && !quantised) || !rowsAreLast(flow, node)) return null;
  if (!quantised) return { scores: node.input[0] ?? '', found };
  return {
    scores: node.input[0] ?? '',
    found: { ...found, quantised: { scale: node.input[3] ?? '', zero: node.input[4] ?? '' } },
  };
}

/** In the order of the graph. */
export function findSoftmaxes(flow: Flow): SoftmaxFound[] {
  return flow.graph.node.flatMap((node) => {
    const seen = candidate(flow, node);
    if (!seen || !comesFrom(flow, seen.scores)) return [];
    return productAfter(flow, seen.found.probabilities) ? [seen.found] : [];
  });
}
