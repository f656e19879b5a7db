/** Reading labels off stored features: no network runs. n photos, F numbers a feature, C rows of the head. */
import { SaccadeError } from '../error.ts';
import { half, type Head, rowsOf } from './head.ts';

/** [n, F], row-major. */
export interface Features {
  data: Float32Array | Float16Array;
  length: number;
}

/** Rows that are widened to 32 bits at a time. */
const chunk = 1024;

type Reader = Pick<Head, 'weight' | 'bias' | 'reads' | 'labels' | 'none'>;

/** Labels are taken four at a time. */
const lanes = 4;

/** weight [C, F] in 64 bits, C rounded up to a multiple of four. */
function padded({ weight }: Reader, labels: number, length: number): Float64Array {
  const rows = Math.ceil(labels / lanes) * lanes;
  const wide = new Float64Array(rows * length);
  wide.set(weight);
  return wide;
}

/** What turns x · wᵀ into logits but for the bias: 1, or scale / ‖x‖. */
function factorOf(reads: Head['reads'], x: Float32Array, at: number, length: number): number {
  if (reads.how === 'linear') return 1;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += x[at + i]! * x[at + i]!;
  return squares > 0 ? reads.scale / Math.sqrt(squares) : 0;
}

/**
 * sums [2, 4]: two photos, beginning at `p` and `q` of x, by four labels, beginning at `first` of weight. Each number
 * that is read is used several times.
 */
function dots(
  x: Float32Array,
  p: number,
  q: number,
  weight: Float64Array,
  first: number,
  length: number,
  sums: Float64Array,
): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  for (let i = 0; i < length; i++) {
    const one = x[p + i]!;
    const two = x[q + i]!;
    const at = first + i;
    const w0 = weight[at]!;
    const w1 = weight[at + length]!;
    const w2 = weight[at + 2 * length]!;
    const w3 = weight[at + 3 * length]!;
    a += one * w0;
    b += one * w1;
    c += one * w2;
    d += one * w3;
    e += two * w0;
    f += two * w1;
    g += two * w2;
    h += two * w3;
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
  sums[4] = e;
  sums[5] = f;
  sums[6] = g;
  sums[7] = h;
}

/** x [rows, F] → out [rows, C] */
function products(
  { bias, reads }: Reader,
  weight: Float64Array,
  x: Float32Array,
  rows: number,
  length: number,
  out: Float32Array,
): void {
  const labels = bias.length;
  const sums = new Float64Array(2 * lanes);
  for (let row = 0; row < rows; row += 2) {
    const other = Math.min(row + 1, rows - 1);
    const one = factorOf(reads, x, row * length, length);
    const two = factorOf(reads, x, other * length, length);
    for (let label = 0; label < labels; label += lanes) {
      dots(x, row * length, other * length, weight, label * length, length, sums);
      const end = Math.min(lanes, labels - label);
      for (let lane = 0; lane < end; lane++) {
        out[row * labels + label + lane] = sums[lane]! * one + bias[label + lane]!;
        out[other * labels + label + lane] = sums[lanes + lane]! * two + bias[label + lane]!;
      }
    }
  }
}

/**
 * logits [end − start, C] of the photos from `start` to before `end`.
 * @throws SaccadeError `head-of-another-model` where the features have another length
 */
export function headLogits(
  head: Reader & Pick<Head, 'name' | 'fits'>,
  features: Features,
  start = 0,
  end = features.data.length / features.length,
): Float32Array {
  const { data, length } = features;
  if (length !== head.fits.length)
    throw new SaccadeError(
      'head-of-another-model',
      `The head "${head.name}" reads ${head.fits.length} numbers a photo; found features of ${length}. Choose the model it was made for, ${head.fits.model}.`,
    );
  const labels = rowsOf(head);
  const weight = padded(head, labels, length);
  const logits = new Float32Array((end - start) * labels);
  const wide = data instanceof Float32Array ? null : new Float32Array(Math.min(chunk, end - start) * length);
  for (let from = start; from < end; from += chunk) {
    const rows = Math.min(chunk, end - from);
    const part = data.subarray(from * length, (from + rows) * length);
    if (wide) wide.set(part);
    const out = logits.subarray((from - start) * labels, (from - start + rows) * labels);
    products(head, weight, wide ?? (part as Float32Array), rows, length, out);
  }
  return logits;
}

