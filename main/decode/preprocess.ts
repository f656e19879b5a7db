/** From pixels to the model's input, as its own configuration says: resize, crop or pad, scale, normalise. */
import type { Preprocessing } from '../../models/manifest.ts';
import { croppedRegion, resizedSize } from '../../models/overlay/geometry.ts';
import type { Region, Size } from '../../models/overlay/geometry.ts';
import type { Sharp } from 'sharp';
import { besideOthers } from './alone.ts';
import { sharp } from './engine.ts';
import { fitEdge } from './picture.ts';
import { resample } from './resample.ts';
import type { Filter, Pixels } from './resample.ts';

/** Part of every result's key: raise it when a change to decoding or to this file changes pixels. */
export const pixelsVersion = 4;

/**
 * Pixels that preprocessing needs of a photo, along a side: half as many again as it keeps. Measured on 12-megapixel
 * photos for 224 pixels, against shrinking all of their pixels at once: 0.3 levels of 255 away; a third more instead of
 * half as many is 0.7 away and saves 4 of 28 ms, twice as many is 0.2 away and costs 6 ms more.
 */
const margin = 1.5;

/**
 * And never fewer along the longer side, whoever asks: also what a thumbnail has, so that one decode is enough for
 * both. For a model of 32 pixels, half as many again was up to 2.8 levels away from Pillow on all of the pixels.
 */
export const leastEdge = 384;
/** Along the shorter side as many as a photo of 16:9 then has: for 56 pixels, a panorama of 8:3 was up to 25 levels away. */
const leastShort = (leastEdge * 9) / 16;

export function pixelsNeeded(photo: Size, preprocessing: Preprocessing): Size {
  const { width, height } = resizedSize(photo, preprocessing);
  const { width: across, height: down } = fitEdge(photo, leastEdge);
  const least = (shown: number, all: number) => Math.max(shown, Math.min(all, leastShort));
  return {
    width: Math.max(width * margin, least(across, photo.width)),
    height: Math.max(height * margin, least(down, photo.height)),
  };
}

/**
 * libvips's kernels with Pillow's shape and centres. Measured against Pillow on photos: 0.2 levels of 255 on average,
 * ten times as fast, and in libuv's pool. Enlarging, libvips puts the centres elsewhere, and from a quarter on it shrinks
 * with a box first (0.7 levels on average): both are left to us.
 */
const kernels: Partial<Record<Filter, 'cubic' | 'linear' | 'lanczos3'>> = {
  bicubic: 'cubic',
  bilinear: 'linear',
  lanczos: 'lanczos3',
};

/**
 * Writes pixel_values of one photo, float32 [3, height, width], R, G, B, at `offset` of `target`, which may hold a
 * whole batch. `photo` is the size of the whole upright photo that `pixels` were shrunk from.
 */
export async function preprocess(
  pixels: Pixels,
  photo: Size,
  preprocessing: Preprocessing,
  target: Float32Array,
  offset = 0,
): Promise<void> {
  const resized = resizedSize(photo, preprocessing);
  const crop = croppedRegion(resized, preprocessing);
  normalise(
    await resizeAndCrop(pixels, resized, crop, preprocessing.interpolation),
    preprocessing,
    target,
    offset,
  );
}

/** libvips needs no box below. */
const mostAtOnce = 4;
/** What is left to us after a step by a whole number: so much keeps that step within 0.1 levels. */
const leastLeft = 5;

async function resizeAndCrop(pixels: Pixels, resized: Size, crop: Region, filter: Filter): Promise<Part> {
  const kernel = kernels[filter];
  const [across, down] = [pixels.width / resized.width, pixels.height / resized.height];
  const inside = overlap(resized, crop);
  const cut = (source: Pixels): Part => ({
    ...resample(source, resized.width, resized.height, filter, inside),
    ...place(inside, crop),
  });
  if (!kernel || Math.min(across, down) < 1) return cut(pixels);
  if (Math.max(across, down) >= mostAtOnce) {
    const step = (ratio: number) => Math.min(3, Math.max(1, Math.floor(ratio / leastLeft)));
    const width = Math.floor(pixels.width / step(across));
    const height = Math.floor(pixels.height / step(down));
    const smaller = width < pixels.width || height < pixels.height;
    const data = smaller && (await besideOthers(() => shrink(pixels, { width, height }, 'cubic').toBuffer()));
    return cut(data ? { data, width, height } : pixels);
  }
  const part = { left: inside.x, top: inside.y, width: inside.width, height: inside.height };
  const data = await besideOthers(() => shrink(pixels, resized, kernel).extract(part).toBuffer());
  return { data, width: inside.width, height: inside.height, ...place(inside, crop) };
}

const shrink = ({ data, width, height }: Pixels, to: Size, kernel: 'cubic' | 'linear' | 'lanczos3'): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel })
    .raw();

/** A part of the input, at `left`, `top` in it; the rest is padding. */
interface Part extends Pixels {
  left: number;
  top: number;
  whole: Size;
}

function overlap(resized: Size, crop: Region): Region {
  const x = Math.max(0, crop.x);
  const y = Math.max(0, crop.y);
  return {
    x,
    y,
    width: Math.min(resized.width, crop.x + crop.width) - x,
    height: Math.min(resized.height, crop.y + crop.height) - y,
  };
}

const place = (inside: Region, crop: Region): Pick<Part, 'left' | 'top' | 'whole'> => ({
  left: inside.x - crop.x,
  top: inside.y - crop.y,
  whole: { width: crop.width, height: crop.height },
});

const { fround } = Math;

/**
 * Rounded to float32 at each step, as torchvision does: equal to its numbers to the bit.
 * Padding of a centre crop is black, as torchvision's; padding of `longest-edge` is the mean colour, so 0 here.
 */
function normalise(part: Part, preprocessing: Preprocessing, target: Float32Array, offset: number): void {
  const { mean, std, resize } = preprocessing;
  const { width, height } = part.whole;
  for (let channel = 0; channel < 3; channel++) {
    const [least, by] = [fround(mean[channel]!), fround(std[channel]!)];
    const values = Float32Array.from({ length: 256 }, (_, level) => fround(fround(level / 255) - least) / by);
    const plane = offset + channel * width * height;
    if (part.width !== width || part.height !== height)
      target.fill(resize.mode === 'longest-edge' ? 0 : values[0]!, plane, plane + width * height);
    for (let y = 0, from = channel; y < part.height; y++) {
      const row = plane + (y + part.top) * width + part.left;
      for (let x = 0; x < part.width; x++, from += 3) target[row + x] = values[part.data[from]!]!;
    }
  }
}
