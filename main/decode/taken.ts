/** When a photo was taken. */
import readExif from 'exif-reader';
import type { Exif } from 'exif-reader';

/** Niépce's. */
const firstPhoto = 1826;

/**
 * Milliseconds since 1970, from EXIF DateTimeOriginal and OffsetTimeOriginal; without an offset the camera's clock
 * is read as this machine's time zone. Null where there is none, or it makes no sense.
 */
export function takenMs(exif: Buffer | undefined): number | null {
  if (!exif) return null;
  try {
    return takenOf(readExif(exif), exif);
  } catch {
    // Broken EXIF says nothing about the picture.
    return null;
  }
}

/** The same of EXIF that was read; `exif` are the bytes it was read from. */
export function takenOf(
  { Photo: photo, Image: image }: Pick<Exif, 'Photo' | 'Image'>,
  exif: Buffer,
): number | null {
  // The reader takes the camera's wall clock for UTC.
  const clock: unknown =
    photo?.DateTimeOriginal ?? photo?.DateTimeDigitized ?? image?.DateTimeOriginal ?? image?.DateTime;
  if (!(clock instanceof Date) || Number.isNaN(clock.getTime())) return null;
  // It carries on what no calendar has: zeros become the November before, and the 29th of February of any year a day.
  const written = clock.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  if (clock.getUTCFullYear() < firstPhoto || !exif.includes(written, 0, 'latin1')) return null;
  const offset = offsetMinutes(photo?.OffsetTimeOriginal ?? photo?.OffsetTime);
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
  const [, sign, hours, minutes] = (typeof text === 'string' && /^([+-])(\d\d):(\d\d)/.exec(text)) || [];
  if (!sign) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
