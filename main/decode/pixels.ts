/** libvips's part: from a file's bytes, or the file, to pixels. */
import type { Metadata } from 'sharp';
import type { Size } from '../../models/overlay/geometry.ts';
import { besideOthers, inOwnWords } from './alone.ts';
import { pixelLimit, sharp } from './engine.ts';
import { decodeFailure } from './failures.ts';
import { leadsToScan } from './containers/jpeg-segments.ts';
import type { Pixels } from './resample.ts';

const greySpaces: (string | undefined)[] = ['b-w', 'grey16'];
/** Spaces whose numbers models take as they stand, whatever their profile. */
const plainSpaces = ['srgb', 'rgb', 'rgb16', 'scrgb', ...greySpaces];

/** The ICC profile that pixels stay in; null: they are sRGB, or the profile is of another space and means nothing. */
export function keptProfile(metadata: Metadata | null): Uint8Array | null {
  const icc = metadata?.icc;
  if (!icc || !plainSpaces.includes(metadata.space)) return null;
  if (isGrey(icc) !== greySpaces.includes(metadata.space)) return null;
  // Its description, in both spellings of ICC versions 2 and 4.
  return icc.includes('sRGB') || icc.includes('s\0R\0G\0B') ? null : icc;
}

/** The colour space of its header (ICC.1, 7.2.6). */
export const isGrey = (icc: Uint8Array): boolean =>
  Buffer.from(icc.subarray(16, 20)).toString('latin1') === 'GRAY';

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

/** Of libjpeg's warnings; others are of bytes between its parts and of numbers that nobody needs. */
const lostInJpeg = /premature end|bad huffman code|bad arithmetic code|instead of rst/i;
/** Before tables or another scan. */
const leftOver = /extraneous bytes before marker 0x(c4|d[abd])/i;

/** Bytes between scans are what a broken scan left over; programs leave some between what stands before the first. */
function isLost(error: unknown, source: Uint8Array | string): boolean {
  const said = String(error);
  if (lostInJpeg.test(said)) return true;
  return leftOver.test(said) && Buffer.isBuffer(source) && leadsToScan(source);
}

/**
 * @param source a path, where the file is too large to be held
 * @param page of its pictures
 * @throws SaccadeError `truncated-image`, `corrupt-image`, …
 */
export async function pixelsOf(
  path: string,
  source: Uint8Array | string,
  page: number,
  metadata: Metadata | null,
  target: Size,
): Promise<{ pixels: Pixels; damaged: boolean }> {
  const read = async (failOn: 'warning' | 'error' | 'none'): Promise<Pixels> => {
    const { data, info } = await sharp(source, {
      failOn,
      limitInputPixels: pixelLimit,
      page,
      ignoreIcc: metadata === null || plainSpaces.includes(metadata.space),
    })
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .resize(target.width, target.height, { fit: 'fill', kernel: 'cubic' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
  const whole = () => inOwnWords(() => read('error'));
  // JPEG's reader only warns of what it makes up where its picture ends early, or goes on wrongly.
  const strict = () =>
    inOwnWords(() => read('warning')).catch((error: unknown) => {
      if (isLost(error, source)) throw error;
      return whole();
    });
  try {
    return { pixels: await (metadata?.format === 'jpeg' ? strict() : whole()), damaged: false };
  } catch (error) {
    const failure = decodeFailure(path, error);
    if (failure.code !== 'corrupt-image' && failure.code !== 'truncated-image') throw failure;
    const pixels = await besideOthers(() => read('none')).catch(() => null);
    // What could not be read is filled with one colour; a picture of nothing else holds nothing to classify.
    if (!pixels || isOneColour(pixels)) throw failure;
    return { pixels, damaged: true };
  }
}

export function isOneColour({ data }: Pixels): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}
