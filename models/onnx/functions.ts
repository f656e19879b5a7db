/** PyTorch's first dynamo exporters wrote every operator as a function of the model; here their bodies take the calls' place. */
import {
  altered,
  type Attribute,
  type FunctionDefinition,
  type Graph,
  type Model,
  type Node,
} from './schema.ts';

/** Graphs inside a function's nodes keep their own names: renaming reaches those they share with the function. */
function renameGraph(graph: Graph, rename: (name: string) => string, bound: Attributes): Graph {
  const renamed = <T extends { name: string }>(named: T) =>
    altered(named, { name: rename(named.name) } as Partial<T>);
  return altered(graph, {
    input: graph.input.map(renamed),
    output: graph.output.map(renamed),
    valueInfo: [],
    initializer: graph.initializer.map(renamed),
    node: graph.node.map((node) => renameNode(node, rename, bound)),
  });
}

type Attributes = ReadonlyMap<string, Attribute>;

function bind(attribute: Attribute, rename: (name: string) => string, bound: Attributes): Attribute[] {
  if (attribute.refAttrName) {
    const given = bound.get(attribute.refAttrName);
    return given ? [altered(given, { name: attribute.name })] : []; // left out by the caller: the operator's own default
  }
  if (!attribute.g && !attribute.graphs.length) return [attribute];
  const graphs = attribute.graphs.map((graph) => renameGraph(graph, rename, bound));
  return [altered(attribute, { graphs, g: attribute.g && renameGraph(attribute.g, rename, bound) })];
}

function renameNode(node: Node, rename: (name: string) => string, bound: Attributes): Node {
  return altered(node, {
    name: rename(node.name),
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.flatMap((attribute) => bind(attribute, rename, bound)),
  });
}

function bodyOf(call: Node, definition: FunctionDefinition, prefix: string): Node[] {
  const outer = new Map<string, string>([['', '']]);
  for (const [i, name] of definition.input.entries()) outer.set(name, call.input[i] ?? '');
  for (const [i, name] of definition.output.entries()) if (call.output[i]) outer.set(name, call.output[i]);
  const bound = new Map(
    [...definition.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]),
  );
  const rename = (name: string) => outer.get(name) ?? `${prefix}/${name}`;
  return definition.node.map((node) => renameNode(node, rename, bound));
}

/**
 * Replaces calls in place, functions in functions too, and empties the model's list of them.
 * @returns false where functions call each other in a circle or the result has more than `mostNodes` nodes
 */
export function inlineFunctions(model: Model, graph: Graph, mostNodes: number): boolean {
  if (!model.functions.length) return true;
  const definitions = new Map(model.functions.map((f) => [`${f.domain}:${f.name}:${f.overload}`, f]));
  let calls = 0;
  let nodes = 0;
  const expand = (list: readonly Node[], depth: number): Node[] | null => {
    const result: Node[] = [];
    for (const node of list) {
      const definition = definitions.get(`${node.domain}:${node.opType}:${node.overload}`);
      if (!definition) {
        if (++nodes > mostNodes) return null;
        result.push(node);
        continue;
      }
      if (depth > 32 || ++calls > mostNodes) return null;
      const body = expand(bodyOf(node, definition, `${node.name || node.opType}@${calls}`), depth + 1);
      if (!body) return null;
      for (const inner of body) result.push(inner);
    }
    return result;
  };
  const flat = expand(graph.node, 0);
  if (!flat) return false;
  graph.node = flat;
  const owned = new Set(model.functions.map(({ domain }) => domain));
  for (const { opsetImport } of model.functions)
    for (const own of opsetImport)
      if (!model.opsetImport.some(({ domain }) => domain === own.domain)) model.opsetImport.push(own);
  model.opsetImport = model.opsetImport.filter(({ domain }) => domain === '' || !owned.has(domain));
  model.functions = [];
  return true;
}
