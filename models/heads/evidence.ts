/** Which direction of the feature a head's answer lies along: the input `direction` of the inspection graph. */
import type { Head } from './head.ts';

/**
 * d with d · feature + bias = the row's logit, so that the graph's terms are those of the logit: a linear head's row;
 * of a cosine head scale · w / ‖feature‖, with the feature's length taken as it is. [F]
 *
 * @param against another row, whose logit is taken off: why this one and not that
 */
export function evidenceDirection(
  { weight, reads }: Pick<Head, 'weight' | 'reads'>,
  row: number,
  feature: ArrayLike<number>,
  against: number | null = null,
): Float32Array {
  const { length } = feature;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += feature[i]! ** 2;
  const factor = reads.how === 'linear' ? 1 : squares > 0 ? reads.scale / Math.sqrt(squares) : 0;
  return Float32Array.from({ length }, (_, i) => {
    const other = against === null ? 0 : weight[against * length + i]!;
    return (weight[row * length + i]! - other) * factor;
  });
}
