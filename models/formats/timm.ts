/** timm's `config.json` (timm/models/_hub.py, `save_config_for_hf`) with `vision_transformer.py`'s tensor names. */
import { interpolations } from '../manifest.ts';
import { SaccadeError } from '../error.ts';
import type { VitConfig } from '../config.ts';
import type { Label, Preprocessing } from '../manifest.ts';
import { headsOfTimm } from '../variants.ts';
import type { WeightSource } from '../weights/source.ts';
import { labelsFromTimm } from './labels.ts';
import type { Fields } from './parse.ts';
import { completeFromShapes, countBlocks } from './shapes.ts';

export interface Described {
  config: VitConfig;
  preprocessing: Preprocessing;
  labels: Label[];
  licence: string | null;
}

const mean: [number, number, number] = [0.485, 0.456, 0.406];
const std: [number, number, number] = [0.229, 0.224, 0.225];

/** timm/data/transforms_factory.py: resize to floor(size / crop_pct), then crop. */
export function preprocessing(data: Fields, input: { height: number; width: number }): Preprocessing {
  const named = data.text('interpolation', 'bicubic');
  const interpolation = named === 'random' ? 'bilinear' : named;
  if (!(interpolations as readonly string[]).includes(interpolation))
    throw data.error('interpolation', "one of Pillow's filters");
  const crop = data.number('crop_pct', 0.875);
  if (crop <= 0 || crop > 1) throw data.error('crop_pct', 'a share above 0 and up to 1');
  const mode = data.text('crop_mode', 'center');
  if (mode !== 'center' && mode !== 'squash') throw data.error('crop_mode', '"center" or "squash"');
  const scaled = { height: Math.floor(input.height / crop), width: Math.floor(input.width / crop) };
  const square = scaled.height === scaled.width;
  return {
    resize:
      mode === 'squash' || !square
        ? { mode: 'exact', ...scaled }
        : { mode: 'shortest-edge', size: scaled.height },
    interpolation: interpolation as Preprocessing['interpolation'],
    crop: input,
    mean: data.channels('mean', mean),
    std: data.channels('std', std),
  };
}

/** @throws SaccadeError `bad-config`, `unknown-architecture`, `missing-tensor`, `misshaped-tensor` */
export function describeTimm(file: Fields, weights: WeightSource): Described {
  const architecture = file.text('architecture');
  const args = file.objectOr('model_args');
  const data = file.objectOr('pretrained_cfg');
  const [width, , patchSize] = weights.shape('patch_embed.proj.weight') as [number, number, number];
  const refuse = (what: string) => {
    const advice = 'Import the model as ONNX instead.';
    return new SaccadeError(
      'unknown-architecture',
      `timm's architecture "${architecture}" ${what}. ${advice}`,
    );
  };
  const heads = args.has('num_heads') ? args.count('num_heads') : headsOfTimm(architecture);
  if (!heads) throw refuse('is not a plain Vision Transformer, and config.json names no "num_heads"');
  if (/clip|siglip|quickgelu|gap_/.test(architecture) && !args.has('num_heads'))
    throw refuse('differs from a plain Vision Transformer in ways that its tensors do not show');
  if (!weights.has('head.weight'))
    throw refuse('comes without a classifier ("head.weight"), so it has no labels to give');
  const classes = file.count('num_classes');
  const pool = file.text('global_pool', args.text('global_pool', 'token'));
  if (pool !== 'token' && pool !== 'avg') throw file.error('global_pool', '"token" or "avg"');
  const size = data.values['input_size'];
  const side =
    data.has('input_size') && Array.isArray(size)
      ? size
      : [3, args.number('img_size', 224), args.number('img_size', 224)];
  const [channels, height, wide] = side as [number, number, number];
  if (
    channels !== 3 ||
    !Number.isInteger(height) ||
    !Number.isInteger(wide) ||
    height < patchSize ||
    wide < patchSize
  )
    throw data.error('input_size', 'three channels and a height and width of at least one patch');
  const imageSize = { height, width: wide };
  const swiglu =
    weights.shape('blocks.0.mlp.fc1.weight')[0] === 2 * (weights.shape('blocks.0.mlp.fc2.weight')[1] ?? 0);
  const registers = weights.has('reg_token') ? (weights.shape('reg_token')[1] ?? 0) : 0;
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'timm',
      prefix: '',
      imageSize,
      patchSize,
      width,
      depth: countBlocks(weights, 'blocks.0.norm1.weight'),
      heads,
      norm: 'pre',
      epsilon: 1e-6, // vision_transformer.py: norm_layer = partial(nn.LayerNorm, eps=1e-6)
      activation: swiglu ? 'swiglu' : 'gelu',
      clsToken: weights.has('cls_token'),
      distillation: weights.has('dist_token'),
      registers,
      positionResize: { antialias: true }, // timm/layers/pos_embed.py, resample_abs_pos_embed
      positionGrid: null,
      pool: pool === 'avg' ? 'mean' : 'cls',
      finalNorm: weights.has('fc_norm.weight') ? 'pooled' : 'tokens',
      classes,
    },
    weights,
  );
  return {
    config,
    preprocessing: preprocessing(data, imageSize),
    labels: labelsFromTimm(file, classes),
    licence: data.has('license') ? data.text('license') : null,
  };
}
