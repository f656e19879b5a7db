/**
 * d · feature taken apart, for a direction d that a class's row of a head is, or anything else that is read off the
 * feature linearly (pre-norm only: after a post-norm the terms of earlier layers pass through later norms and are no
 * longer a sum). Source of the idea: the residual stream is a sum (Elhage et al. 2021, "A Mathematical Framework for
 * Transformer Circuits"); the final norm is linear but for 1/σ, which is taken as it was.
 */
import { meanOf, tokenAt } from '../layers.ts';
import type { Readout } from '../config.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Value } from '../onnx/types.ts';
import {
  type AttentionLayer,
  type AttentionView,
  meanRow,
  patchesOf,
  type ResidualSum,
  type ResidualTerms,
} from './view.ts';

/**
 * In units of the logit, for w = a token's part of the direction ⊙ the norm's scale, its mean removed, over σ. The sum
 * of all but `biasMap` equals d · feature but for rounding. B: one a photo, or one a direction where there is one photo.
 */
export interface Contribution {
  /** [B, L, N]: Σ over heads of α(→j) · (V_j · W_o) · w */
  patches: Value;
  /** [B, L]: the same of prefix tokens. */
  special: Value;
  /**
   * [B, L, N]: the value's bias, which attention spreads over the patches though it is the same for every photo; part
   * of `bias`, and the difference to definitions that count it to the patch.
   */
  biasMap: Value;
  /** [B, L]: what the feed-forwards add. */
  mlp: Value;
  /** [B, L]: output projection's and value's biases. */
  bias: Value;
  /** [B]: the tokens before the first layer. */
  start: Value;
  /** [B]: the norm's shift. A head's bias is the caller's to add. */
  head: Value;
}

/** [B, 2]: the sum of all terms, which is the score's but for rounding, and that of their sizes, which rounding goes by. */
export function totals(g: Ops, terms: Omit<Contribution, 'biasMap'>): Value {
  const { patches, special, mlp, bias, start, head } = terms;
  const alone = [start, head].map((each) => g.unsqueeze(each, 1));
  const all = g.float(g.concat([g.reshape(patches, [0, -1]), special, mlp, bias, ...alone], 1));
  return g.concat(
    [all, g.op('Abs', [all])].map((each) => g.reduce('Sum', each, 1, true)),
    1,
  );
}

/** What the head reads of the last tokens: a sum of tokens, weighted, along a direction. */
interface Part {
  /** [B, H, 1, T] */
  row(layer: AttentionLayer): Value;
  /** [B, R, D] → [B, D] */
  tokens(x: Value): Value;
  /** [B, D]: how much d · feature grows along each channel. */
  direction: Value;
  /** [B, 1]: sum of the token weights; null: 1. */
  weight: Value | null;
}

/** @param direction [1 or B, F], or [any, F] where there is one photo */
export function contribution(view: AttentionView, sum: ResidualSum, direction: Value): Contribution {
  const { g, readouts } = view;
  const { width } = sum;
  const given = readouts.map((_, i) =>
    readouts.length === 1 ? direction : g.slice(direction, 1, i * width, (i + 1) * width),
  );
  const parts = readouts.map((readout, i) => partOf(view, sum, readout, given[i] as Value));
  const over = (value: (part: Part) => Value) => g.total(parts.map(value));
  const along = (part: Part, x: Value) => g.reduce('Sum', g.mul(x, part.direction), 1); // [B]
  const perLayer = <T>(of: T[], value: (each: T) => Value) =>
    g.concat(
      of.map((each) => g.unsqueeze(value(each), 1)),
      1,
    );
  const flows = sum.layers.map((terms, i) =>
    parts.map((part) => throughAttention(view, part, terms, view.layers[i] as AttentionLayer)),
  );
  const own = perLayer(flows, (flow) => g.total(flow.map((part) => part.own))); // [B, L, T]
  const ofBias = perLayer(flows, (flow) => g.total(flow.map((part) => part.bias)));
  const patches = patchesOf(view, own, 2);
  const biasOf = (part: Part, bias: Value) => {
    const once = g.reduce('Sum', g.mul(part.direction, bias), 1, true); // [B, 1]
    return g.squeeze(part.weight ? g.mul(once, part.weight) : once, 1);
  };
  return {
    patches,
    special: g.sub(g.reduce('Sum', own, 2), g.reduce('Sum', patches, 2)),
    biasMap: patchesOf(view, ofBias, 2),
    mlp: perLayer(sum.layers, ({ mlp }) => over((part) => along(part, part.tokens(mlp)))),
    bias: perLayer(sum.layers, ({ bias }) => over((part) => biasOf(part, bias))),
    start: over((part) => along(part, part.tokens(sum.start))),
    head: g.total(given.map((part) => g.reduce('Sum', g.mul(part, sum.norm.shift), 1))),
  };
}

