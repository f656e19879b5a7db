/** Nodes in an order in which each finds its inputs made. */
import { takenBy } from './needed.ts';
import type { Graph, Node } from './schema.ts';

/**
 * onnxruntime takes nodes in any order, and its converter to float16 puts those that it adds behind all others. What is
 * in order stays as it is; of nodes that wait for each other, and of what no node makes, the order is left wrong.
 */
export function inOrder({ node: nodes }: Pick<Graph, 'node'>): Node[] {
  const makers = new Map<string, Node>();
  for (const node of nodes) for (const name of node.output) if (name) makers.set(name, node);
  const found = new Set<Node>();
  const sorted = new Set<Node>();
  for (const first of nodes)
    for (const waiting = [first]; waiting.length;) {
      const node = waiting.at(-1)!;
      const before = found.has(node) ? [] : takenBy(node).flatMap((name) => makers.get(name) ?? []);
      found.add(node);
      const missing = before.filter((maker) => !found.has(maker));
      if (missing.length) waiting.push(...missing);
      else sorted.add(waiting.pop()!);
    }
  return [...sorted];
}
