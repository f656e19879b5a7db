/**
 * Weights without a config.json, under the names of timm (also DINO's, DINOv2's, DeiT's, MAE's) or torchvision: what
 * the tensors show is read off them, and a person is asked for the rest by name.
 */
import { SaccadeError } from '../error.ts';
import type { WeightSource } from '../weights/source.ts';
import { type Answers, type Asked, inputOf, open, openPreprocessing, saidAlone } from './answers.ts';
import { lacking } from './open-answers.ts';
import { type Described, refuseOne } from './described.ts';
import { labelsSaid, numberedLabels } from './labels.ts';
import { completeFromShapes, countBlocks, type Sketch } from './shapes.ts';

const common = {
  family: 'vit',
  norm: 'pre',
  epsilon: 1e-6, // DINO, DeiT, MAE, timm and torchvision alike
  positionGrid: null,
} as const;

type Layout = Omit<Sketch, 'imageSize' | 'heads'>;

function torchvision(weights: WeightSource): Layout {
  const [width = 0, , patchSize = 0] = weights.shape('conv_proj.weight');
  return {
    ...common,
    keys: 'torchvision',
    prefix: weights.has('encoder.layers.encoder_layer_0.mlp.linear_1.weight') ? 'linear_' : '',
    patchSize,
    width,
    depth: countBlocks(weights, 'encoder.layers.encoder_layer_0.ln_1.weight'),
    activation: 'gelu',
    clsToken: true,
    distillation: false,
    registers: 0,
    positionResize: { antialias: false },
    pool: 'cls',
    finalNorm: 'tokens',
    classes: classesOf(weights, 'heads.head.weight'),
  };
}

function timm(weights: WeightSource): Layout {
  if (weights.has('norm_pre.weight') || weights.has('attn_pool.latent'))
    throw new SaccadeError(
      'unknown-architecture',
      'Weights with a norm before the first block or with attention pooling come with more than one epsilon and activation; expected a config.json that names the architecture.',
    );
  const [width = 0, , patchSize = 0] = weights.shape('patch_embed.proj.weight');
  const dino = weights.has('register_tokens') || weights.has('blocks.0.mlp.w12.weight');
  const gated = weights.has('blocks.0.mlp.w12.weight');
  const [fc1, fc2] = (gated ? ['w12', 'w3'] : ['fc1', 'fc2']).map((name) => weights.shape(`blocks.0.mlp.${name}.weight`)); // prettier-ignore
  const registers = dino ? 'register_tokens' : 'reg_token';
  const pooled = weights.has('fc_norm.weight');
  const clsToken = weights.has('cls_token');
  return {
    ...common,
    keys: 'timm',
    prefix: dino ? 'dinov2' : '',
    patchSize,
    width,
    depth: countBlocks(weights, 'blocks.0.norm1.weight'),
    activation: fc1?.[0] === 2 * (fc2?.[1] ?? 0) ? 'swiglu' : 'gelu',
    clsToken,
    distillation: weights.has('dist_token'),
    registers: weights.has(registers) ? (weights.shape(registers)[1] ?? 0) : 0,
    positionResize: { antialias: !dino || weights.has(registers) }, // dinov2/hub/backbones.py
    pool: pooled || !clsToken ? 'mean' : 'cls',
    finalNorm: pooled ? 'pooled' : 'tokens',
    classes: classesOf(weights, 'head.weight'),
  };
}

/** 0: without a classifier it is a backbone, which sees and does not name. */
function classesOf(weights: WeightSource, head: string): number {
  return weights.has(head) ? (weights.shape(head)[0] ?? 0) : 0;
}

/** Pixels that square positions were trained at. */
function sideOf(layout: Layout, weights: WeightSource): number | null {
  const [, rows = 0] = weights.shape(layout.keys === 'timm' ? 'pos_embed' : 'encoder.pos_embedding');
  const positioned = (layout.clsToken ? 1 : 0) + (layout.distillation ? 1 : 0);
  for (const special of [positioned, positioned + layout.registers, 0]) {
    const side = Math.sqrt(rows - special);
    if (Number.isInteger(side) && side > 0) return side * layout.patchSize;
  }
  return null;
}

/** Null: the names are of no layout that can be read without a configuration. */
export function layoutOf(weights: WeightSource): Layout | null {
  if (weights.has('conv_proj.weight') && weights.has('encoder.pos_embedding')) return torchvision(weights);
  if (weights.has('patch_embed.proj.weight') && weights.has('pos_embed') && weights.has('blocks.0.attn.qkv.weight'))
    return timm(weights);
  return null;
} // prettier-ignore

/** @throws SaccadeError `missing-preprocessing`, `missing-heads`, `unknown-architecture`, `missing-tensor`, … */
export function describeUnconfigured(layout: Layout, weights: WeightSource, answers: Answers): Described {
  const side = sideOf(layout, weights);
  const trained = side === null ? undefined : { height: side, width: side };
  const { classes } = layout;
  const { heads } = answers;
  const fallback = answers.size ?? trained;
  const asked: Asked[] = [...(heads ? [] : (['heads'] as const)), ...openPreprocessing(answers, null)];
  if (!fallback) asked.push('size');
  const preprocessing = fallback ? saidAlone(answers, fallback) : null;
  if (!heads || !fallback || !preprocessing)
    throw lacking(
      'There is no config.json beside the weights. Their shapes say how the model is built, but not everything.',
      open(asked, answers, { size: fallback, classes }),
    );
  refuseOne(classes);
  return {
    config: completeFromShapes(
      { ...layout, heads, imageSize: answers.size ?? inputOf(preprocessing, fallback) },
      weights,
    ),
    preprocessing,
    labels: answers.labels ? labelsSaid(answers.labels, classes) : numberedLabels(classes),
    licence: null,
    outputActivation: 'softmax',
  };
}
