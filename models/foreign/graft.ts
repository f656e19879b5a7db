/** Adds nodes to a graph that somebody else wrote, in whichever opset it is. */
import { attribute, initializer } from '../onnx/builder.ts';
import { Ops } from '../onnx/ops.ts';
import { altered, type Graph, make, type Node } from '../onnx/schema.ts';
import type { AttributeValue, TensorData, Value } from '../onnx/types.ts';

/** The longest constant that is told from others by its values. */
const longestNamed = 64;

export class Graft extends Ops {
  readonly opset: number;
  readonly arithmetic = 'float32';
  readonly #graph: Graph;
  readonly #prefix: string;
  readonly #constants = new Map<string, Value>();
  #count = 0;

  /** @param taken names in the graph, with which no new one may begin */
  constructor(graph: Graph, opset: number, taken: ReadonlySet<string>) {
    super();
    this.#graph = graph;
    this.opset = opset;
    let prefix = 'saccade';
    while (taken.values().some((name) => name.startsWith(`${prefix}/`))) prefix += '_';
    this.#prefix = prefix;
  }

  /** A name that nothing in the graph has. */
  name(stem: string): string {
    return `${this.#prefix}/${stem}`;
  }

  node(
    opType: string,
    input: Value[],
    attributes: Record<string, AttributeValue> = {},
    outputs: number | string[] = 1,
    domain = '',
  ): Value[] {
    const name = this.name(`${opType}_${this.#count++}`);
    const output =
      typeof outputs === 'number' ? Array.from({ length: outputs }, (_, i) => `${name}:${i}`) : outputs;
    const attributeList = Object.entries(attributes).map(([key, value]) => attribute(key, value));
    this.#graph.node.push(make('node', { name, opType, domain, input, output, attribute: attributeList }));
    return output;
  }

  /** Nodes that `build` adds come before all others, because others read what they make. */
  inFront(build: () => void): void {
    const before = this.#graph.node.length;
    build();
    this.#graph.node.unshift(...this.#graph.node.splice(before));
  }

  /** Nodes that `build` adds come right before `node`, which reads what they make. */
  before(node: Node, build: () => void): void {
    const end = this.#graph.node.length;
    build();
    const added = this.#graph.node.splice(end);
    this.#graph.node.splice(this.#graph.node.indexOf(node), 0, ...added);
  }

  /** A second node that does what one of the graph's own does, with its inputs or others. @returns its outputs */
  again(original: Node, input = (own: Value): Value => own): Value[] {
    const name = this.name(`${original.opType}_${this.#count++}`);
    const output = original.output.map((own, i) => own && `${name}:${i}`);
    this.#graph.node.push(altered(original, { name, input: original.input.map(input), output }));
    return output;
  }

  constant(data: TensorData, shape: number[]): Value {
    const key = `${data.constructor.name} ${shape} ${data.length > longestNamed ? this.#count++ : data}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = this.name(`constant_${this.#constants.size}`);
    this.#graph.initializer.push(initializer(name, data, shape));
    this.#constants.set(key, name);
    return name;
  }
}
