/**
 * From a photo's file to its pixels: upright, RGB of 8 bits, alpha on white, the first picture of an animation.
 *
 * An RGB photo's colour profile is left for whoever shows it (picture.ts): models are trained and published with
 * libraries that take the numbers as they stand. Measured on ViT-Tiny: converting a photo from Adobe RGB moves its
 * best probability 0.05 away from theirs. Other colour spaces (CMYK, Lab) mean nothing unconverted, and become sRGB.
 */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Metadata } from 'sharp';
import type { Size } from '../../models/overlay/geometry.ts';
import { readBmpHeader } from './bmp.ts';
import type { BmpHeader } from './bmp.ts';
import { limitSeconds, pixelLimit, sharp } from './engine.ts';
import { decodeError, decodeFailure, endsEarly, timedOut, tooLarge } from './failures.ts';
import { readPhoto } from './file.ts';
import type { ExpectedFile, PhotoFile } from './file.ts';
import { levelsOfFloats } from './float-tiff.ts';
import { toTiff } from './foreign.ts';
import type { ForeignRequest } from './foreign-worker.ts';
import { Slots } from '../schedule/slots.ts';
import type { Pixels } from './resample.ts';
import { takenMs } from './taken.ts';
import { tiffKind } from './tiff-kind.ts';
import type { TiffKind } from './tiff-kind.ts';

export interface DecodeOptions {
  /** The smallest pixels that will do for an upright photo of that size; at least as many come, where the photo has them. */
  atLeast: (photo: Size) => Size;
  /** The file as it was; one that changed since fails with `changed-on-disk`. */
  expected?: ExpectedFile;
}

export interface DecodedPhoto extends Size {
  /** The photo, shrunk by a whole number where that leaves enough. */
  pixels: Pixels;
  /** ICC profile that `pixels` are in; null: sRGB. */
  profile: Uint8Array | null;
  /** EXIF capture time, milliseconds since 1970. */
  takenMs: number | null;
  /** Part of the picture was lost: the file is truncated or broken. */
  damaged: boolean;
  /** Milliseconds of reading and decoding, waiting for a turn not included. */
  decodeMs: number;
}

/**
 * As many photos at once as there are cores (decodes go on in libuv's pool, one thread each), and one for the moments
 * between a decode's steps. What is made of a photo's pixels belongs into the same turn.
 */
const turns = new Slots(availableParallelism() + 1);
export const inTurn = <T>(work: () => Promise<T>, urgent = false): Promise<T> => turns.run(work, { urgent });

/** Photos of more pixels are decoded one after another, so that memory has a bound. */
const largePhoto = 60_000_000;
const largeSlot = new Slots(1);
/** A photo never packs that well, not even of the clearest sky; a header that lies does. */
const mostPixelsPerByte = 1000;

interface Header {
  size: Size;
  /** Absent for BMP, which sharp can't read. */
  metadata: Metadata | null;
  bmp: BmpHeader | null;
  tiff: TiffKind | null;
}

/**
 * Width and height of the result are those of the whole upright photo. Many at once: in `inTurn`.
 * @throws SaccadeError with a code of `DecodeCode`
 */
export async function decodePhoto(path: string, options: DecodeOptions): Promise<DecodedPhoto> {
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const start = performance.now();
    return [await within(path, work), performance.now() - start];
  };
  const [{ file, header }, headerMs] = await timed(async () => {
    const read = await readPhoto(path, options.expected);
    return { file: read, header: await readHeader(path, read) };
  });
  const { size, metadata } = header;
  const pixels = size.width * size.height;
  const large = pixels > largePhoto;
  if (pixels > pixelLimit || (large && pixels > file.bytes.length * mostPixelsPerByte))
    throw tooLarge(path, size, file.bytes.length);
  const decode = () =>
    timed(async () => {
      const target = shrunk(size, options.atLeast(size), file.format === 'jpeg');
      const source = await readable(path, file, header);
      const read = await pixelsOf(path, source.bytes, metadata, target);
      if (source.damaged && isOneColour(read.pixels)) throw endsEarly(path);
      return { pixels: read.pixels, damaged: read.damaged || source.damaged };
    });
  const [decoded, decodeMs] = await (large ? largeSlot.run(decode) : decode());
  return {
    ...size,
    ...decoded,
    profile: rgbProfile(metadata),
    takenMs: takenMs(metadata?.exif),
    decodeMs: headerMs + decodeMs,
  };
}

const rgbSpaces: (string | undefined)[] = ['srgb', 'rgb', 'rgb16', 'scrgb'];

