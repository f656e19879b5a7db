/** Parts of a foreign graph taken away: tokens that nobody attends to, and heads that add nothing. */
import { elementTypes } from '../onnx/types.ts';
import type { Node } from '../onnx/schema.ts';
import type { Value } from '../onnx/types.ts';
import type { Analysis } from './analyse.ts';
import type { Attention, Layer } from './attention.ts';
import { type Flow, writtenSoftmax } from './flow.ts';
import type { Graft } from './graft.ts';

/** So low a score that its share is zero to the last bit; in 16 bits −∞. */
const lowest = 1e30;

/** Our float32 `own` in the type of the graph's `value`. */
const typedAs = (g: Graft, flow: Flow, own: Value, value: Value) =>
  flow.known(value).type === elementTypes.float16 ? g.cast(own, 'float16') : own;

/** The node that takes a layer's scores: its softmax, or the Exp of one that is written out; null: inside an operator. */
function takesScores(flow: Flow, { softmax }: Layer): Node | null {
  if (!softmax || softmax.quantised) return null;
  const { node } = softmax;
  if (node.opType === 'Softmax') return node;
  return writtenSoftmax(flow, node)?.exp ?? null;
}

/** How a fused operator is told which tokens to leave out: by numbers added to its scores, or 1 for each that stays. */
const masks: Record<string, { input: number; added: boolean }> = {
  'com.microsoft.Attention': { input: 5, added: true },
  'com.microsoft.MultiHeadAttention': { input: 5, added: true },
  'com.microsoft.QAttention': { input: 5, added: false },
  '.Attention': { input: 3, added: true },
  'ai.onnx.Attention': { input: 3, added: true },
};
const maskOf = ({ softmax, node }: Layer) => (softmax ? undefined : masks[`${node.domain}.${node.opType}`]);

/** Why tokens can't be left out, as a sentence; null: they can. */
export function whyWhole({ attention, absent, flow, pool }: Analysis): string | null {
  if (!attention) return absent;
  if (pool !== 'cls')
    return 'This model’s answer is read off its patches themselves, and this file was exported for all of them.';
  return attention.layers.every((layer) => takesScores(flow, layer) ?? maskOf(layer))
    ? null
    : 'This model’s attention is computed in whole numbers, by an operator that takes all tokens.';
}

/** @param kept [T], 1 for a token that stays and 0 for one that is left out; of every photo the same */
export function maskTokens(g: Graft, flow: Flow, { layers, tokens }: Attention, kept: Value): void {
  const first = takesScores(flow, layers[0]!) ?? layers[0]!.node;
  let added: Value = '';
  g.before(first, () => {
    added = g.mul(g.sub(kept, g.scalar(1)), g.scalar(lowest));
  });
  for (const layer of layers) {
    const node = takesScores(flow, layer) ?? layer.node;
    g.before(node, () => {
      const mask = maskOf(layer);
      if (!mask) {
        node.input[0] = g.add(node.input[0]!, typedAs(g, flow, added, node.input[0]!));
        return;
      }
      const [photos = ''] = node.input;
      while (node.input.length <= mask.input) node.input.push('');
      const own = node.input[mask.input]!;
      if (mask.added) {
        const every = g.op('Expand', [typedAs(g, flow, added, own || photos), g.ints(1, 1, tokens, tokens)]);
        node.input[mask.input] = own ? g.add(own, every) : every;
      } else {
        const batch = g.slice(g.op('Shape', [photos]), 0, 0, 1);
        node.input[mask.input] = g.op('Expand', [
          g.cast(kept, 'int32'),
          g.concat([batch, g.ints(tokens)], 0),
        ]);
      }
    });
  }
}

/** Why heads can't be switched off, as a sentence; null: they can. */
export function whyAllHeads({ attention, absent }: Analysis): string | null {
  if (!attention) return absent;
  return attention.layers.every(({ softmax }) => !softmax || softmax.shape)
    ? null
    : 'The shape of this model’s attention is not known, so its heads can’t be told apart.';
}

/**
 * Off are a head's probabilities, or where an operator hides them, its part of what the operator gives: either way
 * nothing of it reaches the output projection, its value's bias neither.
 * @param mask float32 [L, H], 1 for a head as it is and 0 for one that adds nothing
 */
export function maskHeads(g: Graft, flow: Flow, { layers, heads, tokens }: Attention, mask: Value): void {
  for (const [layer, { softmax, node }] of layers.entries()) {
    const value = softmax ? softmax.probabilities : node.output[0]!;
    const readers = flow.readers(value);
    const first = readers.reduce((a, b) => (flow.position(b) < flow.position(a) ? b : a));
    let masked: Value = '';
    g.before(first, () => {
      const own = g.slice(mask, 0, layer, layer + 1);
      masked = softmax
        ? ofProbabilities(g, flow, softmax, own, heads, tokens)
        : ofMixed(g, flow, value, own, heads);
    });
    for (const reader of readers)
      reader.input = reader.input.map((input) => (input === value ? masked : input));
  }
}

/** [B, H, T, T], [B, T, H, T], or [B · H, T, T] and [B, G, H / G, T, T] with the photos outermost. @param own [1, H] */
function ofProbabilities(
  g: Graft,
  flow: Flow,
  { probabilities, shape, quantised }: NonNullable<Layer['softmax']>,
  own: Value,
  heads: number,
  tokens: number,
): Value {
  const turned = shape!.length === 4 && shape![2] !== tokens && shape![1] === tokens;
  const merged = shape!.length !== 4;
  const factor = g.reshape(own, turned ? [1, 1, heads, 1] : [1, heads, 1, 1]);
  const split = merged ? g.reshape(probabilities, [-1, heads, tokens, tokens]) : probabilities;
  const scaled = quantised ? zeroed(g, flow, split, factor, quantised.zero) : g.mul(split, typedAs(g, flow, factor, probabilities)); // prettier-ignore
  return merged ? g.reshape(scaled, [-1, ...shape!.slice(1)]) : scaled;
}

/** Whole numbers: what stands for zero is their zero point. */
function zeroed(g: Graft, flow: Flow, x: Value, factor: Value, zero: Value): Value {
  const [type] = Object.entries(elementTypes).find(([, number]) => number === flow.known(zero).type) ?? [];
  const stays = g.op('Greater', [factor, g.scalar(0)]);
  const chosen = g.op('Where', [stays, g.cast(x, 'int32'), g.cast(zero, 'int32')]);
  return g.cast(chosen, (type ?? 'uint8') as 'uint8' | 'int8');
}

/** What a fused operator gives, heads side by side [B, T, H · d] or apart [B, H, T, d]. */
function ofMixed(g: Graft, flow: Flow, mixed: Value, own: Value, heads: number): Value {
  const factor = typedAs(g, flow, own, mixed);
  if (flow.shape(mixed)?.length === 4) return g.mul(mixed, g.reshape(factor, [1, heads, 1, 1]));
  const split = g.reshape(mixed, [0, 0, heads, -1]);
  return g.reshape(g.mul(split, g.reshape(factor, [1, 1, heads, 1])), [0, 0, -1]);
}
