/**
 * The attention of every layer of somebody else's Vision Transformer, in one form.
 *
 * B photos, H heads, T tokens, N patches of them in one run; special tokens ([CLS], distillation, registers) before
 * that run, behind it, or both.
 */
import { firstPatchAt, floorGrid, patchGrids } from './grid.ts';
import type { Flow } from './flow.ts';
import { findFused, type FusedFound } from './fused.ts';
import type { Graft } from './graft.ts';
import { neededOf } from '../onnx/needed.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import { wholeRows } from './rows.ts';
import { findSoftmaxes, productAfter, productBefore, type SoftmaxFound } from './softmax.ts';
import type { PatchGrid } from '../manifest.ts';

export interface Layer {
  heads: number;
  tokens: number;
  /** R: of so many tokens, the first ones, the graph computes rows. */
  asked: number;
  /** Where in the graph, to put layers in order. */
  position: number;
  node: Node;
  /** Null: `node` is a fused operator. */
  softmax: SoftmaxFound | null;
  /** Of a fused operator: values [B, H, T, d], and what a bias of its own alone would be, [1, H, 1, d]. */
  values?: (g: Ops) => { whole: Value; bias: Value | null };
  /** Of a fused operator: the projected values [B, T, D] it takes, where it takes them. */
  valuesFrom?: string | undefined;
  /** One token's row: [B, H, 1, T], float32. */
  row(g: Graft, token: number): Value;
  /** [B, H, T, T], float32. */
  rows(g: Graft): Value;
}

export interface Attention {
  layers: Layer[];
  heads: number;
  tokens: number;
  /** T − N */
  special: number;
  /** Index of the first patch among the tokens. */
  firstPatch: number;
  grid: PatchGrid;
}

/** Either the attention, or one sentence that says why there is none to show. */
export type Found = { attention: Attention; absent: null } | { attention: null; absent: string };

/** More special tokens no model has. */
const mostSpecial = 16;

/**
 * [B, H, T, T], [B·H, T, T] (photos outermost, as in PyTorch's nn.MultiheadAttention), [B, T, H, T], or [B, G, H / G, T, T],
 * where the heads of a group share keys.
 */
function fromSoftmax(flow: Flow, found: SoftmaxFound, position: number): Layer | null {
  const { shape, probabilities, quantised } = found;
  const tokens = shape?.at(-1);
  if (!shape || !tokens || shape.length < 3 || shape.length > 5) return null;
  const merged = shape.length !== 4;
  const turned = !merged && shape[2] !== tokens && shape[1] === tokens;
  const square = turned || shape.at(-2) === tokens;
  const heads = merged
    ? shape.slice(0, -2).reduce((a, b) => a * b) / flow.batch
    : turned
      ? shape[2]!
      : shape[1]!;
  if (!Number.isInteger(heads) || (shape.length > 3 && shape[0] !== flow.batch)) return null;
  if (!square) return fromFirstRows(flow, found, shape, position);
  const read = (g: Ops, x: Value) =>
    g.float(quantised ? g.op('DequantizeLinear', [x, quantised.scale, ...(quantised.zero ? [quantised.zero] : [])]) : x); // prettier-ignore
  return {
    heads,
    tokens,
    asked: tokens,
    position,
    node: found.node,
    softmax: found,
    row(g, token) {
      const row = read(g, g.slice(probabilities, turned ? 1 : shape.length - 2, token, token + 1));
      if (merged) return g.reshape(row, [-1, heads, 1, tokens]);
      return turned ? g.transpose(row, [0, 2, 1, 3]) : row;
    },
    rows(g) {
      const whole = read(g, probabilities);
      if (merged) return g.reshape(whole, [-1, heads, tokens, tokens]);
      return turned ? g.transpose(whole, [0, 2, 1, 3]) : whole;
    },
  };
}

/** [B, H, R, T]: rows of the first R tokens. */
function fromFirstRows(
  flow: Flow,
  { node, probabilities, quantised }: SoftmaxFound,
  shape: readonly number[],
  position: number,
): Layer | null {
  const tokens = shape.at(-1)!;
  const product = shape.length === 4 && !quantised ? productBefore(flow, probabilities) : null;
  const whole = product && wholeRows(flow, product, probabilities, tokens);
  if (!whole) return null;
  return {
    heads: shape[1]!,
    tokens,
    asked: whole.asked,
    position,
    node,
    softmax: { node, probabilities, shape },
    row: (g, token) => g.float(g.slice(token < whole.asked ? probabilities : whole.of(g), 2, token, token + 1)),
    rows: (g) => g.float(whole.of(g)),
  };
} // prettier-ignore

