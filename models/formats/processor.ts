/**
 * `preprocessor_config.json`, or a part of `processor_config.json`: what an image processor of transformers does before
 * the model. Each kind has defaults of its own for what its file leaves out (transformers, models/…/image_processing_*.py).
 */
import { basename, join } from 'node:path';
import { SaccadeError } from '../error.ts';
import { interpolations } from '../manifest-values.ts';
import type { Assumption, Preprocessing } from '../manifest.ts';
import { checkFields } from './fields.ts';
import { type Fields, readFields } from './parse.ts';

type Channels = [number, number, number];

interface Kind {
  size: Record<string, number>;
  /** One number as `size` is both sides, not the shorter one. */
  square: boolean;
  /** Pillow's number of the filter. */
  resample: number;
  crop: number | null;
  mean: Channels;
  std: Channels;
  /** The share of the resized photo that the crop keeps (ConvNeXt). */
  cropShare?: number;
}

const half: Channels = [0.5, 0.5, 0.5];
const halves = { mean: half, std: half };
const imagenet: Pick<Kind, 'mean' | 'std'> = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const clip: Pick<Kind, 'mean' | 'std'> = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const sides = (pixels: number) => ({ height: pixels, width: pixels });

const kinds: Record<string, Kind> = {
  ViT: { size: sides(224), square: true, resample: 2, crop: null, ...halves },
  DeiT: { size: sides(256), square: true, resample: 3, crop: 224, ...halves },
  Beit: { size: sides(256), square: true, resample: 3, crop: 224, ...halves },
  Siglip: { size: sides(224), square: true, resample: 3, crop: null, ...halves },
  Pvt: { size: sides(224), square: true, resample: 2, crop: null, ...imagenet },
  DINOv3ViT: { size: sides(224), square: true, resample: 2, crop: null, ...imagenet },
  Bit: { size: { shortest_edge: 224 }, square: false, resample: 3, crop: 224, ...clip },
  CLIP: { size: { shortest_edge: 224 }, square: false, resample: 3, crop: 224, ...clip },
  MobileNetV1: { size: { shortest_edge: 256 }, square: false, resample: 2, crop: 224, ...halves },
  MobileNetV2: { size: { shortest_edge: 256 }, square: false, resample: 2, crop: 224, ...halves },
  ConvNext: { size: { shortest_edge: 384 }, square: false, resample: 2, crop: null, cropShare: 224 / 256, ...halves }, // prettier-ignore
};

/**
 * What a folder says of photos; null: nothing. Where both files do, newer versions of transformers take the part of the
 * processor that is joined with a tokenizer (image_processing_base.py).
 * @throws SaccadeError `bad-config`, `unsafe-file`, `lfs-pointer`
 */
export function readProcessor(folder: string): Fields | null {
  const joined = readFields(join(folder, 'processor_config.json'));
  if (joined?.has('image_processor')) return joined.object('image_processor');
  return readFields(join(folder, 'preprocessor_config.json'));
}

/** A number for both, `[height, width]`, or an object of the two. */
export function sidesOf(file: Fields, name: string): { height: number; width: number } {
  const value = file.values[name];
  if (!file.has(name)) throw file.error(name, 'one number of pixels, or height and width');
  if (typeof value === 'number') return { height: file.count(name), width: file.count(name) };
  if (Array.isArray(value)) {
    const [height, width] = value as unknown[];
    const good = value.length === 2 && [height, width].every((side) => Number.isInteger(side) && (side as number) > 0); // prettier-ignore
    if (!good) throw file.error(name, 'one number of pixels, or height and width');
    return { height: height as number, width: width as number };
  }
  const size = sizeIn(file, name, ['height', 'width']);
  return { height: size.count('height'), width: size.count('width') };
}

/** A size that says more, as `longest_edge` beside `shortest_edge`, is another one. */
function sizeIn(file: Fields, name: string, known: string[]): Fields {
  const size = file.object(name);
  if (Object.keys(size.values).some((key) => size.has(key) && !known.includes(key)) || !size.has(known[0]!))
    throw file.error(name, 'one number, "height" and "width", or "shortest_edge" alone');
  return size;
}

/** What transformers takes for a model where the file names none (models/auto/image_processing_auto.py). */
const kindsOfModels: Record<string, string> = Object.fromEntries(
  Object.entries({
    ViT: 'vit vit_msn vit_mae swin swinv2 ijepa',
    DeiT: 'deit',
    Beit: 'beit data2vec-vision',
    Siglip: 'siglip',
    Pvt: 'pvt pvt_v2',
    DINOv3ViT: 'dinov3_vit dinov3_convnext',
    Bit: 'bit dinov2 dinov2_with_registers focalnet hiera',
    CLIP: 'clip',
    MobileNetV1: 'mobilenet_v1',
    MobileNetV2: 'mobilenet_v2',
    ConvNext: 'convnext convnextv2 resnet regnet cvt van',
  }).flatMap(([kind, models]) => models.split(' ').map((model) => [model, kind])),
);

