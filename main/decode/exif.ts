/** EXIF as it is read everywhere: with the dates that programs write in other forms than the standard's. */
import readStandard, { type Exif } from 'exif-reader';

/** Of cameras and editors; the heads of RAW files are larger, and their makers keep to the standard. */
const mostBytes = 1 << 16;
const otherDates = /(\d{4})[-/.](\d\d)[-/.](\d\d)[ T](\d\d:\d\d:\d\d)/g;

/** `2014-07-03T12:30:00` as `2014:07:03 12:30:00`: of the same length, so that nothing else moves. */
function inUsualForm(exif: Buffer): Buffer {
  if (exif.length > mostBytes) return exif;
  const text = exif.toString('latin1');
  const usual = text.replace(otherDates, '$1:$2:$3 $4');
  return usual === text ? exif : Buffer.from(usual, 'latin1');
}

export interface ReadExif {
  tags: Exif;
  /** That the tags were read from. */
  bytes: Buffer;
}

/** @throws Error where it is broken */
export function readExif(exif: Buffer): ReadExif {
  const bytes = inUsualForm(exif);
  return { tags: readStandard(bytes), bytes };
}
