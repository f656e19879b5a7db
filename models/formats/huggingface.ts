/**
 * Hugging Face's `config.json` and `preprocessor_config.json` of ViT, DeiT, DINOv2 and DINOv2 with registers
 * (transformers, models/{vit,deit,dinov2,dinov2_with_registers} and their image processors).
 */
import { SaccadeError } from '../error.ts';
import type { Preprocessing } from '../manifest.ts';
import type { WeightSource } from '../weights/source.ts';
import { labelsFromId2Label } from './labels.ts';
import type { Fields } from './parse.ts';
import { completeFromShapes } from './shapes.ts';
import type { Described } from './timm.ts';

const families = {
  vit: { distillation: false, pool: 'cls', antialias: false, squareByDefault: true },
  deit: { distillation: true, pool: 'cls', antialias: false, squareByDefault: true },
  dinov2: { distillation: false, pool: 'cls+mean', antialias: false, squareByDefault: false },
  dinov2_with_registers: { distillation: false, pool: 'cls+mean', antialias: true, squareByDefault: false },
} as const;

const activations: Record<string, 'gelu' | 'gelu-tanh' | 'relu'> = {
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  relu: 'relu',
};

/** PIL.Image.Resampling */
const filters = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

function sides(file: Fields, name: string): { height: number; width: number } {
  if (typeof file.values[name] === 'number') return { height: file.count(name), width: file.count(name) };
  const size = file.object(name);
  return { height: size.count('height'), width: size.count('width') };
}

function resizeOf(file: Fields, squareByDefault: boolean): Preprocessing['resize'] {
  const size = file.values['size'];
  if (typeof size === 'number')
    return squareByDefault
      ? { mode: 'exact', height: file.count('size'), width: file.count('size') }
      : { mode: 'shortest-edge', size: file.count('size') };
  const fields = file.object('size');
  if (fields.has('shortest_edge')) return { mode: 'shortest-edge', size: fields.count('shortest_edge') };
  return { mode: 'exact', ...sides(file, 'size') };
}

/** @throws SaccadeError `bad-config`, `unsupported-preprocessing` */
export function preprocessingOf(file: Fields, squareByDefault: boolean): Preprocessing {
  if (!file.flag('do_resize', true) || !file.flag('do_rescale', true))
    throw new SaccadeError('unsupported-preprocessing', 'preprocessor_config.json should resize and rescale photos; it says not to.'); // prettier-ignore
  if (Math.abs(file.number('rescale_factor', 1 / 255) - 1 / 255) > 1e-6)
    throw file.error('rescale_factor', '1/255');
  const filter = filters[file.number('resample', 2)];
  if (!filter) throw file.error('resample', "one of Pillow's filters, 0 to 5");
  const normalise = file.flag('do_normalize', true);
  return {
    resize: resizeOf(file, squareByDefault),
    interpolation: filter,
    crop: file.flag('do_center_crop', file.has('crop_size')) ? sides(file, 'crop_size') : null,
    mean: normalise ? file.channels('image_mean', [0.5, 0.5, 0.5]) : [0, 0, 0],
    std: normalise ? file.channels('image_std', [0.5, 0.5, 0.5]) : [1, 1, 1],
  };
}

/** What the model gets to see after this preprocessing. */
export function inputOf(preprocessing: Preprocessing, fallback: { height: number; width: number }) {
  if (preprocessing.crop) return preprocessing.crop;
  const { resize } = preprocessing;
  if (resize.mode === 'exact') return { height: resize.height, width: resize.width };
  return resize.mode === 'longest-edge' ? { height: resize.size, width: resize.size } : fallback;
}

/** @throws SaccadeError `bad-config`, `unknown-architecture`, `missing-preprocessing`, `missing-tensor`, … */
export function describeHuggingFace(
  file: Fields,
  processor: Fields | null,
  weights: WeightSource,
): Described {
  const type = file.text('model_type');
  const family = Object.hasOwn(families, type) ? families[type as keyof typeof families] : null;
  if (!family)
    throw new SaccadeError(
      'unknown-architecture',
      `config.json: "model_type" should be one of ${Object.keys(families).join(', ')}; found "${type}". Import the model as ONNX instead.`,
    );
  if (!processor)
    throw new SaccadeError(
      'missing-preprocessing',
      'Expected preprocessor_config.json beside the weights: without it nobody knows how photos must be prepared.',
    );
  // DeiT is published with both heads, or with the plain ViT head on [CLS].
  const twoHeads = family.distillation && weights.has('distillation_classifier.weight');
  if (!weights.has('classifier.weight') && !twoHeads)
    throw new SaccadeError('unknown-architecture', 'The weights hold no classifier ("classifier.weight"), so the model has no labels to give.'); // prettier-ignore
  if (type === 'deit' && !twoHeads)
    throw new SaccadeError('unknown-architecture', 'This DeiT has a distillation token but a single head, which Saccade does not build. Import the model as ONNX instead.'); // prettier-ignore
  const trained = sides(file, 'image_size');
  const preprocessing = preprocessingOf(processor, family.squareByDefault);
  const swiglu = file.flag('use_swiglu_ffn', false);
  const activation = activations[file.text('hidden_act', 'gelu')];
  if (!activation) throw file.error('hidden_act', `one of ${Object.keys(activations).join(', ')}`);
  const patchSize = file.count('patch_size');
  const classes = file.has('id2label')
    ? Object.keys(file.object('id2label').values).length
    : file.count('num_labels', 2);
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'huggingface',
      prefix: type,
      imageSize: inputOf(preprocessing, trained),
      patchSize,
      width: file.count('hidden_size'),
      depth: file.count('num_hidden_layers', undefined, 1000),
      heads: file.count('num_attention_heads'),
      norm: 'pre',
      epsilon: file.number('layer_norm_eps', 1e-12),
      activation: swiglu ? 'swiglu' : activation,
      clsToken: true,
      distillation: twoHeads,
      registers: type === 'dinov2_with_registers' ? file.count('num_register_tokens', 4) : 0,
      positionResize: { antialias: family.antialias },
      positionGrid: {
        rows: Math.floor(trained.height / patchSize),
        columns: Math.floor(trained.width / patchSize),
      },
      pool: family.pool,
      finalNorm: 'tokens',
      classes,
    },
    weights,
  );
  return { config, preprocessing, labels: labelsFromId2Label(file, classes), licence: null };
}
