/** Renaming values of a graph, in the graphs inside its nodes too. */
import type { Graph } from '../onnx/schema.ts';

export function namesIn(graph: Graph, into = new Set<string>()): Set<string> {
  for (const { name } of [...graph.input, ...graph.initializer]) into.add(name);
  for (const node of graph.node) {
    for (const name of node.output) into.add(name);
    for (const { g, graphs } of node.attribute)
      for (const inner of g ? [g, ...graphs] : graphs) namesIn(inner, into);
  }
  return into;
}

/** Everywhere the name stands, so that whatever it meant it still means. */
export function rename(graph: Graph, from: string, to: string): void {
  const swap = (names: string[]) => {
    for (let at = names.indexOf(from); at >= 0; at = names.indexOf(from, at + 1)) names[at] = to;
  };
  for (const named of [...graph.input, ...graph.output, ...graph.initializer, ...graph.valueInfo])
    if (named.name === from) named.name = to;
  for (const node of graph.node) {
    swap(node.input);
    swap(node.output);
    for (const { g, graphs } of node.attribute)
      for (const inner of g ? [g, ...graphs] : graphs) rename(inner, from, to);
  }
}
