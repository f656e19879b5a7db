/** A box of the map as a word of a search, and back. Pure. */
import type { GeoBox } from '../../main/contract/entities/place.ts';
import { queryTerms, termText, withoutField } from '../../main/contract/query-words.ts';

/** 0.1 m. */
const digits = 6;

function rounded(degrees: number, up: boolean): string {
  const steps = degrees * 10 ** digits;
  return String((up ? Math.ceil(steps) : Math.floor(steps)) / 10 ** digits);
}

/** The search with this box in place of any other; none smaller. */
export function withPlace(search: string, { south, west, north, east }: GeoBox): string {
  const sides = [rounded(south, false), rounded(west, false), rounded(north, true), rounded(east, true)];
  const word = termText('place', sides.map((text) => ({ text, whole: false }))); // prettier-ignore
  return [withoutField(search, 'place'), word].filter(Boolean).join(' ');
}

/** The box that a search is narrowed to, if it is one. */
export function chosenBox(search: string): GeoBox | null {
  const term = queryTerms(search).findLast(({ field, not }) => field === 'place' && !not);
  if (term?.values.length !== 4) return null;
  const [south = NaN, west = NaN, north = NaN, east = NaN] = term.values.map(({ text }) => Number(text));
  return south <= north && Number.isFinite(west + east) ? { south, west, north, east } : null;
}
