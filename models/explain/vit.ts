/** Our own graph as explanations see it. */
import { prefixTokens, readouts } from '../config.ts';
import type { Encoded, Vit } from '../vit.ts';
import type { HeadWeights } from './direction.ts';
import type { Value } from '../onnx/types.ts';
import type { AttentionView, ResidualSum } from './view.ts';

export function viewOf(vit: Vit, { blocks }: Encoded): AttentionView {
  const {
    g,
    config,
    layers: { tokens },
  } = vit;
  const first = prefixTokens(config);
  return {
    g,
    heads: config.heads,
    tokens,
    patches: { first, count: tokens - first },
    mean: { first, count: tokens - first },
    cls: config.clsToken ? 0 : null,
    layers: blocks.map(({ probabilities }) => ({
      row: (token) => g.slice(probabilities, 2, token, token + 1),
      rows: () => probabilities,
    })),
    readouts: readouts(config),
  };
}

/** Pre-norm only. */
export function sumOf(vit: Vit, { start, blocks, tokens }: Encoded): ResidualSum {
  const { width, heads, epsilon, finalNorm } = vit.config;
  const { g, layers, weights } = vit;
  const [scale, shift] = layers.normWeights('norm', weights.norm);
  return {
    width,
    start,
    layers: blocks.map(({ values, mlp, weights: { out, valueBias } }, layer) =>
      g.scope(`blocks.${layer}`, () => ({
        values,
        valueBias: layers.weight('value.bias', valueBias, [1, heads, 1, width / heads]),
        out: layers.weight('out.weight', out.weight, [width, width]),
        bias: layers.weight('out.bias', out.bias, [width]),
        mlp,
      })),
    ),
    last: tokens,
    norm: { scale, shift, epsilon, pooled: finalNorm === 'pooled' },
  };
}

export function headOf(vit: Vit): HeadWeights {
  const { head } = vit.weights;
  if (!head) throw new Error('a model without a head has no classes');
  const { weight, bias } = head;
  const classes = bias.length;
  return {
    matrix: vit.layers.weight('head.weight', weight, [weight.length / classes, classes]),
    turned: false,
    biases: [vit.layers.weight('head.bias', bias, [classes])],
  };
}

/** A direction of the feature [any, F] → the same of the tokens that are read [any, D · readouts]. */
export function readDirection(vit: Vit, direction: Value): Value {
  const { config, weights } = vit;
  if (!weights.projection) return direction;
  const { width, projection: length = width } = config;
  // d · (x · P) = (d · Pᵀ) · x
  const matrix = vit.layers.weight('projection.weight', weights.projection, [width, length]);
  return vit.g.matmul(direction, vit.g.transpose(matrix, [1, 0]));
}
