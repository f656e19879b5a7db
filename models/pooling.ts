/** Attention pooling: one learned query reads the feature off the patches (Lee et al. 2019; in Vision Transformers Zhai et al. 2022). */
import { prefixTokens } from './config.ts';
import type { Layers } from './layers.ts';
import type { Value } from './onnx/types.ts';
import type { PoolingWeights } from './weights/read.ts';

/** A feature [B, D], and of attention pooling the weights it gathers the patches by, [B, H, 1, N]. */
export interface Gathered {
  feature: Value;
  gathering: Value | null;
}

/** What one learned query gathers from the tokens [B, T, D], normed. */
export function gatherPatches(layers: Layers, tokens: Value, weights: PoolingWeights): Gathered {
  const { g } = layers;
  const { width, heads } = layers.config;
  return g.scope('pooling', () => {
    const patches = g.slice(tokens, 1, prefixTokens(layers.config), layers.tokens);
    const keys = layers.byHead(layers.project('key', patches, weights.key, width, width), [0, 2, 3, 1]);
    const values = layers.byHead(layers.linear('value', patches, weights.value), [0, 2, 1, 3]); // [B, H, N, d]
    const query = layers.weight('query', weights.query, [1, heads, 1, width / heads]);
    const gathering = g.softmax(g.matmul(query, keys));
    const out = layers.linear('out', g.reshape(g.matmul(gathering, values), [0, width]), weights.out);
    const hidden = layers.activate(layers.linear('fc1', layers.norm('norm', out, weights.norm), weights.fc1));
    return { feature: g.add(out, layers.linear('fc2', hidden, weights.fc2)), gathering };
  });
}
