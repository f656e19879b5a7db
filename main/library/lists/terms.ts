/** A word of a search as a condition on photos, or as a question for those that it finds. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { QueryField, QueryTerm, QueryValue } from '../../contract/query-words.ts';
import { photoStatus, statusNumber } from '../../contract/values.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Gear } from '../catalog/captures.ts';
import { folderOrBelow } from '../catalog/folders.ts';
import { searchable } from '../catalog/keys.ts';
import { shownLabels } from './labels.ts';
import type { LabelsKnown } from './label-set.ts';
import { both, either, type Part } from './sets.ts';
import { foldersNamed } from './word-set.ts';

const nothing: Part = { sql: 'FALSE', values: [] };
const numbers = (found: readonly number[]): string => JSON.stringify(found);

/** Few photos have one, and no index of a list knows. */
export const byHand = (own: boolean): string =>
  `id ${own ? '' : 'NOT '}IN (SELECT id FROM photos WHERE own_label IS NOT NULL)`;

/** Of which a part is lost. Missing ones are counted among the missing. */
export const broken = (damaged: boolean): string =>
  `id ${damaged ? '' : 'NOT '}IN (SELECT p.id FROM contents c JOIN photos p ON p.content_id = c.id WHERE c.damaged = 1)`;

/** Of keys of keywords, as a list in JSON. */
export const keyworded = `id IN (SELECT photo_id FROM file_keywords
  WHERE label_key IN (SELECT value FROM json_each(?)))`;

/** Fields that the indexes of lists know. */
type ListedField = 'label' | 'folder' | 'status' | 'probability';
type AskedField = Exclude<QueryField, ListedField | 'place'>;
export type ApartTerm = QueryTerm & { field: Exclude<QueryTerm['field'], ListedField> };

/** How labels beside a photo's first are found, and within which bounds of their probability. */
interface Wanted extends Pick<LabelsKnown, 'further'> {
  bounds: readonly Part[];
}

export function termCondition(catalog: Catalog, { field, not, values }: ListedTerm, wanted?: Wanted): Part {
  const within = wanted && { ...wanted, bounds: not ? [] : wanted.bounds };
  const parts = values.map((value) => conditions[field](catalog, value, within));
  const sql = `(${parts.map((part) => part.sql).join(' OR ')})`;
  return {
    // What is unknown of a photo is not what is not wanted.
    sql: not ? `NOT coalesce(${sql}, FALSE)` : sql,
    values: parts.flatMap((part) => part.values),
  };
}

export type ListedTerm = QueryTerm & { field: ListedField };
export const isListed = (term: QueryTerm): term is ListedTerm =>
  term.field !== null && term.field in conditions;

/** Of the probability. */
export const isBound = ({ field }: ListedTerm): boolean => field === 'probability';

const conditions: Record<ListedField, (catalog: Catalog, value: QueryValue, wanted?: Wanted) => Part> = {
  label: labelled,
  folder: inFolder,
  status: (_, { text }) => ofStatus(searchable(text)),
  probability: (_, { text }) => probable(text),
};

/** Questions that select the ids of photos which have any of these values. */
export function questionsOf(field: AskedField, values: readonly QueryValue[]): Part[] {
  return values.flatMap((value) => questions[field](value));
}

const questions: Record<AskedField, (value: QueryValue) => Part[]> = {
  camera: (value) => taken('camera', value),
  lens: (value) => taken('lens', value),
  year: ({ text }) => inYears(text),
  own: (value) => [givenBy(value)],
  keyword: ({ text, whole }) => [
    {
      sql: `SELECT photo_id AS id FROM file_keywords WHERE ${whole ? 'label_key = ?' : 'instr(label_key, ?)'}`,
      values: [nameKey(text)],
    },
  ],
};

function taken(gear: Gear, { text, whole }: QueryValue): Part[] {
  const sql = `SELECT photo_id AS id FROM captures WHERE ${gear}_id IN
    (SELECT id FROM gear WHERE kind = '${gear}' AND ${whole ? 'key = ?' : 'instr(key, ?)'})`;
  return [{ sql, values: [searchable(text)] }];
}

/** `2014`, or `2012-2015` with both of them. */
function inYears(text: string): Part[] {
  const [, from, to = from] = /^(\d{4})(?:\s*[-–—~]\s*(\d{4}))?$/u.exec(text.normalize('NFKC')) ?? [];
  if (!from) return [];
  const [first, last] = [Number(from), Number(to)].sort((a, b) => a - b) as [number, number];
  return [
    {
      sql: 'SELECT id FROM photos INDEXED BY photos_by_date WHERE date_ms >= ? AND date_ms < ?',
      values: [Date.UTC(first, 0), Date.UTC(last + 1, 0)],
    },
  ];
}

/** Numbers of the labels that photos are to have. */
export const labelsWanted = (catalog: Catalog, { field, not, values }: ListedTerm): number[] =>
  field === 'label' && !not ? values.flatMap((value) => labelsNamed(catalog, value)) : [];

function labelsNamed(catalog: Catalog, value: QueryValue): number[] {
  const { all, containing: holding } = shownLabels(catalog);
  const word = searchable(value.text);
  const same = ({ name, names, id }: (typeof all)[number]) =>
    [name, id, ...Object.values(names ?? {})].some((each) => searchable(each) === word);
  return holding(word).filter((index) => !value.whole || (all[index] !== undefined && same(all[index])));
}

function labelled(catalog: Catalog, value: QueryValue, wanted?: Wanted): Part {
  const found = labelsNamed(catalog, value);
  const person = givenBy(value);
  const any = {
    sql: `(label IN (SELECT value FROM json_each(?)) OR id IN (${person.sql}))`,
    values: [numbers(found), ...person.values],
  };
  if (!wanted) return any;
  const { further, bounds } = wanted;
  const more = further(found, bounds);
  return either([both([any, ...bounds]), ...(more ? [more] : [])]);
}

const givenBy = ({ text, whole }: QueryValue): Part => ({
  sql: `SELECT photo_id AS id FROM person_labels WHERE holds = 1 AND ${whole ? 'label_key = ?' : 'instr(label_key, ?)'}`,
  values: [nameKey(text)],
});

/** Whole: the folder of that path, or below it. */
function inFolder(catalog: Catalog, { text, whole }: QueryValue): Part {
  if (!whole) return { sql: `folder_id IN (${foldersNamed})`, values: [searchable(text)] };
  const row = catalog.one<{ id: number; path_key: string }>(
    'SELECT id, path_key FROM folders WHERE path = ?',
    text,
  );
  return row ? folderOrBelow(row) : { sql: `folder_id IN (${foldersNamed})`, values: [searchable(text)] };
}

function ofStatus(name: string): Part {
  if (name === 'damaged') return { sql: broken(true), values: [] };
  if (name === 'own') return { sql: byHand(true), values: [] };
  const status = photoStatus.safeParse(name);
  return status.success ? { sql: 'status = ?', values: [statusNumber(status.data)] } : nothing;
}

/** `80-100` per cent, both included. */
function probable(text: string): Part {
  const [, from, to] = /^(\d{1,3})\s*[-–—~]\s*(\d{1,3})$/u.exec(text.normalize('NFKC')) ?? [];
  if (!from) return nothing;
  // Percents of a single-precision number: the next one below belongs to it.
  return {
    sql: '(probability >= ? AND probability <= ?)',
    values: [Number(from) / 100 - 1e-7, Number(to) / 100 + 1e-7],
  };
}
