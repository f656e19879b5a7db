/** Rules of operators that work number by number. */
import { intOf } from '../attributes.ts';
import { broadcast, type Context, mostValues, type Rule, shapeOf, sizeOf, spread } from './known.ts';

const float = new Set([0, 1, 10, 11, 16]);
const boolean = 9;
const int64 = 7;

function unary(compute?: (value: number) => number): Rule {
  return (context) => {
    const values = context.inputs[0]?.values;
    return [{ shape: shapeOf(context, 0), values: compute && values ? values.map(compute) : null }];
  };
}

function binary(compute?: (a: number, b: number, integers: boolean) => number, type?: number): Rule {
  return (context) => {
    let shape = shapeOf(context, 0);
    for (const input of context.inputs.slice(1)) {
      if (!shape || !input?.shape) return [{ shape: null, type }];
      shape = broadcast(context, shape, input.shape);
    }
    return [{ shape, values: compute && shape ? fold(context, shape, compute) : null, type }];
  };
}

function fold(
  context: Context,
  shape: readonly number[],
  compute: (a: number, b: number, integers: boolean) => number,
): number[] | null {
  if (sizeOf(shape) > mostValues) return null;
  const integers = !float.has(context.inputs[0]?.type ?? 0);
  let result: number[] | null = null;
  for (const input of context.inputs) {
    if (!input?.values || !input.shape) return null;
    const own = spread(input.values, input.shape, shape);
    result = result ? result.map((value, i) => compute(value, own[i]!, integers)) : own;
  }
  return result;
}

/** A, scale, zero point, B, scale, zero point, … of onnxruntime's quantised operators. */
const quantisedPair: Rule = (context) => {
  const [a, b] = [shapeOf(context, 0), shapeOf(context, 3)];
  return [{ shape: a && b ? broadcast(context, a, b) : null }];
};

/** The norm of a sum; the fourth output is the sum itself. */
const skipNorm: Rule = (context) => {
  const shape = shapeOf(context, 0);
  return [{ shape }, null, null, { shape }];
};

const where: Rule = (context) => {
  const [condition, yes, no] = context.inputs;
  if (!condition?.shape || !yes?.shape || !no?.shape) return [{ shape: null, type: yes?.type ?? 0 }];
  const shape = broadcast(context, broadcast(context, condition.shape, yes.shape), no.shape);
  const known = condition.values && yes.values && no.values && sizeOf(shape) <= mostValues;
  if (!known) return [{ shape, type: yes.type }];
  const [c, y, n] = [condition, yes, no].map((part) => spread(part.values!, part.shape!, shape));
  return [{ shape, type: yes.type, values: c!.map((flag, i) => (flag ? y![i]! : n![i]!)) }];
};

const cast: Rule = (context) => {
  const type = intOf(context.node, 'to', 0);
  const trunc =
    type === boolean ? (v: number) => (v ? 1 : 0) : float.has(type) ? (v: number) => v : Math.trunc;
  return [{ shape: shapeOf(context, 0), type, values: context.inputs[0]?.values?.map(trunc) ?? null }];
};

const same = unary((value) => value);
const opaque = [
  'Relu', 'Sigmoid', 'Tanh', 'Erf', 'Gelu', 'Exp', 'Log', 'Clip', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Softplus', 'Softsign',
  'HardSigmoid', 'HardSwish', 'Mish', 'Swish', 'Softmax', 'LogSoftmax', 'Hardmax', 'Sin', 'Cos', 'Trilu', 'CumSum', 'Sign',
  'ThresholdedRelu', 'LayerNormalization', 'SimplifiedLayerNormalization', 'RMSNormalization', 'BatchNormalization',
  'InstanceNormalization', 'GroupNormalization', 'LpNormalization', 'LRN', 'ScatterND', 'ScatterElements', 'QuickGelu',
  'FastGelu', 'BiasGelu', 'QLinearSigmoid', 'QLinearLeakyRelu', 'QLinearSoftmax', 'MeanVarianceNormalization', 'GroupNorm',
  'RotaryEmbedding',
]; // prettier-ignore

export const elementwise: Record<string, Rule> = {
  ...Object.fromEntries(opaque.map((name) => [name, unary()])),
  Identity: same,
  Dropout: same,
  Cast: cast,
  CastLike: (context) => [{ shape: shapeOf(context, 0), type: context.inputs[1]?.type ?? 0, values: null }],
  Sqrt: unary(Math.sqrt),
  Neg: unary((v) => -v),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary((v) => (v % 1 === 0.5 || v % 1 === -0.5 ? 2 * Math.round(v / 2) : Math.round(v))), // half to even
  Reciprocal: unary((v) => 1 / v),
  Not: unary((v) => (v ? 0 : 1)),
  IsNaN: (context) => [{ shape: shapeOf(context, 0), type: boolean }],
  IsInf: (context) => [{ shape: shapeOf(context, 0), type: boolean }],
  QuantizeLinear: (context) => [{ shape: shapeOf(context, 0), type: context.inputs[2]?.type ?? 2 }],
  DequantizeLinear: (context) => [{ shape: shapeOf(context, 0), type: context.inputs[1]?.type ?? 1 }],
  DynamicQuantizeLinear: (context) => [{ shape: shapeOf(context, 0), type: 2 }, { shape: [], type: 1 }, { shape: [], type: 2 }], // prettier-ignore
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b, integers) => (integers ? Math.trunc(a / b) : a / b)),
  Pow: binary((a, b) => a ** b),
  Mod: binary((a, b) => a - b * Math.floor(a / b)),
  Max: binary((a, b) => Math.max(a, b)),
  Min: binary((a, b) => Math.min(a, b)),
  Sum: binary((a, b) => a + b),
  Mean: binary(),
  PRelu: binary(),
  Equal: binary((a, b) => (a === b ? 1 : 0), boolean),
  Greater: binary((a, b) => (a > b ? 1 : 0), boolean),
  GreaterOrEqual: binary((a, b) => (a >= b ? 1 : 0), boolean),
  Less: binary((a, b) => (a < b ? 1 : 0), boolean),
  LessOrEqual: binary((a, b) => (a <= b ? 1 : 0), boolean),
  And: binary((a, b) => (a && b ? 1 : 0), boolean),
  Or: binary((a, b) => (a || b ? 1 : 0), boolean),
  Xor: binary((a, b) => (a !== b ? 1 : 0), boolean),
  Where: where,
  SkipLayerNormalization: skipNorm,
  SkipSimplifiedLayerNormalization: skipNorm,
  QLinearAdd: quantisedPair,
  QLinearMul: quantisedPair,
  Size: (context) => {
    const shape = shapeOf(context, 0);
    return [{ shape: [], type: int64, values: shape && [sizeOf(shape)] }];
  },
};
