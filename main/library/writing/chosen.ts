/** Which labels of a photo leave the library: a person's word before the head's, and nothing that a person rejected. */
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

export function chosenLabels({ predictions, sure, holdsFrom, person }: Said, choice: LabelChoice): string[] {
  if (person.labels.length || person.none) return person.labels;
  if (choice.by === 'person') return [];
  const { minProbability } = choice;
  const given =
    minProbability !== undefined
      ? predictions.filter(({ probability }) => probability >= minProbability)
      : !sure
        ? []
        : holdsFrom === null
          ? predictions.slice(0, 1)
          : predictions.filter(({ probability }) => probability >= holdsFrom);
  return given
    .filter(
      ({ label }) => label.id !== noneOfThese.id && !person.rejected.some((name) => isCalled(label, name)),
    )
    .map(({ label }) => nameOf(label, choice.language));
}