/** Turns logits into probabilities in place: softmax over each row of C for `one`, a sigmoid each for `any`. */
export function toProbabilities(
  logits: Float32Array,
  { answers, calibration: { temperature } }: Pick<Head, 'answers' | 'calibration'>,
  labels: number,
): Float32Array {
  if (answers === 'any') {
    for (let i = 0; i < logits.length; i++) logits[i] = 1 / (1 + Math.exp(-logits[i]! / temperature));
    return logits;
  }
  for (let row = 0; row < logits.length; row += labels) {
    let most = -Infinity;
    for (let i = row; i < row + labels; i++) most = Math.max(most, logits[i]!);
    let sum = 0;
    for (let i = row; i < row + labels; i++) sum += logits[i] = Math.exp((logits[i]! - most) / temperature);
    for (let i = row; i < row + labels; i++) logits[i]! /= sum;
  }
  return logits;
}

/**
 * How sure an answer is, from the probabilities of row `at` (a multiple of C). `one`: the best probability. `any`: that
 * of the decision least sure of itself, min over labels of max(p, 1 − p), so from 0.5.
 */
export function confidenceOf(
  probabilities: Float32Array,
  at: number,
  labels: number,
  answers: Head['answers'],
): number {
  if (answers === 'one') {
    let most = 0;
    for (let i = at; i < at + labels; i++) most = Math.max(most, probabilities[i]!);
    return most;
  }
  let least = 1;
  for (let i = at; i < at + labels; i++)
    least = Math.min(least, Math.max(probabilities[i]!, 1 - probabilities[i]!));
  return least;
}

/**
 * Of labels that don't exclude each other, the probability from which each is given: one half, or a threshold below
 * it. Null: the first alone is given.
 */
export function holdsFrom({ answers, doubt }: Pick<Head, 'answers' | 'doubt'>): number | null {
  return answers === 'any' ? Math.min(half, doubt.threshold) : null;
}

/** More labels of a photo are nobody's keywords. */
export const mostHeld = 50;

/**
 * Of what is said of a photo, the likeliest first, what is given: nothing where that is unsure; the first; or each from
 * the probability `from` on (`holdsFrom`).
 */
export function heldOf<Said extends { probability: number }>(
  said: readonly Said[],
  sure: boolean,
  from: number | null,
): readonly Said[] {
  if (!sure) return [];
  return from === null ? said.slice(0, 1) : said.filter(({ probability }) => probability >= from);
}

/**
 * Whether the answer of row `at` (a multiple of C) is told as unsure: what it is least sure of is below the head's
 * threshold, or, of labels that don't exclude each other, none is given (`holdsFrom`).
 */
export function isUnsure(
  probabilities: Float32Array,
  at: number,
  labels: number,
  head: Pick<Head, 'answers' | 'doubt'>,
): boolean {
  const { answers, doubt } = head;
  return (
    confidenceOf(probabilities, at, labels, answers) < doubt.threshold ||
    confidenceOf(probabilities, at, labels, 'one') < (holdsFrom(head) ?? 0)
  );
}

export interface HeadAnswers {
  /** k = min(`top`, C) */
  k: number;
  /** [n, k] rows of the head, the likeliest first; the row after the last label is "none of these". */
  rows: Int32Array;
  /** [n, k] */
  probabilities: Float32Array;
  /** [n]: 1 where `isUnsure`. */
  unsure: Uint8Array;
}

/** The `top` likeliest of each photo from `start` to before `end`. @throws as `headLogits` */
export function applyHead(
  head: Head,
  features: Features,
  top: number,
  start = 0,
  end = features.data.length / features.length,
): HeadAnswers {
  const labels = rowsOf(head);
  const count = end - start;
  const k = Math.min(top, labels);
  const rows = new Int32Array(count * k);
  const probabilities = new Float32Array(count * k);
  const unsure = new Uint8Array(count);
  for (let from = start; from < end; from += chunk) {
    const to = Math.min(from + chunk, end);
    const all = toProbabilities(headLogits(head, features, from, to), head, labels);
    for (let photo = from; photo < to; photo++) {
      const at = (photo - from) * labels;
      const first = (photo - start) * k;
      let kept = 0;
      for (let label = 0; label < labels; label++) {
        const value = all[at + label]!;
        if (kept === k && !(value > probabilities[first + k - 1]!)) continue;
        let place = kept < k ? kept++ : k - 1;
        for (; place > 0 && value > probabilities[first + place - 1]!; place--) {
          probabilities[first + place] = probabilities[first + place - 1]!;
          rows[first + place] = rows[first + place - 1]!;
        }
        probabilities[first + place] = value;
        rows[first + place] = label;
      }
      if (isUnsure(all, at, labels, head)) unsure[photo - start] = 1;
    }
  }
  return { k, rows, probabilities, unsure };
}
