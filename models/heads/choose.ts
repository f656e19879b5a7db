/** Choosing the penalty by cross-validation, and what the held-out examples say of the head. */
import { fitTemperature, meanLoss, type Truth } from './calibrate.ts';
import { fewestForFigures, type TrainingSet } from './examples.ts';
import { stratifiedFolds } from './folds.ts';
import { fitLogistic, logitsOfRow, type Problem } from './logistic.ts';

/** Strong to weak, over standardised features; each fit begins where the one before ended. */
const penalties = [10_000, 3000, 1000, 300, 100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01];
const folds = 5;
/** After so many weaker penalties in a row without a better loss, the best has been passed. */
const patience = 2;

export interface HeldOut {
  l2: number;
  /** Mean negative log likelihood, at the temperature that suits it best. */
  loss: number;
  /** Of the training examples, which are counted: those whose labels have enough examples. */
  examples: Int32Array;
  /** [examples, C] of heads that were not taught with the example. */
  logits: Float32Array;
  truth: Truth;
  folds: number;
}

/** [C]: in how many groups each row of the head has examples. */
function groupsOf({ target, groups, rows }: TrainingSet): number[] {
  const seen = Array.from({ length: rows }, () => new Set<number>());
  for (const [i, group] of groups.entries()) {
    if (target.answers === 'one') seen[target.index[i]!]!.add(group);
    else for (let row = 0; row < rows; row++) if (target.has[i * rows + row]) seen[row]!.add(group);
  }
  return seen.map((set) => set.size);
}

/** Rows of the head that have examples enough to be judged by. */
export function judgeable(training: TrainingSet): boolean[] {
  return groupsOf(training).map((count) => count >= fewestForFigures);
}

/** What is to be spread evenly: the label, or for `any` the set of labels. */
function strataOf({ target, rows }: TrainingSet): Int32Array {
  if (target.answers === 'one') return target.index;
  const sets = new Map<string, number>();
  return Int32Array.from({ length: target.has.length / rows }, (_, i) => {
    const key = target.has.subarray(i * rows, (i + 1) * rows).join('');
    const number = sets.get(key) ?? sets.size;
    sets.set(key, number);
    return number;
  });
}

function part(problem: Problem, examples: Int32Array): Problem {
  const { x, length, labels, target } = problem;
  const rows = new Float32Array(examples.length * length);
  for (const [at, i] of examples.entries()) rows.set(x.subarray(i * length, (i + 1) * length), at * length);
  if (target.answers === 'one')
    return { x: rows, length, labels, target: { answers: 'one', index: examples.map((i) => target.index[i]!) } }; // prettier-ignore
  const has = new Uint8Array(examples.length * labels);
  for (const [at, i] of examples.entries())
    has.set(target.has.subarray(i * labels, (i + 1) * labels), at * labels);
  return { x: rows, length, labels, target: { answers: 'any', has } };
}

/**
 * Null: too few examples to hold any out.
 * @param onstep called after each fit with the steps done and the most there can be; what it throws ends the choice
 */
export function choosePenalty(
  training: TrainingSet,
  problem: Problem,
  candidates: readonly number[] = penalties,
  onstep: (done: number, of: number) => void = () => {},
): HeldOut | null {
  const { target, groups, rows } = training;
  const enough = judgeable(training);
  if (enough.filter(Boolean).length < (target.answers === 'one' ? 2 : 1)) return null;
  const foldOf = stratifiedFolds(strataOf(training), groups, folds);
  const counted = Int32Array.from(foldOf.keys().filter((i) => target.answers === 'any' || enough[target.index[i]!])); // prettier-ignore
  const all = Int32Array.from(foldOf.keys());
  const parts = Array.from({ length: folds }, (_, fold) => ({
    taught: part(
      problem,
      all.filter((i) => foldOf[i] !== fold),
    ),
    held: [...counted.entries()].filter(([, i]) => foldOf[i] === fold),
    parameters: undefined as Float64Array | undefined,
  }));
  const truth: Truth =
    target.answers === 'one'
      ? counted.map((i) => target.index[i]!)
      : (part(problem, counted).target as { has: Uint8Array }).has;
  let best: HeldOut | null = null;
  let worse = 0;
  const row = new Float64Array(rows);
  for (const [step, l2] of candidates.entries()) {
    const logits = new Float32Array(counted.length * rows);
    for (const [fold, each] of parts.entries()) {
      const { parameters } = each;
      each.parameters = fitLogistic(each.taught, l2, { tolerance: 1e-4, start: parameters }).x;
      for (const [at, i] of each.held) {
        logitsOfRow(problem.x, i * problem.length, each.parameters, problem, row);
        logits.set(row, at * rows);
      }
      onstep(step * folds + fold + 1, candidates.length * folds);
    }
    // At the temperature it would get: as they stand, strong penalties look bad only because they are not bold, and with
    // few examples the weakest wins whatever it has learnt.
    const temperature = fitTemperature(logits, truth, rows, target.answers);
    const loss = meanLoss(logits, truth, rows, target.answers, temperature);
    if (!best || loss < best.loss) {
      best = { l2, loss, examples: counted, logits, truth, folds };
      worse = 0;
    } else if (++worse === patience) break;
  }
  return best;
}
