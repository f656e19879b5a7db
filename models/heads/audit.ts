/**
 * Which labels are probably wrong: confident learning (Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating
 * Uncertainty in Dataset Labels"), over probabilities of heads that were not taught with the example.
 */
import { wilson } from './figures.ts';
import type { Share } from './report.ts';

export interface Suspect {
  /** Index of the example. */
  example: number;
  /** What it is called. */
  given: number;
  /** What it probably is. */
  likely: number;
  /** p(likely) − p(given): how strongly the two are at odds. */
  margin: number;
}

/**
 * An example is suspect where some label is at least as probable for it as for the average example called so, and
 * another label than its own is the most probable of these. Strongest first.
 *
 * @param probabilities [n, C], out of fold
 * @param given row of the label that each example was given; negative: not looked at
 */
export function suspects(probabilities: Float32Array, given: ArrayLike<number>, labels: number): Suspect[] {
  const sums = new Float64Array(labels);
  const counts = new Uint32Array(labels);
  for (let i = 0; i < given.length; i++) {
    if (given[i]! < 0) continue;
    sums[given[i]!]! += probabilities[i * labels + given[i]!]!;
    counts[given[i]!]! += 1;
  }
  const found: Suspect[] = [];
  for (let example = 0; example < given.length; example++) {
    const own = given[example]!;
    if (own < 0) continue;
    const at = example * labels;
    let likely = -1;
    for (let label = 0; label < labels; label++) {
      // A label nobody was given has no average to compare with.
      if (!counts[label] || probabilities[at + label]! < sums[label]! / counts[label]!) continue;
      if (likely < 0 || probabilities[at + label]! > probabilities[at + likely]!) likely = label;
    }
    if (likely < 0 || likely === own) continue;
    found.push({
      example,
      given: own,
      likely,
      margin: probabilities[at + likely]! - probabilities[at + own]!,
    });
  }
  return found.sort((a, b) => b.margin - a.margin || a.example - b.example);
}

/**
 * What share of answers is right, from a person's word on some drawn at random: "93 % ± 3 of what it calls boat is
 * right, judged by you on 120". Half the width of the interval is what stands behind ±.
 *
 * @param population how many there are to draw from
 */
export function estimate(
  right: number,
  judged: number,
  population: number,
): (Share & { plusMinus: number }) | null {
  const share = wilson(right, judged, Math.max(population, judged));
  return share && { ...share, plusMinus: (share.high - share.low) / 2 };
}
