/** Dates in an XMP packet, where programs write them that know no EXIF, or of which EXIF knows nothing. */
import { xmpText } from '../xmp/encoding.ts';
import { type Packet, type Prefix, readPacket, valuesOf } from '../xmp/properties.ts';

/** By the clock where it was, as `clockAt` has it; null: nobody says. */
export interface XmpDates {
  /** When the picture was taken. */
  original: number | null;
  /** When it became a file. */
  digitized: number | null;
}

/** Niépce's. */
export const firstPhoto = 1826;

/** ISO 8601 as XMP cuts it; a year or a month alone is no day. */
const form =
  /^(\d{4})[-:](\d\d)[-:](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(?:Z|[+-]\d\d:\d\d)?)?$/;

function clockOf(text: string): number | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = form.exec(text) ?? [];
  if (!year || Number(year) < firstPhoto) return null;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${written}Z`);
  // The 30th of February is a day in March to the calendar of JavaScript.
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 19) !== written) return null;
  return time.getTime();
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
