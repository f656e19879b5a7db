/**
 * The operators of ONNX that graphs are written in, one method each, in whichever opset the graph is: ours, and those
 * of others that explanations are added to. Shapes are in the callers' comments. Axes count from 0; negative ones,
 * from the end, are for opset 11 and later.
 */
import { SaccadeError } from '../error.ts';
import { type AttributeValue, type ElementType, elementTypes, type TensorData, type Value } from './types.ts';

export abstract class Ops {
  abstract readonly opset: number;
  /** Of the numbers that `numbers` and `scalar` make. */
  abstract readonly arithmetic: 'float32' | 'float16';

  /** @param outputs how many, or their names; @returns the values it makes */
  abstract node(
    opType: string,
    input: Value[],
    attributes?: Record<string, AttributeValue>,
    outputs?: number | string[],
    domain?: string,
  ): Value[];

  /** The same values are stored once. */
  abstract constant(data: TensorData, shape: number[]): Value;

  /** Nodes added inside `build` belong together, where graphs are written with names for people. */
  label<T>(_label: string, build: () => T): T {
    return build();
  }

  /** A node with one output. */
  op(opType: string, input: Value[], attributes: Record<string, AttributeValue> = {}, domain = ''): Value {
    const [output] = this.node(opType, input, attributes, 1, domain);
    return output as Value;
  }

  /** Integers of shapes, axes and indices. */
  ints(...values: number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** Numbers of the graph's arithmetic. */
  numbers(data: Float32Array, shape: number[]): Value {
    return this.constant(this.arithmetic === 'float16' ? new Float16Array(data) : data, shape);
  }

  scalar(value: number): Value {
    return this.numbers(Float32Array.of(value), []);
  }

  add = (a: Value, b: Value) => this.op('Add', [a, b]);
  sub = (a: Value, b: Value) => this.op('Sub', [a, b]);
  mul = (a: Value, b: Value) => this.op('Mul', [a, b]);
  div = (a: Value, b: Value) => this.op('Div', [a, b]);
  matmul = (a: Value, b: Value) => this.op('MatMul', [a, b]);
  sqrt = (a: Value) => this.op('Sqrt', [a]);
  max = (a: Value, b: Value) => this.op('Max', [a, b]);

  total(values: Value[]): Value {
    return values.reduce((a, b) => this.add(a, b));
  }

  /** The first axis's length. → int64 [1] */
  batchOf(x: Value): Value {
    if (this.opset < 15) return this.slice(this.op('Shape', [x]), 0, 0, 1);
    return this.op('Shape', [x], { start: 0, end: 1 });
  }

  reshape(x: Value, shape: number[]): Value {
    return this.op('Reshape', [x, this.ints(...shape)]);
  }

  transpose(x: Value, perm: number[]): Value {
    return this.op('Transpose', [x], { perm: perm.map(BigInt) });
  }

  slice(x: Value, axis: number, start: number, end: number): Value {
    if (this.opset < 10)
      return this.op('Slice', [x], { axes: [BigInt(axis)], starts: [BigInt(start)], ends: [BigInt(end)] });
    return this.op('Slice', [x, this.ints(start), this.ints(end), this.ints(axis)]);
  }

  concat(values: Value[], axis: number): Value {
    return values.length === 1 ? (values[0] as Value) : this.op('Concat', values, { axis });
  }

  split(x: Value, axis: number, sizes: number[]): Value[] {
    return this.node('Split', [x, this.ints(...sizes)], { axis }, sizes.length);
  }

  gather(x: Value, indices: Value, axis: number): Value {
    return this.op('Gather', [x, indices], { axis });
  }

  unsqueeze(x: Value, axis: number): Value {
    return this.#along('Unsqueeze', 13, x, axis);
  }

  squeeze(x: Value, axis: number): Value {
    return this.#along('Squeeze', 13, x, axis);
  }

  /** Over the last axis of `rank`. */
  softmax(x: Value, rank = 4): Value {
    return this.op('Softmax', [x], { axis: this.opset < 13 ? rank - 1 : -1 });
  }

  reduce(how: 'Mean' | 'Sum' | 'Max' | 'Min' | 'SumSquare', x: Value, axis: number, keep = false): Value {
    return this.#along(`Reduce${how}`, how === 'Sum' ? 13 : 18, x, axis, { keepdims: keep ? 1 : 0 });
  }

  /** Axes are an attribute before the opset `since`, and an input from it on. */
  #along(
    opType: string,
    since: number,
    x: Value,
    axis: number,
    attributes: Record<string, AttributeValue> = {},
  ): Value {
    if (this.opset < since) return this.op(opType, [x], { axes: [BigInt(axis)], ...attributes });
    return this.op(opType, [x, this.ints(axis)], attributes);
  }

  /** Indices of the `count` smallest of each row. [B, N] → [B, count], int64. @throws SaccadeError `old-opset` */
  smallest(x: Value, count: number): Value {
    if (this.opset < 11)
      throw new SaccadeError(
        'old-opset',
        `Discarding attention needs ONNX operators of opset 11 or later; this model was exported for opset ${this.opset}. Choose a discard ratio of 0, or export it again.`,
      );
    const attributes = { axis: 1, largest: 0, sorted: 0 };
    return this.node('TopK', [x, this.ints(count)], attributes, 2)[1] as Value;
  }

  /** Over the last axis. */
  layerNorm(x: Value, scale: Value, shift: Value, epsilon: number): Value {
    if (this.opset < 17) {
      const centred = this.sub(x, this.reduce('Mean', x, -1, true));
      const variance = this.reduce('Mean', this.mul(centred, centred), -1, true);
      const normed = this.div(centred, this.sqrt(this.add(variance, this.scalar(epsilon))));
      return this.add(this.mul(normed, scale), shift);
    }
    return this.op('LayerNormalization', [x, scale, shift], { axis: -1, epsilon: { float: epsilon } });
  }

  gelu(x: Value, approximate: 'none' | 'tanh'): Value {
    if (this.opset < 20) {
      const half = this.mul(x, this.scalar(0.5));
      if (approximate === 'none')
        return this.mul(
          half,
          this.add(this.op('Erf', [this.mul(x, this.scalar(Math.SQRT1_2))]), this.scalar(1)),
        );
      const cubic = this.mul(this.mul(this.mul(x, x), x), this.scalar(0.044715));
      const inner = this.mul(this.add(x, cubic), this.scalar(Math.sqrt(2 / Math.PI)));
      return this.mul(half, this.add(this.op('Tanh', [inner]), this.scalar(1)));
    }
    return this.op('Gelu', [x], { approximate });
  }

  silu(x: Value): Value {
    return this.mul(x, this.op('Sigmoid', [x]));
  }

  cast(x: Value, to: ElementType): Value {
    return this.op('Cast', [x], { to: elementTypes[to] });
  }

  float(x: Value): Value {
    return this.cast(x, 'float32');
  }
}
