/**
 * An ONNX file that somebody else wrote, read without believing it: sizes, names, order and external data are
 * checked before anything is done with them.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { SaccadeError } from '../error.ts';
import { checkFile, largest } from '../folder.ts';
import { countParts } from './count.ts';
import { inlineFunctions } from './functions.ts';
import { inOrder } from './order.ts';
import { decodeModel, type Graph, type Model, type Node, type Tensor } from './schema.ts';
import { bytesNeeded, countOf, elementsHeld } from './tensors.ts';

export interface OnnxFile {
  path: string;
  /** Functions inlined. */
  model: Model;
  graph: Graph;
  /** Version of the standard operators. */
  opset: number;
  /** The file and the external data it needs, relative to its folder. */
  files: string[];
  /** Initializers, and what nodes hold as attributes: some exporters write every weight as a Constant. */
  tensors: Tensor[];
  /** Numbers in tensors of two and more axes or one of many, quantised or not. */
  parameters: number;
}

/** A protobuf can't be larger. */
const largestFile = 2 ** 31;
const opsets = [7, 26] as const;
const irVersions = [3, 13] as const;
/** The largest exports have some ten thousand; each takes kilobytes while a graph is analysed. */
const mostNodes = 60_000;
/** Attributes, tensors and notes of sizes among them. */
const mostParts = 20 * mostNodes;
const domains = new Set(['', 'ai.onnx', 'com.microsoft', 'ai.onnx.ml']);

const shorten = (name: string) => (name.length > 80 ? `${name.slice(0, 77)}…` : name);

function bad(path: string, what: string, options?: ErrorOptions): SaccadeError {
  return new SaccadeError('bad-onnx', `${basename(path)} is not a sound ONNX model: ${what}`, options);
}

/** Graphs inside nodes (If, Loop, Scan) included. */
function* nodesOf(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    for (const { g, graphs } of node.attribute)
      for (const inner of g ? [g, ...graphs] : graphs) yield* nodesOf(inner.node);
  }
}

function* tensorsOf(model: Model, graph: Graph): Generator<Tensor> {
  yield* graph.initializer;
  for (const nodes of [graph.node, ...model.functions.map((f) => f.node)])
    for (const node of nodesOf(nodes))
      for (const { t, tensors, g, graphs } of node.attribute) {
        if (t) yield t;
        yield* tensors;
        for (const inner of g ? [g, ...graphs] : graphs) yield* inner.initializer;
      }
}

function refuseSparse(path: string, model: Model, graph: Graph): void {
  const nodes = [graph.node, ...model.functions.map((f) => f.node)].flatMap((list) => [...nodesOf(list)]);
  const inner = nodes.flatMap(({ attribute }) => attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs))); // prettier-ignore
  const sparse =
    [graph, ...inner].some(({ sparseInitializer }) => sparseInitializer.length) ||
    nodes.some(({ attribute }) => attribute.some((a) => a.sparseTensor || a.sparseTensors.length));
  if (sparse)
    throw new SaccadeError(
      'unsupported-onnx',
      `${basename(path)} holds sparse tensors; dense ones were expected. Export it without them.`,
    );
}

/** Where external data may lie: in the file's own folder, also after links are followed. @returns its path there */
function checkExternal(path: string, tensor: Tensor): string {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const name = shorten(tensor.name);
  const refuse = (what: string) => bad(path, `tensor "${name}" has its data in "${shorten(location)}", ${what}`); // prettier-ignore
  // A location with asterisks is how onnxruntime marks an address in its own memory.
  if (!location || location.includes('*') || location.includes('\0')) throw refuse('which is no file name.');
  if (isAbsolute(location) || /^[A-Za-z]:|\\/.test(location) || location.split('/').includes('..'))
    throw refuse('outside its folder. External data should lie beside the model.');
  const file = join(dirname(path), location);
  if (!existsSync(file)) throw refuse('which is not there. Put the file beside the model.');
  const inside = relative(realpathSync(dirname(path)), realpathSync(file));
  if (inside.split(sep)[0] === '..' || isAbsolute(inside))
    throw refuse('a link out of its folder. Copy the file itself beside the model.');
  const stat = statSync(file);
  if (!stat.isFile()) throw refuse('which is no file.');
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? stat.size - offset);
  if (![offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) || offset + length > stat.size)
    throw refuse(
      `at bytes ${shorten(entries.get('offset') ?? '0')} and ${shorten(entries.get('length') ?? 'the rest')} more, but the file has ${stat.size} bytes.`,
    );
  const expected = bytesNeeded(tensor);
  if (expected !== null && expected !== length)
    throw refuse(`${length} bytes; its shape [${tensor.dims}] needs ${expected}.`);
  return location;
}

