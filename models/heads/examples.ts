/** What a head is taught with: checked, and made into rows of numbers. */
import { SaccadeError } from '../error.ts';
import type { Label } from '../manifest.ts';
import type { Features } from './apply.ts';
import type { Head } from './head.ts';
import { checkLabelNames } from './label-names.ts';
import type { Problem } from './logistic.ts';
import type { Note } from './report.ts';

/** n photos with a person's word on each. */
export interface Examples {
  /** [n, F] */
  features: Features;
  /** Of each photo the ids of its labels; empty: none of these. */
  labels: readonly (readonly string[])[];
  /** Of each photo what to call it in a sentence. */
  names: readonly string[];
  /** Of each photo what identical ones share, such as the hash of the content; default: all differ. */
  contents?: readonly string[];
  /** Of each photo what near-duplicates share; default: as `contents`. */
  groups?: ArrayLike<number>;
}

export interface TrainingSet {
  /** The labels that have examples. */
  labels: Label[];
  none: boolean;
  /** C */
  rows: number;
  /** Index into the examples given; the rest is left out. */
  kept: Int32Array;
  /** [kept, F], each column less its mean, over its deviation. */
  x: Float32Array;
  target: Problem['target'];
  /** Of each kept example. */
  groups: Int32Array;
  scaling: Scaling;
  notes: Note[];
}

export interface Scaling {
  /** [F] */
  mean: Float64Array;
  /** [F], never 0. */
  deviation: Float64Array;
}

/** L-BFGS remembers ten pairs of as many numbers as there are weights: half a gigabyte. */
const mostWeights = 3_000_000;
/** With fewer, a label's own figures mean nothing: one for each of five folds. */
export const fewestForFigures = 5;

const listed = (names: string[], most = 5): string =>
  names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');

/** Numbers for texts, the same for the same, in order of appearance. */
function numbered(values: readonly string[]): Int32Array {
  const seen = new Map<string, number>();
  return Int32Array.from(values, (value) => {
    const number = seen.get(value) ?? seen.size;
    seen.set(value, number);
    return number;
  });
}

/** Examples of which the same content, or one of these and another of these, is said: nobody knows which is right. */
function contradictions({ labels, contents }: Examples, answers: Head['answers']): Set<number> {
  const found = new Set<number>();
  if (answers === 'one') for (const [i, own] of labels.entries()) if (own.length > 1) found.add(i);
  const byContent = new Map<string, { said: string; examples: number[]; differ: boolean }>();
  for (const [i, own] of labels.entries()) {
    const content = contents?.[i];
    if (content === undefined) continue;
    const said = JSON.stringify([...own].sort());
    const before = byContent.get(content);
    if (!before) byContent.set(content, { said, examples: [i], differ: false });
    else {
      before.examples.push(i);
      before.differ ||= before.said !== said;
    }
  }
  for (const { examples, differ } of byContent.values()) if (differ) for (const i of examples) found.add(i);
  return found;
}

function scalingOf({ data, length }: Features, kept: Int32Array): Scaling {
  const mean = new Float64Array(length);
  const deviation = new Float64Array(length);
  for (const example of kept)
    for (let i = 0; i < length; i++) mean[i]! += data[example * length + i]! / kept.length;
  for (const example of kept)
    for (let i = 0; i < length; i++)
      deviation[i]! += (data[example * length + i]! - mean[i]!) ** 2 / kept.length;
  // A number that hardly varies says nothing: it must not be blown up to count as much as the others.
  const floor = 1e-3 * Math.sqrt(deviation.reduce((a, b) => a + b, 0) / length) || 1;
  for (let i = 0; i < length; i++) deviation[i] = Math.max(Math.sqrt(deviation[i]!), floor);
  return { mean, deviation };
}

