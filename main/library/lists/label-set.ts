/** Labels that are wanted and not wanted, the model's and those that people gave, as conditions on photos. */
import type { PhotoFilter } from '../../contract/requests.ts';

interface Part {
  sql: string;
  values: unknown[];
}

export interface LabelSet {
  /** That `photo_counts` can be asked by too. */
  kept: Part[];
  others: Part[];
  /** Numbers of labels are in it, which mean something of one head alone. */
  byNumber: boolean;
  /** An index leads to the photos. */
  led: boolean;
}

/** One number is compared with where there is one: a list of one would be looked up for every photo. */
export function among(column: string, numbers: readonly number[]): [string, ...unknown[]] {
  return numbers.length === 1
    ? [`${column} = ?`, numbers[0]]
    : [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(numbers)];
}

const part = ([sql, ...values]: [string, ...unknown[]]): Part => ({ sql, values });

const given = (names: readonly string[], keysOf: (name: string) => readonly string[]): Part => ({
  sql: `id IN (SELECT photo_id FROM person_labels WHERE holds = 1
    AND label_key IN (SELECT value FROM json_each(?)))`,
  values: [JSON.stringify(names.flatMap(keysOf))],
});

const either = (parts: readonly Part[]): Part => ({
  sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`,
  values: parts.flatMap(({ values }) => values),
});

const not = ({ sql, values }: Part): Part => ({ sql: `NOT ${sql}`, values });

/** @param keysOf `nameKey` of all that the label of this name is called */
export function labelSet(filter: PhotoFilter, keysOf: (name: string) => readonly string[]): LabelSet {
  const { labels, person, withoutLabels: notLabels = [], withoutPerson: notPerson = [] } = filter;
  const kept: Part[] = [];
  const others: Part[] = [];
  if (filter.match === 'all') {
    for (const label of labels ?? []) kept.push(part(among('label', [label])));
    for (const name of person ?? []) others.push(given([name], keysOf));
  } else if (labels && person) others.push(either([part(among('label', labels)), given(person, keysOf)]));
  else if (labels) kept.push(part(among('label', labels)));
  else if (person) others.push(given(person, keysOf));
  // A photo without a label has none that is not wanted.
  if (notLabels.length) kept.push(not(part(among('coalesce(label, -1)', notLabels))));
  if (notPerson.length) others.push(not(given(notPerson, keysOf)));
  return {
    kept,
    others,
    byNumber: labels !== undefined || notLabels.length > 0,
    led: labels !== undefined || person !== undefined,
  };
}
