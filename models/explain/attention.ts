/**
 * Explanations as parts of the graph, reduced where they arise: never L · H · T · T numbers leave it.
 *
 * - `clsRows`: [CLS]'s row of every softmax.
 * - `rollout`: Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers"; head fusion and discard ratio as
 *   in the widely used implementation by Gildenblat (vit-explain). A row vector times L matrices, not L products.
 * - `contribution`: the direct contribution of every token to a class, an exact term of the logit.
 */
import { gridOf, specialTokens, type VitConfig } from '../config.ts';
import type { Value } from '../onnx/builder.ts';
import type { BlockTrace, Encoded, Vit } from '../vit.ts';

export interface RolloutOptions {
  fusion: 'mean' | 'max' | 'min';
  /** Share of each layer's smallest fused attentions set to zero, 0 … 0.99. */
  discardRatio: number;
}

/** What the head reads of the last tokens: a sum of tokens, weighted, along a direction. */
interface Readout {
  /** [B, H, R, T] → [B, H, 1, T] */
  rows(probabilities: Value): Value;
  /** [B, R, D] → [B, D] */
  tokens(x: Value): Value;
  /** [B, D]: how much the class's logit grows along each channel. */
  direction: Value;
  /** [B, 1]: sum of the token weights; null: 1. */
  weight: Value | null;
}

export const plainRollout: RolloutOptions = { fusion: 'mean', discardRatio: 0 };

/** Whether the head reads patches only, so that [CLS]'s attention says nothing about the answer. */
export function readsPatchesOnly(config: VitConfig): boolean {
  return config.pool === 'mean';
}

function meanRow(g: Vit, probabilities: Value): Value {
  return g.reduce('Mean', g.slice(probabilities, 2, specialTokens(g.config), g.tokens), 2, true);
}

/** Row of what the head reads, special tokens dropped: [B, H, R, T] → [B, H, N] */
export function mapRow(g: Vit, probabilities: Value): Value {
  const row = readsPatchesOnly(g.config) ? meanRow(g, probabilities) : g.slice(probabilities, 2, 0, 1);
  return g.slice(g.squeeze(row, 2), -1, specialTokens(g.config), g.tokens);
}

/** [CLS]'s row of every layer and head, or the mean patch's where there is no [CLS]: [B, L, H, N] */
export function clsRows(g: Vit, { blocks }: Encoded): Value {
  const row = ({ probabilities }: BlockTrace) =>
    g.config.clsToken ? g.slice(probabilities, 2, 0, 1) : meanRow(g, probabilities);
  const rows = blocks.map((block) => g.unsqueeze(g.squeeze(row(block), 2), 1)); // [B, 1, H, T]
  return g.slice(g.concat(rows, 1), -1, specialTokens(g.config), g.tokens);
}

/** [B, H, R, T] → [B, R, T] */
function fuse(g: Vit, probabilities: Value, { fusion, discardRatio }: RolloutOptions, rows: number): Value {
  const how = { mean: 'Mean', max: 'Max', min: 'Min' } as const;
  const fused = g.reduce(how[fusion], probabilities, 1);
  const discarded = Math.floor(rows * g.tokens * discardRatio);
  if (!discarded) return fused;
  // The `discarded` smallest numbers of the whole matrix become zero, but for the one at [CLS] × [CLS].
  const flat = g.reshape(fused, [0, rows * g.tokens]);
  const [, smallest] = g.node('TopK', [flat, g.ints(discarded)], { axis: 1, largest: 0, sorted: 0 }, 2);
  const zeros = g.mul(g.op('GatherElements', [flat, smallest as Value], { axis: 1 }), g.scalar(0));
  const kept = g.op('ScatterElements', [flat, smallest as Value, zeros], { axis: 1 });
  const first = g.slice(flat, 1, 0, 1);
  return g.reshape(g.concat([first, g.slice(kept, 1, 1, rows * g.tokens)], 1), [0, rows, g.tokens]);
}

/** r · Â with Â = (A + I) / 2, rows summing to one. row [B, 1, T], attention [B, T, T] → [B, 1, T] */
function step(g: Vit, row: Value, attention: Value): Value {
  // A's own rows sum to one unless heads were fused by max or min or attention was discarded.
  const sums = g.add(g.reduce('Sum', attention, 2), g.scalar(1)); // [B, T]
  const weighted = g.div(row, g.unsqueeze(sums, 1));
  return g.add(g.matmul(weighted, attention), weighted);
}