function scaled({ data, length }: Features, kept: Int32Array, { mean, deviation }: Scaling): Float32Array {
  const x = new Float32Array(kept.length * length);
  for (const [row, example] of kept.entries())
    for (let i = 0; i < length; i++)
      x[row * length + i] = (data[example * length + i]! - mean[i]!) / deviation[i]!;
  return x;
}

function targetOf(
  examples: Examples,
  kept: Int32Array,
  row: Map<string, number>,
  rows: number,
  answers: Head['answers'],
): Problem['target'] {
  if (answers === 'one')
    return {
      answers,
      index: Int32Array.from(kept, (i) => {
        const [own] = examples.labels[i]!;
        return own === undefined ? rows - 1 : row.get(own)!;
      }),
    };
  const has = new Uint8Array(kept.length * rows);
  for (const [at, i] of kept.entries())
    for (const own of examples.labels[i]!) has[at * rows + row.get(own)!] = 1;
  return { answers, has };
}

/**
 * @param labels all that the head could have; those without examples are left out
 * @throws SaccadeError `labels-alike`, `empty-label`, `too-few-labels`, `too-many-labels`
 */
export function trainingSet(
  examples: Examples,
  labels: readonly Label[],
  answers: Head['answers'],
): TrainingSet {
  checkLabelNames(labels.map(({ name }) => name));
  const notes: Note[] = [];
  const left = contradictions(examples, answers);
  if (left.size)
    notes.push({
      code: 'contradictory-labels',
      message: `${left.size} photos were left out, because identical ones have different labels, or one has several where one was expected: ${listed([...left].map((i) => examples.names[i]!))}. Decide which is right.`,
    });
  const known = new Map(labels.map((label) => [label.id, label]));
  for (const id of examples.labels.flat())
    if (!known.has(id)) throw new Error(`an example has the label "${id}", which is not among the labels`);
  const kept = Int32Array.from(examples.labels.keys().filter((i) => !left.has(i)));
  const counts = new Map<string, number>();
  for (const i of kept) for (const id of examples.labels[i]!) counts.set(id, (counts.get(id) ?? 0) + 1);
  const taught = labels.filter(({ id }) => counts.has(id));
  const nones = kept.reduce((sum, i) => sum + (examples.labels[i]!.length === 0 ? 1 : 0), 0);
  const none = answers === 'one' && nones > 0;
  const rows = taught.length + (none ? 1 : 0);
  const everywhere = answers === 'any' && taught.every(({ id }) => counts.get(id) === kept.length);
  if (taught.length === 0 || (answers === 'one' && rows < 2) || everywhere)
    throw new SaccadeError(
      'too-few-labels',
      `Expected photos of at least two labels, or of one label and of none; found ${kept.length} photos, ${taught.length ? `all of "${taught[0]!.name}"` : 'none with a label'}. Give photos that are something else.`,
    );
  const { length } = examples.features;
  if (rows * length > mostWeights)
    throw new SaccadeError(
      'too-many-labels',
      `Expected at most ${Math.floor(mostWeights / length)} labels for this model, whose features have ${length} numbers; found ${rows}. Join labels, or take a smaller model.`,
    );
  for (const { id, name } of labels) {
    const count = counts.get(id) ?? 0;
    if (count < fewestForFigures)
      notes.push({
        code: 'too-few-examples',
        message: `Too few examples of "${name}": ${count}, expected at least ${fewestForFigures}. ${count ? 'It is taught, but how well cannot be told' : 'It is left out'}.`,
      });
  }
  const scaling = scalingOf(examples.features, kept);
  const row = new Map(taught.map(({ id }, i) => [id, i]));
  const { groups } = examples;
  return {
    labels: taught,
    none,
    rows,
    kept,
    x: scaled(examples.features, kept, scaling),
    target: targetOf(examples, kept, row, rows, answers),
    groups: groups
      ? kept.map((i) => groups[i]!)
      : numbered(Array.from(kept, (i) => examples.contents?.[i] ?? `#${i}`)),
    scaling,
    notes,
  };
}
