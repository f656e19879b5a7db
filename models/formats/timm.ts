/** timm's `config.json` (timm/models/_hub.py, `save_config_for_hf`) with `vision_transformer.py`'s tensor names. */
import { SaccadeError } from '../error.ts';
import type { VitConfig } from '../config.ts';
import type { Assumption, Label } from '../manifest.ts';
import type { WeightSource } from '../weights/source.ts';
import { answered, type Answers, inputOf, open, stillAssumed } from './answers.ts';
import { lacking } from './open-answers.ts';
import { type Described, outputActivationOf } from './described.ts';
import { checkFields } from './fields.ts';
import { isImagenetByCustom, labelsFor, labelsFromTimm, labelsSaid } from './labels.ts';
import type { Fields } from './parse.ts';
import { completeFromShapes, countBlocks, held } from './shapes.ts';
import { assumedOfTimm, preprocessingOfTimm } from './timm-data.ts';
import { type Architecture, architectureOf, hintsOtherwise } from './timm-architectures.ts';

const activations: Record<string, VitConfig['activation']> = {
  gelu: 'gelu',
  gelu_tanh: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  quick_gelu: 'quick-gelu',
  quickgelu: 'quick-gelu',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
};

/** Of timm's LayerNorm. */
const plainEpsilon = 1e-6;
/** A head of fewer columns than this no model has: its name was kept while its width was made another. */
const narrowestHead = 6;

/** What the tensors don't show, from the exact name, from `model_args`, or from a person. */
function structureOf(name: string, args: Fields, width: number, answers: Answers): Architecture {
  const found = architectureOf(name);
  const said = answers.heads ?? (args.has('num_heads') ? args.count('num_heads') : null);
  if (!found && hintsOtherwise(name))
    throw new SaccadeError('unknown-architecture', `timm's architecture "${name}" is not one that Saccade knows, and its name hints at another structure than its tensors show. Export the model to ONNX instead.`); // prettier-ignore
  if (found && said === null && width / found.heads < narrowestHead)
    throw lacking(
      `timm's "${name}" has ${found.heads} heads in ${found.width} columns; these tensors have ${width} columns, and config.json names no "num_heads".`,
      open(['heads'], answers),
    );
  if (found) return { ...found, heads: said ?? found.heads };
  if (said === null)
    throw lacking(`timm's architecture "${name}" is not one that Saccade knows, and config.json names no "num_heads" in "model_args".`, open(['heads'], answers)); // prettier-ignore
  return { width, heads: said, pool: 'token', norm: 'pre', epsilon: plainEpsilon, activation: 'gelu' };
}

function activationOf(
  args: Fields,
  swiglu: boolean,
  usual: VitConfig['activation'],
): VitConfig['activation'] {
  if (!args.has('act_layer')) return swiglu ? 'swiglu' : usual;
  const named = activations[args.text('act_layer').toLowerCase()];
  if (swiglu && named === 'silu') return 'swiglu';
  if (!named || swiglu)
    throw args.error('act_layer', swiglu ? '"silu", as in SwiGLU' : `one of ${Object.keys(activations).join(', ')}`); // prettier-ignore
  return named;
}

function poolOf(
  file: Fields,
  args: Fields,
  usual: Architecture['pool'],
  pooledNorm: boolean,
): VitConfig['pool'] {
  const at = file.has('global_pool') || !args.has('global_pool') ? file : args;
  const pool = at.text('global_pool', usual);
  if (pool !== 'token' && pool !== 'avg' && pool !== 'map') throw at.error('global_pool', '"token", "avg" or "map"'); // prettier-ignore
  // The one above is a note for people; timm builds what the arguments say.
  if (args.has('global_pool') && args.text('global_pool') !== pool) throw args.error('global_pool', `"${pool}", as it is above`); // prettier-ignore
  if (pooledNorm && pool !== 'avg') throw at.error('global_pool', '"avg": no other pooling is built beside a norm of what is pooled, "fc_norm", which the tensors hold'); // prettier-ignore
  return ({ token: 'cls', avg: 'mean', map: 'attention' } as const)[pool];
}

function inputSizeOf(data: Fields, args: Fields, patchSize: number): { height: number; width: number } {
  const named = args.values['img_size'];
  const [imgHeight = 224, imgWidth = 224] = Array.isArray(named) ? (named as unknown[]) : [named ?? 224, named ?? 224]; // prettier-ignore
  const size = data.has('input_size') ? data.values['input_size'] : [3, imgHeight, imgWidth];
  const [channels, height, width] = Array.isArray(size) ? (size as unknown[]) : [];
  const isSide = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= patchSize;
  if (channels !== 3 || !isSide(height) || !isSide(width))
    throw data.error('input_size', 'three channels and a height and width of at least one patch');
  if (args.has('img_size') && !args.flag('dynamic_img_size', false) && (imgHeight !== height || imgWidth !== width))
    throw args.error('img_size', `as "input_size" says, ${height} × ${width}`); // prettier-ignore
  return { height, width };
}

