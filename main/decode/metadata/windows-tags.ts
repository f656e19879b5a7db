/**
 * What Windows writes into the first directory of EXIF: keywords (tag 0x9c9e), UTF-16, parted by semicolons, and stars
 * (0x4746), which cameras write too.
 */
import { bytesOfBuffer, type BytesAt } from '../containers/bytes-at.ts';
import { firstDirectory } from '../containers/raw-tiff.ts';

export const starsTag = 0x4746;
const xpKeywords = 0x9c9e;
const head = 'Exif\0\0';

export interface WindowsTags {
  xpKeywords: string[];
  /** It has stars: not 0 of them. */
  hasStars: boolean;
}

/** Of a number whose order of bytes nobody has to know. */
export const isNotZero = (value: Buffer | undefined): boolean => value?.some((byte) => byte !== 0) ?? false;

/** Of a TIFF. What is broken has none. */
export function windowsTagsIn(bytesAt: BytesAt): WindowsTags {
  try {
    const values = firstDirectory(bytesAt, [xpKeywords, starsTag]);
    // Its order of bytes is always the same, whatever the TIFF's.
    const text = values.get(xpKeywords)?.toString('utf16le') ?? '';
    const words = text.replace(/\0[^]*$/, '').split(';').map((word) => word.trim()).filter(Boolean); // prettier-ignore
    return { xpKeywords: words, hasStars: isNotZero(values.get(starsTag)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { xpKeywords: [], hasStars: false };
  }
}

/** Of a block of EXIF, with or without what stands before it in a JPEG. */
export function windowsTagsOf(exif: Buffer): WindowsTags {
  const begins = exif.toString('latin1', 0, head.length) === head;
  return windowsTagsIn(bytesOfBuffer(begins ? exif.subarray(head.length) : exif));
}
