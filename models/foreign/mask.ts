/** Parts of a foreign graph taken away: tokens that nobody attends to, and heads that add nothing. */
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

/** Why heads can't be switched off, as a sentence; null: they can. */
export function whyAllHeads({ attention, absent }: Analysis): string | null {
  if (!attention) return absent;
  return attention.layers.every(({ softmax }) => softmax && !softmax.quantised && softmax.shape)
    ? null
    : 'its attention lies inside an operator, or is computed in whole numbers, and its heads can’t be told apart there';
}

/** @param mask float32 [L, H], 1 for a head as it is and 0 for one that adds nothing, its value's bias neither */
export function maskHeads(g: Graft, flow: Flow, { layers, heads, tokens }: Attention, mask: Value): void {
  for (const [layer, { softmax }] of layers.entries()) {
    const { probabilities, shape } = softmax!;
    const readers = flow.readers(probabilities);
    const order = new Map(flow.graph.node.map((node, i) => [node, i]));
    const first = readers.reduce((a, b) => (order.get(b)! < order.get(a)! ? b : a));
    let masked: Value = '';
    g.before(first, () => {
      const half = flow.known(probabilities).type === 10;
      const own = g.slice(mask, 0, layer, layer + 1);
      // [B, H, T, T], [B, T, H, T], or [B · H, T, T] with the photos outermost.
      const turned = shape!.length === 4 && shape![2] !== tokens && shape![1] === tokens;
      const factor = g.reshape(
        half ? g.cast(own, 'float16') : own,
        turned ? [1, 1, heads, 1] : [1, heads, 1, 1],
      );
      const merged = shape!.length === 3;
      const split = merged ? g.reshape(probabilities, [-1, heads, tokens, tokens]) : probabilities;
      const scaled = g.mul(split, factor);
      masked = merged ? g.reshape(scaled, [-1, tokens, tokens]) : scaled;
    });
    for (const reader of readers)
      reader.input = reader.input.map((input) => (input === probabilities ? masked : input));
  }
}
