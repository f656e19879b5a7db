/**
 * Explanations added to a foreign graph and reduced there: the same numbers as `clsRows`, `mapRow` and `rollout` of
 * models/explain/attention.ts make for our own graphs.
 */
import { plainRollout, type RolloutOptions } from '../explain/attention.ts';
import type { Analysis } from './analyse.ts';
import type { Attention, Layer } from './attention.ts';
import type { Graft, Value } from './graft.ts';

/** [B, H, 1, T] → [B, H, 1, N] */
function patches(g: Graft, { tokens, special, firstPatch }: Attention, row: Value): Value {
  return special ? g.slice(row, 3, firstPatch, firstPatch + tokens - special) : row;
}

/** Weights of the tokens whose rows are averaged: every patch's the same. [1, 1, 1, T] */
function averaging(g: Graft, { tokens, special, firstPatch }: Attention): Value {
  const weights = new Float32Array(tokens);
  weights.fill(1 / (tokens - special), firstPatch, firstPatch + tokens - special);
  return g.constant(weights, [1, 1, 1, tokens]);
}

/** [B, H, 1, T]: [CLS]'s row, or the mean patch's. */
function row(g: Graft, { attention, cls }: Tapped, layer: Layer, mean: boolean): Value {
  return mean ? g.matmul(averaging(g, attention), layer.all(g)) : layer.row(g, cls);
}

export type Tapped = Analysis & { attention: Attention };

/** [CLS]'s row of every layer and head, or the mean patch's where there is no [CLS]: [B, L, H, N] */
export function clsAttention(g: Graft, tapped: Tapped): Value {
  const { attention } = tapped;
  const { heads, tokens, special } = attention;
  const rows = attention.layers.map((layer) => {
    const own = patches(g, attention, row(g, tapped, layer, special === 0));
    return g.reshape(own, -1, 1, heads, tokens - special);
  });
  return g.concat(rows, 1);
}

/** The last layer's row of what the head reads, mean over heads: [B, N] */
export function lastMap(g: Graft, tapped: Tapped): Value {
  const { attention, pool } = tapped;
  const own = patches(g, attention, row(g, tapped, attention.layers.at(-1)!, pool === 'mean'));
  return g.reshape(g.mean(own, 1), -1, attention.tokens - attention.special);
}

/** [B, 1, T, T]: heads joined, the smallest numbers zero but for the one at [CLS] × [CLS]. */
function fuse(g: Graft, { tokens }: Attention, all: Value, { fusion, discardRatio }: RolloutOptions): Value {
  const fused = fusion === 'mean' ? g.mean(all, 1) : g.extreme(fusion, all, 1);
  const discarded = Math.floor(tokens * tokens * discardRatio);
  if (!discarded) return fused;
  const flat = g.reshape(fused, -1, tokens * tokens);
  const smallest = g.smallest(flat, discarded);
  const zeros = g.mul(g.op('GatherElements', [flat, smallest], { axis: 1 }), g.scalar(0));
  const kept = g.op('ScatterElements', [flat, smallest, zeros], { axis: 1 });
  const whole = g.concat([g.slice(flat, 1, 0, 1), g.slice(kept, 1, 1, tokens * tokens)], 1);
  return g.reshape(whole, -1, 1, tokens, tokens);
}

/**
 * Rollout (Abnar & Zuidema 2020), a row vector times L matrices: [B, N].
 * @throws SaccadeError `old-opset` where something is to be discarded and the graph's operators can't
 */
export function rollout(g: Graft, tapped: Tapped, options: RolloutOptions = plainRollout): Value {
  const { attention, pool } = tapped;
  const plain = options.fusion === 'mean' && options.discardRatio === 0;
  const half = g.scalar(0.5);
  let weights: Value | null = null; // [B, 1, 1, T]
  for (const layer of attention.layers.toReversed()) {
    const before = weights ?? (pool === 'mean' ? averaging(g, attention) : oneHot(g, tapped));
    if (plain) {
      const byHead: Value =
        weights === null && pool !== 'mean' ? layer.row(g, tapped.cls) : g.matmul(before, layer.all(g)); // [B, H, 1, T]
      weights = g.add(g.mul(g.mean(byHead, 1), half), g.mul(before, half));
      continue;
    }
    // Rows no longer sum to one: (A + I) is divided by its row sums.
    const fused = fuse(g, attention, layer.all(g), options);
    const sums = g.transpose(g.add(g.sum(fused, 3), g.scalar(1)), 0, 1, 3, 2); // [B, 1, 1, T]
    const weighted = g.div(before, sums);
    weights = g.add(g.matmul(weighted, fused), weighted);
  }
  return g.reshape(patches(g, attention, weights!), -1, attention.tokens - attention.special);
}

function oneHot(g: Graft, { attention, cls }: Tapped): Value {
  const start = new Float32Array(attention.tokens);
  start[cls] = 1;
  return g.constant(start, [1, 1, 1, attention.tokens]);
}
