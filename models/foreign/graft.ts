/** Adds nodes to a graph that somebody else wrote, in whichever opset it is. */
import { attribute, initializer } from '../onnx/builder.ts';
import { SaccadeError } from '../error.ts';
import { altered, type Graph, make, type Node } from '../onnx/schema.ts';
import type { AttributeValue, TensorData } from '../onnx/types.ts';

export type Value = string;

export class Graft {
  readonly #graph: Graph;
  readonly #opset: number;
  readonly #prefix: string;
  readonly #constants = new Map<string, Value>();
  #count = 0;

  /** @param taken names in the graph, with which no new one may begin */
  constructor(graph: Graph, opset: number, taken: ReadonlySet<string>) {
    this.#graph = graph;
    this.#opset = opset;
    let prefix = 'saccade';
    while (taken.values().some((name) => name.startsWith(`${prefix}/`))) prefix += '_';
    this.#prefix = prefix;
  }

  /** A name that nothing in the graph has. */
  name(stem: string): string {
    return `${this.#prefix}/${stem}`;
  }

  node(opType: string, input: Value[], attributes: Record<string, AttributeValue>, output: Value): Node {
    const node = make('node', {
      name: output,
      opType,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    this.#graph.node.push(node);
    return node;
  }

  op(opType: string, input: Value[], attributes: Record<string, AttributeValue> = {}): Value {
    const output = `${this.#prefix}/${opType}_${this.#count++}`;
    this.node(opType, input, attributes, output);
    return output;
  }

  /** A second node that does what one of the graph's own does. @returns its first output */
  again(original: Node): Value {
    const name = `${this.#prefix}/${original.opType}_${this.#count++}`;
    const output = original.output.map((own, i) => own && `${name}:${i}`);
    this.#graph.node.push(altered(original, { name, input: [...original.input], output }));
    return output[0]!;
  }

  constant(data: TensorData, shape: number[]): Value {
    const key = `${data.constructor.name} ${shape} ${data.length > 64 ? this.#count++ : data}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = `${this.#prefix}/constant_${this.#constants.size}`;
    this.#graph.initializer.push(initializer(name, data, shape));
    this.#constants.set(key, name);
    return name;
  }

  ints(...values: number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), []);
  }

  slice(x: Value, axis: number, start: number, end: number): Value {
    if (this.#opset < 10)
      return this.op('Slice', [x], { axes: ints(axis), starts: ints(start), ends: ints(end) });
    return this.op('Slice', [x, this.ints(start), this.ints(end), this.ints(axis)]);
  }

  reshape(x: Value, ...shape: number[]): Value {
    return this.op('Reshape', [x, this.ints(...shape)]);
  }

  transpose(x: Value, ...perm: number[]): Value {
    return this.op('Transpose', [x], { perm: ints(...perm) });
  }

  /** The axis is kept with one side. */
  mean(x: Value, axis: number): Value {
    if (this.#opset < 18) return this.op('ReduceMean', [x], { axes: ints(axis), keepdims: 1 });
    return this.op('ReduceMean', [x, this.ints(axis)], { keepdims: 1 });
  }

  sum(x: Value, axis: number): Value {
    if (this.#opset < 13) return this.op('ReduceSum', [x], { axes: ints(axis), keepdims: 1 });
    return this.op('ReduceSum', [x, this.ints(axis)], { keepdims: 1 });
  }

  /** Largest or smallest along an axis, which is kept with one side. */
  extreme(which: 'max' | 'min', x: Value, axis: number): Value {
    const opType = which === 'max' ? 'ReduceMax' : 'ReduceMin';
    if (this.#opset < 18) return this.op(opType, [x], { axes: ints(axis), keepdims: 1 });
    return this.op(opType, [x, this.ints(axis)], { keepdims: 1 });
  }

  /** Indices of the `count` smallest of each row. [B, N] → [B, count], int64. @throws SaccadeError `old-opset` */
  smallest(x: Value, count: number): Value {
    if (this.#opset < 11)
      throw new SaccadeError('old-opset', `Discarding attention needs ONNX operators of opset 11 or later; this model was exported for opset ${this.#opset}. Choose a discard ratio of 0, or export it again.`); // prettier-ignore
    const stem = this.name(`TopK_${this.#count++}`);
    const node = this.node(
      'TopK',
      [x, this.ints(count)],
      { axis: 1, largest: 0, sorted: 0 },
      `${stem}:values`,
    );
    node.output.push(`${stem}:indices`);
    return node.output[1]!;
  }

  concat(values: Value[], axis: number): Value {
    return values.length === 1 ? values[0]! : this.op('Concat', values, { axis });
  }

  /** Last axis. */
  softmax(x: Value): Value {
    return this.op('Softmax', [x], { axis: this.#opset < 13 ? 3 : -1 });
  }

  float(x: Value): Value {
    return this.op('Cast', [x], { to: 1 });
  }

  matmul = (a: Value, b: Value) => this.op('MatMul', [a, b]);
  add = (a: Value, b: Value) => this.op('Add', [a, b]);
  sub = (a: Value, b: Value) => this.op('Sub', [a, b]);
  mul = (a: Value, b: Value) => this.op('Mul', [a, b]);
  div = (a: Value, b: Value) => this.op('Div', [a, b]);
}

function ints(...values: number[]): bigint[] {
  return values.map(BigInt);
}
