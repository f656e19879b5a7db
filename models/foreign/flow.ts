/** A graph as the way its values take: who makes one, who reads it, what is known of it. */
import type { Known } from '../onnx/infer/known.ts';
import { unknown } from '../onnx/infer/known.ts';
import type { Graph, Node } from '../onnx/schema.ts';

export class Flow {
  readonly graph: Graph;
  readonly opset: number;
  /** Photos in a batch while shapes were inferred: a number that no other side has, unless the model fixes it to 1. */
  readonly batch: number;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #makers = new Map<string, Node>();
  readonly #readers = new Map<string, Node[]>();
  readonly #positions = new Map<Node, number>();

  constructor(graph: Graph, opset: number, batch: number, known: ReadonlyMap<string, Known>) {
    this.graph = graph;
    this.opset = opset;
    this.batch = batch;
    this.#known = known;
    for (const [position, node] of graph.node.entries()) {
      this.#positions.set(node, position);
      for (const name of node.output) if (name) this.#makers.set(name, node);
      for (const name of new Set(node.input))
        if (name) this.#readers.set(name, [...this.readers(name), node]);
    }
  }

  known(value: string): Known {
    return this.#known.get(value) ?? unknown;
  }

  shape(value: string): readonly number[] | null {
    return this.known(value).shape;
  }

  maker(value: string): Node | undefined {
    return this.#makers.get(value);
  }

  readers(value: string): Node[] {
    return this.#readers.get(value) ?? [];
  }

  /** Place of a node in the order of the graph. */
  position(node: Node): number {
    return this.#positions.get(node)!;
  }

  isConstant(value: string): boolean {
    return this.known(value).constant;
  }

  /** Inputs of a node that follow from the photo. */
  activations(node: Node): string[] {
    return node.input.filter((name) => name && !this.isConstant(name));
  }

  /** Against the current past operators in `over`, along their first inputs. */
  before(value: string, over: ReadonlySet<string>): string {
    for (let node = this.maker(value); node && over.has(node.opType); node = this.maker(value))
      value = node.input[0] ?? '';
    return value;
  }

  /** Makers of `value` and of what leads to it, the nearest first; on past those that `passes`, by their activations. */
  *upstream(value: string, passes: (node: Node) => boolean, farthest = Infinity): Generator<Node> {
    const seen = new Set([value]);
    let front = [value];
    for (let step = 0; step < farthest && front.length; step++) {
      const next = new Set<string>();
      for (const name of front) {
        const node = this.maker(name);
        if (!node) continue;
        yield node;
        if (passes(node)) for (const input of this.activations(node)) next.add(input);
      }
      front = [...next].filter((name) => !seen.has(name));
      for (const name of front) seen.add(name);
    }
  }
}

/** Where an operator that multiplies matrices has its two factors. */
const factorsAt: Record<string, [number, number]> = {
  MatMul: [0, 1],
  Gemm: [0, 1],
  Einsum: [0, 1],
  FusedMatMul: [0, 1],
  TransposeMatMul: [0, 1],
  MatMulInteger: [0, 1],
  MatMulIntegerToFloat: [0, 1],
  DynamicQuantizeMatMul: [0, 1],
  QLinearMatMul: [0, 3],
  QGemm: [0, 3],
};

/** The two factors of a matrix product; null for other nodes. */
export function factorsOf(node: Node): [string, string] | null {
  const at = factorsAt[node.opType];
  if (!at || (node.opType === 'Einsum' && node.input.length !== 2)) return null;
  return [node.input[at[0]] ?? '', node.input[at[1]] ?? ''];
}

/** Exp(x) / ReduceSum(Exp(x)), as exporters without a Softmax write it; null: another node. */
export function writtenSoftmax(flow: Flow, node: Node): { exp: Node; exponents: string; sum: string } | null {
  if (node.opType !== 'Div') return null;
  const [exponents = '', sum = ''] = node.input;
  const [exp, added] = [flow.maker(exponents), flow.maker(sum)];
  if (exp?.opType !== 'Exp' || added?.opType !== 'ReduceSum' || added.input[0] !== exponents) return null;
  return { exp, exponents, sum };
}
