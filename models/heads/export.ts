/**
 * A taught model as a folder for others: `config.json` and `model.safetensors` with the backbone and the new head, in
 * the layout whose names the backbone has, timm's or transformers', so that it is read there and imported here again.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasDistillationHead, type VitConfig } from '../config.ts';
import { SaccadeError } from '../error.ts';
import { interpolations } from '../manifest-values.ts';
import type { ModelManifest, Preprocessing } from '../manifest.ts';
import { partNames } from '../weights/names.ts';
import { encodeSafetensors, type Writable } from '../weights/encode-safetensors.ts';
import { WeightSource } from '../weights/source.ts';
import { checkFits, type Head, rowsOf } from './head.ts';
import { noneOfThese } from './label-names.ts';
import { fitOf } from './own.ts';

/** What a configuration says of a head. */
export type HeadWords = Pick<Head, 'reads' | 'answers' | 'labels' | 'none'>;

const refuse = (what: string) =>
  new SaccadeError('cannot-export', `${what} Use the head here, where it can be read as it is.`);

/** [C, F] → the columns of one token, [C, D], times `factor`. */
function part(head: Head, from: number, width: number, factor: number): Float32Array {
  const { length } = head.fits;
  const rows = rowsOf(head);
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < width; i++) out[row * width + i] = head.weight[row * length + from + i]! * factor;
  return out;
}

function headTensors(head: Head, config: VitConfig): Writable {
  const names = partNames({ ...config, classes: rowsOf(head) });
  const rows = rowsOf(head);
  const linear = (name: string, width: number, weight: Float32Array): Writable => ({
    [`${name}.weight`]: { shape: [rows, width], data: weight },
    [`${name}.bias`]: { shape: [rows], data: head.bias },
  });
  if (!hasDistillationHead(config)) return linear(names.head, head.fits.length, head.weight);
  // The two are averaged: each has twice its part, and the whole bias.
  const { width } = config;
  return {
    ...linear(names.head, width, part(head, 0, width, 2)),
    ...linear(names.headDistillation, width, part(head, width, width, 2)),
  };
}

/** What stands in a checkpoint beside the backbone itself. */
const beside = /(^|\.)(pooler|mask_token)(\.|$)|^decoder[._]/;

/** DINOv2's own names as timm has them. */
const asTimm = (name: string) =>
  name.replace(/^register_tokens$/, 'reg_token').replace('.mlp.w12.', '.mlp.fc1.').replace('.mlp.w3.', '.mlp.fc2.'); // prettier-ignore

function backboneTensors(source: WeightSource, config: VitConfig): Writable {
  const names = partNames(config);
  const heads = [names.head, names.headDistillation].filter(Boolean).flatMap((name) => [`${name}.weight`, `${name}.bias`]); // prettier-ignore
  const kept = source.names.filter((name) => !heads.includes(name) && !beside.test(name));
  return Object.fromEntries(
    kept.map((name) => {
      const shape = source.shape(name);
      const data = source.read(name, shape);
      const stored = source.dtype(name) === 'F16' ? new Float16Array(data) : data;
      const written = config.bare ? `${config.prefix}.${name}` : config.keys === 'timm' ? asTimm(name) : name;
      return [written, { shape, data: stored }];
    }),
  );
}

/** crop_pct with floor(side / crop_pct) = resized, as timm computes it. */
function cropShare(side: number, resized: number): number {
  const found = [side / resized, side / (resized + 0.5)].find((share) => Math.floor(side / share) === resized); // prettier-ignore
  if (found === undefined) throw refuse(`timm can't say that photos are scaled to ${resized} pixels and cropped to ${side}.`); // prettier-ignore
  return found;
}

function timmData({ resize, crop, interpolation, mean, std }: Preprocessing, config: VitConfig) {
  const { height, width } = crop ?? config.imageSize;
  const common = { input_size: [3, height, width], interpolation, mean, std };
  if (resize.mode === 'shortest-edge' && height === width)
    return { ...common, crop_pct: cropShare(height, resize.size), crop_mode: 'center' };
  if (resize.mode === 'exact')
    return { ...common, crop_pct: cropShare(height, resize.height), crop_mode: 'squash' };
  throw refuse(`timm has no words for photos that are resized by "${resize.mode}".`);
}

