/**
 * SigLIP and SigLIP 2 as transformers has them (`SiglipModel`, models/siglip; Zhai et al. 2023, "Sigmoid Loss for
 * Language Image Pre-Training"; Tschannen et al. 2025, "SigLIP 2"): a backbone without a head, whose patches are
 * gathered by attention, that reads texts as well and answers each of them by itself. `SiglipForImageClassification` is
 * its encoder with a classifier that reads the mean of the patches.
 */
import { join } from 'node:path';
import type { FilledTexts, VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { idOfToken } from '../texts/tokens.ts';
import { partNames } from '../weights/names.ts';
import type { WeightSource } from '../weights/source.ts';
import type { Answers } from './answers.ts';
import { type Described, outputActivationOf } from './described.ts';
import { checkFields } from './fields.ts';
import { labelsFor, labelsSaid } from './labels.ts';
import { type Fields, readFields } from './parse.ts';
import { preprocessingOf } from './processor.ts';
import { completeFromShapes, held } from './shapes.ts';

const activations: Record<string, VitConfig['activation']> = { gelu_pytorch_tanh: 'gelu-tanh', gelu: 'gelu' };

/** Both are read: what stands in the second decides what a text becomes. */
const tokenizer = ['tokenizer.json', 'tokenizer_config.json'];

/** What fills texts, and how they are spelled, as the tokeniser's configuration has it. */
function filledAs(folder: string): FilledTexts {
  const file = readFields(join(folder, 'tokenizer_config.json'));
  const wanted = (expected: string) =>
    new SaccadeError(
      'bad-tokenizer',
      `Expected ${expected} beside a SigLIP model. Without it nobody can write labels for it.`,
    );
  if (!file) throw wanted('tokenizer.json and tokenizer_config.json');
  const kind = file.text('tokenizer_class', '').replace(/Fast$/, '');
  const spelling = ({ SiglipTokenizer: 'lower-bare', GemmaTokenizer: 'lower', Siglip2Tokenizer: 'lower' } as const)[kind]; // prettier-ignore
  if (!spelling) throw file.error('tokenizer_class', "SiglipTokenizer, or SigLIP 2's GemmaTokenizer");
  const said = file.values['pad_token'];
  const token = typeof said === 'string' ? said : file.object('pad_token').text('content');
  const by = idOfToken(folder, tokenizer, token);
  if (by === null) throw wanted(`a tokenizer.json that knows the token "${token}", which fills texts,`);
  return { by, spelling };
}

/** @throws SaccadeError `bad-config`, `unknown-field`, `missing-preprocessing`, `missing-tensor`, `bad-tokenizer`, … */
export function describeSiglip(
  file: Fields,
  processor: Fields | null,
  weights: WeightSource,
  folder: string,
  { labels }: Answers = {},
): Described {
  if (!processor)
    throw new SaccadeError(
      'missing-preprocessing',
      'Expected preprocessor_config.json beside the weights: without it nobody knows how photos must be prepared.',
    );
  checkFields('siglip', file);
  const vision = file.objectOr('vision_config');
  const text = file.objectOr('text_config');
  checkFields('siglip vision_config', vision);
  checkFields('siglip text_config', text);
  held(vision, 'num_channels', 3);
  // What transformers takes where a configuration says nothing (configuration_siglip.py).
  const towerOf = (fields: Fields) => {
    const activation = activations[fields.text('hidden_act', 'gelu_pytorch_tanh')];
    if (!activation) throw fields.error('hidden_act', `one of ${Object.keys(activations).join(', ')}`);
    return {
      width: fields.count('hidden_size', 768),
      depth: fields.count('num_hidden_layers', 12, 1000),
      heads: fields.count('num_attention_heads', 12),
      epsilon: fields.epsilon('layer_norm_eps', 1e-6),
      activation,
    };
  };
  const image = towerOf(vision);
  const side = vision.count('image_size', 224);
  const patchSize = vision.count('patch_size', 16);
  const preprocessing = preprocessingOf(processor, 'siglip');
  const { resize, crop } = preprocessing;
  const size = crop ?? (resize.mode === 'exact' ? resize : null);
  if (size?.height !== side || size.width !== side)
    throw processor.error('size', `${side} × ${side} pixels, as the model's "image_size" is`);
  const grid = Math.floor(side / patchSize);
  const isClassifier = weights.has('classifier.weight');
  const classes = isClassifier ? (weights.shape('classifier.weight')[0] ?? 0) : 0;
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'siglip',
      prefix: 'vision_model',
      imageSize: { height: side, width: side },
      patchSize,
      ...image,
      norm: 'pre',
      clsToken: false,
      distillation: false,
      registers: 0,
      positionResize: { antialias: false },
      positionGrid: { rows: grid, columns: grid },
      pool: isClassifier ? 'mean' : 'attention',
      finalNorm: 'tokens',
      classes,
    },
    weights,
  );
  if (isClassifier)
    return {
      config,
      preprocessing,
      labels: labels ? labelsSaid(labels, classes) : labelsFor(file, classes),
      licence: null,
      outputActivation: outputActivationOf(file, classes),
    };
  const reads = { ...config, prefix: 'text_model' };
  const [vocabulary = 0] = weights.shape('text_model.embeddings.token_embedding.weight');
  const mlpWidth = weights.shape(`${partNames(reads).block(0).fc2}.weight`)[1] ?? 0;
  const positions = text.count('max_position_embeddings', 64);
  return {
    config: {
      ...config,
      text: { ...towerOf(text), positions, mlpWidth, vocabulary, tokenizer, filled: filledAs(folder) },
    },
    preprocessing,
    labels: [],
    licence: null,
    outputActivation: 'softmax',
  };
}
