/** Camera RAW by the preview that the camera made of it: a JPEG inside, turned upright as the RAW says. */
import { basename } from 'node:path';
import type { BytesAt } from './bytes-at.ts';
import { decodeError } from '../failures.ts';
import { segmentsOf, type Place } from './jpeg-segments.ts';
import { boxDirectories } from './raw-boxes.ts';
import { exifOf } from './raw-exif.ts';
import { rawDirectories, type RawDirectories } from './raw-tiff.ts';

/** Endings that are read. */
export const rawExtensions = ['cr2', 'cr3', 'nef', 'arw', 'dng', 'raf', 'orf', 'rw2', 'pef', 'srw'] as const;

const names = new RegExp(`\\.(${rawExtensions.join('|')})$`, 'i');
/** Of TIFF, Olympus's and Panasonic's variants of it. */
const tiffStarts = new Set(['II*\0', 'MM\0*', 'IIRO', 'IIRS', 'MMOR', 'IIU\0']);
const fujifilm = 'FUJIFILMCCD-RAW';

export function isRaw(name: string, start: Buffer): boolean {
  if (!names.test(name)) return false;
  const text = start.toString('latin1', 0, 16);
  return tiffStarts.has(text.slice(0, 4)) || text.slice(4, 12) === 'ftypcrx ' || text.startsWith(fujifilm);
}

/** A thumbnail (160 × 120) shows a model less than it was made for, and nobody what the photo is. */
const leastSide = 160;
const mostBytes = 64 << 20;

interface Preview extends Place {
  width: number;
  height: number;
}

/** The size of a JPEG that can be shown (baseline or progressive, 8 bits); null: it is none. @throws RangeError beyond the file */
function sizeOfJpeg(bytesAt: BytesAt, place: Place): { width: number; height: number } | null {
  for (const { marker, at } of segmentsOf(bytesAt, place)) {
    // 0xc3 is the lossless process that sensors' data are coded by.
    if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
    if (marker > 0xc2) return null;
    const frame = bytesAt(at, 6);
    return frame[0] === 8 ? { height: frame.readUInt16BE(1), width: frame.readUInt16BE(3) } : null;
  }
  return null;
}

function largest(bytesAt: BytesAt, size: number, places: readonly Place[]): Preview | null {
  let best: Preview | null = null;
  for (const place of places) {
    if (place.at >= size || place.length > mostBytes) continue;
    try {
      const found = sizeOfJpeg(bytesAt, place);
      if (found && found.width * found.height > (best ? best.width * best.height : 0))
        best = { ...place, ...found };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return best;
}

/** Where RAF has its JPEG. `start`: of the file, latin1; null: it is another RAW. @throws RangeError beyond the file */
export function fujifilmJpeg(bytesAt: BytesAt, start: string): Place | null {
  if (!start.startsWith(fujifilm)) return null;
  const place = bytesAt(84, 8);
  return { at: place.readUInt32BE(0), length: place.readUInt32BE(4) };
}

function directoriesOf(bytesAt: BytesAt, size: number, start: Buffer): RawDirectories {
  const text = start.toString('latin1', 0, 16);
  if (text.slice(4, 8) === 'ftyp') return boxDirectories(bytesAt, size);
  const place = fujifilmJpeg(bytesAt, text);
  // Its JPEG has EXIF of its own.
  return place ? { places: [place], orientation: null, taken: null, offset: null } : rawDirectories(bytesAt);
}

/** The largest preview as a JPEG of its own. @throws SaccadeError `no-preview`, `truncated-image`, `corrupt-image` */
export function previewOf(path: string, bytesAt: BytesAt, size: number): Buffer {
  const name = basename(path);
  let found: RawDirectories;
  try {
    found = directoriesOf(bytesAt, size, bytesAt(0, Math.min(size, 16)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw decodeError(
      'corrupt-image',
      `${name} can't be read as the camera RAW that its name says: its directory lies outside the file.`,
      error,
    );
  }
  const best = largest(bytesAt, size, found.places);
  if (best && best.at + best.length > size)
    throw decodeError('truncated-image', `${name} ends before its preview of ${best.width} × ${best.height} does.`); // prettier-ignore
  if (!best || Math.min(best.width, best.height) < leastSide)
    throw decodeError(
      'no-preview',
      `${name} is a camera RAW ${best ? `whose largest preview has ${best.width} × ${best.height} pixels` : 'without a preview'}; Saccade reads the JPEG that cameras put into it, of at least ${leastSide} pixels a side. Export it as JPEG, or as DNG with a preview.`,
    );
  const jpeg = bytesAt(best.at, best.length);
  const exif = exifOf(found);
  return exif ? Buffer.concat([jpeg.subarray(0, 2), exif, withoutExif(jpeg)]) : jpeg;
}

/** What follows its start, without EXIF of its own: what the RAW says holds. */
function withoutExif(jpeg: Buffer): Buffer {
  const kept: Buffer[] = [];
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1]! >= 0xe0 && jpeg[at + 1]! <= 0xef) {
    const to = at + 2 + jpeg.readUInt16BE(at + 2);
    if (!jpeg.subarray(at + 4, at + 10).equals(Buffer.from('Exif\0\0'))) kept.push(jpeg.subarray(at, to));
    at = to;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}
