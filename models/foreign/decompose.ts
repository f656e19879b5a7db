/**
 * Reading a foreign graph as the sum that a pre-norm Vision Transformer is: the token before the first layer, plus
 * what each attention and each feed-forward adds, normalised once and multiplied with the head's matrix. Every step
 * is checked; a graph that is anything else is told so.
 */
import { isDeepStrictEqual } from 'node:util';
import { floatOf, intOf, intsOf } from '../onnx/attributes.ts';
import type { Readout } from '../config.ts';
import type { Node } from '../onnx/schema.ts';
import type { Analysis } from './analyse.ts';
import { parting, partOf } from './carry.ts';
import type { Layer } from './attention.ts';
import { factorsOf, type Flow } from './flow.ts';
import {
  fixedAnd,
  inputsOf,
  type Linear,
  linearBefore,
  productsBefore,
  shaping,
  swapsTokensAndPhotos,
  transparent,
} from './linear.ts';
import { firstTokens } from './rows.ts';
import { productAfter } from './softmax.ts';

export interface Block {
  layer: Layer;
  out: Linear;
  /** [B, H, T, d] or [B·H, T, d]; null where a fused operator makes it. */
  values: string | null;
}

export interface Decomposition {
  /** What the logits are the sum of; side by side, what they take is the feature. */
  head: Linear[];
  norm: { scale: string; shift: string; epsilon: number; pooled: boolean };
  /** What the head reads of `last`, side by side. */
  readouts: Readout[];
  /** [B, T, D], or [B, R, D] of the first tokens where the last layer computes no others. */
  last: string;
  /** [B, T, D] or [T, B, D] */
  start: string;
  /** First layer to last. */
  blocks: Block[];
  /** [B, T, D] or [T, B, D] each, the last one as `last`. */
  feedForwards: string[];
}

/** Why a graph can't be read that way. */
export class NoSum extends Error {}

interface Norm {
  input: string;
  scale: string;
  shift: string;
  epsilon: number;
}

/** Whether a mean is over the numbers of each token, and keeps their axis. */
function isOverLast(flow: Flow, { input, output }: Node): boolean {
  const [from, to] = [flow.shape(input[0]!), flow.shape(output[0]!)];
  return from !== null && isDeepStrictEqual(to, from.with(-1, 1));
}

/** LayerNormalization, or what exporters wrote before it was an operator. */
function normBefore(flow: Flow, value: string): Norm | null {
  const node = flow.maker(value);
  if (node?.opType === 'LayerNormalization') {
    const [input = '', scale = '', shift = ''] = node.input;
    const axis = intOf(node, 'axis', -1);
    const isLast = axis === -1 || axis === (flow.shape(input)?.length ?? NaN) - 1;
    return isLast && flow.isConstant(scale) && shift
      ? { input, scale, shift, epsilon: floatOf(node, 'epsilon', 1e-5) }
      : null;
  }
  const added = node?.opType === 'Add' ? fixedAnd(flow, node) : null;
  const times = added && flow.maker(added.moving);
  const scaled = times?.opType === 'Mul' ? fixedAnd(flow, times) : null;
  const divided = scaled && flow.maker(scaled.moving);
  if (!added || !scaled || divided?.opType !== 'Div') return null;
  const centred = flow.maker(divided.input[0]!);
  const root = flow.maker(divided.input[1]!);
  const sum = root?.opType === 'Sqrt' ? flow.maker(root.input[0]!) : undefined;
  const epsilon = sum?.opType === 'Add' ? fixedAnd(flow, sum) : null;
  const mean = centred?.opType === 'Sub' ? flow.maker(centred.input[1]!) : undefined;
  const number = epsilon && flow.known(epsilon.fixed).values?.[0];
  if (number === null || number === undefined || mean?.opType !== 'ReduceMean') return null;
  const input = centred!.input[0]!;
  if (flow.before(mean.input[0]!, transparent) !== flow.before(input, transparent)) return null;
  const variance = flow.maker(epsilon!.moving);
  if (variance?.opType !== 'ReduceMean' || ![mean, variance].every((each) => isOverLast(flow, each))) return null; // prettier-ignore
  return { input, scale: scaled.fixed, shift: added.fixed, epsilon: number };
}

