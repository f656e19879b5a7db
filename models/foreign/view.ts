/** A foreign graph as explanations see it (models/explain/view.ts). */
import type { HeadWeights } from '../explain/direction.ts';
import { type AttentionView, hasCls, type ResidualSum, type ResidualTerms } from '../explain/view.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Value } from '../onnx/types.ts';
import type { Analysis } from './analyse.ts';
import type { Attention } from './attention.ts';
import type { Block, Decomposition } from './decompose.ts';
import type { Flow } from './flow.ts';
import type { Graft } from './graft.ts';
import { biasOf, inputsOf, type Linear, matrixOf } from './linear.ts';
import { valuesOf } from './values.ts';

export type Tapped = Analysis & { attention: Attention };

/** @param parts whose `readouts` are in the order of the feature; null: the model can't be taken apart */
export function viewOf(
  g: Graft,
  { attention, cls, pool, mean }: Tapped,
  parts: Decomposition | null,
): AttentionView {
  const { heads, tokens, special, firstPatch, layers } = attention;
  return {
    g,
    heads,
    tokens,
    patches: { first: firstPatch, count: tokens - special },
    mean,
    cls: hasCls(pool, special) ? cls : null,
    layers: layers.map((layer) => ({
      row: (token) => layer.row(g, token),
      rows: () => layer.rows(g),
    })),
    readouts: parts?.readouts ?? [
      ...(pool.startsWith('cls') ? [cls] : []),
      ...(pool === 'cls' ? [] : (['mean'] as const)),
    ],
  };
}

/** D */
const widthOf = (flow: Flow, { last }: Decomposition) => flow.shape(last)![2]!;

/** F: what is read of the tokens, side by side. */
export function featureWidth(flow: Flow, parts: Decomposition): number {
  return widthOf(flow, parts) * parts.readouts.length;
}

export function sumOf(g: Ops, { flow }: Tapped, parts: Decomposition): ResidualSum {
  const { norm, last, start, blocks, feedForwards } = parts;
  return {
    width: widthOf(flow, parts),
    start: tokensOf(g, flow, start),
    layers: blocks.map((block, layer) => termsOf(g, flow, block, feedForwards[layer]!)),
    last: g.float(last),
    norm: {
      scale: g.float(norm.scale),
      shift: g.float(norm.shift),
      epsilon: norm.epsilon,
      pooled: norm.pooled,
    },
  };
}

export function headOf(g: Ops, { head }: Decomposition, classes: number): HeadWeights {
  const biases = head.flatMap((linear) => biasOf(g, linear) ?? []);
  return {
    ...joined(g, head),
    biases: biases.map((bias) => g.op('Expand', [bias, g.ints(classes)])),
  };
}

/** One matrix over all that is read. */
function joined(g: Ops, head: readonly Linear[]): Pick<HeadWeights, 'matrix' | 'turned'> {
  const [one, ...more] = head;
  if (one && !more.length) return { matrix: matrixOf(g, one), turned: one.turned };
  const rows = inputsOf(head).map((input) =>
    g.total(head.filter((linear) => linear.input === input).map((linear) => upright(g, linear))),
  );
  return { matrix: g.concat(rows, 0), turned: false };
}

/** The matrix [in, out] with the factors behind it. */
function upright(g: Ops, linear: Linear): Value {
  const matrix = matrixOf(g, linear);
  return linear.turned ? g.transpose(matrix, [1, 0]) : matrix;
}

function termsOf(g: Ops, flow: Flow, block: Block, mlp: string): ResidualTerms {
  const { whole, bias } = valuesOf(g, flow, block);
  const size = flow.shape(block.out.matrix)![block.out.turned ? 1 : 0]! / block.layer.heads;
  const valueBias =
    bias ?? g.numbers(new Float32Array(block.layer.heads * size), [1, block.layer.heads, 1, size]);
  const out = upright(g, block.out);
  const own = biasOf(g, block.out);
  const carried = g.matmul(g.reshape(valueBias, [1, -1]), out); // [1, D]
  return {
    values: bias ? g.sub(whole, bias) : whole,
    valueBias,
    out,
    bias: own ? g.add(carried, own) : carried,
    mlp: tokensOf(g, flow, mlp),
  };
}

/** [B, T, D] or [T, B, D] → [B, T, D] */
function tokensOf(g: Ops, flow: Flow, tokens: string): Value {
  const float = g.float(tokens);
  return flow.shape(tokens)?.[0] === flow.batch ? float : g.transpose(float, [1, 0, 2]);
}
