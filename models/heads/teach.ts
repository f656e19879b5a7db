/**
 * Teaching labels to a backbone that stays as it is: logistic regression over its features (a linear probe), and what
 * can honestly be said of it. Everything is computed here and now; callers put it into a thread of its own.
 */
import { SaccadeError } from '../error.ts';
import type { Label } from '../manifest.ts';
import { isUnsure, toProbabilities } from './apply.ts';
import { chooseDoubt, fitTemperature } from './calibrate.ts';
import { choosePenalty, type HeldOut, judgeable } from './choose.ts';
import { type Examples, type TrainingSet, trainingSet, type Scaling } from './examples.ts';
import { confusion, wilson } from './figures.ts';
import { half, type Head, type HeadFit } from './head.ts';
import { fitLogistic, type Problem } from './logistic.ts';
import type { LabelFigures, Note, Report, Share } from './report.ts';

export interface TeachOptions {
  name: string;
  /** All labels there are; an example names them by id. */
  labels: readonly Label[];
  answers: Head['answers'];
  fits: HeadFit;
  /** Penalty; default: chosen by cross-validation, or that of `again`. */
  l2?: number;
  /**
   * An earlier head to go on from: nothing is held out again, penalty, temperature and doubt stay. For teaching after
   * each confirmed photo.
   */
  again?: Head;
  /** Told after each fit; what it throws ends the teaching. */
  onstep?: (done: number, of: number) => void;
}

export interface Taught {
  head: Head;
  report: Report | null;
  /** Calibrated probabilities out of fold, for queues and the audit; null where nothing was held out. */
  heldOut: { examples: Int32Array; probabilities: Float32Array } | null;
  notes: Note[];
}

/** Where nothing can be held out: strong enough that few examples can't be learnt by heart. */
const penaltyForFew = 100;

/** Parameters over standardised features → weight and bias over features as they are. */
function unscaled(parameters: Float64Array, { mean, deviation }: Scaling, rows: number) {
  const length = mean.length;
  const weight = new Float32Array(rows * length);
  const bias = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let shift = parameters[rows * length + row]!;
    for (let i = 0; i < length; i++) {
      const value = parameters[row * length + i]! / deviation[i]!;
      weight[row * length + i] = value;
      shift -= value * mean[i]!;
    }
    bias[row] = shift;
  }
  return { weight, bias };
}

/** The other way round, row by row where labels are the same; new labels begin at zero. */
function startFrom(
  again: Head,
  { labels, none, rows, scaling: { mean, deviation } }: TrainingSet,
): Float64Array {
  const length = mean.length;
  const parameters = new Float64Array(rows * (length + 1));
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    const before = label ? again.labels.findIndex(({ id }) => id === label.id) : again.none && none ? again.labels.length : -1; // prettier-ignore
    if (before < 0) continue;
    let shift = again.bias[before]!;
    for (let i = 0; i < length; i++) {
      const value = again.weight[before * length + i]!;
      parameters[row * length + i] = value * deviation[i]!;
      shift += value * mean[i]!;
    }
    parameters[rows * length + row] = shift;
  }
  return parameters;
}

/** [n]: the likeliest row of each. */
function bestRows(values: Float32Array, rows: number): Int32Array {
  return Int32Array.from({ length: values.length / rows }, (_, i) => {
    let best = 0;
    for (let row = 1; row < rows; row++) if (values[i * rows + row]! > values[i * rows + best]!) best = row;
    return best;
  });
}

