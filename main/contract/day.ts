const two = (value: number) => String(value).padStart(2, '0');

const written = (year: number, month: number, day: number) => [year, two(month), two(day)].join('-');

/** By the calendar of whoever reads it, as 2026-11-28: by UTC a morning in China would be the day before. Pure. */
export const dayOf = (at: Date): string => written(at.getFullYear(), at.getMonth() + 1, at.getDate());

/**
 * Photos are dated by the clock on the wall where they were taken, as cameras write it, in milliseconds since 1970 as if
 * that were UTC: a day stays the day that it was, wherever a library is carried. This is what such a clock here shows at
 * a moment, for photos of which only the file's time is known.
 */
export const clockAt = (ms: number): number =>
  Math.round(ms - (new Date(ms).getTimezoneOffset() || 0) * 60_000);

/** Of such a clock; as `dayOf`. */
export function dayOfClock(clockMs: number): string {
  const at = new Date(clockMs);
  return written(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate());
}
