/** Dates in an XMP packet, where programs write them that know no EXIF, or of which EXIF knows nothing. */
import { xmpText } from '../../xmp/encoding.ts';
import { type Packet, type Prefix, readPacket, valuesOf } from '../../xmp/properties.ts';
import { clockOf } from './clock.ts';

/** By the clock where it was, as `clockAt` has it; null: nobody says. */
export interface XmpDates {
  /** When the picture was taken. */
  original: number | null;
  /** When it became a file. */
  digitized: number | null;
}

function firstOf(packet: Packet, ...names: [Prefix, string][]): number | null {
  for (const [prefix, local] of names)
    for (const value of valuesOf(packet, prefix, local)) {
      const clock = clockOf(value);
      if (clock !== null) return clock;
    }
  return null;
}

/** A packet that is broken says nothing of the picture. */
export function xmpDates(packet: Buffer): XmpDates {
  try {
    const read = readPacket(xmpText(packet).text);
    return {
      original: firstOf(read, ['exif', 'DateTimeOriginal'], ['photoshop', 'DateCreated']),
      digitized: firstOf(read, ['xmp', 'CreateDate'], ['exif', 'DateTimeDigitized']),
    };
  } catch {
    return { original: null, digitized: null };
  }
}