function reportOf(
  training: TrainingSet,
  held: HeldOut,
  probabilities: Float32Array,
  head: Pick<Head, 'answers' | 'doubt'>,
): Report {
  const { rows, groups, target } = training;
  const { truth, examples } = held;
  const best = bestRows(probabilities, rows);
  const one = target.answers === 'one';
  const holds = (at: number, row: number) => (one ? truth[at] === row : truth[at * rows + row] === 1);
  const called = (at: number, row: number) => (one ? best[at] === row : probabilities[at * rows + row]! >= half); // prettier-ignore
  const right = (at: number): boolean => {
    if (one) return best[at] === truth[at];
    for (let row = 0; row < rows; row++) if (called(at, row) !== holds(at, row)) return false;
    return true;
  };
  /** Near-duplicates are one piece of evidence, so the interval is that of as many examples as there are groups. */
  const shareOf = (some: readonly number[], isRight = right): Share | null => {
    const count = new Set(some.map((at) => groups[examples[at]!]!)).size;
    const found = some.filter((at) => isRight(at)).length;
    return some.length ? wilson((found * count) / some.length, count) : null;
  };
  const all = [...examples.keys()];
  const sure = all.filter((at) => !isUnsure(probabilities, at * rows, rows, head));
  const rowsOfEach = Array.from({ length: rows }, () => ({ so: [] as number[], called: [] as number[] }));
  for (const at of all)
    if (one) {
      rowsOfEach[truth[at]!]!.so.push(at);
      rowsOfEach[best[at]!]!.called.push(at);
    } else
      for (const [row, each] of rowsOfEach.entries()) {
        if (holds(at, row)) each.so.push(at);
        if (called(at, row)) each.called.push(at);
      }
  const figures = rowsOfEach.map((each, row): LabelFigures => ({
    examples: each.so.length,
    precision: shareOf(each.called, (at) => holds(at, row)),
    recall: shareOf(each.so, (at) => called(at, row)),
  }));
  const enough = judgeable(training);
  return {
    examples: examples.length,
    folds: held.folds,
    l2: held.l2,
    accuracy: shareOf(all)!,
    accuracyOfSure: shareOf(sure),
    sure: sure.length / all.length,
    labels: figures.map((figure, row) => (enough[row] ? figure : null)),
    confusion: one ? confusion(truth, best, rows) : null,
  };
}

/**
 * @throws SaccadeError `labels-alike`, `empty-label`, `too-few-labels`, `too-many-labels`, `not-finite`,
 *   `head-of-another-model` (features of another length than `fits` says)
 */
export function teach(examples: Examples, options: TeachOptions): Taught {
  const { answers, fits, again, onstep = () => {} } = options;
  const { length } = examples.features;
  if (length !== fits.length)
    throw new SaccadeError(
      'head-of-another-model',
      `Expected features of ${fits.length} numbers, as ${fits.model} gives; found ${length}. Classify the photos again with that model.`,
    );
  const training = trainingSet(examples, options.labels, answers);
  const { rows, labels, none, x, target, scaling } = training;
  const problem: Problem = { x, length, labels: rows, target };
  const earlier = again?.origin.from === 'examples' ? again.origin : null;
  const held = earlier ? null : choosePenalty(training, problem, options.l2 === undefined ? undefined : [options.l2], onstep); // prettier-ignore
  const l2 = options.l2 ?? held?.l2 ?? earlier?.l2 ?? penaltyForFew;
  const fit = fitLogistic(problem, l2, {
    tolerance: again ? 1e-4 : 1e-5,
    start: again ? startFrom(again, training) : undefined,
  });
  const { weight, bias } = unscaled(fit.x, scaling, rows);
  if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite))
    throw new SaccadeError(
      'not-finite',
      'The features of some photos hold NaN or infinity, so nothing can be taught with them; finite numbers were expected. Classify the photos again.',
    );
  // The same labels in the same order, so that what was fitted on held-out examples still holds.
  const same =
    again &&
    again.none === none &&
    again.labels.length === labels.length &&
    again.labels.every(({ id }, i) => id === labels[i]!.id);
  const temperature = held
    ? fitTemperature(held.logits, held.truth, rows, answers)
    : same
      ? again.calibration.temperature
      : 1;
  const fitted = held && chooseDoubt(held.logits, held.truth, rows, answers, temperature);
  const doubt = fitted ?? (same && !held ? again.doubt : { threshold: half });
  const probabilities = held && toProbabilities(held.logits.slice(), { answers, calibration: { temperature } }, rows); // prettier-ignore
  const report = held && probabilities ? reportOf(training, held, probabilities, { answers, doubt }) : null;
  return {
    head: {
      name: options.name,
      kind: 'taught',
      reads: { how: 'linear' },
      answers,
      labels,
      none,
      calibration: { temperature },
      doubt,
      fits,
      origin: {
        from: 'examples',
        examples: training.kept.length,
        l2,
        report: report ?? (same ? (earlier?.report ?? null) : null),
      },
      weight,
      bias,
    },
    report,
    heldOut: held &&
      probabilities && { examples: held.examples.map((i) => training.kept[i]!), probabilities },
    notes: training.notes,
  };
}