/** @param given the part of the direction that meets this readout, [B, D] */
function partOf(view: AttentionView, { last, norm }: ResidualSum, readout: Readout, given: Value): Part {
  const { g } = view;
  const { first, count } = view.mean;
  const end = first + count;
  const mean = (x: Value) => meanOf(g, x, first, end);
  // Seen through the norm but for 1/σ: scaled, its mean removed as the norm removes a token's.
  const scaled = g.mul(given, norm.scale);
  const direction = g.sub(scaled, g.reduce('Mean', scaled, 1, true));
  if (readout !== 'mean' || norm.pooled) {
    const read = (x: Value) => (readout === 'mean' ? mean(x) : tokenAt(g, x, readout));
    return {
      row: (layer) => (readout === 'mean' ? meanRow(view, layer) : layer.row(readout)),
      tokens: read,
      direction: g.mul(direction, inverseDeviation(g, read(last), norm.epsilon)),
      weight: null,
    };
  }
  const tokens = g.slice(last, 1, first, end);
  const share = g.mul(inverseDeviation(g, tokens, norm.epsilon), g.scalar(1 / count)); // [B, N, 1]
  const weights = g.transpose(share, [0, 2, 1]);
  return {
    row: (layer) => g.matmul(g.unsqueeze(weights, 1), g.slice(layer.rows(), 2, first, end)),
    tokens: (x) => g.squeeze(g.matmul(weights, g.slice(x, 1, first, end)), 1),
    direction,
    weight: g.squeeze(g.reduce('Sum', weights, 2, true), 2),
  };
}

/** 1 / σ of tokens about to be normalised. [B, …, D] → [B, …, 1] */
function inverseDeviation(g: Ops, x: Value, epsilon: number): Value {
  const centred = g.sub(x, g.reduce('Mean', x, -1, true));
  const variance = g.reduce('Mean', g.mul(centred, centred), -1, true);
  return g.div(g.scalar(1), g.sqrt(g.add(variance, g.scalar(epsilon))));
}

/** α(→j) · V_j · W_o · direction, summed over heads, and the same with the value's bias for V_j. → [B, T] each */
function throughAttention(view: AttentionView, part: Part, terms: ResidualTerms, layer: AttentionLayer) {
  const { g, heads } = view;
  const { values, valueBias, out } = terms;
  const along = g.matmul(out, g.unsqueeze(part.direction, 2)); // [B, D, 1]
  const byHead = g.op('Reshape', [along, g.ints(0, heads, -1, 1)]); // [B, H, d, 1]
  const row = part.row(layer); // [B, H, 1, T]
  const overHeads = (scores: Value) => g.squeeze(g.reduce('Sum', g.mul(row, scores), 1), 1);
  const own = overHeads(g.transpose(g.matmul(values, byHead), [0, 1, 3, 2]));
  return { own, bias: overHeads(g.matmul(valueBias, byHead)) };
}
