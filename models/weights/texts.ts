/** The weights of CLIP's text tower, in the form of the Vision Transformer's. */
import type { VitConfig } from '../config.ts';
import { Reader, readEncoder, type VitWeights } from './read.ts';
import type { WeightSource } from './source.ts';

export interface TextWeights extends VitWeights {
  /** exp(logit_scale): what cosines are multiplied by. */
  scale: number;
  /** What is added then (SigLIP), for each text by itself; null: texts exclude each other (CLIP). */
  bias: number | null;
  /** [F], of the projection (SigLIP). */
  projectionBias: Float32Array | null;
}

/**
 * `patch` is the table of tokens, [V, D].
 * @param config the text tower as a Vision Transformer (models/texts/tower.ts); @throws as `readVitWeights` does
 */
export function readTextWeights(source: WeightSource, config: VitConfig, vocabulary: number): TextWeights {
  const table = `${config.keys === 'open_clip' ? '' : `${config.prefix}.embeddings.`}token_embedding.weight`;
  const number = (name: string) => source.read(name, source.shape(name))[0] ?? 0;
  const sigmoid = config.keys === 'siglip';
  return {
    patch: source.read(table, [vocabulary, config.width]),
    ...readEncoder(new Reader(source, config)),
    scale: Math.exp(number('logit_scale')),
    bias: sigmoid ? number('logit_bias') : null,
    projectionBias: sigmoid ? source.read(`${config.prefix}.head.bias`, [config.projection!]) : null,
  };
}
