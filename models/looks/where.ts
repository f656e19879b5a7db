/** Where the evidence for a label lies, over its photos, and what is odd about it. Pure. N patches. */
import { rankCorrelation } from '../overlay/measured.ts';
import { cutSides, patchesIn, type Place, places, rim } from './places.ts';
import { type Grid, meanOf, sharesOf } from './shares.ts';

/** What is known of one photo. */
export interface LookedAt {
  /** [N]: evidence for the label, logit units. */
  values: Float32Array;
  /** The part of the photo that the model saw, and the photo, in its pixels; null: not known. */
  seen: { x: number; y: number; width: number; height: number } | null;
  photo: { width: number; height: number };
  /** What [CLS] and other special tokens bring themselves, and the whole logit; null: not known. */
  special: number | null;
  logit: number | null;
}

/** Where the evidence for other labels lies: for each of them a mean over its photos, [N]. */
export interface Others {
  /** Of shares. */
  means: readonly Float64Array[];
  /** Of shares of the squared evidence. */
  strong: readonly Float64Array[];
}

/** Maps [N] of labels that are not the one in question. */
export function othersOf(maps: Iterable<{ label: number; values: ArrayLike<number> }>): Others {
  const byLabel = new Map<number, { means: Float64Array[]; strong: Float64Array[] }>();
  for (const { label, values } of maps) {
    const [shares, strong] = [sharesOf(values), sharesOf(values, 2)];
    if (!shares || !strong) continue;
    const some = byLabel.get(label) ?? { means: [], strong: [] };
    some.means.push(shares);
    some.strong.push(strong);
    byLabel.set(label, some);
  }
  const each = (of: 'means' | 'strong') =>
    [...byLabel.values()].map((some) => meanOf(some[of], some[of][0]!.length));
  return { means: each('means'), strong: each('strong') };
}

export interface Finding {
  kind: Place | 'cropped' | 'special';
  /** Share of the evidence that lies there, mean over the photos: 0 … 1. Of `special`: of the logit. */
  share: number;
  /** The same of other labels, mean over them; null: there are none to compare with. */
  usual: number | null;
  /** Share of the patches that lie there: what evenly spread evidence would have; null: it is no place. */
  even: number | null;
  /** Photos that have such a place and evidence, and those of them where more than half of it lies there. */
  photos: number;
  mostly: number;
  /** More than can be expected: more than chance, and half as much again as other labels have, or as even. */
  odd: boolean;
}

export interface Where {
  /** Photos with any evidence for the label. */
  photos: number;
  /** [N]: mean of the evidence, logit units. */
  mean: Float32Array;
  /** Rank correlation of the mean share with that of the other labels, −1 … 1; null: there are none, or it has none. */
  likeOthers: number | null;
  /** Odd ones first, the largest excess first. */
  findings: Finding[];
}

const least = { ratio: 1.5, excess: 0.03, errors: 2.5, photos: 8 };

function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = values.length > 1 ? Math.sqrt(squares / (values.length - 1) / values.length) : Infinity;
  return { mean, error };
}

const sumAt = (map: ArrayLike<number>, at: readonly number[]) => at.reduce((sum, i) => sum + map[i]!, 0);

function finding(
  kind: Finding['kind'],
  shares: readonly number[],
  usual: number | null,
  even: number | null,
  ratio = least.ratio,
): Finding {
  const { mean, error } = meanAndError(shares);
  const expected = Math.max(usual ?? 0, even ?? 0);
  const excess = mean - expected;
  return {
    kind,
    share: mean,
    usual,
    even,
    photos: shares.length,
    mostly: shares.filter((share) => share > 0.5).length,
    odd:
      shares.length >= least.photos &&
      excess >= least.excess &&
      excess > least.errors * error &&
      mean >= ratio * expected,
  };
}

/** Most of the grid is outside its middle: half as much again can't be there. */
const outsideRatio = 1.15;

export function whereOf(photos: readonly LookedAt[], grid: Grid, others: Others): Where {
  const patches = grid.rows * grid.columns;
  const held = photos.flatMap((photo) => {
    const shares = sharesOf(photo.values);
    return shares ? [{ ...photo, shares }] : [];
  });
  const usualIn = (at: readonly number[]) =>
    others.means.length ? meanAndError(others.means.map((mean) => sumAt(mean, at))).mean : null;
  const findings = places.map((place) => {
    const at = patchesIn(place, grid);
    return finding(
      place,
      held.map(({ shares }) => sumAt(shares, at)),
      usualIn(at),
      at.length / patches,
      place === 'outside' ? outsideRatio : least.ratio,
    );
  });
  findings.push(croppedOf(held, grid, others), ...specialOf(held));
  const share = meanOf(
    held.map(({ shares }) => shares),
    patches,
  );
  const usual = meanOf(others.means, patches);
  const alike = others.means.length && held.length ? rankCorrelation(share, usual) : NaN;
  return {
    photos: held.length,
    mean: Float32Array.from(
      meanOf(
        photos.map(({ values }) => values),
        patches,
      ),
    ),
    likeOthers: Number.isNaN(alike) ? null : alike,
    findings: findings
      .filter(({ photos: some }) => some > 0)
      .sort((a, b) => Number(b.odd) - Number(a.odd) || excessOf(b) - excessOf(a)),
  };
}

const excessOf = ({ share, usual, even }: Finding) => share - Math.max(usual ?? 0, even ?? 0);

/** At the rims of the sides that were cut off, of photos that have any: there a thing may have been cut in two. */
function croppedOf(held: readonly (LookedAt & { shares: Float64Array })[], grid: Grid, others: Others) {
  const patches = grid.rows * grid.columns;
  const shares: number[] = [];
  const evens: number[] = [];
  const usuals: number[] = [];
  const rims = new Map<string, { at: number[]; usual: number }>();
  for (const { shares: own, seen, photo } of held) {
    const sides = seen ? cutSides(seen, photo) : [];
    if (!sides.length) continue;
    const key = sides.join(' ');
    if (!rims.has(key)) {
      const at = rim(sides, grid);
      rims.set(key, { at, usual: meanAndError(others.means.map((mean) => sumAt(mean, at))).mean });
    }
    const { at, usual } = rims.get(key)!;
    shares.push(sumAt(own, at));
    evens.push(at.length / patches);
    usuals.push(usual);
  }
  return finding(
    'cropped',
    shares,
    others.means.length ? meanAndError(usuals).mean : null,
    meanAndError(evens).mean,
  );
}

/** Of photos whose logit is known and positive; a share of it may be negative or beyond 1. */
function specialOf(held: readonly LookedAt[]): Finding[] {
  const shares = held.flatMap(({ special, logit }) =>
    special !== null && logit !== null && logit > 0 ? [special / logit] : [],
  );
  if (!shares.length) return [];
  const found = finding('special', shares, null, null);
  return [{ ...found, odd: shares.length >= least.photos && found.share >= 0.25 }];
}
