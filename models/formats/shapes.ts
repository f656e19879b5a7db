/** What a configuration leaves out and the tensors' shapes say. */
import { hasDistillationHead, type VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { partNames } from '../weights/names.ts';
import type { WeightSource } from '../weights/source.ts';
import { open } from './answers.ts';
import { OpenAnswers } from './open-answers.ts';
import type { Fields } from './parse.ts';

/** Attention over more patches than this allows would not fit into any memory. */
const largestSide = 4096;

/** Side by side with `weights`, a configuration whose sizes are still to be read off the tensors. */
export type Sketch = Omit<VitConfig, 'mlpWidth' | 'layerScale' | 'qkvBias' | 'positions'> & {
  /** Known to have these positions; null: square, or as the input is. */
  positionGrid: { rows: number; columns: number } | null;
};

function positionLayout(
  sketch: Omit<Sketch, 'positionGrid'>,
  positionGrid: Sketch['positionGrid'],
  count: number,
): VitConfig['positions'] {
  const positioned = (sketch.clsToken ? 1 : 0) + (sketch.distillation ? 1 : 0);
  const { height, width } = sketch.imageSize;
  const asInput = {
    rows: Math.floor(height / sketch.patchSize),
    columns: Math.floor(width / sketch.patchSize),
  };
  const ways = [
    { special: true, tokens: positioned },
    ...(sketch.registers ? [{ special: true, registers: true, tokens: positioned + sketch.registers }] : []),
    { special: false, tokens: 0 },
  ];
  // A grid that is known decides before one that would merely be square.
  for (const known of [positionGrid, asInput, null])
    for (const { tokens, ...which } of ways) {
      const patches = count - tokens;
      const side = Math.round(Math.sqrt(patches));
      const { rows, columns } = known ?? { rows: side, columns: side };
      if (rows * columns === patches && patches > 0) return { rows, columns, ...which };
    }
  throw new SaccadeError(
    'misshaped-tensor',
    `The position embeddings have ${count} rows, which is no grid of patches with ${positioned} special tokens.`,
  );
}

/** @throws SaccadeError `missing-tensor`, `misshaped-tensor` */
export function completeFromShapes(sketch: Sketch, weights: WeightSource): VitConfig {
  const { positionGrid, ...known } = sketch;
  if (sketch.width % sketch.heads)
    throw new OpenAnswers('bad-config', `The model has ${sketch.width} columns and ${sketch.heads} attention heads; expected a number of heads ("num_attention_heads" or "num_heads") that divides ${sketch.width}.`, open(['heads'], { heads: sketch.heads })); // prettier-ignore
  const { height, width } = sketch.imageSize;
  for (const pixels of [height, width])
    if (!Number.isInteger(pixels) || pixels < sketch.patchSize || pixels > largestSide)
      throw new SaccadeError(
        'bad-config',
        `The configuration asks for photos of ${height} × ${width} pixels; expected whole numbers from one patch (${sketch.patchSize}) to ${largestSide}.`,
      );
  const draft = { ...known, mlpWidth: 0, layerScale: false, qkvBias: false } as unknown as VitConfig;
  const names = partNames(draft);
  const block = names.block(0);
  const side = (name: string, axis: number) => {
    const size = weights.shape(name)[axis];
    if (!size)
      throw new SaccadeError('misshaped-tensor', `Expected tensor "${name}" to have an axis ${axis}; its shape is [${weights.shape(name).join(', ')}].`); // prettier-ignore
    return size;
  };
  return {
    ...draft,
    mlpWidth: side(`${block.fc2}.weight`, 1),
    layerScale: block.scale1 !== '' && weights.has(block.scale1),
    qkvBias: weights.has('fused' in block.qkv ? block.qkv.fused.bias : `${block.qkv.q}.bias`),
    positions: positionLayout(known, positionGrid, weights.shape(names.positions).at(-2) ?? 0),
  };
}

/** What a configuration says again of what the tensors show. @throws SaccadeError `bad-config` where they disagree */
export function held(file: Fields, name: string, shown: number | boolean): void {
  const said = file.values[name];
  const values = Array.isArray(said) ? (said as unknown[]) : [said];
  if (file.has(name) && !values.every((value) => value === shown))
    throw file.error(name, `${String(shown)}, as the tensors have it`);
}

/** How many blocks the tensors have. */
export function countBlocks(weights: WeightSource, first: string): number {
  let depth = 0;
  while (weights.has(first.replace('0', String(depth)))) depth++;
  return depth;
}

/** Tensors that change nothing about the answer, whoever wrote the file. */
const harmless = [/mask_token$/, /(^|\.)pooler\./, /num_batches_tracked$/, /relative_position_index$/];

/** What stands beside a backbone: a masked autoencoder's decoder (He et al. 2021, by both names), CLIP's other tower. */
function beside({ classes, keys, text, pool }: VitConfig): RegExp[] {
  // SiglipForImageClassification keeps the pooling that it does not use.
  if (keys === 'siglip' && pool === 'mean') return [/^vision_model\.head\./];
  if (text) return [keys !== 'open_clip' ? /^(text_model\.|text_projection|logit_scale|logit_bias|.*\.position_ids$)/ : /^(transformer\.|token_embedding|positional_embedding|ln_final|text_projection|logit_scale|attn_mask)/]; // prettier-ignore
  return classes === 0 ? [/^decoder[._]/] : [];
}

/**
 * A tensor that nothing reads means that the model is not what its configuration says: better no answer than a
 * wrong one. @throws SaccadeError `unknown-architecture` naming the tensor
 */
export function refuseLeftovers(config: VitConfig, weights: WeightSource): void {
  const names = partNames(config);
  const known = new Set([names.cls, names.distillation, names.registers, names.positions]);
  const modules = [names.patch, names.norm, names.head];
  if (config.normFirst) modules.push(names.normFirst);
  if (config.pool === 'attention' && names.pooling) {
    const { latent, qkv, out, norm, fc1, fc2 } = names.pooling;
    for (const { weight, bias } of [...qkv, { weight: latent, bias: latent }]) known.add(weight).add(bias);
    modules.push(out, norm, fc1, fc2);
  }
  if (hasDistillationHead(config)) modules.push(names.headDistillation);
  for (let layer = 0; layer < config.depth; layer++) {
    const block = names.block(layer);
    modules.push(block.norm1, block.norm2, block.out, block.fc1, block.fc2);
    if ('fused' in block.qkv) known.add(block.qkv.fused.weight).add(block.qkv.fused.bias);
    else modules.push(block.qkv.q, block.qkv.k, block.qkv.v);
    if (config.layerScale) known.add(block.scale1).add(block.scale2);
  }
  if (config.projection) known.add(names.projection);
  for (const module of modules) known.add(`${module}.weight`).add(`${module}.bias`);
  const leftover = weights.names.find(
    (name) => !known.has(name) && ![...harmless, ...beside(config)].some((pattern) => pattern.test(name)),
  );
  if (leftover)
    throw new SaccadeError(
      'unknown-architecture',
      `Tensor "${leftover}" has no place in a Vision Transformer as its configuration describes it, so its answers would be wrong. Export the model to ONNX instead.`,
    );
}
