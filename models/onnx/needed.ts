/** A graph without what none of its outputs is computed from: who looks at it should see nothing that leads nowhere. */
import { altered, type Graph, type Model } from './schema.ts';

function neededOf({ node, output }: Graph): Set<string> {
  const needed = new Set(output.map(({ name }) => name));
  // Nodes stand after those that they take from.
  for (const { input, output: gives } of node.toReversed())
    if (gives.some((name) => needed.has(name))) for (const name of input) needed.add(name);
  return needed;
}

export function onlyNeeded(message: Model): Model {
  const graph = message.graph!;
  const needed = neededOf(graph);
  return altered(message, {
    graph: altered(graph, {
      node: graph.node.filter(({ output }) => output.some((name) => needed.has(name))),
      initializer: graph.initializer.filter(({ name }) => needed.has(name)),
    }),
  });
}