/** What the arguments say again of what the tensors show must agree with them. */
function holdAgainst(args: Fields, config: VitConfig, weights: WeightSource): void {
  held(args, 'embed_dim', config.width);
  held(args, 'depth', config.depth);
  held(args, 'patch_size', config.patchSize);
  held(args, 'in_chans', 3);
  held(args, 'num_classes', config.classes);
  held(args, 'class_token', config.clsToken);
  held(args, 'reg_tokens', config.registers);
  held(args, 'pre_norm', config.normFirst ?? false);
  held(args, 'qkv_bias', config.qkvBias);
  held(args, 'fc_norm', weights.has('fc_norm.weight'));
  if (args.has('norm_layer') && !['layernorm', 'LayerNorm'].includes(args.text('norm_layer')))
    throw args.error('norm_layer', '"layernorm", the only one that is built');
  if (args.has('mlp_ratio')) {
    const hidden = config.mlpWidth * (config.activation === 'swiglu' ? 2 : 1);
    if (Math.trunc(config.width * args.number('mlp_ratio')) !== hidden)
      throw args.error('mlp_ratio', `${hidden / config.width}, as the tensors have it`);
  }
}

/** The classifier's meaning where transformers wrote the file (model_type "timm_wrapper"). */
function labelsOf(file: Fields, classes: number, { labels }: Answers): Label[] {
  if (labels) return labelsSaid(labels, classes);
  if (classes === 0) return [];
  return file.has('model_type') ? labelsFor(file, classes) : labelsFromTimm(file, classes);
}

function assumedOf(file: Fields, data: Fields, args: Fields, classes: number): Assumption[] {
  return [
    ...(!file.has('model_type') && isImagenetByCustom(file, classes) ? (['labels'] as const) : []),
    ...assumedOfTimm(data).filter((name) => name !== 'size' || !args.has('img_size')),
  ];
}

/** @throws SaccadeError `bad-config`, `unknown-field`, `unknown-architecture`, `missing-heads`, `missing-tensor`, `misshaped-tensor` */
export function describeTimm(file: Fields, weights: WeightSource, answers: Answers = {}): Described {
  const flat = !file.has('pretrained_cfg');
  const wrapped = file.has('model_type');
  if (flat && !wrapped) checkFields('timm flat', file);
  else checkFields('timm', file);
  const args = file.objectOr('model_args');
  checkFields('timm model_args', args);
  const data = flat ? file : file.object('pretrained_cfg');
  if (!flat) checkFields('timm pretrained_cfg', data);
  const architecture = file.text('architecture');
  const [width = 0, , patchSize = 0] = weights.shape('patch_embed.proj.weight');
  const structure = structureOf(architecture, args, width, answers);
  // Without a classifier it is a backbone: it sees and does not name.
  const headless = !weights.has('head.weight');
  if (headless) held(file, 'num_classes', 0);
  const classes = headless
    ? 0
    : file.count('num_classes', wrapped ? weights.shape('head.weight')[0] : undefined);
  const trained = inputSizeOf(data, args, patchSize);
  const preprocessing = answered(preprocessingOfTimm(data, trained), answers);
  const swiglu =
    weights.shape('blocks.0.mlp.fc1.weight')[0] === 2 * (weights.shape('blocks.0.mlp.fc2.weight')[1] ?? 0);
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'timm',
      prefix: '',
      imageSize: answers.size ?? inputOf(preprocessing, trained),
      patchSize,
      width,
      depth: countBlocks(weights, 'blocks.0.norm1.weight'),
      heads: structure.heads,
      norm: structure.norm,
      normFirst: weights.has('norm_pre.weight') || undefined,
      epsilon: structure.epsilon,
      activation: activationOf(args, swiglu, structure.activation),
      clsToken: weights.has('cls_token'),
      distillation: weights.has('dist_token'),
      registers: weights.has('reg_token') ? (weights.shape('reg_token')[1] ?? 0) : 0,
      positionResize: { antialias: true }, // timm/layers/pos_embed.py, resample_abs_pos_embed
      positionGrid: {
        rows: Math.floor(trained.height / patchSize),
        columns: Math.floor(trained.width / patchSize),
      },
      pool: poolOf(file, args, structure.pool, weights.has('fc_norm.weight')),
      finalNorm: weights.has('fc_norm.weight') ? 'pooled' : 'tokens',
      classes,
    },
    weights,
  );
  if (config.normFirst && structure.epsilon === plainEpsilon && !args.has('pre_norm'))
    throw new SaccadeError('unknown-architecture', `timm's "${architecture}" has a norm before its first block, as CLIP's have, but its name does not tell that norm's epsilon and activation. Export the model to ONNX instead.`); // prettier-ignore
  if (config.pool === 'cls' && !config.clsToken)
    throw file.error('global_pool', '"avg" or "map", since the tensors hold no class token');
  holdAgainst(args, config, weights);
  return {
    config,
    preprocessing,
    labels: labelsOf(file, classes, answers),
    assumed: stillAssumed(assumedOf(file, data, args, classes), answers),
    licence: data.has('license') ? data.text('license') : null,
    outputActivation: outputActivationOf(wrapped ? file : null, classes),
  };
}
