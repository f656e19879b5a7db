/** Maps and sums out of the tensors of an inspection; row-major, [L] layers, [H] heads, [N] patches. */

export type HeadChoice = 'mean' | 'max' | 'min' | number;

/** [N]: what one layer of `attention` [L, H, N] attended to, by one head, or patch by patch over all of them. */
export function attentionMap(
  attention: Float32Array,
  { heads, patches }: { heads: number; patches: number },
  layer: number,
  head: HeadChoice,
): Float32Array {
  const row = (h: number) =>
    attention.subarray((layer * heads + h) * patches, (layer * heads + h + 1) * patches);
  if (typeof head === 'number') return row(head).slice();
  const rows = Array.from({ length: heads }, (_, h) => row(h));
  const join = {
    mean: (at: number) => rows.reduce((sum, one) => sum + one[at]!, 0) / heads,
    max: (at: number) => Math.max(...rows.map((one) => one[at]!)),
    min: (at: number) => Math.min(...rows.map((one) => one[at]!)),
  }[head];
  return Float32Array.from({ length: patches }, (_, at) => join(at));
}

/** [N]: `contribution` [L, N] summed over layers, first and last included. */
export function contributionMap(
  contribution: Float32Array,
  patches: number,
  [first, last]: readonly [number, number],
): Float32Array {
  const sums = new Float64Array(patches);
  for (let layer = first; layer <= last; layer++)
    for (let i = 0; i < patches; i++) sums[i]! += contribution[layer * patches + i]!;
  return Float32Array.from(sums);
}

export interface Terms {
  patches: Float32Array;
  special: Float32Array;
  mlp: Float32Array;
  bias: Float32Array;
  start: number;
  head: number;
}

export interface Part {
  name: keyof Terms;
  /** Logit units. */
  value: number;
}

/** What makes up a logit: its terms, each summed over layers and patches. Together they are the logit. */
export function partsOf(terms: Terms): Part[] {
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  return [
    { name: 'patches', value: sum(terms.patches) },
    { name: 'special', value: sum(terms.special) },
    { name: 'mlp', value: sum(terms.mlp) },
    { name: 'bias', value: sum(terms.bias) },
    { name: 'start', value: terms.start },
    { name: 'head', value: terms.head },
  ];
}
