/** Where the parts of a JPEG lie (ITU-T T.81, B.1). */
import { bytesOfBuffer, type BytesAt } from './bytes-at.ts';

export interface Place {
  at: number;
  length: number;
}

/** Of the content, without marker and length. */
export interface Segment extends Place {
  marker: number;
}

/** Before the size: profiles and makers' segments. */
const mostSegments = 200;
export const startOfScan = 0xda;

/** Those before its picture. Ends at what is no segment. @throws RangeError beyond the file */
export function* segmentsOf(bytesAt: BytesAt, { at, length }: Place): Generator<Segment> {
  if (bytesAt(at, 2).readUInt16BE() !== 0xffd8) return;
  let here = at + 2;
  for (let i = 0; i < mostSegments && here + 4 <= at + length; i++) {
    const head = bytesAt(here, 4);
    const marker = head[1]!;
    if (head[0] !== 0xff) return;
    if (marker === 0xff) {
      here++;
      continue;
    }
    const size = Math.max(2, head.readUInt16BE(2));
    yield { marker, at: here + 4, length: size - 2 };
    here += 2 + size;
  }
}

/** Whether its segments lie one behind the other up to the picture, with nothing between them. */
export function leadsToScan(jpeg: Buffer): boolean {
  const place = { at: 0, length: jpeg.length };
  try {
    for (const { marker } of segmentsOf(bytesOfBuffer(jpeg), place)) if (marker === startOfScan) return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}

const [endOfImage, firstRestart, startOfImage] = [0xd9, 0xd0, 0xd8];

/** Where the picture ends that goes on at `from`: padding, or another picture, follows. */
export function endOfPicture(jpeg: Buffer, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at >= 0 && at + 1 < jpeg.length; at = jpeg.indexOf(0xff, at)) {
    const marker = jpeg[at + 1]!;
    if (marker === endOfImage) return at + 2;
    // A fill byte, a byte of the picture, a restart: without a length.
    if (marker === 0xff) at++;
    else if (marker <= 1 || (marker >= firstRestart && marker <= startOfImage) || at + 4 > jpeg.length)
      at += 2;
    else at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return jpeg.length;
}
