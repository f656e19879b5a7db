/** Pictures for the screen, made by the same decoder as the model's input. */
import type { Sharp } from 'sharp';
import type { Size } from '../../models/overlay/geometry.ts';
import { besideOthers } from './alone.ts';
import { decodePhoto, inTurn } from './decode.ts';
import type { DecodedPhoto } from './decode.ts';
import { sharp } from './engine.ts';
import { encodeTiff } from './tiff.ts';

/** The size of a photo whose longer side is scaled down to `edge` pixels; never up. */
export function fitEdge(photo: Size, edge: number): Size {
  const scale = Math.min(1, edge / Math.max(photo.width, photo.height));
  return {
    width: Math.max(1, Math.round(photo.width * scale)),
    height: Math.max(1, Math.round(photo.height * scale)),
  };
}

export interface WebpOptions {
  /** 1 … 100. */
  quality: number;
  /** 0 fastest … 6 smallest. */
  effort: number;
}

const thumbnailOptions: WebpOptions = { quality: 75, effort: 0 };
const renditionOptions: WebpOptions = { quality: 85, effort: 2 };

/** WebP, sRGB, longer side `edge` pixels or the photo's own where that is less. */
export async function encodeWebp(
  photo: Pick<DecodedPhoto, 'pixels' | 'profile' | 'width' | 'height'>,
  edge: number,
  options: WebpOptions = thumbnailOptions,
): Promise<Uint8Array> {
  const { width, height } = fitEdge(photo, edge);
  // Lanczos takes up to a seventh longer, and nobody sees the difference at this size.
  return besideOthers(() =>
    source(photo).resize(width, height, { fit: 'fill', kernel: 'cubic' }).webp(options).toBuffer(),
  );
}

function source({ pixels, profile }: Pick<DecodedPhoto, 'pixels' | 'profile'>): Sharp {
  const { data, width, height } = pixels;
  // Raw pixels can't carry a profile, and one of a shape that libvips refuses is ignored.
  if (profile) return sharp(encodeTiff(data, width, height, 3, profile), { failOn: 'none' });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A picture of a photo, and what was found out about the photo on the way. */
export interface Picture extends Pick<DecodedPhoto, 'width' | 'height' | 'takenMs' | 'damaged'> {
  bytes: Uint8Array;
}

/** A small WebP for the grid. @throws SaccadeError with a code of `DecodeCode` */
export const thumbnail = (path: string, edge: number): Promise<Picture> =>
  picture(path, edge, thumbnailOptions);

/** A screen-size WebP for the inspector. @throws SaccadeError with a code of `DecodeCode` */
export const rendition = async (path: string, edge: number): Promise<Uint8Array> =>
  (await picture(path, edge, renditionOptions)).bytes;

async function picture(path: string, edge: number, options: WebpOptions): Promise<Picture> {
  return inTurn(async () => {
    const photo = await decodePhoto(path, { atLeast: (size) => fitEdge(size, edge) });
    const { width, height, takenMs, damaged } = photo;
    return { bytes: await encodeWebp(photo, edge, options), width, height, takenMs, damaged };
  });
}

/** [side, side] luminances of a thumbnail, row by row, the whole of it squeezed into a square. */
export async function luminances(thumbnail: Uint8Array, side: number): Promise<Uint8Array> {
  const grey = await besideOthers(() =>
    sharp(thumbnail)
      .resize(side, side, { fit: 'fill' })
      .toColourspace('b-w')
      .extractChannel(0)
      .raw()
      .toBuffer(),
  );
  return new Uint8Array(grey);
}
