/** When a photo was taken. */
import { readExif, type ReadExif } from './exif.ts';

/** Niépce's. */
const firstPhoto = 1826;

/**
 * Milliseconds since 1970, from the first date of EXIF that makes sense, DateTimeOriginal before others, and its
 * offset; without one the camera's clock is read as this machine's time zone. Null where no date makes sense.
 */
export function takenMs(exif: Buffer | undefined): number | null {
  if (!exif) return null;
  try {
    return takenOf(readExif(exif));
  } catch {
    // Broken EXIF says nothing about the picture.
    return null;
  }
}

/** The same of EXIF that was read. */
export function takenOf({ tags, bytes }: ReadExif): number | null {
  const { Photo: photo, Image: image } = tags;
  // A camera whose clock was never set, or a scanner, writes zeros or blanks, behind which another date may stand.
  const found: [clock: unknown, offset: unknown][] = [
    [photo?.DateTimeOriginal, photo?.OffsetTimeOriginal],
    [photo?.DateTimeDigitized, photo?.OffsetTimeDigitized],
    [image?.DateTimeOriginal, undefined],
    [image?.DateTime, undefined],
  ];
  for (const [clock, offset] of found)
    if (isClock(clock, bytes)) return msOf(clock, offsetMinutes(offset) ?? offsetMinutes(photo?.OffsetTime));
  return null;
}

/** Whether it is a date of the calendar: the reader carries zeros on to a November, and the 29th of February of any year a day. */
function isClock(clock: unknown, exif: Buffer): clock is Date {
  if (!(clock instanceof Date) || Number.isNaN(clock.getTime())) return false;
  const written = clock.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  return clock.getUTCFullYear() >= firstPhoto && exif.includes(written, 0, 'latin1');
}

/** @param clock the camera's, which the reader takes for UTC */
function msOf(clock: Date, offset: number | null): number {
  if (offset !== null) return clock.getTime() - offset * 60_000;
  return new Date(
    clock.getUTCFullYear(),
    clock.getUTCMonth(),
    clock.getUTCDate(),
    clock.getUTCHours(),
    clock.getUTCMinutes(),
    clock.getUTCSeconds(),
  ).getTime();
}

function offsetMinutes(text: unknown): number | null {
  if (text === 'Z') return 0;
  const [, sign, hours, minutes] = (typeof text === 'string' && /^([+-])(\d\d):(\d\d)/.exec(text)) || [];
  if (!sign) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