/** The head's row of Â_L · … · Â_1 over patches: [B, N]. A discard ratio needs `allRows`. */
export function rollout(g: Vit, { blocks }: Encoded, options: RolloutOptions): Value {
  const first = specialTokens(g.config);
  const start = new Float32Array(g.tokens);
  if (g.config.clsToken && !readsPatchesOnly(g.config)) start[0] = 1;
  else start.fill(1 / (g.tokens - first), first);
  let row = g.weight('rollout.start', start, [1, 1, g.tokens]);
  for (const [depth, block] of blocks.toReversed().entries()) {
    const rows = depth === 0 ? g.lastRows : g.tokens;
    const attention = fuse(g, block.probabilities, options, rows);
    if (rows === g.tokens) {
      row = step(g, row, attention);
    } else {
      const own = g.slice(attention, 1, 0, 1); // the last layer was computed for the tokens the head reads
      const sum = g.add(g.reduce('Sum', own, 2, true), g.scalar(1));
      row = g.div(g.add(own, row), sum);
    }
  }
  return g.slice(g.squeeze(row, 1), 1, first, g.tokens);
}

/** The class's row of a head, [B, width], for the classes `index` [B]. */
function headRow(g: Vit, name: string, index: Value, part: [number, number]): Value {
  const column = g.gather(`${name}.weight`, index, 1); // [width, B]
  return g.transpose(g.slice(column, 0, part[0], part[1]), [1, 0]);
}

/** 1 / σ of tokens about to be normalised. [B, …, D] → [B, …, 1] */
function inverseDeviation(g: Vit, x: Value): Value {
  const centred = g.sub(x, g.reduce('Mean', x, -1, true));
  const variance = g.reduce('Mean', g.mul(centred, centred), -1, true);
  return g.div(g.scalar(1), g.sqrt(g.add(variance, g.scalar(g.config.epsilon))));
}

/** A head's row seen through the last norm but for 1/σ: scaled, its mean removed as the norm removes a token's. */
function throughNorm(g: Vit, row: Value): Value {
  const scaled = g.mul(row, 'norm.scale');
  return g.sub(scaled, g.reduce('Mean', scaled, -1, true));
}

function readouts(g: Vit, tokens: Value, index: Value): { parts: Readout[]; constant: Value } {
  const { width, pool, finalNorm, distillation } = g.config;
  const first = specialTokens(g.config);
  const shifted = (row: Value) => g.reduce('Sum', g.mul(row, 'norm.shift'), 1); // β · w: [B]
  const bias = (name: string) => g.gather(`${name}.bias`, index, 0); // [B]
  const single = (position: number, row: Value): Readout => ({
    rows: (p) => g.slice(p, 2, position, position + 1),
    tokens: (x) => g.token(x, position),
    direction: g.mul(throughNorm(g, row), inverseDeviation(g, g.token(tokens, position))),
    weight: null,
  });
  const averaged = (row: Value): Readout => {
    if (finalNorm === 'pooled')
      return {
        rows: (p) => meanRow(g, p),
        tokens: (x) => g.patchMean(x),
        direction: g.mul(throughNorm(g, row), inverseDeviation(g, g.patchMean(tokens))),
        weight: null,
      };
    const patches = g.slice(tokens, 1, first, g.tokens);
    const each = g.transpose(
      g.mul(inverseDeviation(g, patches), g.scalar(1 / gridOf(g.config).patches)),
      [0, 2, 1],
    );
    return {
      rows: (p) => g.matmul(g.unsqueeze(each, 1), g.slice(p, 2, first, g.tokens)),
      tokens: (x) => g.squeeze(g.matmul(each, g.slice(x, 1, first, g.tokens)), 1), // each: [B, 1, N]
      direction: throughNorm(g, row),
      weight: g.squeeze(g.reduce('Sum', each, 2, true), 2),
    };
  };
  const row = headRow(g, 'head', index, [0, width]);
  if (pool === 'mean') return { parts: [averaged(row)], constant: g.add(shifted(row), bias('head')) };
  if (pool === 'cls+mean') {
    const second = headRow(g, 'head', index, [width, 2 * width]);
    const both = g.add(shifted(row), shifted(second));
    return { parts: [single(0, row), averaged(second)], constant: g.add(both, bias('head')) };
  }
  if (!distillation) return { parts: [single(0, row)], constant: g.add(shifted(row), bias('head')) };
  const half = g.scalar(0.5);
  const halves = [
    headRow(g, 'head', index, [0, width]),
    headRow(g, 'headDistillation', index, [0, width]),
  ].map((whole) => g.mul(whole, half)) as [Value, Value];
  const shifts = g.add(shifted(halves[0]), shifted(halves[1]));
  const biases = g.mul(g.add(bias('head'), bias('headDistillation')), half);
  return { parts: [single(0, halves[0]), single(1, halves[1])], constant: g.add(shifts, biases) };
}

