/** What one token attended to, and how far heads look, reduced inside the graph. */
import type { Value } from '../onnx/types.ts';
import { type AttentionView, patchesOf } from './view.ts';

/** The row of every layer's and head's softmax of the token `query` [1]: [B, L, H, T] */
export function tokenRows({ g, heads, tokens, layers }: AttentionView, query: Value): Value {
  return g.concat(
    layers.map((layer) => g.reshape(g.gather(layer.rows(), query, 2), [-1, 1, heads, tokens])),
    1,
  );
}

/** Between the middles of patches, in rows and columns of the grid times the size of a patch: [N, N] */
export function patchDistances(
  { rows, columns }: { rows: number; columns: number },
  patch: { height: number; width: number },
): Float32Array {
  const patches = rows * columns;
  return Float32Array.from({ length: patches * patches }, (_, i) => {
    const [from, to] = [Math.floor(i / patches), i % patches];
    const down = (Math.floor(from / columns) - Math.floor(to / columns)) * patch.height;
    const across = ((from % columns) - (to % columns)) * patch.width;
    return Math.hypot(down, across);
  });
}

/**
 * Mean attention distance of every layer and head (Dosovitskiy et al. 2021, appendix D.7, figure 7): how far from a
 * patch the patches lie that it attends to, weighted by attention, mean over patches. Attention to special tokens has
 * no distance and is left out: each row is divided by what it gives to patches. [B, L, H], in the units of `distances`
 * [N, N].
 */
export function attentionDistance(view: AttentionView, distances: Float32Array): Value {
  const { g, patches } = view;
  const between = g.numbers(distances, [patches.count, patches.count]);
  const ofLayer = (layer: AttentionView['layers'][number]) => {
    const rows = patchesOf(view, patchesOf(view, layer.rows(), 2), 3); // [B, H, N, N]
    const far = g.reduce('Sum', g.mul(rows, between), 3); // [B, H, N]
    return g.unsqueeze(g.reduce('Mean', g.div(far, g.reduce('Sum', rows, 3)), 2), 1);
  };
  return g.concat(view.layers.map(ofLayer), 1);
}
