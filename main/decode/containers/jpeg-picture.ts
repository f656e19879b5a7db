/** A JPEG's picture apart from what is written beside it: the same after any program has changed metadata alone. */
import { createHash } from 'node:crypto';
import { bytesOfBuffer } from './bytes-at.ts';
import { endOfPicture, segmentsOf, startOfScan } from './jpeg-segments.ts';

const isBeside = (marker: number) => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

/** Of segments APPn, those that say how its numbers are colours, with what they begin with. */
const ofColour: [marker: number, name: string][] = [
  [0xe0, 'JFIF\0'],
  [0xe2, 'ICC_PROFILE\0'],
  [0xee, 'Adobe'],
];

/** Its tables, frame and scans, and the segments beside them that `keep` wants; null: it has no picture. */
function parts(jpeg: Buffer, keep: (marker: number, content: Buffer) => boolean): Buffer[] | null {
  const found: Buffer[] = [];
  try {
    for (const { marker, at, length } of segmentsOf(bytesOfBuffer(jpeg), { at: 0, length: jpeg.length })) {
      if (marker === startOfScan) {
        found.push(jpeg.subarray(at - 4, endOfPicture(jpeg, at + length)));
        return found;
      }
      if (!isBeside(marker) || keep(marker, jpeg.subarray(at, at + length)))
        found.push(jpeg.subarray(at - 4, at + length));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** SHA-256 of tables, frame and scans (ITU-T T.81), without segments APPn and comments; null: it has no picture. */
export function pictureHash(jpeg: Buffer): Buffer | null {
  const found = parts(jpeg, () => false);
  if (!found) return null;
  const hash = createHash('sha256');
  for (const part of found) hash.update(part);
  return hash.digest();
}

/** Frames coded without loss, in steps or arithmetically: C3, C5 to C7 and C9 to CF, of which C8 is none. */
const isRareFrame = (marker: number) => marker > 0xc2 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8;

/**
 * A JPEG of the same picture that says nothing else: where, when and with what it was taken, pictures behind it. Null:
 * it has no picture, or one that browsers don't read.
 */
export function bareJpeg(jpeg: Buffer): Buffer | null {
  const found = parts(jpeg, (marker, content) =>
    ofColour.some(([each, name]) => each === marker && content.toString('latin1', 0, name.length) === name),
  );
  if (!found || found.some((part) => isRareFrame(part[1]!))) return null;
  return Buffer.concat([jpeg.subarray(0, 2), ...found]);
}
