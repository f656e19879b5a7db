/** The weights of CLIP's text tower, in the form of the Vision Transformer's. */
import type { VitConfig } from '../config.ts';
import { Reader, readEncoder, type VitWeights } from './read.ts';
import type { WeightSource } from './source.ts';

export interface TextWeights extends VitWeights {
  /** exp(logit_scale): what cosines are multiplied by. */
  scale: number;
}

/**
 * `patch` is the table of tokens, [V, D].
 * @param config the text tower as a Vision Transformer (models/texts/tower.ts); @throws as `readVitWeights` does
 */
export function readTextWeights(source: WeightSource, config: VitConfig, vocabulary: number): TextWeights {
  const table = `${config.keys === 'clip' ? `${config.prefix}.embeddings.` : ''}token_embedding.weight`;
  const scale = source.read('logit_scale', source.shape('logit_scale'));
  return {
    patch: source.read(table, [vocabulary, config.width]),
    ...readEncoder(new Reader(source, config)),
    scale: Math.exp(scale[0] ?? 0),
  };
}
