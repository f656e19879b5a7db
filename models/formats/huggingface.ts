/**
 * Hugging Face's `config.json` and `preprocessor_config.json` of ViT, ViT-MSN, DeiT, DINOv2 and DINOv2 with registers
 * (transformers, models/{vit,vit_msn,deit,dinov2,dinov2_with_registers}).
 */
import { basename } from 'node:path';
import type { VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import type { Label } from '../manifest.ts';
import type { WeightSource } from '../weights/source.ts';
import { answered, type Answers, inputOf, open, openPreprocessing, saidAlone } from './answers.ts'; // prettier-ignore
import { lacking, OpenAnswers } from './open-answers.ts';
import { type Described, outputActivationOf } from './described.ts';
import { checkFields } from './fields.ts';
import { labelsFor, labelsSaid } from './labels.ts';
import type { Fields } from './parse.ts';
import { preprocessingOf, sidesOf } from './processor.ts';
import { completeFromShapes, held } from './shapes.ts';

const plain = { prefix: 'vit', secondToken: false, pool: 'cls', antialias: false, epsilon: 1e-12 } as const; // prettier-ignore
const dino = { ...plain, prefix: 'dinov2', pool: 'cls+mean', epsilon: 1e-6 } as const;
const families = {
  vit: plain,
  vit_msn: { ...plain, epsilon: 1e-6 },
  vit_mae: plain,
  deit: { ...plain, prefix: 'deit', secondToken: true },
  dinov2: dino,
  dinov2_with_registers: { ...dino, prefix: 'dinov2_with_registers', antialias: true },
} as const;

const activations: Record<string, VitConfig['activation']> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  quick_gelu: 'quick-gelu',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
};

/** Whether the configuration is of a model that is built here. */
export function isHuggingFace(file: Fields): boolean {
  return file.has('model_type') && file.values['model_type'] !== 'timm_wrapper';
}

function patchSizeOf(file: Fields): number {
  const { height, width } = sidesOf(file, 'patch_size');
  if (height !== width) throw file.error('patch_size', 'one number, of square patches');
  return height;
}

/** What the configuration says again of what the tensors show must agree with them. */
function holdAgainst(file: Fields, config: VitConfig, type: string): void {
  held(file, 'num_channels', 3);
  if (!file.flag('qkv_bias', true) || config.qkvBias) held(file, 'qkv_bias', config.qkvBias);
  else throw file.error('qkv_bias', 'false, as the tensors have it');
  if (config.activation === 'swiglu') return;
  held(file, 'intermediate_size', config.mlpWidth);
  if (type.startsWith('dinov2') && Math.trunc(config.width * file.number('mlp_ratio', 4)) !== config.mlpWidth)
    throw file.error('mlp_ratio', `${config.mlpWidth / config.width}, as the tensors have it`);
}

function labelsOf(file: Fields, classes: number, { labels }: Answers): Label[] {
  if (labels) return labelsSaid(labels, classes);
  return classes ? labelsFor(file, classes) : [];
}

/** @throws SaccadeError `bad-config`, `unknown-field`, `unknown-architecture`, `missing-preprocessing`, `missing-tensor`, … */
export function describeHuggingFace(
  file: Fields,
  processor: Fields | null,
  weights: WeightSource,
  answers: Answers = {},
): Described {
  const type = file.text('model_type');
  const family = Object.hasOwn(families, type) ? families[type as keyof typeof families] : null;
  if (!family)
    throw new SaccadeError(
      'unknown-architecture',
      `config.json: "model_type" should be one of ${Object.keys(families).join(', ')}; found "${type}". Export the model to ONNX, or choose another one.`,
    );
  const unsaid = openPreprocessing(answers, null);
  if (!processor && unsaid.length)
    throw lacking('There is no preprocessor_config.json beside the weights: without it nobody knows how photos must be prepared.', open(unsaid, answers, { size: file.has('image_size') ? sidesOf(file, 'image_size') : null })); // prettier-ignore
  checkFields('huggingface', file);
  const { prefix, secondToken } = family;
  const twoHeads = secondToken && weights.has('distillation_classifier.weight');
  const head = twoHeads ? 'cls_classifier.weight' : 'classifier.weight';
  const trained = sidesOf(file, 'image_size');
  const read = processor && preprocessingOf(processor, type);
  const preprocessing = read ? answered(read, answers) : saidAlone(answers, answers.size ?? trained)!;
  if (preprocessing.resize.mode === 'shortest-edge' && !preprocessing.crop)
    throw new OpenAnswers('unsupported-preprocessing', `${basename(processor?.file ?? 'preprocessor_config.json')} scales the shorter side and crops nothing, so that photos would come in every shape; expected "do_center_crop" with "crop_size", or a crop that you give.`, open(['crop'], answers, { file: preprocessing, size: trained })); // prettier-ignore
  const swiglu = type.startsWith('dinov2') && file.flag('use_swiglu_ffn', false);
  const activation = activations[file.text('hidden_act', 'gelu')];
  if (!activation) throw file.error('hidden_act', `one of ${Object.keys(activations).join(', ')}`);
  const patchSize = patchSizeOf(file);
  // Without a classifier it is a backbone: it sees and does not name.
  const classes = weights.has(head) ? (weights.shape(head)[0] ?? 0) : 0;
  const bare = classes === 0 && weights.has('embeddings.cls_token');
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'huggingface',
      prefix,
      bare: bare || undefined,
      imageSize: answers.size ?? inputOf(preprocessing, trained),
      patchSize,
      width: file.count('hidden_size'),
      depth: file.count('num_hidden_layers', undefined, 1000),
      heads: answers.heads ?? file.count('num_attention_heads'),
      norm: 'pre',
      epsilon: file.epsilon('layer_norm_eps', family.epsilon),
      activation: swiglu ? 'swiglu' : activation,
      clsToken: true,
      distillation: secondToken,
      distillationHead: secondToken && !twoHeads ? (false as const) : undefined,
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
  const { rows, columns } = config.positions;
  if (rows !== Math.floor(trained.height / patchSize) || columns !== Math.floor(trained.width / patchSize))
    throw file.error(
      'image_size',
      `${rows * patchSize} × ${columns * patchSize}, as the position embeddings have it`,
    );
  holdAgainst(file, config, type);
  return {
    config,
    preprocessing,
    labels: labelsOf(file, classes, answers),
    licence: null,
    outputActivation: outputActivationOf(file, classes),
  };
}
