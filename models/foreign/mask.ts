/** Leaves tokens out of a foreign graph: nobody attends to them, so that they reach nothing that reads [CLS]. */
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import type { Analysis } from './analyse.ts';
import type { Attention, Layer } from './attention.ts';
import type { Flow } from './flow.ts';
import type { Graft } from './graft.ts';

/** The node that takes a layer's scores: its softmax, or the Exp of one that is written out; null: inside an operator. */
function takesScores(flow: Flow, { softmax }: Layer): Node | null {
  if (!softmax || softmax.quantised) return null;
  const { node } = softmax;
  if (node.opType === 'Softmax') return node;
  const above = flow.maker(node.input[0] ?? '');
  return above?.opType === 'Exp' ? above : null;
}

/** Why tokens can't be left out, as a sentence; null: they can. */
export function whyWhole({ attention, absent, flow, pool }: Analysis): string | null {
  if (!attention) return absent;
  if (pool !== 'cls')
    return 'This model’s answer is read off its patches themselves, and this file was exported for all of them.';
  return attention.layers.every((layer) => takesScores(flow, layer))
    ? null
    : 'This model’s attention lies inside an operator that takes all tokens.';
}

/** @param kept [T], 1 for a token that stays and 0 for one that is left out; of every photo the same */
export function maskTokens(g: Graft, flow: Flow, { layers }: Attention, kept: Value): void {
  const first = takesScores(flow, layers[0]!)!;
  let added: Value = '';
  // 0 for a token that stays; so low for one that is left out that its share is zero to the last bit.
  g.before(first, () => {
    added = g.mul(g.sub(kept, g.scalar(1)), g.scalar(1e30));
  });
  for (const layer of layers) {
    const node = takesScores(flow, layer)!;
    g.before(node, () => {
      const half = flow.known(node.input[0]!).type === 10;
      node.input[0] = g.add(node.input[0]!, half ? g.cast(added, 'float16') : added);
    });
  }
}
