/** Photos whose evidence lies where the label's evidence usually does not: right label, perhaps for a wrong reason. Pure. */
import { type Grid, meanOf, medianOf, sharesOf, spreadOut } from './shares.ts';
import type { Others } from './where.ts';

/** Of fewer photos the mean is taken: the middle one of few is a matter of chance. */
const fewest = 8;
/** More than these say nothing new of what is usual. */
const most = 2000;
/** What exceeds the usual by more than this is unusual: things lie a little elsewhere in each photo. */
const times = 3;

/** [N]: shares of the squared evidence, so that the many weak patches of every map don't hide a strong one, spread out. */
function strongShares(values: ArrayLike<number>, grid: Grid): Float64Array | null {
  const shares = sharesOf(values, 2);
  return shares && spreadOut(shares, grid);
}

/**
 * [N]: how much of a photo's evidence may lie at each patch and still be usual: three times what half of the label's
 * photos have there, or what other labels have, whichever is less. So a mark that many photos of the label carry, and
 * those of no other, is no usual place of it.
 */
function usualLimit(maps: readonly ArrayLike<number>[], grid: Grid, { strong }: Others): Float64Array {
  const patches = grid.rows * grid.columns;
  const step = Math.max(1, Math.ceil(maps.length / most));
  const shares = maps
    .filter((_, i) => i % step === 0)
    .flatMap((map) => {
      const found = strongShares(map, grid);
      return found ? [found] : [];
    });
  const own = shares.length >= fewest ? medianOf(shares, patches) : meanOf(shares, patches);
  const total = own.reduce((sum, value) => sum + value, 0);
  const other = strong.length ? spreadOut(meanOf(strong, patches), grid) : null;
  return own.map((value, i) => {
    const usual = total > 0 ? value / total : 1 / patches;
    return times * Math.min(usual, other?.[i] ?? Infinity);
  });
}

/** Share of a photo's squared evidence beyond the limit, 0 … 1; null: it has no evidence. */
function unusualShare(values: ArrayLike<number>, grid: Grid, limit: Float64Array): number | null {
  const shares = strongShares(values, grid);
  return shares && shares.reduce((sum, share, i) => sum + Math.max(0, share - limit[i]!), 0);
}

/** Which of the maps [N] are unusual, and how much of their evidence is, 0 … 1; the most first. Without evidence: none. */
export function unusualOf(
  maps: readonly ArrayLike<number>[],
  grid: Grid,
  others: Others,
): { at: number; share: number }[] {
  const limit = usualLimit(maps, grid, others);
  return maps
    .flatMap((values, at) => {
      const share = unusualShare(values, grid, limit);
      return share === null ? [] : [{ at, share: Math.min(1, share) }];
    })
    .sort((a, b) => b.share - a.share || a.at - b.at);
}
