/** Rules of operators that move numbers about. */
import { floatOf, floatsOf, hasAttribute, intOf, intsOf, tensorOf, textOf } from '../attributes.ts';
import { numbersOf } from '../tensors.ts';
import {
  axisOf, broadcast, conflict, type Context, mostValues, type Rule, type Said, shapeOf, sizeOf, spread, valuesOf,
} from './known.ts'; // prettier-ignore

const int64 = 7;

/** The axes an operator takes as an attribute in old opsets and as an input in new ones; undefined: not known. */
export function axesOf(context: Context, input: number): readonly number[] | null | undefined {
  const attribute = intsOf(context.node, 'axes');
  if (attribute) return attribute;
  if (!context.inputs[input]) return null;
  return context.inputs[input].values ?? undefined;
}

const reshape: Rule = (context) => {
  const from = shapeOf(context, 0);
  const target = context.opset < 5 ? intsOf(context.node, 'shape') : valuesOf(context, 1);
  const values = valuesOf(context, 0);
  if (!target) return [null];
  const kept = intOf(context.node, 'allowzero', 0) === 0;
  const sides = target.map((side, i) => (side === 0 && kept ? (from?.[i] ?? NaN) : side));
  const free = sides.indexOf(-1);
  if (sides.some(Number.isNaN) || (free >= 0 && !from)) return [null];
  const rest = sides.reduce((product, side, i) => (i === free ? product : product * side), 1);
  if (free >= 0) sides[free] = rest ? sizeOf(from!) / rest : 0;
  if (from && sizeOf(sides) !== sizeOf(from)) throw conflict(context, `[${from}] to [${target}]`);
  return [{ shape: sides, values }];
};

const transpose: Rule = (context) => {
  const shape = shapeOf(context, 0);
  if (!shape) return [null];
  const perm = intsOf(context.node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i);
  if (perm.length !== shape.length) throw conflict(context, `[${shape}] by [${perm}]`);
  const values = shape.length < 2 ? valuesOf(context, 0) : null;
  return [{ shape: perm.map((axis) => shape[axisOf(context, axis, shape.length)]!), values }];
};

const squeeze: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const axes = axesOf(context, 1);
  if (!shape || axes === undefined) return [null];
  const dropped = new Set(axes?.map((axis) => axisOf(context, axis, shape.length)));
  if ([...dropped].some((axis) => shape[axis] !== 1)) throw conflict(context, `[${shape}] at [${axes}]`);
  return [{ shape: shape.filter((side, i) => (axes ? !dropped.has(i) : side !== 1)), values: valuesOf(context, 0) }]; // prettier-ignore
};

const unsqueeze: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const axes = axesOf(context, 1);
  if (!shape || !axes) return [null];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(context, axis, rank)));
  const rest = [...shape];
  return [{ shape: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : rest.shift()!)), values: valuesOf(context, 0) }]; // prettier-ignore
};

function joined(context: Context, parts: (readonly number[] | null)[]): number[] | null {
  const [first] = parts;
  if (!first || parts.some((part) => !part)) return null;
  const axis = axisOf(context, intOf(context.node, 'axis', context.opset < 4 ? 1 : 0), first.length);
  const shape = [...first];
  for (const part of parts.slice(1)) {
    if (part!.length !== first.length || part!.some((side, i) => i !== axis && side !== first[i]))
      throw conflict(context, `[${first}] with [${part}]`);
    shape[axis]! += part![axis]!;
  }
  return shape;
}

const concat: Rule = (context) => {
  const shape = joined(
    context,
    context.inputs.map((input) => input?.shape ?? null),
  );
  const lists = context.inputs.map((input) => input?.values ?? null);
  const values = shape?.length === 1 && lists.every((list) => list) ? lists.flatMap((list) => list!) : null;
  return [{ shape, values }];
};

const split: Rule = (context) => {
  const { node } = context;
  const shape = shapeOf(context, 0);
  if (!shape) return node.output.map(() => null);
  const axis = axisOf(context, intOf(node, 'axis', 0), shape.length);
  const total = shape[axis]!;
  const each = Math.ceil(total / node.output.length);
  const sizes =
    intsOf(node, 'split') ??
    (context.inputs[1] ? valuesOf(context, 1) : null) ??
    (context.inputs[1] ? null : node.output.map((_, i) => Math.min(each, total - i * each)));
  if (!sizes) return node.output.map(() => null);
  if (sizes.length !== node.output.length || sizes.reduce((a, b) => a + b, 0) !== total)
    throw conflict(context, `[${shape}] into [${sizes}]`);
  let at = 0;
  const values = shape.length === 1 ? valuesOf(context, 0) : null;
  return sizes.map((size) => {
    const own = values?.slice(at, at + size) ?? null;
    at += size;
    return { shape: shape.with(axis, size), values: own };
  });
};

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