function checkTensor(path: string, tensor: Tensor): string | null {
  const name = shorten(tensor.name);
  if (
    tensor.dims.length > 16 ||
    tensor.dims.some((side) => side < 0n) ||
    !Number.isSafeInteger(countOf(tensor))
  )
    throw bad(path, `tensor "${name}" has the impossible shape [${shorten(String(tensor.dims))}].`);
  if (tensor.dataLocation === 1) return checkExternal(path, tensor);
  if (tensor.externalData.length) throw bad(path, `tensor "${name}" names external data but says it has none.`); // prettier-ignore
  const held = elementsHeld(tensor);
  if (held !== null && held !== countOf(tensor))
    throw bad(path, `tensor "${name}" of shape [${tensor.dims}] should hold ${countOf(tensor)} numbers, found ${held}.`); // prettier-ignore
  return null;
}

/** Every value is made, by a node before those that read it, and once. */
function checkOrder(path: string, graph: Graph): void {
  const made = new Set(['', ...graph.input.map(({ name }) => name), ...graph.initializer.map(({ name }) => name)]); // prettier-ignore
  for (const node of graph.node) {
    const missing = node.input.find((name) => !made.has(name));
    if (missing !== undefined)
      throw bad(
        path,
        `node "${shorten(node.name)}" (${shorten(node.opType)}) reads "${shorten(missing)}", which nothing before it makes.`,
      );
    for (const name of node.output) {
      if (name && made.has(name)) throw bad(path, `"${shorten(name)}" is made twice.`);
      made.add(name);
    }
  }
  for (const { name } of graph.output)
    if (!made.has(name)) throw bad(path, `its output "${shorten(name)}" is made by no node.`);
}

function opsetOf(path: string, model: Model): number {
  const found = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  const opset = Number(found?.version ?? 0n);
  const ir = Number(model.irVersion);
  const outside = (value: number, [least, most]: readonly [number, number]) => value < least || value > most;
  if (outside(opset, opsets) || outside(ir, irVersions))
    throw new SaccadeError(
      'unsupported-onnx',
      `${basename(path)} is of ONNX IR ${ir} and opset ${opset}; IR ${irVersions.join(' to ')} and opset ${opsets.join(' to ')} were expected. Export it with another opset.`,
    );
  return opset;
}

function refuseUnknownOperators(path: string, graph: Graph): void {
  for (const { domain, opType } of nodesOf(graph.node))
    if (!domains.has(domain))
      throw new SaccadeError(
        'unsupported-onnx',
        `${basename(path)} uses the operator ${shorten(`${domain}.${opType}`)}, which onnxruntime does not have. Export it with standard operators.`,
      );
}

/** @throws SaccadeError `bad-onnx`, `unsupported-onnx` */
export function readOnnx(path: string): OnnxFile {
  checkFile(path, largest.weights);
  const { size } = statSync(path);
  if (size >= largestFile)
    throw bad(
      path,
      `it has ${size} bytes; a model of 2 GiB or more should keep its weights in external data.`,
    );
  let model: Model;
  try {
    const bytes = readFileSync(path);
    if (countParts(bytes, { nodes: mostNodes, parts: mostParts }).isOver)
      throw bad(path, `it has over ${mostNodes} nodes or over ${mostParts} nodes, attributes and tensors, more than any model.`); // prettier-ignore
    model = decodeModel(bytes);
  } catch (cause) {
    if (cause instanceof SaccadeError) throw cause;
    throw bad(path, `its ${size} bytes break off or are no protobuf.`, { cause });
  }
  const { graph } = model;
  if (!graph?.node.length) throw bad(path, 'it holds no graph.');
  const opset = opsetOf(path, model);
  refuseSparse(path, model, graph);
  const external = new Set<string>();
  for (const tensor of tensorsOf(model, graph)) {
    const file = checkTensor(path, tensor);
    if (file !== null) external.add(file);
  }
  if (!inlineFunctions(model, graph, mostNodes))
    throw bad(path, 'its functions call each other without end, or take parts it does not have.');
  if (graph.node.length > mostNodes)
    throw bad(path, `it has ${graph.node.length} nodes, more than any model.`);
  graph.node = inOrder(graph);
  checkOrder(path, graph);
  refuseUnknownOperators(path, graph);
  const tensors = [...tensorsOf(model, graph)];
  const weights = tensors.filter((tensor) => tensor.dims.length > 1 || countOf(tensor) > 8);
  return {
    path,
    model,
    graph,
    opset,
    files: [basename(path), ...external],
    tensors,
    parameters: weights.reduce((sum, tensor) => sum + countOf(tensor), 0),
  };
}
