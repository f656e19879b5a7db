/** Where on the photo the model's input lies: resizing and cropping undone. Pure. */
import type { Preprocessing } from '../manifest.ts';

export interface Size {
  width: number;
  height: number;
}

/** Pixels of the oriented photo; sides may be fractional. */
export interface Region extends Size {
  x: number;
  y: number;
}

/**
 * Pixels after the resize step, before padding and cropping. The longer side of `shortest-edge` is rounded down,
 * as torchvision's and Hugging Face's do; both of `cover` are rounded to even, as timm's.
 */
export function resizedSize(photo: Size, { resize }: Pick<Preprocessing, 'resize'>): Size {
  if (resize.mode === 'exact') return { width: resize.width, height: resize.height };
  if (resize.mode === 'cover') {
    const ratio = Math.min(photo.height / resize.height, photo.width / resize.width);
    return { width: roundHalfEven(photo.width / ratio), height: roundHalfEven(photo.height / ratio) };
  }
  const short = Math.min(photo.width, photo.height);
  const long = Math.max(photo.width, photo.height);
  const other =
    resize.mode === 'shortest-edge'
      ? Math.trunc((resize.size * long) / short)
      : Math.max(1, Math.trunc((resize.size * short) / long));
  const wide = photo.width >= photo.height;
  const first = resize.mode === 'shortest-edge' ? !wide : wide;
  return first ? { width: resize.size, height: other } : { width: other, height: resize.size };
}

/**
 * What remains after padding and cropping, in pixels of the resized picture: its middle, at whole pixels. Negative
 * `x` or `y`: padding was put there (`longest-edge`, or a crop larger than the picture).
 */
export function croppedRegion(
  resized: Size,
  { resize, crop }: Pick<Preprocessing, 'resize' | 'crop'>,
): Region {
  const padded = resize.mode === 'longest-edge' ? { width: resize.size, height: resize.size } : resized;
  const { width, height } = crop ?? padded;
  const start = (outer: number, inner: number) => roundHalfEven((outer - inner) / 2);
  return { x: start(resized.width, width), y: start(resized.height, height), width, height };
}

/** Python's round(), which torchvision's center_crop places its crop with. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/**
 * What the model saw, in pixels of the oriented photo. Reaches beyond the photo where padding was added; patches
 * there show nothing of it.
 */
export function seenRegion(photo: Size, preprocessing: Pick<Preprocessing, 'resize' | 'crop'>): Region {
  const resized = resizedSize(photo, preprocessing);
  const cropped = croppedRegion(resized, preprocessing);
  const scaleX = photo.width / resized.width;
  const scaleY = photo.height / resized.height;
  return {
    x: cropped.x * scaleX,
    y: cropped.y * scaleY,
    width: cropped.width * scaleX,
    height: cropped.height * scaleY,
  };
}