/** [B]: classes to explain, the best one where `asked` [1] is negative. */
export function classesToExplain(g: Vit, logits: Value, asked: Value | null): Value {
  const best = g.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
  if (!asked) return best;
  return g.op('Where', [g.op('Less', [asked, g.ints(0)]), best, asked]);
}

/** α(→j) · V_j · W_o · direction, summed over heads, and the same with the value's bias for V_j. → [B, T] each */
function throughAttention(g: Vit, trace: BlockTrace, layer: number, readout: Readout) {
  const { width, heads } = g.config;
  const size = width / heads;
  const { out, valueBias } = trace.block;
  const outWeight = g.weight(`blocks.${layer}/out.weight`, out.weight, [width, width]);
  const along = g.reshape(g.matmul(outWeight, g.unsqueeze(readout.direction, 2)), [0, heads, size, 1]);
  const score = g.transpose(g.matmul(trace.values, along), [0, 1, 3, 2]); // [B, H, 1, T]
  const constant = g.weight(`blocks.${layer}/value.bias`, valueBias, [heads, size, 1]);
  const biasScore = g.reduce('Sum', g.mul(along, constant), 2, true); // [B, H, 1, 1]
  const row = readout.rows(trace.probabilities); // [B, H, 1, T]
  const overHeads = (scores: Value) => g.squeeze(g.reduce('Sum', g.mul(row, scores), 1), 1);
  return { own: overHeads(score), bias: overHeads(biasScore) };
}

/**
 * The logit of one class taken apart, all in logit units (pre-norm only: after a post-norm the terms of earlier
 * layers pass through later norms and are no longer a sum). Source of the idea: the residual stream is a sum
 * (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"); the final norm is linear but for 1/σ,
 * which is taken as it was. With w = the class's head row ⊙ the norm's scale, its mean removed, over σ:
 *
 * - `patches` [B, L, N]: Σ over heads of α(→j) · (V_j · W_o) · w;  `special` [B, L]: the same of special tokens
 * - `biasMap` [B, L, N]: the value's bias, which attention spreads over the patches though it is the same for every
 *   photo; part of `bias`, and the difference to definitions that count it to the patch
 * - `mlp` [B, L]: what the feed-forwards add;  `bias` [B, L]: output projection's and value's biases
 * - `start` [B]: the token before the first layer;  `head` [B]: the norm's shift and the head's bias
 *
 * Two heads (DeiT): each token's part, halved, summed. Pooled patches: rows and tokens are averaged with 1/σ of each
 * token. Joined heads: both. The sum of all equals the logit but for rounding.
 */
export function contribution(g: Vit, encoded: Encoded, index: Value) {
  const { parts, constant } = readouts(g, encoded.tokens, index);
  const first = specialTokens(g.config);
  const sum = (values: Value[]) => values.reduce((a, b) => g.add(a, b));
  const dot = (readout: Readout, x: Value) => g.reduce('Sum', g.mul(readout.tokens(x), readout.direction), 1); // [B]
  const stack = (values: Value[]) =>
    g.concat(
      values.map((value) => g.unsqueeze(value, 1)),
      1,
    );
  const flows = encoded.blocks.map((block, layer) =>
    parts.map((part) => throughAttention(g, block, layer, part)),
  );
  const tokens = stack(flows.map((flow) => sum(flow.map(({ own }) => own)))); // [B, L, T]
  const biases = stack(flows.map((flow) => sum(flow.map(({ bias }) => bias))));
  const biasOf = (layer: number, part: Readout) => {
    const along = g.reduce('Sum', g.mul(part.direction, `blocks.${layer}/out.bias`), 1, true); // [B, 1]
    return g.squeeze(part.weight ? g.mul(along, part.weight) : along, 1);
  };
  return {
    patches: g.slice(tokens, 2, first, g.tokens),
    special: g.reduce('Sum', g.slice(tokens, 2, 0, first), 2), // zero where there are none
    biasMap: g.slice(biases, 2, first, g.tokens),
    mlp: stack(encoded.blocks.map((block) => sum(parts.map((part) => dot(part, block.mlp))))),
    bias: stack(encoded.blocks.map((_, layer) => sum(parts.map((part) => biasOf(layer, part))))),
    start: sum(parts.map((part) => dot(part, encoded.start))),
    head: constant,
  };
}
