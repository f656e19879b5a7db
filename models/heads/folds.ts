/** Which examples are held out together. */
import { seeded } from '../random.ts';

/**
 * The fold of each example, 0 … folds − 1: every stratum is spread as evenly as can be, and no group is split.
 * Groups are placed largest first, each into the fold that has fewest of its strata so far (as scikit-learn's
 * `StratifiedGroupKFold` does, by counts instead of deviations), then fewest examples.
 *
 * @param strata of each example: what is to be even, such as its label
 * @param groups of each example: near-duplicates have the same
 */
export function stratifiedFolds(
  strata: ArrayLike<number>,
  groups: ArrayLike<number>,
  folds: number,
  seed = 1,
): Int32Array {
  const members = new Map<number, number[]>();
  for (let i = 0; i < strata.length; i++) {
    const group = members.get(groups[i]!);
    if (group) group.push(i);
    else members.set(groups[i]!, [i]);
  }
  const random = seeded(seed);
  const shuffled = [...members.values()].map((group) => ({ group, key: random() }));
  shuffled.sort((a, b) => b.group.length - a.group.length || a.key - b.key);
  const held = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Int32Array(folds);
  const foldOf = new Int32Array(strata.length);
  for (const { group } of shuffled) {
    let best = 0;
    let least = Infinity;
    for (const [fold, counts] of held.entries()) {
      const alike = group.reduce((sum, i) => sum + (counts.get(strata[i]!) ?? 0), 0);
      const burden = alike + sizes[fold]! / (strata.length + 1);
      if (burden < least) [best, least] = [fold, burden];
    }
    sizes[best]! += group.length;
    for (const i of group) {
      foldOf[i] = best;
      held[best]!.set(strata[i]!, (held[best]!.get(strata[i]!) ?? 0) + 1);
    }
  }
  return foldOf;
}