const slice: Rule = (context) => {
  const { node, opset } = context;
  const shape = shapeOf(context, 0);
  const pick = (name: string, input: number) => (opset < 10 ? intsOf(node, name) : valuesOf(context, input));
  const [starts, ends] = [pick('starts', 1), pick('ends', 2)];
  if (!shape || !starts || !ends) return [null];
  if (opset >= 10 && [3, 4].some((i) => context.inputs[i] && !context.inputs[i].values)) return [null];
  const axes = pick('axes', 3) ?? starts.map((_, i) => i);
  const steps = (opset < 10 ? null : valuesOf(context, 4)) ?? starts.map(() => 1);
  const result = [...shape];
  let list: readonly number[] | null = shape.length === 1 ? valuesOf(context, 0) : null;
  for (const [i, raw] of axes.entries()) {
    const axis = axisOf(context, raw, shape.length);
    const side = shape[axis]!;
    const step = steps[i] ?? 1;
    if (!step) throw conflict(context, 'a step of 0');
    const back = step < 0;
    const at = (value: number) =>
      clamp(value < 0 ? value + side : value, back ? -1 : 0, back ? side - 1 : side);
    const [start, end] = [at(starts[i]!), at(ends[i]!)];
    const count = Math.max(0, Math.ceil((end - start) / step));
    result[axis] = count;
    if (list) list = Array.from({ length: Math.min(count, list.length) }, (_, k) => list![start + k * step]!);
  }
  return [{ shape: result, values: list }];
};

const gather: Rule = (context) => {
  const [shape, indices] = [shapeOf(context, 0), shapeOf(context, 1)];
  if (!shape || !indices) return [null];
  const axis = axisOf(context, intOf(context.node, 'axis', 0), shape.length);
  const [values, at] = [valuesOf(context, 0), valuesOf(context, 1)];
  const picked = shape.length === 1 && values && at ? at.map((i) => values[i < 0 ? i + values.length : i] ?? NaN) : null; // prettier-ignore
  if (picked?.some(Number.isNaN)) throw conflict(context, `index [${at}] of ${shape[0]}`);
  return [{ shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)], values: picked }];
};

const expand: Rule = (context) => {
  const [shape, target] = [shapeOf(context, 0), valuesOf(context, 1)];
  if (!shape || !target) return [null];
  const result = broadcast(context, shape, target);
  const values = valuesOf(context, 0);
  return [{ shape: result, values: values && sizeOf(result) <= mostValues ? spread(values, shape, result) : null }]; // prettier-ignore
};

const tile: Rule = (context) => {
  const [shape, repeats] = [shapeOf(context, 0), valuesOf(context, 1)];
  return [shape && repeats ? { shape: shape.map((side, i) => side * (repeats[i] ?? 1)) } : null];
};

const pad: Rule = (context) => {
  const shape = shapeOf(context, 0);
  const pads = context.opset < 11 ? intsOf(context.node, 'pads') : valuesOf(context, 1);
  const axes = context.inputs[3] ? valuesOf(context, 3) : (shape?.map((_, axis) => axis) ?? null);
  if (!shape || !pads || !axes) return [null];
  const padded = [...shape];
  for (const [i, axis] of axes.entries())
    padded[axisOf(context, axis, shape.length)]! += (pads[i] ?? 0) + (pads[i + axes.length] ?? 0);
  return [{ shape: padded }];
};

const shape: Rule = (context) => {
  const from = shapeOf(context, 0);
  if (!from) return [{ shape: null, type: int64 }];
  const values = from.slice(intOf(context.node, 'start', 0), intOf(context.node, 'end', from.length));
  return [{ shape: [values.length], values, type: int64 }];
};

const constant: Rule = ({ node }) => {
  const tensor = tensorOf(node, 'value');
  if (tensor) return [{ shape: tensor.dims.map(Number), values: numbersOf(tensor), type: tensor.dataType }];
  if (hasAttribute(node, 'value_int'))
    return [{ shape: [], values: [intOf(node, 'value_int', 0)], type: int64 }];
  if (hasAttribute(node, 'value_float')) return [{ shape: [], values: [floatOf(node, 'value_float', 0)], type: 1 }]; // prettier-ignore
  const ints = intsOf(node, 'value_ints');
  if (ints) return [{ shape: [ints.length], values: ints, type: int64 }];
  const floats = floatsOf(node, 'value_floats');
  return [floats && { shape: [floats.length], values: floats, type: 1 }];
};

