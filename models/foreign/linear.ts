/** Products with fixed matrices, and what a graph adds to them and multiplies them with: all that stays linear. */
import { floatOf, intOf, intsOf } from '../onnx/attributes.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import type { Flow } from './flow.ts';

interface Step {
  by: 'Add' | 'Sub' | 'Mul' | 'Div';
  /** One number, or one a column: a value of the graph, or what an attribute says. */
  fixed: string | number;
}

/** input · matrix, and then each step. */
export interface Linear {
  /** [in, out], or turned. */
  matrix: string;
  turned: boolean;
  /** From the product on. */
  steps: Step[];
  input: string;
}

export const transparent: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Dropout']);
export const shaping: ReadonlySet<string> = new Set([...transparent, 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']); // prettier-ignore
const scaling = new Set(['Mul', 'Div']);

/** Tokens before photos and back, as PyTorch's nn.MultiheadAttention turns them. */
export function swapsTokensAndPhotos(node: Node | undefined): boolean {
  return node?.opType === 'Transpose' && String(intsOf(node, 'perm')) === '1,0,2';
}

/** Splits a node's two inputs into what follows from the photo and what is fixed. */
export function fixedAnd(flow: Flow, node: Node): { moving: string; fixed: string } | null {
  const [a = '', b = ''] = node.input;
  if (node.input.length !== 2 || flow.isConstant(a) === flow.isConstant(b)) return null;
  return flow.isConstant(a) ? { moving: b, fixed: a } : { moving: a, fixed: b };
}

/** One number for all, or one for each of the last axis. */
function isOfColumns(flow: Flow, fixed: string): boolean {
  return (
    flow
      .shape(fixed)
      ?.slice(0, -1)
      .every((side) => side === 1) ?? false
  );
}

/** Against the current past one step; null: the node makes none. */
function stepBefore(flow: Flow, node: Node): { step: Step; moving: string } | null {
  const parts = fixedAnd(flow, node);
  const { opType } = node;
  if (!parts || !isOfColumns(flow, parts.fixed)) return null;
  if (opType !== 'Add' && opType !== 'Sub' && opType !== 'Mul' && opType !== 'Div') return null;
  const isTaken = parts.fixed === node.input[0] && (opType === 'Sub' || opType === 'Div');
  return isTaken ? null : { step: { by: opType, fixed: parts.fixed }, moving: parts.moving };
}

function productIn(flow: Flow, node: Node, steps: Step[]): Linear | null {
  const [input = '', matrix = '', added = ''] = node.input;
  const rank = flow.isConstant(matrix) ? flow.shape(matrix)?.length : undefined;
  if (rank !== 2) return null;
  const turned = node.opType === 'Gemm' && intOf(node, 'transB', 0) === 1;
  const columns = flow.shape(matrix)![turned ? 0 : 1]!;
  const fits = ({ fixed }: Step) => typeof fixed === 'number' || [1, columns].includes(flow.shape(fixed)?.at(-1) ?? 1); // prettier-ignore
  if (!steps.every(fits)) return null;
  if (node.opType === 'MatMul') return { matrix, turned, steps, input };
  const [alpha, beta] = [floatOf(node, 'alpha', 1), floatOf(node, 'beta', 1)];
  if (node.opType !== 'Gemm' || intOf(node, 'transA', 0) || (added && (beta !== 1 || !isOfColumns(flow, added)))) return null; // prettier-ignore
  const own: Step[] = [
    ...(alpha === 1 ? [] : [{ by: 'Mul', fixed: alpha } as const]),
    ...(added ? [{ by: 'Add', fixed: added } as const] : []),
  ];
  return { matrix, turned, steps: [...own, ...steps], input };
}

/** Against the current from `value` to one product with a fixed matrix. */
export function linearBefore(flow: Flow, value: string): Linear | null {
  const [only, ...more] = productsBefore(flow, value, false) ?? [];
  return only && !more.length ? only : null;
}

/**
 * The same to products whose sum `value` is, as of two heads that are averaged.
 * @param adds whether there may be several
 */
export function productsBefore(flow: Flow, value: string, adds = true): Linear[] | null {
  const steps: Step[] = [];
  for (;;) {
    value = flow.before(value, shaping);
    const node = flow.maker(value);
    if (!node) return null;
    if (swapsTokensAndPhotos(node)) {
      value = node.input[0]!;
      continue;
    }
    const product = productIn(flow, node, steps);
    if (product) return [product];
    const before = stepBefore(flow, node);
    if (!before) return adds && node.opType === 'Add' ? sumBefore(flow, node, steps) : null;
    steps.unshift(before.step);
    value = before.moving;
  }
}

/** What is added behind a sum is added once. */
function sumBefore(flow: Flow, { input }: Node, steps: Step[]): Linear[] | null {
  const terms = input.map((name) => productsBefore(flow, name));
  if (!terms.every((term) => term !== null)) return null;
  const behind = (i: number) => (i === 0 ? steps : steps.filter(({ by }) => scaling.has(by)));
  return terms.flatMap((term, i) => term.map((each, j) => ({ ...each, steps: [...each.steps, ...behind(i + j)] }))); // prettier-ignore
}

const numberOf = (g: Ops, fixed: Step['fixed']) => (typeof fixed === 'number' ? g.scalar(fixed) : g.float(fixed)); // prettier-ignore

/** The different vectors that several products take, in their order. */
export const inputsOf = (products: readonly Linear[]): string[] => [...new Set(products.map(({ input }) => input))]; // prettier-ignore

/** With what it is multiplied with behind: [in, out], or [out, in] where it is turned. */
export function matrixOf(g: Ops, { matrix, turned, steps }: Linear): Value {
  return steps.reduce((x, { by, fixed }) => {
    if (!scaling.has(by)) return x;
    return g.op(by, [x, g.reshape(numberOf(g, fixed), turned ? [-1, 1] : [1, -1])]);
  }, g.float(matrix));
}

/** What is added to the product, one number or one a column; null: nothing. */
export function biasOf(g: Ops, { steps }: Linear): Value | null {
  let bias: Value | null = null;
  for (const { by, fixed } of steps) {
    if (bias === null && by !== 'Add' && by !== 'Sub') continue;
    const own = g.reshape(numberOf(g, fixed), [-1]);
    bias = bias === null ? (by === 'Add' ? own : g.op('Neg', [own])) : g.op(by, [bias, own]);
  }
  return bias;
}
