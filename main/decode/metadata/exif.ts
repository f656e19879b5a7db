/** EXIF as it is read everywhere. */
import readStandard, { type Exif } from 'exif-reader';
import { bytesOfBuffer } from '../containers/bytes-at.ts';
import { clockOf } from './clock.ts';
import { firstDirectory } from '../containers/raw-tiff.ts';

/** By the clock where it was, as `clockAt` has it; null: nobody says. */
interface ExifDates {
  /** When the picture was taken. */
  original: number | null;
  /** When it became a file. */
  digitized: number | null;
  /** When it was changed last. */
  changed: number | null;
}

export interface ReadExif {
  tags: Exif;
  /** The reader of tags knows the standard's form of a date alone. */
  dates: ExifDates;
}

const head = 'Exif\0\0';
const [original, digitized, changed, photo] = [0x9003, 0x9004, 0x0132, 0x8769];

function datesIn(tiff: Buffer): ExifDates {
  const bytesAt = bytesOfBuffer(tiff);
  // Some write them into the first directory.
  const directories = [photo, null].map((below) => {
    try {
      return firstDirectory(bytesAt, [original, digitized, changed], below);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return new Map<number, Buffer>();
    }
  });
  // A camera whose clock was never set, or a scanner, writes zeros or blanks, behind which another date may stand.
  const dateOf = (tag: number) =>
    directories.map((values) => clockOf(values.get(tag)?.toString('latin1') ?? '')).find((date) => date !== null) ?? null; // prettier-ignore
  return { original: dateOf(original), digitized: dateOf(digitized), changed: dateOf(changed) };
}

/** @throws Error where it is broken */
export function readExif(exif: Buffer): ReadExif {
  const begins = exif.toString('latin1', 0, head.length) === head;
  return { tags: readStandard(exif), dates: datesIn(begins ? exif.subarray(head.length) : exif) };
}
