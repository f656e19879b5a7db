/** The overlay as a PNG at the photo's own size, composed by the same code that writes files. */
import { compose } from '../../models/overlay/compose.ts';
import type { PaintOptions } from '../../models/overlay/paint.ts';
import type { SeenRegion } from '../../main/contract/entities/inspection.ts';
import { renditionAddress } from '../api.ts';
import type { Size } from '../components/stage.ts';

/** Longest side a rendition can have. */
const longest = 8192;

async function pixelsOf(address: string): Promise<ImageData> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

/** Rejects where the photo can't be read any more or the map can't be drawn. */
export async function overlayPng(
  photo: { id: number; version: string } & Size,
  seen: SeenRegion,
  map: Omit<PaintOptions, 'width' | 'height'>,
): Promise<Blob> {
  const edge = Math.min(longest, Math.max(64, photo.width, photo.height));
  const picture = await pixelsOf(renditionAddress(photo, edge));
  const { width, height } = picture;
  const [across, down] = [width / photo.width, height / photo.height];
  const region = {
    x: seen.x * across,
    y: seen.y * down,
    width: seen.width * across,
    height: seen.height * down,
  };
  const rgb = compose({
    photo: withoutAlpha(picture.data),
    width,
    height,
    seen: region,
    map,
    scaleBar: true,
  });
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4)
    picture.data.set(rgb.subarray(from, from + 3), to);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
