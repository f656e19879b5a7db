/**
 * The `VisionTransformer` of the project's source document: post-norm blocks of `nn.MultiheadAttention` and a
 * two-layer feed-forward, named `patch_embedding`, `layers.N`, `norm`, `head`. Its state dict says nothing about
 * photos; `mean`, `std`, `interpolation` and `labels` may stand in config.json.
 */
import { interpolations } from '../manifest-values.ts';
import type { Assumption, Preprocessing } from '../manifest.ts';
import type { WeightSource } from '../weights/source.ts';
import { labelsFromNames, labelsSaid, numberedLabels } from './labels.ts';
import type { Fields } from './parse.ts';
import { answered, type Answers, stillAssumed } from './answers.ts';
import { type Described, refuseOne } from './described.ts';
import { checkFields } from './fields.ts';
import { completeFromShapes, held } from './shapes.ts';

/** What may stand in config.json of photos. */
const said: readonly Assumption[] = ['mean', 'std', 'interpolation'];

/** @throws SaccadeError `bad-config`, `missing-tensor`, `misshaped-tensor` */
export function describeSource(file: Fields, weights: WeightSource, answers: Answers = {}): Described {
  checkFields('source', file);
  const side = file.count('img_size');
  const classes = file.count('num_classes');
  const activation = file.text('activation', 'gelu');
  if (activation !== 'relu' && activation !== 'gelu') throw file.error('activation', '"relu" or "gelu"');
  const norm = file.text('norm', 'post');
  if (norm !== 'pre' && norm !== 'post') throw file.error('norm', '"pre" or "post"');
  const labels = file.values['labels'];
  if (labels !== undefined && (!Array.isArray(labels) || labels.length !== classes))
    throw file.error('labels', `a list of ${classes} names`);
  const imageSize = { height: side, width: side };
  refuseOne(classes);
  const interpolation = file.text('interpolation', 'bilinear');
  if (!(interpolations as readonly string[]).includes(interpolation))
    throw file.error('interpolation', "one of Pillow's filters");
  const config = completeFromShapes(
    {
      family: 'vit',
      keys: 'source',
      prefix: '',
      imageSize,
      patchSize: file.count('patch_size'),
      width: file.count('emb_dim'),
      depth: file.count('num_layers', undefined, 1000),
      heads: answers.heads ?? file.count('num_heads'),
      norm,
      epsilon: file.epsilon('layer_norm_eps', 1e-5),
      activation,
      clsToken: true,
      distillation: false,
      registers: 0,
      positionResize: { antialias: false },
      positionGrid: null,
      pool: 'cls',
      finalNorm: 'tokens',
      classes,
    },
    weights,
  );
  held(file, 'in_ch', 3);
  held(file, 'ff_dim', config.mlpWidth);
  return {
    config,
    preprocessing: answered(
      {
        resize: { mode: 'exact', ...imageSize },
        interpolation: interpolation as Preprocessing['interpolation'],
        crop: null,
        mean: file.channels('mean', [0.5, 0.5, 0.5]),
        std: file.deviations('std', [0.5, 0.5, 0.5]),
      },
      answers,
    ),
    labels: answers.labels
      ? labelsSaid(answers.labels, classes)
      : Array.isArray(labels)
        ? labelsFromNames(labels.map(String))
        : numberedLabels(classes),
    assumed: stillAssumed(
      said.filter((name) => !file.has(name)),
      answers,
    ),
    licence: null,
    outputActivation: 'softmax',
  };
}
