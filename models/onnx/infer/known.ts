/** What can be said of a value in a graph without running it. */
import type { Node } from '../schema.ts';

export interface Known {
  /** Sides; null: not known. */
  shape: readonly number[] | null;
  /** All elements, where they are few and follow from constants and shapes. */
  values: readonly number[] | null;
  /** Element type (onnx.proto); 0: not known. */
  type: number;
  /** Depends on no input of the graph. */
  constant: boolean;
}

export const unknown: Known = { shape: null, values: null, type: 0, constant: false };

/** What a rule says of an output: the rest is taken from the inputs. */
export type Said = { shape: readonly number[] | null; values?: readonly number[] | null; type?: number };

export interface Context {
  node: Node;
  opset: number;
  /** Left-out optional inputs are null. */
  inputs: (Known | null)[];
}

export type Rule = (context: Context) => (Said | null)[];

/** Two shapes can't go together: the graph was exported for another input. */
export class ShapeConflict extends Error {}

/** No tensor of a model that runs on one machine has more elements. */
const mostElements = 2 ** 42;
/** Shapes, axes and indices are short. */
export const mostValues = 4096;

export function conflict({ node }: Context, what: string): ShapeConflict {
  return new ShapeConflict(`${node.opType} "${node.name.slice(0, 80)}": ${what}`);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function checkSize(context: Context, shape: readonly number[]): void {
  if (shape.some((side) => !Number.isInteger(side) || side < 0) || sizeOf(shape) > mostElements)
    throw conflict(context, `a tensor of shape [${shape}]`);
}

export function axisOf(context: Context, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank)
    throw conflict(context, `axis ${axis} of ${rank}`);
  return positive;
}

/** NumPy's broadcasting. */
export function broadcast(context: Context, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) throw conflict(context, `[${a}] with [${b}]`);
    return left === 1 ? right : left;
  });
}

/** Values of a broadcast operand, laid out as `shape`. */
export function spread(
  values: readonly number[],
  from: readonly number[],
  shape: readonly number[],
): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    strides[i] = from[i] === 1 ? 0 : stride;
    stride *= from[i]!;
  }
  return Array.from({ length: sizeOf(shape) }, (_, index) => {
    let at = 0;
    let rest = index;
    for (let i = shape.length - 1; i >= 0; i--) {
      const side = shape[i]!;
      at += (strides[i - shape.length + from.length] ?? 0) * (rest % side);
      rest = Math.floor(rest / side);
    }
    return values[at]!;
  });
}

export function shapeOf(context: Context, input: number): readonly number[] | null {
  return context.inputs[input]?.shape ?? null;
}

export function valuesOf(context: Context, input: number): readonly number[] | null {
  return context.inputs[input]?.values ?? null;
}
