/** Labels that are wanted and not wanted, the model's and those that people gave, as conditions on photos. */
import type { PhotoFilter } from '../../contract/requests.ts';
import { among, both, either, not, type Part } from './sets.ts';

export interface LabelSet {
  /** That `photo_counts` can be asked by too. */
  kept: Part[];
  others: Part[];
  /** What takes the place of `others` where `photo_counts` is asked together with `further_counts`. */
  counted: Part | null;
  /** All that `others` ask for. */
  alone: Alone | null;
  /** Numbers of labels are in it, which mean something of one head alone. */
  byNumber: boolean;
  /** An index leads to the photos. */
  led: boolean;
}

export interface Alone {
  labels: readonly number[];
  /** Any of them, all of them (two or more), or none of them. */
  match: 'any' | 'all' | 'none';
  /** Of the label's own probability. */
  bounds: readonly Part[];
}

export interface LabelsKnown {
  /** `nameKey` of all that the label of this name is called. */
  keysOf(name: string): readonly string[];
  /** Photos of which one of these labels holds beside their first; null: there are none. */
  further(labels: readonly number[], bounds: readonly Part[]): Part | null;
}

const given = (names: readonly string[], keysOf: LabelsKnown['keysOf']): Part => ({
  sql: `id IN (SELECT photo_id FROM person_labels WHERE holds = 1
    AND label_key IN (SELECT value FROM json_each(?)))`,
  values: [JSON.stringify(names.flatMap(keysOf))],
});

/** @param bounds of the probability of a label that is wanted, be it a photo's first or not */
export function labelSet(
  filter: PhotoFilter,
  { keysOf, further }: LabelsKnown,
  bounds: readonly Part[],
): LabelSet {
  const { labels, person, withoutLabels: notLabels = [], withoutPerson: notPerson = [] } = filter;
  const kept: Part[] = [];
  const others: Part[] = [];
  let counted: Part | null = null;
  let alone: Alone | null = null;
  const groups: Pick<PhotoFilter, 'labels' | 'person'>[] =
    filter.match === 'all'
      ? [
          ...(labels ?? []).map((label) => ({ labels: [label] })),
          ...(person ?? []).map((name) => ({ person: [name] })),
        ]
      : labels || person
        ? [{ labels, person }]
        : [];
  for (const { labels: numbers, person: names } of groups) {
    const first = numbers && among('label', numbers);
    const any = either([...(first ? [first] : []), ...(names ? [given(names, keysOf)] : [])]);
    const more = numbers ? further(numbers, bounds) : null;
    if (more) others.push(either([both([any, ...bounds]), more]));
    else (names || bounds.length ? others : kept).push(both([any, ...bounds]));
    // A photo that has two of them would be counted twice, and so would one that has what is not wanted too.
    const nothingElse = groups.length === 1 && !names && !notLabels.length && !notPerson.length; // prettier-ignore
    if (more && first && nothingElse && numbers.length === 1 && !bounds.length) counted = first;
    else if (more && numbers && nothingElse) alone = { labels: numbers, match: 'any', bounds };
  }
  const together = filter.match === 'all' && new Set(labels).size > 1 && !person?.length;
  if (together && others.length && !notLabels.length && !notPerson.length)
    alone = { labels: labels!, match: 'all', bounds };
  // A photo without a label has none that is not wanted.
  if (notLabels.length) {
    kept.push(not(among('coalesce(label, -1)', notLabels)));
    const more = further(notLabels, []);
    if (more) others.push(not(more));
    if (more && !groups.length && !notPerson.length) alone = { labels: notLabels, match: 'none', bounds: [] };
  }
  if (notPerson.length) others.push(not(given(notPerson, keysOf)));
  return {
    kept,
    others,
    counted,
    alone,
    byNumber: labels !== undefined || notLabels.length > 0,
    led: labels !== undefined || person !== undefined,
  };
}
