/** Which tokens are patches, and how they lie on the photo. */
import { factorsOf, type Flow } from './flow.ts';

interface Grid {
  rows: number;
  columns: number;
}

const convolutions = new Set(['Conv', 'FusedConv', 'ConvInteger', 'QLinearConv']);

/** Grids that the graph makes of the photo before node number `until`, in its order. */
export function patchGrids(flow: Flow, until: number): Grid[] {
  return flow.graph.node.slice(0, until).flatMap((node): Grid[] => {
    const shape = flow.shape(node.output[0] ?? '');
    if (!shape || flow.isConstant(node.output[0] ?? '')) return [];
    if (convolutions.has(node.opType) && shape.length === 4) return [{ rows: shape[2]!, columns: shape[3]! }];
    // A photo cut up without a convolution: [B, 3, rows, side, columns, side], then a linear layer.
    if (node.opType !== 'Reshape' || shape.length !== 6 || shape[3] !== shape[5]) return [];
    return shape[1] === 3 ? [{ rows: shape[2]!, columns: shape[4]! }] : [];
  });
}

/** Where the graph does not say: a grid of square patches over this input with one special token, or none. */
export function floorGrid(input: { height: number; width: number }, tokens: number): Grid | undefined {
  for (const special of [1, 0])
    for (let side = 1; side <= Math.min(input.height, input.width); side++) {
      const grid = { rows: Math.floor(input.height / side), columns: Math.floor(input.width / side) };
      if (grid.rows * grid.columns === tokens - special) return grid;
    }
  return undefined;
}

/** False where the last joining of tokens before the first layer puts the patches in front. */
export function specialFirst(flow: Flow, until: number, tokens: number, special: number): boolean {
  const join = flow.graph.node
    .slice(0, until)
    .findLast(({ opType, output }) => opType === 'Concat' && flow.shape(output[0] ?? '')?.[1] === tokens);
  const patches = tokens - special;
  const lengths = join?.input.map((name) => flow.shape(name)?.[1]) ?? [];
  return special === 0 || lengths.length < 2 || lengths[0] !== patches || lengths.at(-1) === patches;
}

/** How the head comes to one vector a photo. */
export interface Pooling {
  /** Tokens it picks, by index. */
  tokens: Set<number>;
  /** Whether it averages tokens. */
  mean: boolean;
}

const averaging = new Set(['ReduceMean', 'GlobalAveragePool', 'ReduceSum']);

/** Walks from the logits against the current to where the axis of tokens ends. */
export function poolingOf(flow: Flow, logits: string, tokens: number): Pooling {
  const result: Pooling = { tokens: new Set(), mean: false };
  const seen = new Set([logits]);
  const front = [logits];
  for (let name = front.pop(); name !== undefined; name = front.pop()) {
    const node = flow.maker(name);
    if (!node) continue;
    const inputs = flow.activations(node);
    const from = flow.shape(node.input[0] ?? '');
    const to = flow.shape(node.output[0] ?? '');
    const axis = from?.length === 3 && from[0] === flow.batch && from[1]! > 1 && from[1]! <= tokens ? 1 : -1;
    if (axis === 1 && from) {
      const one = node.opType === 'Gather' || (node.opType === 'Slice' && to?.[1] === 1 && to.length === 3);
      if (one) {
        const at = flow.known(node.input[1] ?? '').values?.[0] ?? 0;
        result.tokens.add(at < 0 ? at + from[1]! : at);
        continue;
      }
      if (averaging.has(node.opType) && to?.[1] !== from[1]) {
        result.mean = true;
        continue;
      }
    }
    // Past this the tokens are whole again: the walk came along another way than pooling.
    if (from?.length === 3 && from[1] === tokens && factorsOf(node)) continue;
    for (const input of inputs)
      if (!seen.has(input)) {
        seen.add(input);
        front.push(input);
      }
  }
  return result;
}
