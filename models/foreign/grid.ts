/** Which tokens are patches, and how they lie on the photo. */
import type { Flow } from './flow.ts';

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

/**
 * Index of the first patch among the tokens: they lie in the joinings of tokens before the first layer, where a part
 * may have been joined before. Special tokens come first where the graph does not show it.
 */
export function firstPatchAt(flow: Flow, until: number, tokens: number, special: number): number {
  const patches = tokens - special;
  let nodes = flow.graph.node.slice(0, until);
  let before = 0;
  for (let length = tokens; length > patches;) {
    const at = nodes.findLastIndex(({ opType, output }) => opType === 'Concat' && flow.shape(output[0] ?? '')?.[1] === length); // prettier-ignore
    const lengths = nodes[at]?.input.map((name) => flow.shape(name)?.[1] ?? 0) ?? [];
    const whole = lengths.lastIndexOf(patches);
    const part = whole < 0 ? lengths.findLastIndex((side) => side > patches) : whole;
    if (part < 0 || lengths[part]! >= length) return before + length - patches;
    before += lengths.slice(0, part).reduce((a, b) => a + b, 0);
    length = lengths[part]!;
    nodes = nodes.slice(0, at);
  }
  return before;
}
