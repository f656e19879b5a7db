/** Rules of operators that sum: products, convolutions, pooling, reductions, fused attention. */
import { intOf, intsOf, textOf } from '../attributes.ts';
import { axesOf } from './layout.ts';
import { axisOf, broadcast, conflict, type Context, type Rule, shapeOf, sizeOf, valuesOf } from './known.ts';

function product(
  context: Context,
  a: readonly number[] | null,
  b: readonly number[] | null,
): number[] | null {
  if (!a || !b) return null;
  if (!a.length || !b.length) throw conflict(context, `[${a}] × [${b}]`);
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  if (left.at(-1) !== right.at(-2)) throw conflict(context, `[${a}] × [${b}]`);
  const outer = broadcast(context, left.slice(0, -2), right.slice(0, -2));
  return [...outer, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}

const matmul = (second: number, type?: number): Rule => (context) => [
  { shape: product(context, shapeOf(context, 0), shapeOf(context, second)), type },
]; // prettier-ignore

const swapped = (shape: readonly number[] | null, swap: boolean) =>
  shape && swap && shape.length > 1 ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

const fusedMatmul: Rule = (context) => {
  const flag = (name: string) => intOf(context.node, name, 0) !== 0;
  if (flag('transBatchA') || flag('transBatchB')) return [null];
  return [
    {
      shape: product(
        context,
        swapped(shapeOf(context, 0), flag('transA')),
        swapped(shapeOf(context, 1), flag('transB')),
      ),
    },
  ];
};

const gemm =
  (second: number): Rule =>
  (context) => {
    const flag = (name: string) => intOf(context.node, name, 0) !== 0;
    const a = swapped(shapeOf(context, 0), flag('transA'));
    const b = swapped(shapeOf(context, second), flag('transB'));
    return [{ shape: product(context, a, b) }];
  };

/** N numbers for K, as attributes say. */
const packed: Rule = (context) => {
  const from = shapeOf(context, 0);
  return [from && { shape: from.with(-1, intOf(context.node, 'N', 0)) }];
};

function spatial(context: Context, from: readonly number[], kernel: readonly number[]): number[] {
  const { node } = context;
  const axes = from.length - 2;
  const list = (name: string, fill: number) =>
    intsOf(node, name) ?? Array.from<number>({ length: axes }).fill(fill);
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)];
  const pads = intsOf(node, 'pads') ?? Array.from<number>({ length: 2 * axes }).fill(0);
  const auto = textOf(node, 'auto_pad', 'NOTSET');
  const round = intOf(node, 'ceil_mode', 0) ? Math.ceil : Math.floor;
  return from.slice(2).map((side, i) => {
    const step = strides[i]!;
    const reach = dilations[i]! * (kernel[i]! - 1) + 1;
    if (auto.startsWith('SAME')) return Math.ceil(side / step);
    const padded = auto === 'VALID' ? side : side + pads[i]! + pads[i + axes]!;
    const result = round((padded - reach) / step) + 1;
    if (!(result > 0)) throw conflict(context, `[${from}] with a kernel of [${kernel}]`);
    return result;
  });
}

const convolution =
  (second: number): Rule =>
  (context) => {
    const [from, weight] = [shapeOf(context, 0), shapeOf(context, second)];
    if (!from || !weight) return [null];
    if (from.length !== weight.length || from.length < 3) throw conflict(context, `[${from}] by [${weight}]`);
    const groups = intOf(context.node, 'group', 1);
    if (from[1] !== weight[1]! * groups)
      throw conflict(context, `[${from}] by [${weight}] in ${groups} groups`);
    return [{ shape: [from[0]!, weight[0]!, ...spatial(context, from, weight.slice(2))] }];
  };

const pool: Rule = (context) => {
  const from = shapeOf(context, 0);
  const kernel = intsOf(context.node, 'kernel_shape');
  if (!from || !kernel) return [null];
  return [{ shape: [from[0]!, from[1]!, ...spatial(context, from, kernel)] }];
};

