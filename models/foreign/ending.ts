/** What a graph makes of its last layer's numbers before it gives them: nothing, probabilities, or a part of that. */
import { intOf } from '../onnx/attributes.ts';
import type { ModelManifest } from '../manifest.ts';
import type { Node } from '../onnx/schema.ts';
import { type Flow, writtenSoftmax } from './flow.ts';

export interface Ending {
  /** What makes probabilities of `logits`; null: the graph does not show it. */
  activation: NonNullable<ModelManifest['outputActivation']> | null;
  /** The value to take as the model's answer: what a last Softmax or Sigmoid takes, or the output itself. */
  logits: string;
  /** What the activation takes that made the output, of log-probabilities too; null: that is not known. */
  from: string | null;
  /** The operator that leaves one class of all, or yes and no, so that `logits` is no answer; null: there is none. */
  decides: string | null;
}

/** Leave numbers as they are, one a class. */
export const keeping = new Set(['Identity', 'Cast', 'Dropout', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
/** Change numbers, and not what they are: probabilities stay such, or nearly. */
export const changing: ReadonlySet<string> = new Set([
  ...keeping, 'Mul', 'Div', 'Add', 'Sub', 'Clip', 'Max', 'Min', 'Mean', 'Sum', 'Neg', 'Reciprocal', 'ReduceMean', 'ReduceSum',
  'ReduceMax', 'Slice', 'Gather', 'Concat', 'Transpose', 'Where', 'Round', 'QuantizeLinear', 'DequantizeLinear',
  'Sqrt', 'Pow', 'Log', 'Abs',
]); // prettier-ignore
/** Give one class, or yes and no, and not how sure that is. */
const deciding = new Set(['Hardmax', 'ArgMax', 'OneHot', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Not', 'Sign', 'TopK']); // prettier-ignore
/** Bounded, so no logits: a probability once they lie between 0 and 1. */
const bounded = new Set(['HardSigmoid', 'Exp', 'Tanh', 'Softsign', 'Erf']);
/** Of classes that exclude each other, or positive numbers that need not be probabilities. */
const exclusive = new Set(['Softmax', 'LogSoftmax', 'Softplus']);
/** The farthest that a last Softmax or Sigmoid lies from the output. */
export const farthest = 32;

/** Whether a Softmax is over the classes: axis 1, or the last one of two. */
function overClasses(flow: Flow, node: Node): boolean {
  const rank = flow.shape(node.input[0] ?? '')?.length ?? 2;
  const axis = intOf(node, 'axis', flow.opset < 13 ? 1 : -1);
  return axis === 1 || (axis < 0 && axis + rank === 1);
}

/** Where the numbers of a probability come from; null: the node makes none. */
function made(flow: Flow, node: Node): { activation: 'softmax' | 'sigmoid'; from: string } | null {
  const from = node.input[0] ?? '';
  if (node.opType === 'Sigmoid') return { activation: 'sigmoid', from };
  if (node.opType === 'Softmax' && overClasses(flow, node)) return { activation: 'softmax', from };
  const written = writtenSoftmax(flow, node);
  return written && { activation: 'softmax', from: written.exp.input[0] ?? '' };
}

/** Walks from an output against the current. Log-probabilities mean what their probabilities do. */
export function endingOf(flow: Flow, output: string): Ending {
  let value = output;
  for (let step = 0; step < farthest; step++) {
    const node = flow.maker(value);
    if (!node) break;
    // Their softmax is themselves again.
    if (node.opType === 'LogSoftmax') return { activation: 'softmax', logits: output, from: node.input[0] ?? null, decides: null }; // prettier-ignore
    const found = made(flow, node);
    if (found) return { activation: found.activation, logits: found.from, from: found.from, decides: null };
    if (!keeping.has(node.opType) && node.opType !== 'Log') break;
    value = node.input[0] ?? '';
  }
  return { ...probabilityBehind(flow, output), logits: output, from: null };
}

/** Whether the last layer's own numbers come to the output too, all of them: what is decided about them clamps or masks. */
function givesAll(flow: Flow, output: string): boolean {
  const sizeOf = (value: string) => flow.shape(value)?.reduce((size, side) => size * side, 1) ?? NaN;
  const isWhole = ({ output: [made = ''] }: Node) => sizeOf(made) === sizeOf(output);
  const passes = (node: Node) => changing.has(node.opType) && isWhole(node);
  for (const node of flow.upstream(output, passes, farthest))
    if (!changing.has(node.opType) && !deciding.has(node.opType) && isWhole(node)) return true;
  return false;
}

/** Probabilities, or what is left of them, that are changed on their way: a trial run shows whether they still are. */
function probabilityBehind(flow: Flow, output: string): Pick<Ending, 'activation' | 'decides'> {
  let decides: string | null = null;
  for (const node of flow.upstream(output, ({ opType }) => changing.has(opType), farthest)) {
    const found = made(flow, node);
    const behind = node.opType === 'Exp' ? flow.maker(node.input[0] ?? '')?.opType : undefined;
    if (found?.activation === 'softmax' || exclusive.has(behind ?? node.opType)) return { activation: 'none', decides: null }; // prettier-ignore
    if (found || bounded.has(node.opType)) return { activation: 'none-each', decides: null };
    if (deciding.has(node.opType)) decides ??= node.opType;
  }
  return { activation: null, decides: decides !== null && givesAll(flow, output) ? null : decides };
}
