/** How timm prepares photos for evaluation (timm/data/transforms_factory.py, `transforms_imagenet_eval`). */
import { interpolations } from '../manifest-values.ts';
import type { Assumption, Preprocessing } from '../manifest.ts';
import type { Fields } from './parse.ts';

const mean: [number, number, number] = [0.485, 0.456, 0.406];
const std: [number, number, number] = [0.229, 0.224, 0.225];

/** timm writes each of these: what is missing a person left out, and its default need not be what they meant. */
export function assumedOfTimm(data: Fields): Assumption[] {
  const said = { size: 'input_size', resize: 'crop_pct', interpolation: 'interpolation', mean: 'mean', std: 'std' } as const; // prettier-ignore
  return (Object.keys(said) as (keyof typeof said)[]).filter((name) => !data.has(said[name]));
}

/**
 * Resize to floor(size / crop_pct), then crop. Where that is no square, both sides are covered and the ratio kept
 * (timm/data/transforms.py, `ResizeKeepRatio`). @throws SaccadeError `bad-config`
 */
export function preprocessingOfTimm(data: Fields, input: { height: number; width: number }): Preprocessing {
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
      mode === 'squash'
        ? { mode: 'exact', ...scaled }
        : square
          ? { mode: 'shortest-edge', size: scaled.height }
          : { mode: 'cover', ...scaled },
    interpolation: interpolation as Preprocessing['interpolation'],
    crop: input,
    mean: data.channels('mean', mean),
    std: data.deviations('std', std),
  };
}
