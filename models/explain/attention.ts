/**
 * Where attention goes, as parts of the graph, reduced where it arises: never L · H · T · T numbers leave it.
 *
 * Rollout: Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers"; head fusion and discard ratio as in the
 * widely used implementation by Gildenblat (vit-explain). A row vector times L matrices, not L products of matrices.
 */
import type { Value } from '../onnx/types.ts';
import type { RolloutOptions } from './options.ts';
import { type AttentionView, meanRow, patchesOf, readsMeanOnly } from './view.ts';

const reductions = { mean: 'Mean', max: 'Max', min: 'Min' } as const;

/** [CLS]'s row of every layer and head, or the mean's where there is no [CLS]: [B, L, H, N] */
export function clsRows(view: AttentionView): Value {
  const { g, cls, heads, patches } = view;
  const rows = view.layers.map((layer) => {
    const row = cls === null ? meanRow(view, layer) : layer.row(cls);
    return g.reshape(patchesOf(view, row, 3), [-1, 1, heads, patches.count]);
  });
  return g.concat(rows, 1);
}

/** The last layer's row of what the head reads, mean over heads: [B, N] */
export function lastMap(view: AttentionView): Value {
  const { g, cls } = view;
  const last = view.layers.at(-1);
  if (!last) throw new Error('a Vision Transformer has at least one layer');
  const row = cls === null || readsMeanOnly(view) ? meanRow(view, last) : last.row(cls);
  return patchesOf(view, g.squeeze(g.reduce('Mean', row, 1), 1), 1);
}

/** The head's row of Â_L · … · Â_1 over patches, Â = (A + I) / 2 with rows summing to one: [B, N] */
export function rollout(view: AttentionView, options: RolloutOptions): Value {
  const { g, cls, tokens, mean } = view;
  const one = cls !== null && !readsMeanOnly(view) ? cls : null;
  const start = new Float32Array(tokens);
  if (one !== null) start[one] = 1;
  else start.fill(1 / mean.count, mean.first, mean.first + mean.count);
  let row = g.numbers(start, [1, 1, tokens]);
  for (const [depth, layer] of view.layers.toReversed().entries()) {
    if (depth === 0 && one !== null && !options.discardRatio) {
      // Of the last layer one token's row is needed, and others may not have been computed.
      const own = g.reduce(reductions[options.fusion], layer.row(one), 1); // [B, 1, T]
      row = g.div(g.add(own, row), rowSums(view, own));
    } else row = step(view, row, fuse(view, layer.rows(), options));
  }
  return patchesOf(view, g.squeeze(row, 1), 1);
}

/** r · Â. row [B, 1, T], attention [B, T, T] → [B, 1, T] */
function step(view: AttentionView, row: Value, attention: Value): Value {
  const { g } = view;
  const weighted = g.div(row, g.transpose(rowSums(view, attention), [0, 2, 1]));
  return g.add(g.matmul(weighted, attention), weighted);
}

/**
 * Sums of the rows of A + I. A's own sum to one unless heads were fused by max or min or attention was discarded.
 * [B, R, T] → [B, R, 1]
 */
function rowSums({ g }: AttentionView, attention: Value): Value {
  return g.add(g.reduce('Sum', attention, 2, true), g.scalar(1));
}

/** [B, H, T, T] → [B, T, T]. @throws SaccadeError `old-opset` where the graph's operators can't discard */
function fuse({ g, tokens }: AttentionView, rows: Value, { fusion, discardRatio }: RolloutOptions): Value {
  const fused = g.reduce(reductions[fusion], rows, 1);
  const discarded = Math.floor(tokens * tokens * discardRatio);
  if (!discarded) return fused;
  // The `discarded` smallest numbers of the whole matrix become zero, but for the first.
  const flat = g.reshape(fused, [-1, tokens * tokens]);
  const smallest = g.smallest(flat, discarded);
  const zeros = g.mul(g.op('GatherElements', [flat, smallest], { axis: 1 }), g.scalar(0));
  const kept = g.op('ScatterElements', [flat, smallest, zeros], { axis: 1 });
  const whole = g.concat([g.slice(flat, 1, 0, 1), g.slice(kept, 1, 1, tokens * tokens)], 1);
  return g.reshape(whole, [-1, tokens, tokens]);
}
