/** When a photo was taken. */
import { readExif, type ReadExif } from './exif.ts';
import { iptcDates } from '../../xmp/iptc.ts';
import { firstPhoto } from './clock.ts';
import { xmpDates } from './xmp-dates.ts';

/** What a file holds beside its picture and EXIF: a packet, and data sets of IPTC. */
export interface Beside {
  xmp?: Buffer | null | undefined;
  iptc?: Buffer | null | undefined;
}

/** As `takenOf`, of what a file holds. */
export function takenMs(exif: Buffer | undefined, beside: Beside = {}): number | null {
  return takenOf(readable(exif), () => beside);
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
 * By the clock where it was taken (`clockAt`), from the first date that makes sense: when the picture was taken before
 * when it became a file, when it was changed last, and of each EXIF's before XMP's and XMP's before IPTC's, as the
 * Metadata Working Group has them. How far that clock was ahead of UTC changes nothing of its day. Null where no date makes sense.
 * @param beside asked for where EXIF does not say when the picture was taken
 */
export function takenOf(exif: ReadExif | null, beside: () => Beside): number | null {
  const dates = exif?.dates;
  const original = dates?.original ?? null;
  if (original !== null) return original;
  const told = beside();
  const xmp = told.xmp && xmpDates(told.xmp);
  const iptc = told.iptc && iptcDates(told.iptc);
  return (
    xmp?.original ??
    sensible(iptc?.original) ??
    dates?.digitized ??
    xmp?.digitized ??
    sensible(iptc?.digitized) ??
    dates?.changed ??
    null
  );
}

const sensible = (ms: number | null | undefined): number | null =>
  typeof ms === 'number' && new Date(ms).getUTCFullYear() >= firstPhoto ? ms : null;
