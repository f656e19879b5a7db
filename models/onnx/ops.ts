/** The operators of ONNX that our graphs are written in, one method each. Shapes are in the callers' comments. */
import { GraphBuilder, type Value } from './builder.ts';
import type { ElementType } from './types.ts';
import { elementTypes } from './types.ts';

/** Negative axes count from the end. */
export class Ops extends GraphBuilder {
  add = (a: Value, b: Value) => this.op('Add', [a, b]);
  sub = (a: Value, b: Value) => this.op('Sub', [a, b]);
  mul = (a: Value, b: Value) => this.op('Mul', [a, b]);
  div = (a: Value, b: Value) => this.op('Div', [a, b]);
  matmul = (a: Value, b: Value) => this.op('MatMul', [a, b]);
  sqrt = (a: Value) => this.op('Sqrt', [a]);
  max = (a: Value, b: Value) => this.op('Max', [a, b]);

  reshape(x: Value, shape: number[]): Value {
    return this.op('Reshape', [x, this.ints(...shape)]);
  }

  transpose(x: Value, perm: number[]): Value {
    return this.op('Transpose', [x], { perm });
  }

  slice(x: Value, axis: number, start: number, end: number): Value {
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
    return this.op('Unsqueeze', [x, this.ints(axis)]);
  }

  squeeze(x: Value, axis: number): Value {
    return this.op('Squeeze', [x, this.ints(axis)]);
  }

  softmax(x: Value, axis = -1): Value {
    return this.op('Softmax', [x], { axis });
  }

  reduce(how: 'Mean' | 'Sum' | 'Max' | 'Min' | 'SumSquare', x: Value, axis: number, keep = false): Value {
    return this.op(`Reduce${how}`, [x, this.ints(axis)], { keepdims: keep ? 1 : 0 });
  }

  layerNorm(x: Value, scale: Value, shift: Value, epsilon: number): Value {
    return this.op('LayerNormalization', [x, scale, shift], { axis: -1, epsilon: { float: epsilon } });
  }

  gelu(x: Value, approximate: 'none' | 'tanh'): Value {
    return this.op('Gelu', [x], { approximate });
  }

  silu(x: Value): Value {
    return this.mul(x, this.op('Sigmoid', [x]));
  }

  cast(x: Value, to: ElementType): Value {
    return this.op('Cast', [x], { to: elementTypes[to] });
  }

  /** A number of the graph's arithmetic. */
  scalar(value: number): Value {
    return this.tensor(`scalar.${value}`, Float32Array.of(value), []);
  }
}