function rgbProfile(metadata: Metadata | null): Uint8Array | null {
  const icc = metadata?.icc;
  if (!icc || !rgbSpaces.includes(metadata.space)) return null;
  // Its description, in both spellings of ICC versions 2 and 4.
  return icc.includes('sRGB') || icc.includes('s\0R\0G\0B') ? null : icc;
}

/** Disks and readers can hang: nothing waits longer for one photo. */
async function within<T>(path: string, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(timedOut(path)), limitSeconds * 1000);
  try {
    return await Promise.race([late, work()]);
  } catch (error) {
    throw decodeFailure(path, error);
  } finally {
    clearTimeout(timer);
  }
}

async function readHeader(path: string, file: PhotoFile): Promise<Header> {
  if (file.format === 'bmp') {
    const bmp = readBmpHeader(file.bytes, basename(path));
    return { size: { width: bmp.width, height: bmp.height }, metadata: null, bmp, tiff: null };
  }
  const tiff = file.format === 'tiff' ? readTiffKind(path, file.bytes) : null;
  const metadata = await sharp(file.bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  const { width, height } = metadata.autoOrient;
  return { size: { width, height }, metadata, bmp: null, tiff };
}

/** Null: its directory lies outside the file, and libvips says what that means. @throws SaccadeError `unsupported-format` */
function readTiffKind(path: string, bytes: Buffer): TiffKind | null {
  let kind;
  try {
    kind = tiffKind(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  if ('unsupported' in kind)
    throw decodeError(
      'unsupported-format',
      `${basename(path)} is a TIFF ${kind.unsupported}, which Saccade does not read. Save it as TIFF of 8 or 16 bits in RGB, or as PNG.`,
    );
  return kind;
}

/** The file's bytes, or those of a TIFF of the same pixels where libvips has no reader. */
async function readable(
  path: string,
  { bytes }: PhotoFile,
  { metadata, bmp, tiff }: Header,
): Promise<{ bytes: Uint8Array; damaged: boolean }> {
  const foreign = async (request: ForeignRequest) => {
    const { tiff, damaged } = await toTiff(request, limitSeconds * 1000);
    return { bytes: tiff, damaged };
  };
  if (bmp) return foreign({ kind: 'bmp', bytes, header: bmp });
  if (metadata?.compression === 'hevc') return foreign({ kind: 'heic', bytes, icc: metadata.icc ?? null });
  if (tiff?.float) return { bytes: await levelsOfFloats(path, bytes, metadata!), damaged: false };
  if (tiff?.dropsChannel) {
    // What is not transparency must not be blended with the ground.
    const kept = sharp(bytes, { limitInputPixels: pixelLimit, ignoreIcc: true }).removeAlpha();
    return { bytes: await kept.tiff({ compression: 'none' }).toBuffer(), damaged: false };
  }
  return { bytes, damaged: false };
}

/**
 * JPEG's decoder shrinks by 2, 4 or 8 at a fraction of the cost. sharp lets it by as much only where more than that is
 * asked for, and does the rest itself; so 3, 5 and 9 are the smallest steps that get it (12 megapixels: 5 takes 28 ms
 * and 4 takes 34). Others are shrunk afterwards; by a whole number too.
 */
export function shrunk(photo: Size, least: Size, jpeg: boolean): Size {
  const most = Math.floor(Math.min(photo.width / least.width, photo.height / least.height));
  const by = jpeg ? ([9, 5, 3].find((factor) => factor <= most) ?? 1) : Math.max(1, most);
  return {
    width: Math.max(1, Math.floor(photo.width / by)),
    height: Math.max(1, Math.floor(photo.height / by)),
  };
}

async function pixelsOf(
  path: string,
  bytes: Uint8Array,
  metadata: Metadata | null,
  target: Size,
): Promise<{ pixels: Pixels; damaged: boolean }> {
  const read = async (failOn: 'error' | 'none'): Promise<Pixels> => {
    const { data, info } = await sharp(bytes, {
      failOn,
      limitInputPixels: pixelLimit,
      page: metadata?.pagePrimary ?? 0,
      ignoreIcc: metadata === null || rgbSpaces.includes(metadata.space),
    })
      .timeout({ seconds: limitSeconds })
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .resize(target.width, target.height, { fit: 'fill', kernel: 'cubic' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
  try {
    return { pixels: await read('error'), damaged: false };
  } catch (error) {
    const failure = decodeFailure(path, error);
    if (failure.code !== 'corrupt-image' && failure.code !== 'truncated-image') throw failure;
    const pixels = await read('none').catch(() => null);
    // What could not be read is filled with one colour; a picture of nothing else holds nothing to classify.
    if (!pixels || isOneColour(pixels)) throw failure;
    return { pixels, damaged: true };
  }
}

function isOneColour({ data }: Pixels): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}
