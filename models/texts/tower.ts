/**
 * CLIP's text tower as a graph (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
 * Supervision"): the Vision Transformer's encoder over one row of tokens instead of patches, each of which sees those
 * before it only. What the token at the end of the text has become is the text's embedding.
 */
import { join } from 'node:path';
import type { TextConfig, VitConfig } from '../config.ts';
import type { ModelManifest } from '../manifest.ts';
import type { ExternalTensor, Value } from '../onnx/types.ts';
import { Vit } from '../vit.ts';
import { readTextWeights, type TextWeights } from '../weights/texts.ts';
import { WeightSource } from '../weights/source.ts';

class TextTower extends Vit {
  /** token_ids [B, T] → [B, T, D] */
  override embed(): Value {
    const { g } = this;
    const { width } = this.config;
    const ids = g.input('token_ids', 'int64', ['batch', this.tokens]);
    const { patch, posEmbed } = this.weights;
    const table = this.weight('tokens', patch, [patch.length / width, width]);
    return g.add(g.gather(table, ids, 0), this.weight('positions', posEmbed, [this.tokens, width]));
  }

  /** No token sees one behind it. */
  override scores(q: Value, k: Value): Value {
    const { tokens } = this;
    const mask = Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e30 : 0)); // prettier-ignore
    return this.g.add(super.scores(q, k), this.g.tensor('mask', mask, [tokens, tokens]));
  }

  /** The token at each text's end. [B, T, D] → [B, D] */
  atEnds(x: Value): Value {
    const { g, tokens } = this;
    const ends = g.input('ends', 'int64', ['batch']);
    const places = g.ints(...Array.from({ length: tokens }, (_, i) => i));
    const chosen = g.cast(g.op('Equal', [g.unsqueeze(ends, 1), places]), 'float32'); // [B, T]
    return g.squeeze(g.matmul(g.unsqueeze(chosen, 1), x), 1);
  }
}

/** Inputs: `token_ids` int64 [B, T], `ends` int64 [B]. Output: `text_embeds` float32 [B, F], of length 1. */
export function buildTextGraph(
  config: VitConfig,
  weights: TextWeights,
): { model: Uint8Array; externalData: ExternalTensor[] } {
  const tower = new TextTower(config, weights, { type: 'float32' });
  const { g } = tower;
  const { tokens } = tower.encode();
  const embedding = tower.embedding(tower.norm('norm', tower.atEnds(tokens), weights.norm));
  const length = g.sqrt(g.reduce('SumSquare', embedding, 1, true));
  g.output('text_embeds', g.div(embedding, length), 'float32', ['batch', config.projection!]);
  return g.finish('text');
}

/** A text as the Vision Transformer sees it: one row of as many patches as there are tokens. */
export function textAsVit(config: VitConfig, text: TextConfig): VitConfig {
  const { width, depth, heads, mlpWidth, epsilon, activation, positions } = text;
  return {
    ...config,
    prefix: config.keys === 'clip' ? 'text_model' : '',
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
  };
}

export interface TextModel {
  model: Uint8Array;
  externalData: ExternalTensor[];
  /** exp(logit_scale): what cosines are multiplied by. */
  scale: number;
}

/** The text tower of an installed model; null: it reads no texts. @throws SaccadeError as reading weights does */
export function prepareTextGraph(folder: string, manifest: ModelManifest): TextModel | null {
  const config = manifest.architecture as unknown as VitConfig;
  if (manifest.kind !== 'vit' || !config.text) return null;
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const asVit = textAsVit(config, config.text);
  const weights = readTextWeights(source, asVit, config.text.vocabulary);
  return { ...buildTextGraph(asVit, weights), scale: weights.scale };
}
