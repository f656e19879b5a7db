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

  constructor(graph: Graph, opset: number, batch: number, known: ReadonlyMap<string, Known>) {
    this.graph = graph;
    this.opset = opset;
    this.batch = batch;
    this.#known = known;
    for (const node of graph.node) {
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

  isConstant(value: string): boolean {
    return this.known(value).constant;
  }

  /** Inputs of a node that follow from the photo. */
  activations(node: Node): string[] {
    return node.input.filter((name) => name && !this.isConstant(name));
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
