/** A graph without what none of its outputs is computed from: who looks at it should see nothing that leads nowhere. */
import { altered, type Graph, type Model, type Node } from './schema.ts';

/** Names of the values that a node takes; graphs inside it (If, Loop, Scan) take from outside without saying so. */
export function takenBy({ input, attribute }: Node): string[] {
  const inside = attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs));
  return [...input, ...inside.flatMap(({ node, output }) => [...node.flatMap(takenBy), ...output.map(({ name }) => name)])]; // prettier-ignore
}

/** @param outputs names of values @returns the names of all values that they are computed from, and theirs */
export function neededOf({ node }: Pick<Graph, 'node'>, outputs: readonly string[]): Set<string> {
  const needed = new Set(outputs);
  // Nodes stand after those that they take from.
  for (const each of node.toReversed())
    if (each.output.some((name) => needed.has(name))) for (const name of takenBy(each)) needed.add(name);
  return needed;
}

export function onlyNeeded(message: Model): Model {
  const graph = message.graph!;
  const needed = neededOf(graph, graph.output.map(({ name }) => name)); // prettier-ignore
  return altered(message, {
    graph: altered(graph, {
      node: graph.node.filter(({ output }) => output.some((name) => needed.has(name))),
      initializer: graph.initializer.filter(({ name }) => needed.has(name)),
    }),
  });
}
