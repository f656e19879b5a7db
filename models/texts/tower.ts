/**
 * CLIP's text tower as a graph (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
 * Supervision"): the Vision Transformer's encoder over one row of tokens instead of patches, each of which sees those
 * before it only. What the token at the end of the text has become is the text's embedding. SigLIP's (Zhai et al. 2023,
 * "Sigmoid Loss for Language Image Pre-Training") sees all positions, filled up, from each, and reads the last.
 */
import { join } from 'node:path';
import { featureWidth, type TextConfig, type VitConfig } from '../config.ts';
import { readsText, type ModelManifest } from '../manifest.ts';
import type { ExternalTensor, Value } from '../onnx/types.ts';
import { Vit } from '../vit.ts';
import { readTextWeights, type TextWeights } from '../weights/texts.ts';
import { WeightSource } from '../weights/source.ts';

class TextTower extends Vit {
  /** 0 … T − 1, int64 [T] */
  #places: Value = '';
  /** [T, T], 0 where the row's token sees the column's; null: each sees all */
  #mask: Value | null = null;

  /** token_ids [B, T] → [B, T, D] */
  override embed(): Value {
    const { g, layers } = this;
    const { width } = this.config;
    const ids = g.input('token_ids', 'int64', ['batch', 'tokens']);
    const { patch, posEmbed } = this.weights;
    const count = g.squeeze(g.op('Shape', [ids], { start: 1, end: 2 }), 0);
    const [zero, one] = [0n, 1n].map((value) => g.constant(BigInt64Array.of(value), [])) as [Value, Value];
    this.#places = g.op('Range', [zero, count, one]);
    const { text } = this.config;
    const behind = text?.filled
      ? null
      : g.op('Greater', [g.unsqueeze(this.#places, 0), g.unsqueeze(this.#places, 1)]);
    this.#mask = behind && g.mul(g.cast(behind, 'float32'), g.scalar(-1e30));
    const table = layers.weight('tokens', patch, [patch.length / width, width]);
    const positions = layers.weight('positions', posEmbed, [layers.tokens, width]);
    return g.add(g.gather(table, ids, 0), g.gather(positions, this.#places, 0));
  }

  /** No token sees one behind it, so what follows the end of a text changes nothing. */
  override scores(q: Value, k: Value): Value {
    const scores = super.scores(q, k);
    return this.#mask ? this.g.add(scores, this.#mask) : scores;
  }

  /** The token at each text's end. [B, T, D] → [B, D] */
  atEnds(x: Value): Value {
    const { g } = this;
    const ends = g.input('ends', 'int64', ['batch']);
    const chosen = g.cast(g.op('Equal', [g.unsqueeze(ends, 1), this.#places]), 'float32'); // [B, T]
    return g.squeeze(g.matmul(g.unsqueeze(chosen, 1), x), 1);
  }
}

/**
 * Inputs: `token_ids` int64 [B, T], T as long as the longest text, at most its positions; `ends` int64 [B]. Output:
 * `text_embeds` float32 [B, F], of length 1.
 */
function textGraph(
  config: VitConfig,
  weights: TextWeights,
): { model: Uint8Array; externalData: ExternalTensor[] } {
  const tower = new TextTower(config, weights, { type: 'float32' });
  const { g } = tower;
  const { tokens } = tower.encode();
  const projected = tower.embedding(tower.layers.norm('norm', tower.atEnds(tokens), weights.norm));
  const { projectionBias } = weights;
  const embedding = projectionBias ? g.add(projected, g.constant(projectionBias, [projectionBias.length])) : projected; // prettier-ignore
  const length = g.sqrt(g.reduce('SumSquare', embedding, 1, true));
  g.output('text_embeds', g.div(embedding, length), 'float32', ['batch', config.projection!]);
  return g.finish('text');
}

/** A text as the Vision Transformer sees it: one row of as many patches as there are tokens. */
export function textAsVit(config: VitConfig, text: TextConfig): VitConfig {
  const { width, depth, heads, mlpWidth, epsilon, activation, positions } = text;
  return {
    ...config,
    prefix: config.keys === 'open_clip' ? '' : 'text_model',
    imageSize: { height: 1, width: positions },
    patchSize: 1,
    width,
    depth,
    heads,
    mlpWidth,
    epsilon,
    activation,
    normFirst: false,
    clsToken: false,
    positions: { rows: 1, columns: positions, special: false },
    pool: 'mean', // every token is computed to the end: where a text ends is not known before
    projection: featureWidth(config),
  };
}

export interface TextModel {
  model: Uint8Array;
  externalData: ExternalTensor[];
  /** exp(logit_scale): what cosines are multiplied by. */
  scale: number;
  /** What is added then, where each text is answered by itself (a sigmoid each, SigLIP); null: one of them (softmax). */
  bias: number | null;
}

/** The text tower of an installed model; null: it reads no texts. @throws SaccadeError as reading weights does */
export function buildTextGraph(folder: string, manifest: ModelManifest): TextModel | null {
  const config = manifest.architecture as unknown as VitConfig;
  if (!readsText(manifest) || !config.text) return null;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const asVit = textAsVit(config, config.text);
  const weights = readTextWeights(source, asVit, config.text.vocabulary);
  return { ...textGraph(asVit, weights), scale: weights.scale, bias: weights.bias };
}
