/** Where the numbers of a value come from, when only moving lies between: worked out on indices for one photo. */
import { intOf, intsOf } from '../onnx/attributes.ts';
import type { Node } from '../onnx/schema.ts';
import type { Flow } from './flow.ts';

/** For each element of a tensor, the index of the element it was. */
export interface Origins {
  shape: readonly number[];
  data: Int32Array;
}

export const moving: ReadonlySet<string> = new Set([
  'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Cast', 'Identity', 'Dropout', 'Transpose', 'Split', 'Slice', 'Gather',
]); // prettier-ignore

/** The shape for one photo. */
function shapeOfOne(flow: Flow, value: string): number[] | null {
  const shape = flow.shape(value);
  return shape && shape.map((side) => (side % flow.batch === 0 ? side / flow.batch : side));
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

/** Reads at offset + Σ coordinate · stride. */
function pick(
  { data }: Origins,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Origins {
  let places = Int32Array.of(offset);
  for (const [axis, side] of shape.entries()) {
    const finer = new Int32Array(places.length * side);
    for (let at = 0; at < places.length; at++)
      for (let i = 0; i < side; i++) finer[at * side + i] = places[at]! + i * strides[axis]!;
    places = finer;
  }
  return { shape, data: places.map((at) => data[at]!) };
}

/** Take a part of a tensor. */
export const parting: ReadonlySet<string> = new Set(['Split', 'Slice', 'Gather']);

/** First index along the one axis that one of them takes a part of; null: something else. */
export function partOf(
  flow: Flow,
  node: Node,
  output: string,
  rank: number,
): { axis: number; start: number; drops: boolean } | null {
  // prettier-ignore
  const positive = (axis: number) => (axis < 0 ? axis + rank : axis);
  const values = (input: number) => flow.known(node.input[input] ?? '').values;
  if (node.opType === 'Split') {
    const axis = positive(intOf(node, 'axis', 0));
    const before = node.output.slice(0, node.output.indexOf(output));
    return { axis, start: before.reduce((sum, name) => sum + (shapeOfOne(flow, name)?.[axis] ?? NaN), 0), drops: false }; // prettier-ignore
  }
  if (node.opType === 'Gather') {
    const index = values(1);
    const axis = positive(intOf(node, 'axis', 0));
    const side = shapeOfOne(flow, node.input[0]!)?.[axis] ?? NaN;
    if (index?.length !== 1) return null;
    return { axis, start: index[0]! < 0 ? index[0]! + side : index[0]!, drops: flow.shape(node.input[1]!)?.length === 0 }; // prettier-ignore
  }
  const starts = intsOf(node, 'starts') ?? values(1);
  const axes = intsOf(node, 'axes') ?? (node.input[3] ? values(3) : starts?.map((_, axis) => axis));
  const steps = node.input[4] ? values(4) : [];
  const [from, to] = [shapeOfOne(flow, node.input[0]!), shapeOfOne(flow, output)];
  if (!starts || !axes || !from || !to || !steps?.every((step) => step === 1)) return null;
  const [cut = 0, ...more] = [...axes.keys()].filter(
    (i) => from[positive(axes[i]!)] !== to[positive(axes[i]!)],
  );
  const axis = positive(axes[cut]!);
  const start = starts[cut]! < 0 ? starts[cut]! + from[axis]! : starts[cut]!;
  return more.length ? null : { axis, start: to[axis] === from[axis] ? 0 : start, drops: false };
}

function carry(flow: Flow, node: Node, from: Origins, output: string): Origins | null {
  const shape = shapeOfOne(flow, output);
  if (!shape) return null;
  const strides = stridesOf(from.shape);
  if (node.opType === 'Transpose') {
    const perm = intsOf(node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    return pick(from, shape, perm.map((axis) => strides[axis]!), 0); // prettier-ignore
  }
  if (!parting.has(node.opType)) return { shape, data: from.data };
  const part = partOf(flow, node, output, from.shape.length);
  if (!part || !Number.isInteger(part.start)) return null;
  const kept = part.drops ? strides.filter((_, axis) => axis !== part.axis) : strides;
  return pick(from, shape, kept, part.start * strides[part.axis]!);
}

/**
 * @param way nodes from `from` on, each reading an output of the one before
 * @returns for each element of `to` the index it had in `from`, for one photo; null where that can't be told
 */
export function originsOf(flow: Flow, from: string, way: readonly Node[], to: string): Origins | null {
  const shape = shapeOfOne(flow, from);
  if (!shape) return null;
  let origins: Origins | null = { shape, data: Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i) }; // prettier-ignore
  for (const [i, node] of way.entries()) {
    origins = origins && carry(flow, node, origins, way[i + 1]?.input[0] ?? to);
    if (origins && origins.shape.reduce((a, b) => a * b, 1) !== origins.data.length) return null;
  }
  return origins;
}
