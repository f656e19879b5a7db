/** Shapes, and small values that shapes are made of, through a whole graph; nothing is computed but those. */
import type { Graph, Node, ValueInfo } from '../schema.ts';
import { numbersOf } from '../tensors.ts';
import { elementwise } from './elementwise.ts';
import { checkSize, type Known, mostValues, type Rule, unknown } from './known.ts';
import { layout } from './layout.ts';
import { products } from './products.ts';

const rules: ReadonlyMap<string, Rule> = new Map(Object.entries({ ...elementwise, ...layout, ...products }));

/** A shape that the exporter wrote down, where every side is a number or the first one the batch. */
function noted(info: ValueInfo, batch: number): number[] | null {
  const dims = info.type?.tensorType?.shape?.dim;
  const shape = dims?.map((dim, axis) => (dim.dimParam ? (axis === 0 ? batch : NaN) : Number(dim.dimValue)));
  return shape?.length && shape.every((side) => side > 0) ? shape : null;
}

/**
 * @param inputs shape of every input of the graph; the batch should be a number that is no other side
 * @returns every value's name → what is known of it
 * @throws ShapeConflict where the graph can't take these inputs
 */
export function infer(
  graph: Graph,
  opset: number,
  inputs: ReadonlyMap<string, { shape: readonly number[]; type: number }>,
): Map<string, Known> {
  const known = new Map<string, Known>();
  const batch = inputs.values().next().value?.shape[0] ?? 1;
  const notes = new Map(graph.valueInfo.map((info) => [info.name, info]));
  for (const [name, { shape, type }] of inputs)
    known.set(name, { shape, type, values: null, constant: false });
  for (const tensor of graph.initializer)
    known.set(tensor.name, {
      shape: tensor.dims.map(Number),
      values: numbersOf(tensor, mostValues),
      type: tensor.dataType,
      constant: true,
    });
  const note = (name: string) => {
    const info = notes.get(name);
    return info ? noted(info, batch) : null;
  };
  inferNodes(graph.node, opset, (name) => known.get(name) ?? unknown, known, note);
  return known;
}

/**
 * @param known what is known of a value
 * @param into where what is known of the nodes' outputs is written
 * @param noted a value's shape, where only the exporter says it
 * @throws ShapeConflict
 */
export function inferNodes(
  nodes: readonly Node[],
  opset: number,
  known: (value: string) => Known,
  into: Map<string, Known>,
  note: (value: string) => number[] | null = () => null,
): void {
  for (const node of nodes) {
    const given = node.input.map((name) => (name ? known(name) : null));
    const context = { node, opset, inputs: given };
    const said = rules.get(node.opType)?.(context) ?? [];
    const constant =
      given.every((input) => input === null || input.constant) && !node.opType.startsWith('Random');
    for (const [i, name] of node.output.entries()) {
      if (!name) continue;
      const shape = said[i]?.shape ?? note(name);
      if (shape) checkSize(context, shape);
      const values = said[i]?.values ?? null;
      into.set(name, {
        shape,
        values: values && values.length <= mostValues ? values : null,
        type: said[i]?.type ?? given[0]?.type ?? 0,
        constant,
      });
    }
  }
}