const constantOfShape: Rule = (context) => {
  const target = valuesOf(context, 0);
  const tensor = tensorOf(context.node, 'value');
  const type = tensor?.dataType ?? 1;
  const [fill] = (tensor && numbersOf(tensor)) ?? [0];
  if (!target) return [{ shape: null, type }];
  const values =
    sizeOf(target) <= mostValues ? Array.from<number>({ length: sizeOf(target) }).fill(fill ?? 0) : null;
  return [{ shape: target, type, values }];
};

const range: Rule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => valuesOf(context, i)?.[0]);
  if (start === undefined || limit === undefined || !delta) return [null];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const values = count <= mostValues ? Array.from({ length: count }, (_, i) => start + i * delta) : null;
  return [{ shape: [count], values }];
};

const flatten: Rule = (context) => {
  const from = shapeOf(context, 0);
  if (!from) return [null];
  const axis = intOf(context.node, 'axis', 1);
  const at = axis < 0 ? axis + from.length : axis;
  return [{ shape: [sizeOf(from.slice(0, at)), sizeOf(from.slice(at))] }];
};

const resize: Rule = (context) => {
  const from = shapeOf(context, 0);
  const upsample = context.node.opType === 'Upsample' || context.opset < 11;
  const sizes = upsample ? null : valuesOf(context, 3);
  const scales = valuesOf(context, upsample ? 1 : 2);
  if (!from || textOf(context.node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return [null];
  const axes = intsOf(context.node, 'axes') ?? from.map((_, axis) => axis);
  const resized = [...from];
  for (const [i, raw] of axes.entries()) {
    const axis = axisOf(context, raw, from.length);
    if (sizes?.length === axes.length) resized[axis] = sizes[i]!;
    else if (scales?.length === axes.length) resized[axis] = Math.floor(from[axis]! * scales[i]!);
    else return [null];
  }
  return [{ shape: resized }];
};

/** Depth to space and back. */
const blocks =
  (toSpace: boolean): Rule =>
  (context) => {
    const from = shapeOf(context, 0);
    const size = intOf(context.node, 'blocksize', 1);
    if (from?.length !== 4) return [null];
    const [batch, channels, height, width] = from as [number, number, number, number];
    return [
      {
        shape: toSpace
          ? [batch, channels / size ** 2, height * size, width * size]
          : [batch, channels * size ** 2, height / size, width / size],
      },
    ];
  };

const ofInput =
  (input: number): Rule =>
  (context) => [{ shape: shapeOf(context, input) }];

const gatherNd: Rule = (context) => {
  const [from, indices] = [shapeOf(context, 0), shapeOf(context, 1)];
  const last = indices?.at(-1);
  if (!from || !indices || last === undefined) return [null];
  return [{ shape: [...indices.slice(0, -1), ...from.slice(intOf(context.node, 'batch_dims', 0) + last)] }];
};

/** Y scale, Y zero point, then tensor, scale, zero point of each part. */
const quantisedConcat: Rule = (context) => {
  const parts = context.inputs.slice(2).filter((_, i) => i % 3 === 0);
  return [
    {
      shape: joined(
        context,
        parts.map((part) => part?.shape ?? null),
      ),
    } satisfies Said,
  ];
};

export const layout: Record<string, Rule> = {
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  QLinearConcat: quantisedConcat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: ofInput(1),
  GatherND: gatherNd,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Shape: shape,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  Flatten: flatten,
  Resize: resize,
  Upsample: resize,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
  Einsum: (context) => [{ shape: einsum(context) }],
};

function einsum(context: Context): number[] | null {
  const equation = textOf(context.node, 'equation').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const sides = new Map<string, number>();
  if (equation.includes('...') || right === undefined) return null;
  for (const [i, term] of left.split(',').entries()) {
    const from = shapeOf(context, i);
    if (from?.length !== term.length) return null;
    for (const [k, letter] of [...term].entries())
      sides.set(letter, Math.max(sides.get(letter) ?? 0, from[k]!));
  }
  return [...right].map((letter) => sides.get(letter) ?? 1);
}
