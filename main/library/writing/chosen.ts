/** Which labels of a photo leave the library: a person's word before the head's, and nothing that a person rejected. */
import { heldOf } from '../../../models/heads/apply.ts';
import { isCalled, noneOfThese } from '../../../models/heads/label-names.ts';
import type { Label } from '../../../models/manifest.ts';
import type { Prediction } from '../../contract/entities/inspection.ts';
import type { LabelChoice } from '../../contract/writing.ts';
import type { PersonWords } from '../../contract/entities/photo.ts';

export interface Said {
  /** Best first. */
  predictions: readonly Prediction[];
  /** Whether the first of them is beyond the head's doubt. */
  sure: boolean;
  /** Of several labels that may hold: from which probability each is given; null: the first alone is. */
  holdsFrom: number | null;
  person: PersonWords;
}

const nameOf = ({ name, names }: Label, language: LabelChoice['language']) =>
  (language && names?.[language]) ?? name;

/** What is chosen of a head's labels: nothing where a person has said what it is. */
export function chosenPredictions(
  { predictions, sure, holdsFrom, person }: Said,
  { by, minProbability }: LabelChoice,
): Prediction[] {
  if (person.labels.length || person.none || by === 'person') return [];
  const given =
    minProbability !== undefined
      ? predictions.filter(({ probability }) => probability >= minProbability)
      : heldOf(predictions, sure, holdsFrom);
  return given.filter(
    ({ label }) => label.id !== noneOfThese.id && !person.rejected.some((name) => isCalled(label, name)),
  );
}

export function chosenLabels(said: Said, choice: LabelChoice): string[] {
  const { labels, none } = said.person;
  return labels.length || none
    ? labels
    : chosenPredictions(said, choice).map(({ label }) => nameOf(label, choice.language));
}
