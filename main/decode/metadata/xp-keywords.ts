/** What Windows writes of keywords into EXIF: tag 0x9c9e of the first directory, UTF-16, parted by semicolons. */
import { bytesOfBuffer, type BytesAt } from '../containers/bytes-at.ts';
import { firstDirectory } from '../containers/raw-tiff.ts';

const xpKeywords = 0x9c9e;
const head = 'Exif\0\0';

/** Of a TIFF. What is broken has none. */
export function xpKeywordsIn(bytesAt: BytesAt): string[] {
  try {
    // Its order of bytes is always the same, whatever the TIFF's.
    const text = firstDirectory(bytesAt, [xpKeywords]).get(xpKeywords)?.toString('utf16le') ?? '';
    return text.replace(/\0[^]*$/, '').split(';').map((word) => word.trim()).filter(Boolean); // prettier-ignore
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
}

/** Of a block of EXIF, with or without what stands before it in a JPEG. */
export function xpKeywordsOf(exif: Buffer): string[] {
  const begins = exif.toString('latin1', 0, head.length) === head;
  return xpKeywordsIn(bytesOfBuffer(begins ? exif.subarray(head.length) : exif));
}