const typeFields = ['image_processor_type', 'feature_extractor_type'] as const;

/** Null: neither the file nor the model's type names one. */
function kindOf(file: Fields, model: string | null): Kind | null {
  const field = typeFields.find((name) => file.has(name));
  if (!field) return kinds[kindsOfModels[model ?? ''] ?? ''] ?? null;
  const name = file.text(field).replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, '');
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw file.error(field, `one of ${Object.keys(kinds).map((each) => `${each}ImageProcessor`).join(', ')}`); // prettier-ignore
  return kind;
}

function resizeOf(file: Fields, kind: Kind): Preprocessing['resize'] {
  if (!file.has('size')) {
    const { shortest_edge: shortest, height = 0, width = 0 } = kind.size;
    return shortest ? { mode: 'shortest-edge', size: shortest } : { mode: 'exact', height, width };
  }
  if (typeof file.values['size'] === 'number' && !file.flag('default_to_square', kind.square))
    return { mode: 'shortest-edge', size: file.count('size') };
  const { shortest_edge: shortest } = file.values['size'] as { shortest_edge?: unknown };
  if (shortest !== undefined && shortest !== null)
    return { mode: 'shortest-edge', size: sizeIn(file, 'size', ['shortest_edge']).count('shortest_edge') };
  return { mode: 'exact', ...sidesOf(file, 'size') };
}

/** ConvNeXt's: below 384 pixels the crop keeps a share of the resized photo, from there on nothing is cropped. */
function shareOf(file: Fields, kind: Kind, resize: Preprocessing['resize']): Pick<Preprocessing, 'resize' | 'crop'> | null {
  if (kind.cropShare === undefined) {
    if (file.has('crop_pct')) throw file.error('crop_pct', 'left out, since this image processor does not crop by it'); // prettier-ignore
    return null;
  }
  const share = file.number('crop_pct', kind.cropShare);
  if (!(share > 0 && share <= 1)) throw file.error('crop_pct', 'a share above 0 and up to 1');
  if (resize.mode !== 'shortest-edge') throw file.error('size', 'an object with "shortest_edge"');
  const crop = sides(resize.size);
  if (resize.size >= 384) return { resize: { mode: 'exact', ...crop }, crop: null };
  return { resize: { mode: 'shortest-edge', size: Math.trunc(resize.size / share) }, crop };
} // prettier-ignore

/** What a processor of no known kind leaves out: what is taken then is ViT's, which need not be this model's. */
export function assumedOfProcessor(file: Fields, model: string | null): Assumption[] {
  if (kindOf(file, model)) return [];
  const said = { resize: 'size', interpolation: 'resample', mean: 'image_mean', std: 'image_std' } as const;
  const normalises = file.flag('do_normalize', true);
  return (Object.keys(said) as (keyof typeof said)[]).filter(
    (name) => !file.has(said[name]) && (normalises || !['mean', 'std'].includes(name)),
  );
}

/**
 * @param model the model's type, as `config.json` has it; null: none
 * @throws SaccadeError `bad-config`, `unknown-field`, `unsupported-preprocessing`
 */
export function preprocessingOf(file: Fields, model: string | null): Preprocessing {
  checkFields('preprocessor', file);
  if (!file.flag('do_resize', true) || !file.flag('do_rescale', true))
    throw new SaccadeError('unsupported-preprocessing', `${basename(file.file)} should resize and rescale photos; it says not to.`); // prettier-ignore
  if (Math.abs(file.number('rescale_factor', 1 / 255) - 1 / 255) > 1e-6)
    throw file.error('rescale_factor', '1/255');
  const kind = kindOf(file, model) ?? kinds['ViT']!;
  const filter = interpolations[file.number('resample', kind.resample)];
  if (!filter) throw file.error('resample', "one of Pillow's filters, 0 to 5");
  const normalise = file.flag('do_normalize', true);
  const resize = resizeOf(file, kind);
  if (file.has('crop_size') && kind.crop === null && !file.has('do_center_crop'))
    throw file.error('do_center_crop', 'said where there is a "crop_size", since this image processor crops only when told to'); // prettier-ignore
  const cropped = file.flag('do_center_crop', kind.crop !== null);
  const crop = file.has('crop_size')
    ? sidesOf(file, 'crop_size')
    : kind.crop === null
      ? null
      : sides(kind.crop);
  if (cropped && !crop) throw file.error('crop_size', 'said where "do_center_crop" is true');
  return {
    interpolation: filter,
    ...(shareOf(file, kind, resize) ?? { resize, crop: cropped ? crop : null }),
    mean: normalise ? file.channels('image_mean', kind.mean) : [0, 0, 0],
    std: normalise ? file.deviations('image_std', kind.std) : [1, 1, 1],
  };
}
