const two = (value: number) => String(value).padStart(2, '0');

/** By the calendar of whoever reads it, as 2026-11-28: by UTC a morning in China would be the day before. Pure. */
export const dayOf = (at: Date): string =>
  [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
