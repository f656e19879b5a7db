/** Photos with labels, as data sets of other programs hold them. */

export interface LabelledPhoto {
  /** Absolute, as the system has it. */
  file: string;
  /** Oriented pixels; null: not known yet. */
  width: number | null;
  height: number | null;
  /** A person's. */
  person: readonly string[];
  /** What a model says: its first label, or each that holds where several may; null: nothing, or it is unsure. */
  predicted: { labels: readonly PredictedLabel[]; model: string } | null;
}

interface PredictedLabel {
  label: string;
  probability: number;
}

/** Photos that are read as often as a format needs, in the same order each time. */
export interface LabelledPhotos {
  rows(): AsyncIterable<LabelledPhoto>;
  /** One of them has several labels. */
  several: boolean;
}

/** Whose labels are written: a person's, a model's, or a person's where there are some and else a model's. */
export type Whose = 'person' | 'model' | 'both';

export interface WrittenLabel {
  label: string;
  /** Null: a person's. */
  confidence: number | null;
}

export function labelsOf({ person, predicted }: LabelledPhoto, whose: Whose): WrittenLabel[] {
  if (whose !== 'model' && person.length) return person.map((label) => ({ label, confidence: null }));
  if (whose === 'person' || !predicted) return [];
  return predicted.labels.map(({ label, probability }) => ({ label, confidence: probability }));
}

export const sourceOf = ({ confidence }: WrittenLabel) => (confidence === null ? 'person' : 'model');

/** Numbers for names, in the order in which they come. */
export class Numbered {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** What a file of another program says of one picture. */
export interface ReadLabels {
  /** As the file names it: absolute, or relative to the file's folder; or a bare name. */
  file: string;
  /** Where else it is, if it is not there. */
  otherwise?: string;
  labels: string[];
  /** Why nobody can tell which picture the labels are of. */
  unclear?: string;
}
