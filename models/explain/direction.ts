/** Which direction of the feature is explained: a row of the model's own head, one from outside, or both added. */
import type { Ops } from '../onnx/ops.ts';
import type { Value } from '../onnx/types.ts';

/** A linear head in the graph. */
export interface HeadWeights {
  /** [F, C], or [C, F] where `turned`. */
  matrix: Value;
  turned: boolean;
  /** [C] each. */
  biases: Value[];
}

export interface Direction {
  /** [B, F] */
  direction: Value;
  /** [B]: what the head adds whatever the feature; null: nothing. */
  bias: Value | null;
}

/** The head's row of each photo's class, the best one where `asked` [1] is negative or null. @param logits [B, C] */
export function classDirection(g: Ops, head: HeadWeights, logits: Value, asked: Value | null): Direction {
  const best = g.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
  const index = asked ? g.op('Where', [g.op('Less', [asked, g.ints(0)]), best, asked]) : best; // [B]
  const rows = g.gather(head.matrix, index, head.turned ? 0 : 1);
  return {
    direction: head.turned ? rows : g.transpose(rows, [1, 0]),
    bias: head.biases.length ? g.total(head.biases.map((bias) => g.gather(bias, index, 0))) : null,
  };
}

/** `class_index` that asks for no class of the model's own head. */
export const noClass = -2;

/**
 * The head's row of the class `asked` [1] (−1: the best; −2: none) plus `given` [1 or B, F]: a class alone where `given`
 * is zero, a direction alone where there is no class, and one against the other where both are there.
 */
export function askedDirection(
  g: Ops,
  head: HeadWeights,
  logits: Value,
  asked: Value,
  given: Value,
): Direction {
  const { direction, bias } = classDirection(g, head, logits, asked);
  const own = g.cast(g.op('Greater', [asked, g.ints(noClass)]), g.arithmetic); // [1]: 1 or 0
  return { direction: g.add(g.mul(direction, own), given), bias: bias && g.mul(bias, own) };
}