const globalPool: Rule = (context) => {
  const from = shapeOf(context, 0);
  return [from && { shape: from.map((side, i) => (i < 2 ? side : 1)) }];
};

const reduction: Rule = (context) => {
  const from = shapeOf(context, 0);
  const axes = axesOf(context, 1);
  if (!from || axes === undefined) return [null];
  const keep = intOf(context.node, 'keepdims', 1) !== 0;
  if (!axes?.length && intOf(context.node, 'noop_with_empty_axes', 0)) return [{ shape: from }];
  const gone = new Set(
    (axes?.length ? axes : from.map((_, i) => i)).map((axis) => axisOf(context, axis, from.length)),
  );
  const shape = from.flatMap((side, i) => (gone.has(i) ? (keep ? [1] : []) : [side]));
  const values = valuesOf(context, 0);
  const whole = values && sizeOf(shape) === 1;
  if (whole && context.node.opType === 'ReduceProd')
    return [{ shape, values: [values.reduce((a, b) => a * b, 1)] }];
  return [{ shape }];
};

const argument: Rule = (context) => {
  const from = shapeOf(context, 0);
  if (!from) return [{ shape: null, type: 7 }];
  const axis = axisOf(context, intOf(context.node, 'axis', 0), from.length);
  const keep = intOf(context.node, 'keepdims', 1) !== 0;
  return [{ shape: from.flatMap((side, i) => (i === axis ? (keep ? [1] : []) : [side])), type: 7 }];
};

/** Input [B, T, D], weights [D, 3 · hidden]. */
const attention: Rule = (context) => {
  const [from, weight] = [shapeOf(context, 0), shapeOf(context, 1)];
  if (from?.length !== 3 || weight?.length !== 2) return [null];
  const hidden = intsOf(context.node, 'qkv_hidden_sizes')?.[2] ?? weight[1]! / 3;
  return [
    {
      shape: [from[0]!, from[1]!, hidden],
      type: context.node.opType === 'QAttention' ? 1 : (context.inputs[0]?.type ?? 0),
    },
  ];
};

/** Query, key, value; the standard operator and onnxruntime's. */
const attentionOfThree: Rule = (context) => {
  const [query, key, value] = [0, 1, 2].map((i) => shapeOf(context, i));
  if (query?.length === 4 && value?.length === 4) return [{ shape: query.with(3, value[3]!) }];
  if (query?.length === 5) return [{ shape: [query[0]!, query[1]!, query[2]! * query[4]!] }];
  if (query?.length !== 3) return [null];
  if (value?.length === 3) {
    const heads =
      intOf(context.node, 'q_num_heads', 1) /
      intOf(context.node, 'kv_num_heads', intOf(context.node, 'q_num_heads', 1));
    return [{ shape: query.with(2, value[2]! * heads) }];
  }
  if (value?.length === 4) return [{ shape: query.with(2, value[1]! * value[3]!) }];
  return [key?.length === 5 || key === null ? { shape: query } : null];
};

const reductions = ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'];
const int32 = 6;

export const products: Record<string, Rule> = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduction])),
  MatMul: matmul(1),
  MatMulInteger: matmul(1, int32),
  MatMulIntegerToFloat: matmul(1, 1),
  DynamicQuantizeMatMul: matmul(1),
  QLinearMatMul: matmul(3),
  FusedMatMul: fusedMatmul,
  MatMulNBits: packed,
  MatMulBnb4: packed,
  Gemm: gemm(1),
  FusedGemm: gemm(1),
  QGemm: gemm(3),
  Conv: convolution(1),
  FusedConv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  QLinearAveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  QLinearGlobalAveragePool: globalPool,
  ArgMax: argument,
  ArgMin: argument,
  QAttention: attention,
  MultiHeadAttention: attentionOfThree,
  Attention: (context) => (context.node.domain === 'com.microsoft' ? attention : attentionOfThree)(context),
};
