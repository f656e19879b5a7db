/**
 * What explanations need of a Vision Transformer, whoever wrote its graph. Nothing is computed that is not asked for.
 *
 * B photos, H heads of d = D / H, T tokens, N patches in one run among them, L layers, D numbers a token, F of the
 * feature that the head reads.
 */
import type { Readout } from '../config.ts';
import type { Ops } from '../onnx/ops.ts';
import type { Value } from '../onnx/types.ts';

export interface AttentionView {
  g: Ops;
  heads: number;
  tokens: number;
  /** Index of the first patch, and N. */
  patches: { first: number; count: number };
  /** The tokens whose mean the readout `mean` is: the patches, or special tokens among them too. */
  mean: { first: number; count: number };
  /** The token that stands for the photo; null: there is none. */
  cls: number | null;
  /** First to last. */
  layers: AttentionLayer[];
  /** What the head reads of the last tokens. */
  readouts: Readout[];
}

export interface AttentionLayer {
  /** One token's row of the softmax: [B, H, 1, T] */
  row(token: number): Value;
  /** [B, H, T, T]; of the last layer only where every row was computed. */
  rows(): Value;
}

/** The last tokens as the sum that the residual stream of a pre-norm model is (Elhage et al. 2021). */
export interface ResidualSum {
  width: number;
  /** [B, T, D] before the first layer. */
  start: Value;
  /** What each layer adds, first to last. */
  layers: ResidualTerms[];
  /** [B, R, D], of at least the tokens that the head reads: the sum. */
  last: Value;
  /** The norm before the head, [D] each; `pooled`: of the mean of the patches instead of each token. */
  norm: { scale: Value; shift: Value; epsilon: number; pooled: boolean };
}

export interface ResidualTerms {
  /** [B, H, T, d] without their bias. */
  values: Value;
  /** [1, H, 1, d] */
  valueBias: Value;
  /** Output projection, [D, D]. */
  out: Value;
  /** [D] or [1, D]: what the attention adds whatever the photo, the value's bias seen through `out` among it. */
  bias: Value;
  /** What the feed-forward adds, [B, T or R, D]. */
  mlp: Value;
}

/**
 * Whether one of a foreign graph's prefix tokens is known to be [CLS]: the head reads it, or there is just one. Of
 * several that no head reads each may be a register, and one that is averaged with the patches is one of many.
 */
export function hasCls(pool: string | undefined, special: number): boolean {
  return special > 0 && pool !== 'tokens' && (pool !== 'mean' || special === 1);
}

/** Whether the head reads a mean only, so that [CLS]'s attention alone says nothing about the answer. */
export function readsMeanOnly({ readouts }: AttentionView): boolean {
  return readouts.every((readout) => readout === 'mean');
}

/** The row of the mean of patches, or of all that is averaged: [B, H, 1, T] */
export function meanRow({ g, mean }: AttentionView, layer: AttentionLayer): Value {
  const rows = g.slice(layer.rows(), 2, mean.first, mean.first + mean.count);
  return g.reduce('Mean', rows, 2, true);
}

/** Of an axis of T the N that are patches. */
export function patchesOf({ g, tokens, patches }: AttentionView, x: Value, axis: number): Value {
  return patches.count === tokens ? x : g.slice(x, axis, patches.first, patches.first + patches.count);
}