function timmFiles(head: HeadWords, config: VitConfig, preprocessing: Preprocessing): Record<string, object> {
  const { width, depth, heads, mlpWidth, activation, imageSize, patchSize, pool } = config;
  const usual = config.norm === 'pre' && !config.normFirst && pool !== 'attention' && config.epsilon === 1e-6;
  if (!usual || !['gelu', 'swiglu'].includes(activation))
    throw refuse("This backbone differs from timm's plain Vision Transformer in ways that its configuration can't say."); // prettier-ignore
  if (head.answers === 'any') throw refuse('timm has no words for labels any of which may hold.');
  const labels = labelsOf(head);
  return {
    'config.json': {
      architecture: config.distillation ? 'deit_base_distilled_patch16_224' : 'vit_base_patch16_224',
      num_classes: labels.length,
      num_features: width,
      global_pool: pool === 'mean' ? 'avg' : 'token',
      label_names: labels.map(({ id }) => id),
      label_descriptions: Object.fromEntries(labels.map(({ id, name }) => [id, name])),
      model_args: {
        img_size:
          imageSize.height === imageSize.width ? imageSize.height : [imageSize.height, imageSize.width],
        patch_size: patchSize,
        embed_dim: width,
        depth,
        num_heads: heads,
        mlp_ratio: (activation === 'swiglu' ? 2 * mlpWidth : mlpWidth) / width,
        qkv_bias: config.qkvBias,
        init_values: config.layerScale ? 1e-5 : undefined,
        act_layer: activation === 'swiglu' ? 'silu' : undefined,
        class_token: config.clsToken ? undefined : false,
        reg_tokens: config.registers || undefined,
        no_embed_class: config.positions.special ? undefined : true,
        fc_norm: pool === 'mean' ? config.finalNorm === 'pooled' : undefined,
      },
      pretrained_cfg: {
        ...timmData(preprocessing, config),
        num_classes: labels.length,
        first_conv: 'patch_embed.proj',
        classifier: config.distillation ? ['head', 'head_dist'] : 'head',
      },
    },
  };
}

