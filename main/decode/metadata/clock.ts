/** Dates as EXIF and XMP have them, in the forms that programs really write. */

/** Niépce's. */
export const firstPhoto = 1826;

/**
 * EXIF's `2014:07:03 12:30:00` and ISO 8601 as XMP cuts it, one written in the other's place, with fractions and offsets
 * that EXIF keeps elsewhere, and with blanks for noughts; a year or a month alone is no day.
 */
const form =
  /^(\d{4})[-:/.]([ \d]\d)[-:/.]([ \d]\d)(?:[T ]([ \d]\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Milliseconds by the clock where it was, as `clockAt` has it; null: a day or an hour that no calendar has. */
export function clockOf(text: string): number | null {
  const [found, ...parts] = form.exec(text.replace(/\0.*$/s, '').trim()) ?? [];
  if (found === undefined) return null;
  const [year, month, day, hour = '00', minute = '00', second = '00'] = parts.map((part?: string) => part?.replace(' ', '0')); // prettier-ignore
  if (Number(year) < firstPhoto) return null;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${written}Z`);
  // The 30th of February is a day in March to the calendar of JavaScript.
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 19) !== written) return null;
  return time.getTime();
}
