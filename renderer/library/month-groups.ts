/** Parts of a list that stand under headings of their own, as they lie in the rows of a layout. Pure. */
import { bandOf } from './virtual-scroll.ts';
import type { GridLayout } from './virtual-scroll.ts';

export interface Group {
  /** Index of the part; null: the list has none. */
  part: number | null;
  /** Position of its first photo, and how many there are. */
  start: number;
  count: number;
  /** Where its heading begins, in columns, and its top in the list. */
  column: number;
  top: number;
  /** Those that are drawn. */
  positions: number[];
}

/** Those of which something is drawn, `first` ≤ position < `end`. @param counts photos of each part; empty: there are none */
export function groupsInView(
  layout: GridLayout,
  counts: readonly number[],
  { first, end }: { first: number; end: number },
): Group[] {
  if (end <= first) return [];
  return layout.bands.slice(bandOf(layout, first), bandOf(layout, end - 1) + 1).flatMap((band) => {
    let start = band.start;
    return Array.from({ length: band.parts }, (_, i): Group => {
      const part = band.part + i;
      // The last one takes what came since the parts were counted.
      const stop = i === band.parts - 1 ? band.end : Math.min(band.end, start + counts[part]!);
      const from = Math.max(start, first);
      const positions = Array.from({ length: Math.max(0, Math.min(stop, end) - from) }, (_, at) => from + at);
      const group = {
        part: counts.length ? part : null,
        start,
        count: stop - start,
        column: start - band.start,
        top: band.top,
        positions,
      };
      start = stop;
      return group;
    }).filter(({ count }) => count > 0);
  });
}