function processorFile({ resize, crop, interpolation, mean, std }: Preprocessing): object {
  if (resize.mode !== 'shortest-edge' && resize.mode !== 'exact')
    throw refuse(`transformers has no words for photos that are resized by "${resize.mode}".`);
  const exact = resize.mode === 'exact';
  return {
    image_processor_type: exact && !crop ? 'ViTImageProcessor' : 'BitImageProcessor',
    do_resize: true,
    size: exact ? { height: resize.height, width: resize.width } : { shortest_edge: resize.size },
    resample: interpolations.indexOf(interpolation),
    do_center_crop: crop !== null,
    crop_size: crop ?? undefined,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}

const architectures: Record<string, string> = {
  vit: 'ViTForImageClassification',
  deit: 'DeiTForImageClassification',
  dinov2: 'Dinov2ForImageClassification',
  dinov2_with_registers: 'Dinov2WithRegistersForImageClassification',
};

const activations: Partial<Record<VitConfig['activation'], string>> = {
  gelu: 'gelu',
  'gelu-tanh': 'gelu_new',
  'quick-gelu': 'quick_gelu',
  relu: 'relu',
  silu: 'silu',
  swiglu: 'gelu', // not read beside use_swiglu_ffn
};

function huggingFaceFiles(
  head: HeadWords,
  config: VitConfig,
  preprocessing: Preprocessing,
): Record<string, object> {
  const { prefix, width, patchSize, mlpWidth, positions } = config;
  const architecture = architectures[prefix];
  if (!architecture) throw refuse(`transformers has no classifier for "${prefix}".`);
  const labels = labelsOf(head);
  const size = { rows: positions.rows * patchSize, columns: positions.columns * patchSize };
  const dino = prefix.startsWith('dinov2');
  return {
    'config.json': {
      architectures: [architecture + (hasDistillationHead(config) ? 'WithTeacher' : '')],
      model_type: prefix,
      hidden_size: width,
      num_hidden_layers: config.depth,
      num_attention_heads: config.heads,
      hidden_act: activations[config.activation],
      layer_norm_eps: config.epsilon,
      image_size: size.rows === size.columns ? size.rows : [size.rows, size.columns],
      patch_size: patchSize,
      num_channels: 3,
      qkv_bias: config.qkvBias,
      ...(dino
        ? { mlp_ratio: config.activation === 'swiglu' ? 4 : mlpWidth / width }
        : { intermediate_size: mlpWidth }),
      use_swiglu_ffn: config.activation === 'swiglu' ? true : undefined,
      num_register_tokens: config.registers || undefined,
      problem_type: head.answers === 'any' ? 'multi_label_classification' : 'single_label_classification',
      id2label: Object.fromEntries(labels.map(({ name }, i) => [i, name])),
      label2id: Object.fromEntries(labels.map(({ name }, i) => [name, i])),
    },
    'preprocessor_config.json': processorFile(preprocessing),
  };
}

const labelsOf = ({ labels, none }: HeadWords) => (none ? [...labels, noneOfThese] : labels);

function cardOf(head: Head, { licence, name }: ModelManifest): string {
  const { origin, calibration } = head;
  const examples = origin.from === 'examples' ? `Taught on ${origin.examples} photos. ` : '';
  return `---\n${licence ? `license: ${licence}\n` : ''}pipeline_tag: image-classification\n---\n\n# ${head.name}\n\n${examples}A linear head over ${name}, made with Saccade.\n\nLabels: ${labelsOf(
    head,
  )
    .map((label) => label.name)
    .join(
      ', ',
    )}.\n\nIts probabilities are those of the logits divided by ${calibration.temperature.toPrecision(4)}.\n`;
}

/** @throws SaccadeError `cannot-export` where the layout has no words for the model */
export function configurationOf(manifest: ModelManifest, head: HeadWords): Record<string, object> {
  const config = manifest.architecture as unknown as VitConfig;
  if (head.reads.how === 'cosine') throw refuse('A head by words reads cosines, which a linear classifier can not.'); // prettier-ignore
  if (config.projection) throw refuse('A head over an embedding has no place in an image classifier of either library.'); // prettier-ignore
  const make = { timm: timmFiles, huggingface: huggingFaceFiles }[config.keys as string];
  if (!make) throw refuse(`Backbones with the tensor names of "${config.keys}" are read by neither timm nor transformers.`); // prettier-ignore
  return make(head, config, manifest.preprocessing);
}

/**
 * Writes the folder, which must not be there yet.
 * @throws SaccadeError `cannot-export` where the layout has no words for the model, `head-of-another-model`
 */
export function exportTaught(folder: string, manifest: ModelManifest, head: Head, to: string): void {
  const fits = fitOf(manifest);
  if (!fits)
    throw refuse(`${manifest.name} is an ONNX graph of somebody else's, which keeps the head it has.`);
  checkFits(head, fits);
  const config = manifest.architecture as unknown as VitConfig;
  const files = configurationOf(manifest, head);
  using source = new WeightSource(manifest.weights.files.map((file) => join(folder, file)));
  const weights = encodeSafetensors(
    { ...backboneTensors(source, config), ...headTensors(head, config) },
    { format: 'pt' },
  );
  if (existsSync(to)) throw new SaccadeError('cannot-export', `Expected ${to} not to be there yet; it is. Name another folder.`); // prettier-ignore
  mkdirSync(to, { recursive: true });
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(to, name), JSON.stringify(content, null, 2) + '\n');
  writeFileSync(join(to, 'README.md'), cardOf(head, manifest));
  writeFileSync(join(to, 'model.safetensors'), weights);
}