function fromFused(fused: FusedFound, position: number): Layer | null {
  const { heads, queryTokens, keyTokens } = fused;
  if (queryTokens !== keyTokens) return null;
  const attend = (g: Ops, token: number | null): Value => {
    const { queries, keysTurned, scale, bias } = fused.parts(g);
    const asked = token === null ? queries : g.slice(queries, 2, token, token + 1);
    const scores = g.mul(g.matmul(asked, keysTurned), g.scalar(scale));
    if (!bias) return g.softmax(scores);
    const every = g.op('Expand', [bias, g.ints(1, 1, queryTokens, keyTokens)]);
    return g.softmax(g.add(scores, token === null ? every : g.slice(every, 2, token, token + 1)));
  };
  return {
    heads,
    tokens: keyTokens,
    asked: keyTokens,
    position,
    node: fused.node,
    softmax: null,
    values: (g) => fused.values(g),
    valuesFrom: fused.valuesFrom,
    row: (g, token) => attend(g, token),
    rows: (g) => attend(g, null),
  };
}

const sides = (shape: readonly number[] | null) =>
  shape ? `${shape.slice(-2).join(' × ')}` : 'unknown size';

/** Whether each layer attends to what the one before made. */
function isInLine(flow: Flow, layers: readonly Layer[]): boolean {
  return layers.every(({ node }, i) => {
    const before = layers[i - 1]?.node.output[0];
    return before === undefined || neededOf(flow.graph, node.input).has(before);
  });
}

/**
 * @param input pixels of the model's input
 * @param logits the answer, which other attention tells nothing of
 */
export function findAttention(flow: Flow, input: { height: number; width: number }, logits: string): Found {
  const none = (absent: string): Found => ({ attention: null, absent });
  const needed = neededOf(flow.graph, [logits]);
  const leads = ({ node }: { node: Node }) => node.output.some((name) => needed.has(name));
  const softmaxes = findSoftmaxes(flow).filter(leads);
  const fused = findFused(flow).filter(leads);
  if (!softmaxes.length && !fused.length)
    return none(
      'This model shows no attention between tokens: it is no Vision Transformer, or its attention is written in a way that Saccade does not know. So there is no map to draw.',
    );
  for (const found of fused)
    if ('refused' in found)
      return none(`This model's attention lies inside the operator ${found.node.opType}, and ${found.refused}, so it can't be shown.`); // prettier-ignore
  const layers = [
    ...softmaxes.map((found) => fromSoftmax(flow, found, flow.position(found.node))),
    ...fused.map((found) => fromFused(found as FusedFound, flow.position(found.node))),
  ];
  const whole = layers.filter((layer) => layer !== null).sort((a, b) => a.position - b.position);
  const found = softmaxes[0];
  if (!whole.length)
    return none(`This model's attention (${sides(found?.shape ?? null)}) does not go from every token to every token, so no map of the whole photo can be made of it.`); // prettier-ignore
  const { tokens, heads } = whole[0]!;
  const isAlike = (layer: Layer) => layer.tokens === tokens && layer.heads === heads;
  if (whole.length !== layers.length || !whole.every(isAlike) || whole.slice(0, -1).some(({ asked }) => asked < tokens))
    return none('This model attends from or to other tokens, or with other heads, from layer to layer, so its layers make no common map: pyramids and attention pooling are so.'); // prettier-ignore
  if (!isInLine(flow, whole))
    return none('This model has several attentions beside each other, which take the same tokens or lie in branches of their own, so its layers do not follow each other and make no common map.'); // prettier-ignore
  const grids = patchGrids(flow, whole[0]!.position);
  const grid =
    grids.findLast(({ rows, columns }) => fits(tokens - rows * columns)) ??
    (grids.length ? undefined : floorGrid(input, tokens));
  if (!grid) {
    const [rows, columns] = [grids.at(-1)?.rows ?? 0, grids.at(-1)?.columns ?? 0];
    return none(`This model attends over ${tokens} tokens at a time, but has ${rows} × ${columns} patches: it looks within windows, and no map of the whole photo can be made of that.`); // prettier-ignore
  }
  const special = tokens - grid.rows * grid.columns;
  const firstPatch = firstPatchAt(flow, whole[0]!.position, tokens, special);
  const patchSize = Math.max(1, Math.floor(input.height / grid.rows));
  return { attention: { layers: whole, heads, tokens, special, firstPatch, grid: { ...grid, patchSize } }, absent: null }; // prettier-ignore
}

/** What a layer that computes rows of the first tokens alone gives for them: [B, H, R, d]; null: it computes all. */
export function mixedOfFirst(flow: Flow, attention: Attention): { value: string; asked: number } | null {
  const { softmax, asked } = attention.layers.at(-1)!;
  if (!softmax || asked === attention.tokens) return null;
  return { value: productAfter(flow, softmax.probabilities)!.node.output[0]!, asked };
}

function fits(special: number): boolean {
  return special >= 0 && special <= mostSpecial;
}