interface Read {
  readout: Readout;
  norm: Norm;
  /** Whether the norm is of the mean. */
  pooled: boolean;
  /** [B, R, D] */
  last: string;
}

/** Against the current from what the head reads of the last `tokens` to them: one token or a mean, and one norm, in either order. */
function readBefore(flow: Flow, from: string, tokens: number, { cls, mean }: Analysis): Read | null {
  let value = from;
  let norm: Norm | null = null;
  let pooled = false;
  let readout: Readout | null = null;
  for (let step = 0; step < 16; step++) {
    value = flow.before(value, shaping);
    const node = flow.maker(value);
    const shape = flow.shape(node?.input[0] ?? '');
    const apart = shape?.length === 3 && shape[0] === flow.batch ? shape[1]! : 0;
    if (node && readout === null && parting.has(node.opType) && apart === tokens) {
      const part = partOf(flow, node, value, 3);
      const isOne = part?.drops || flow.shape(value)?.[1] === 1;
      if (part?.axis !== 1 || !Number.isInteger(part.start) || !isOne) break;
      readout = part.start;
      value = node.input[0]!;
      continue;
    }
    if (node && readout === null && node.opType === 'ReduceMean' && apart === mean.count) {
      const sides = flow.shape(value);
      const isOverTokens = sides?.at(-1) === shape![2] && sizeOf(sides ?? []) === shape![0]! * shape![2]!;
      const all = isOverTokens ? averagedOf(flow, node.input[0]!, tokens, mean) : null;
      if (all === null) break;
      pooled = norm !== null;
      readout = 'mean';
      value = all;
      continue;
    }
    const found: Norm | null = norm ? null : normBefore(flow, value);
    if (!found) break;
    norm = found;
    value = found.input;
  }
  const shape = flow.shape(value);
  // Of one token that is left nothing is picked.
  readout ??= tokens === 1 ? cls : null;
  if (!norm || readout === null || shape?.length !== 3 || shape[1] !== tokens) return null;
  return { readout, norm, pooled, last: value };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** All tokens, of which those in `mean` are `value`; null: it is something else. */
function averagedOf(flow: Flow, value: string, tokens: number, mean: Analysis['mean']): string | null {
  const from = flow.before(value, transparent);
  const node = flow.maker(from);
  const parts = node && parting.has(node.opType) && flow.shape(node.input[0]!)?.[1] === tokens;
  const part = parts ? partOf(flow, node, from, 3) : null;
  if (part?.axis === 1 && part.start === mean.first) return node!.input[0]!;
  return mean.count === tokens && !parts ? value : null;
}

/** What the head's input is made of, side by side. */
function lastTokens(flow: Flow, features: readonly string[], tokens: number, analysis: Analysis) {
  const parts = features.flatMap((feature) => {
    const from = flow.before(feature, shaping);
    const node = flow.maker(from);
    return node?.opType === 'Concat' && flow.shape(from)?.length === 2 ? node.input : [feature];
  });
  const reads = parts.map((part) => readBefore(flow, part, tokens, analysis));
  const [one] = reads;
  // Each may have a norm of its own, by the same numbers.
  const common = ({ norm, pooled, last }: Read) => [{ ...norm, input: '' }, pooled, last];
  if (!one || !reads.every((each) => each && isDeepStrictEqual(common(each), common(one))))
    throw new NoSum('its head does not read normalised tokens, or not in a way that is known');
  const { scale, shift, epsilon } = one.norm;
  return { last: one.last, norm: { scale, shift, epsilon, pooled: one.pooled }, readouts: reads.map((each) => each!.readout) }; // prettier-ignore
}

/** What leaves a softmax's rows as they are on their way to the values; rounding is told where the values are read. */
const unchanging = new Set([
  ...shaping,
  'Transpose',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
]);

/** Whether `value` holds `probabilities` as they are, but for a guard against rows that are masked throughout. */
function staysAttention(flow: Flow, value: string, probabilities: string): boolean {
  for (let node = flow.maker(value); value !== probabilities; node = flow.maker(value)) {
    if (!node) return false;
    const guards = node.opType === 'Where' && flow.maker(node.input[0]!)?.opType === 'IsNaN';
    if (!guards && !unchanging.has(node.opType)) return false;
    value = node.input[guards ? 2 : 0]!;
  }
  return true;
}

/** What a layer's attention gives, [B, T, D]: where its output projection begins. */
function mixedBy(flow: Flow, layer: Layer): { output: string; values: string | null } {
  if (!layer.softmax) return { output: layer.node.output[0]!, values: null };
  const { probabilities } = layer.softmax;
  const after = productAfter(flow, probabilities);
  if (after && !staysAttention(flow, factorsOf(after.node)![after.factor], probabilities)) throw new NoSum('its attention is changed once more before it weighs the values'); // prettier-ignore
  if (after?.factor !== 0 || after.node.opType !== 'MatMul') throw new NoSum('its values are quantised or multiplied in an unknown way'); // prettier-ignore
  const values = after.node.input[1]!;
  if ((flow.shape(values)?.length ?? 5) > 4) throw new NoSum('several of its heads share values');
  return { output: after.node.output[0]!, values };
}

/** Turns that put the heads of [B, H, T, d] or [B·H, T, d] beside their numbers. */
const sideBySide = new Set(['0,2,1,3', '2,0,1,3', '1,0,2']);

/** Whether `value`, D numbers a token, is `mixed` with its heads side by side. */
function joinsHeads(flow: Flow, value: string, mixed: string, width: number): boolean {
  if (flow.shape(value)?.at(-1) !== width) return false;
  let turned = 0;
  for (let step = 0; step < 8 && value !== mixed; step++) {
    const node = flow.maker(value);
    if (!node) return false;
    if (node.opType === 'Transpose') {
      if (!sideBySide.has(String(intsOf(node, 'perm')))) return false;
      turned++;
    } else if (!transparent.has(node.opType) && node.opType !== 'Reshape') return false;
    value = node.input[0]!;
  }
  // Numbers that lie apart by heads and are joined without a turn mix tokens.
  const areApart = flow.shape(mixed)?.at(-1) !== width;
  return value === mixed && (turned === 1 || (turned === 0 && !areApart));
}

/** @throws NoSum */
export function decompose(analysis: Analysis): Decomposition {
  const { flow, attention, head } = analysis;
  if (!attention) throw new NoSum('it has no attention to show');
  if (flow.opset < 11) throw new NoSum('its ONNX version is too old for the arithmetic');
  const products = productsBefore(flow, head.logits);
  if (!products) throw new NoSum('its head is not one matrix');
  const { asked } = attention.layers.at(-1)!;
  const { last, norm, readouts } = lastTokens(flow, inputsOf(products), asked, analysis);
  const width = flow.shape(last)![2]!;
  const waiting = attention.layers.map((layer) => ({ layer, ...mixedBy(flow, layer) }));
  const blocks: Block[] = [];
  const feedForwards: string[] = [];
  let value = last;
  for (;;) {
    value = flow.before(value, transparent);
    const node = flow.maker(value);
    if (node && swapsTokensAndPhotos(node)) {
      value = node.input[0]!;
      continue;
    }
    if (
      blocks.length === 1 &&
      flow.shape(value)?.[1] === asked &&
      firstTokens(flow, node, attention.tokens) === asked
    ) {
      value = node!.input[0]!;
      continue;
    }
    const both = node?.opType === 'Add' && node.input.every((name) => !flow.isConstant(name));
    if (!both) break;
    const branches = node.input.map((name) => linearBefore(flow, name));
    const which = branches.findIndex((branch) => branch !== null);
    if (which < 0 || branches.every((branch) => branch !== null)) break;
    const branch = branches[which]!;
    const next = waiting.at(-1);
    if (next && joinsHeads(flow, branch.input, next.output, width)) {
      blocks.unshift({ layer: next.layer, out: branch, values: next.values });
      waiting.pop();
    } else feedForwards.unshift(node.input[which]!);
    value = node.input[1 - which]!;
  }
  if (waiting.length) throw new NoSum('its layers do not add up to the last token (norms stand between them, or operators are fused)'); // prettier-ignore
  if (feedForwards.length !== blocks.length) throw new NoSum('it has not one feed-forward a layer');
  return { head: products, norm, readouts, last, start: value, blocks, feedForwards };
}
