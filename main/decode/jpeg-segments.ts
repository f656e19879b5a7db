/** The segments of a JPEG before its picture (ITU-T T.81, B.1). */
import type { BytesAt } from './bytes-at.ts';

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

/** Ends at what is no segment. @throws RangeError beyond the file */
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
