/** A JPEG's picture apart from what is written beside it: the same after any program has changed metadata alone. */
import { createHash } from 'node:crypto';
import { segmentsOf, startOfScan } from './jpeg-segments.ts';

const isBeside = (marker: number) => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
const [endOfImage, firstRestart, lastRestart] = [0xd9, 0xd0, 0xd7];

/** Where the picture ends that begins at `from`, behind the head of its first scan: what hangs on it is not the picture's. */
function endOf(jpeg: Buffer, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at >= 0 && at + 1 < jpeg.length; at = jpeg.indexOf(0xff, at)) {
    const marker = jpeg[at + 1]!;
    if (marker === endOfImage) return at + 2;
    if (marker === 0xff) at += 1;
    else if (marker === 0 || (marker >= firstRestart && marker <= lastRestart)) at += 2;
    else at += 2 + (at + 4 <= jpeg.length ? jpeg.readUInt16BE(at + 2) : 0);
  }
  return jpeg.length;
}

/** SHA-256 of tables, frame and scans (ITU-T T.81), without segments APPn and comments; null: it has no picture. */
export function pictureHash(jpeg: Buffer): Buffer | null {
  const bytesAt = (at: number, length: number) => {
    if (at + length > jpeg.length) throw new RangeError('beyond the file');
    return jpeg.subarray(at, at + length);
  };
  const hash = createHash('sha256');
  try {
    for (const { marker, at, length } of segmentsOf(bytesAt, { at: 0, length: jpeg.length })) {
      if (marker === startOfScan)
        return hash.update(jpeg.subarray(at - 4, endOf(jpeg, at + length))).digest();
      if (!isBeside(marker)) hash.update(jpeg.subarray(at - 4, at + length));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}
