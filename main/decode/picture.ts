/** Pictures for the screen, made by the same decoder as the model's input. */
import type { Sharp } from 'sharp';
import type { Size } from '../../models/overlay/geometry.ts';
import { besideOthers } from './alone.ts';
import { decodePhoto, inTurn } from './decode.ts';
import type { DecodedPhoto } from './decode.ts';
import { sharp } from './engine.ts';
import { isGrey } from './pixels.ts';
import { encodeTiff } from './tiff.ts';

/** The size of a photo whose longer side is scaled down to `edge` pixels; never up. */
export function fitEdge(photo: Size, edge: number): Size {
  const scale = Math.min(1, edge / Math.max(photo.width, photo.height));
  return {
    width: Math.max(1, Math.round(photo.width * scale)),
    height: Math.max(1, Math.round(photo.height * scale)),
  };
}

/** So much larger than asked for, a small picture is taken as it was decoded: a step of resizing takes longer than encoding. */
const nearEnough = 1.4;
const nearQuality = 70;
const thumbnailQuality = 75;

type Source = Pick<DecodedPhoto, 'pixels' | 'profile' | 'width' | 'height' | 'asJpeg' | 'damaged'>;

/**
 * A small picture for the grid: JPEG, longer side `edge` pixels or up to 1.4 times as many, or the photo's own
 * where that is less. Measured on two busy cores: 1 ms of processor time for a photo that was decoded at 500 pixels;
 * resized to 384 pixels first 3 ms, and as WebP 4 ms for two thirds of the bytes. A small photo's own file is taken as it
 * is, which costs nothing.
 */
export async function encodeThumbnail(photo: Source, edge: number): Promise<Uint8Array> {
  const isNear = ({ width, height }: Size) => Math.max(width, height) <= edge * nearEnough;
  if (photo.asJpeg && !photo.damaged && isNear(photo)) return photo.asJpeg;
  const near = isNear(photo.pixels);
  const sized = near ? source(photo) : resized(photo, edge);
  const quality = near ? nearQuality : thumbnailQuality;
  // One pass: better tables for the codes save a twentieth of the bytes and take a third longer.
  return besideOthers(() => sized.jpeg({ quality, optimiseCoding: false }).toBuffer());
}

/** For a whole screen: WebP, sRGB, longer side `edge` pixels or the photo's own where that is less. */
async function encodeRendition(photo: DecodedPhoto, edge: number): Promise<Uint8Array> {
  return besideOthers(() => resized(photo, edge).webp({ quality: 85, effort: 2 }).toBuffer());
}

function resized(photo: Source, edge: number): Sharp {
  const { width, height } = fitEdge(photo, edge);
  // Lanczos takes up to a seventh longer, and nobody sees the difference at this size.
  return source(photo).resize(width, height, { fit: 'fill', kernel: 'cubic' });
}

function source({ pixels, profile }: Pick<DecodedPhoto, 'pixels' | 'profile'>): Sharp {
  const { data, width, height } = pixels;
  // Raw pixels can't carry a profile, and one of a shape that libvips refuses is ignored.
  if (profile && isGrey(profile)) {
    const grey = Uint8Array.from({ length: width * height }, (_, at) => data[at * 3]!);
    return sharp(encodeTiff(grey, width, height, 1, profile), { failOn: 'none' });
  }
  if (profile) return sharp(encodeTiff(data, width, height, 3, profile), { failOn: 'none' });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A picture of a photo, and what was found out about the photo on the way. */
export interface Picture extends Pick<DecodedPhoto, 'width' | 'height' | 'takenMs' | 'damaged'> {
  bytes: Uint8Array;
}

/** For the grid. @throws SaccadeError with a code of `DecodeCode` */
export const thumbnail = (path: string, edge: number): Promise<Picture> =>
  picture(path, edge, encodeThumbnail);

/** A screen-size picture for the inspector. @throws SaccadeError with a code of `DecodeCode` */
export const rendition = async (path: string, edge: number): Promise<Uint8Array> =>
  (await picture(path, edge, encodeRendition)).bytes;

/** Media type by the first bytes: thumbnails of earlier versions are WebP. */
export const pictureType = (bytes: Uint8Array): string => (bytes[0] === 0xff ? 'image/jpeg' : 'image/webp');

async function picture(path: string, edge: number, encode: typeof encodeRendition): Promise<Picture> {
  return inTurn(async () => {
    const photo = await decodePhoto(path, { atLeast: (size) => fitEdge(size, edge) });
    const { width, height, takenMs, damaged } = photo;
    return { bytes: await encode(photo, edge), width, height, takenMs, damaged };
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
