/**
 * CLIP as two layouts have it: transformers' `CLIPModel` (config.json, models/clip) and open_clip's
 * (`open_clip_config.json`, open_clip/model.py, transformer.py). A backbone without a head that reads texts as well.
 */
import type { VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import type { Preprocessing } from '../manifest.ts';
import { partNames } from '../weights/names.ts';
import type { WeightSource } from '../weights/source.ts';
import type { Described } from './described.ts';
import { checkFields } from './fields.ts';
import type { Fields } from './parse.ts';
import { preprocessingOf } from './processor.ts';
import { completeFromShapes, held, type Sketch } from './shapes.ts';

/** torch.nn.LayerNorm's, which both leave as it is. */
const epsilon = 1e-5;

const activations: Record<string, VitConfig['activation']> = { quick_gelu: 'quick-gelu', gelu: 'gelu' };

interface Tower {
  width: number;
  depth: number;
  heads: number;
  epsilon: number;
  activation: VitConfig['activation'];
}

function describe(
  layout: { keys: 'clip' | 'open_clip'; prefix: string; text: string },
  image: Tower & { imageSize: number; patchSize: number },
  text: Tower & { positions: number },
  preprocessing: Preprocessing,
  weights: WeightSource,
  tokenizer: string[] | null,
): Described {
  const { keys, prefix } = layout;
  const { imageSize: side, patchSize, ...tower } = image;
  if (!tokenizer)
    throw new SaccadeError(
      'bad-tokenizer',
      'Expected tokenizer.json, or vocab.json and merges.txt, beside a CLIP model; found neither. Without it nobody can write labels for it.',
    );
  const grid = Math.floor(side / patchSize);
  const sketch: Sketch = {
    family: 'vit',
    keys,
    prefix,
    imageSize: preprocessing.crop ?? { height: side, width: side },
    patchSize,
    ...tower,
    norm: 'pre',
    normFirst: true,
    clsToken: true,
    distillation: false,
    registers: 0,
    positionResize: { antialias: keys === 'open_clip' },
    positionGrid: { rows: grid, columns: grid },
    pool: 'cls',
    finalNorm: 'tokens',
    classes: 0,
    projection: projectionOf(keys, prefix, weights),
  };
  const config = completeFromShapes(sketch, weights);
  const names = partNames({ ...config, prefix: layout.text });
  const mlpWidth = weights.shape(`${names.block(0).fc2}.weight`)[1] ?? 0;
  const table =
    keys === 'clip' ? `${layout.text}.embeddings.token_embedding.weight` : 'token_embedding.weight';
  const [vocabulary = 0] = weights.shape(table);
  return {
    config: { ...config, text: { ...text, mlpWidth, vocabulary, tokenizer } },
    preprocessing,
    labels: [],
    licence: null,
    outputActivation: 'softmax',
  };
}

function projectionOf(keys: 'clip' | 'open_clip', prefix: string, weights: WeightSource): number {
  const { projection } = partNames({ keys, prefix } as VitConfig);
  return weights.shape(projection)[keys === 'clip' ? 0 : 1] ?? 0;
}

/** @throws SaccadeError `bad-config`, `unknown-field`, `missing-preprocessing`, `missing-tensor`, `bad-tokenizer`, … */
export function describeClip(
  file: Fields,
  processor: Fields | null,
  weights: WeightSource,
  tokenizer: string[] | null,
): Described {
  if (!processor)
    throw new SaccadeError(
      'missing-preprocessing',
      'Expected preprocessor_config.json beside the weights: without it nobody knows how photos must be prepared.',
    );
  // It reads the mean of patches that no norm follows (CLIPForImageClassification).
  if (weights.has('classifier.weight'))
    throw new SaccadeError('unknown-architecture', 'The weights hold a classifier on CLIP, which is not one that Saccade builds; CLIP itself, with its text tower, was expected. Export the model to ONNX instead.'); // prettier-ignore
  checkFields('clip', file);
  const vision = file.objectOr('vision_config');
  const text = file.objectOr('text_config');
  checkFields('clip vision_config', vision);
  checkFields('clip text_config', text);
  held(vision, 'num_channels', 3);
  // What transformers takes where a configuration says nothing (configuration_clip.py).
  const towerOf = (fields: Fields, width: number, heads: number): Tower => {
    const activation = activations[fields.text('hidden_act', 'quick_gelu')];
    if (!activation) throw fields.error('hidden_act', `one of ${Object.keys(activations).join(', ')}`);
    return {
      width: fields.count('hidden_size', width),
      depth: fields.count('num_hidden_layers', 12, 1000),
      heads: fields.count('num_attention_heads', heads),
      epsilon: fields.epsilon('layer_norm_eps', epsilon),
      activation,
    };
  };
  return describe(
    { keys: 'clip', prefix: 'vision_model', text: 'text_model' },
    {
      ...towerOf(vision, 768, 12),
      imageSize: vision.count('image_size', 224),
      patchSize: vision.count('patch_size', 32),
    },
    { ...towerOf(text, 512, 8), positions: text.count('max_position_embeddings', 77) },
    preprocessingOf(processor, 'clip'),
    weights,
    tokenizer,
  );
}

/** @throws as `describeClip` does */
export function describeOpenClip(file: Fields, weights: WeightSource, tokenizer: string[] | null): Described {
  checkFields('open_clip', file);
  const model = file.object('model_cfg');
  const data = file.objectOr('preprocess_cfg');
  checkFields('open_clip model_cfg', model);
  checkFields('open_clip preprocess_cfg', data);
  const vision = model.object('vision_cfg');
  const text = model.object('text_cfg');
  checkFields('open_clip vision_cfg', vision);
  checkFields('open_clip text_cfg', text);
  const activation = model.flag('quick_gelu', false) ? 'quick-gelu' : 'gelu';
  const side = vision.count('image_size', 224);
  const width = vision.count('width', 768);
  const headWidth = vision.count('head_width', 64);
  if (width % headWidth) throw vision.error('head_width', `a divisor of the width ${width}`);
  const resize = data.text('resize_mode', 'shortest');
  if (resize !== 'shortest' && resize !== 'squash') throw data.error('resize_mode', '"shortest" or "squash"');
  const interpolation = data.text('interpolation', 'bicubic');
  if (interpolation !== 'bicubic' && interpolation !== 'bilinear')
    throw data.error('interpolation', '"bicubic" or "bilinear"');
  const square = { height: side, width: side };
  return describe(
    { keys: 'open_clip', prefix: 'visual.', text: '' },
    {
      width,
      depth: vision.count('layers', 12, 1000),
      heads: width / headWidth,
      epsilon,
      activation,
      imageSize: side,
      patchSize: vision.count('patch_size', 16),
    },
    {
      width: text.count('width', 512),
      depth: text.count('layers', 12, 1000),
      heads: text.count('heads', 8),
      epsilon,
      activation,
      positions: text.count('context_length', 77),
    },
    {
      resize: resize === 'squash' ? { mode: 'exact', ...square } : { mode: 'shortest-edge', size: side },
      interpolation,
      crop: square,
      // open_clip/constants.py, OPENAI_DATASET_MEAN and _STD.
      mean: data.channels('mean', [0.48145466, 0.4578275, 0.40821073]),
      std: data.channels('std', [0.26862954, 0.26130258, 0.27577711]),
    },
    weights,
    tokenizer,
  );
}
