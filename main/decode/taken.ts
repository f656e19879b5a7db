/** When a photo was taken. */
import { readExif, type ReadExif } from './exif.ts';
import { type Clock, firstPhoto, offsetMinutes, xmpDates } from './xmp-dates.ts';

/** As `takenOf`, of what a file holds. */
export function takenMs(exif?: Buffer, xmp?: Buffer): number | null {
  return takenOf(readable(exif), () => xmp);
}

/** Null: there is none, or it is broken and says nothing about the picture. */
export function readable(exif: Buffer | null | undefined): ReadExif | null {
  try {
    return exif ? readExif(exif) : null;
  } catch {
    return null;
  }
}

/**
 * Milliseconds since 1970, from the first date that makes sense, with its own offset: when the picture was taken before
 * when it became a file, when it was changed last, and of each EXIF's before XMP's, as the Metadata Working Group has
 * them. Without an offset the camera's clock is read as this machine's time zone. Null where no date makes sense.
 * @param packet asked for where EXIF does not say when the picture was taken
 */
export function takenOf(exif: ReadExif | null, packet: () => Buffer | null | undefined): number | null {
  const { Photo: photo, Image: image } = exif?.tags ?? {};
  // A camera whose clock was never set, or a scanner, writes zeros or blanks, behind which another date may stand.
  const of = (time: unknown, offset?: unknown): Clock | null =>
    exif && isTime(time, exif.bytes)
      ? { time, offset: offsetMinutes(offset) ?? offsetMinutes(photo?.OffsetTime) }
      : null;
  const original = of(photo?.DateTimeOriginal, photo?.OffsetTimeOriginal) ?? of(image?.DateTimeOriginal);
  if (original) return msOf(original);
  const bytes = packet();
  const xmp = bytes && xmpDates(bytes);
  const clock =
    xmp?.original ??
    of(photo?.DateTimeDigitized, photo?.OffsetTimeDigitized) ??
    xmp?.digitized ??
    of(image?.DateTime);
  return clock && msOf(clock);
}

/** Whether it is a date of the calendar: the reader carries zeros on to a November, and the 29th of February of any year a day. */
function isTime(time: unknown, exif: Buffer): time is Date {
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) return false;
  const written = time.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  return time.getUTCFullYear() >= firstPhoto && exif.includes(written, 0, 'latin1');
}

function msOf({ time, offset }: Clock): number {
  if (offset !== null) return time.getTime() - offset * 60_000;
  return new Date(
    time.getUTCFullYear(),
    time.getUTCMonth(),
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ).getTime();
}
