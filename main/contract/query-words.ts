/**
 * The words of a search: plain ones, and those that name a field. `camera:x100 year:2014,2015 -label:"hot dog" unsure`
 * finds what all words find; values after commas are alternatives, a minus takes away, quotes make a whole name of a
 * value and a plain word of a word that would name a state. Pure.
 */

export const queryFields = [
  'camera',
  'lens',
  'year',
  'label',
  'own',
  'keyword',
  'folder',
  'status',
  'probability',
  'place',
] as const;
export type QueryField = (typeof queryFields)[number];

/** As they may be typed, in the languages there are. */
const fieldNames: Readonly<Record<string, QueryField>> = {
  ...Object.fromEntries(queryFields.map((field) => [field, field])),
  相机: 'camera',
  镜头: 'lens',
  年: 'year',
  年份: 'year',
  标签: 'label',
  我的标签: 'own',
  关键词: 'keyword',
  文件夹: 'folder',
  状态: 'status',
  概率: 'probability',
  地点: 'place',
};

/** Words that stand alone for a status. */
const stateWords: Readonly<Record<string, string>> = {
  unsure: 'unsure',
  damaged: 'damaged',
  unnamed: 'unnamed',
  未命名: 'unnamed',
  不确定: 'unsure',
  损坏: 'damaged',
};

export interface QueryValue {
  text: string;
  /** In quotes: the whole name, not a part of one. */
  whole: boolean;
}

export interface QueryTerm {
  /** Null: anywhere. */
  field: QueryField | null;
  not: boolean;
  /** Any of them; never empty. */
  values: readonly QueryValue[];
}

/** Where a word stands in the text: `from` ≤ position < `to`. */
export interface QueryWord {
  from: number;
  to: number;
  text: string;
}

const quotes = /["“”„«»]/u;

/** Words are parted by white space outside quotes. */
export function queryWords(text: string): QueryWord[] {
  const words: QueryWord[] = [];
  let from = -1;
  let quoted = false;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at] ?? ' ';
    if (quotes.test(character)) quoted = !quoted;
    const parts = at === text.length || (!quoted && /\s/u.test(character));
    if (!parts && from < 0) from = at;
    if (parts && from >= 0) {
      words.push({ from, to: at, text: text.slice(from, at) });
      from = -1;
    }
  }
  return words;
}

/** A word's parts; `field` null where it names none. */
export function wordParts(word: string): { not: boolean; field: QueryField | null; value: string } {
  const [, minus = '', name = '', value = ''] = /^([-−]?)([^\s:："“”]+)[:：](.*)$/su.exec(word) ?? [];
  const field = fieldNames[name.normalize('NFKC').toLowerCase()] ?? null;
  return field ? { not: minus !== '', field, value } : { not: false, field: null, value: word };
}

function valuesOf(text: string): QueryValue[] {
  const values: QueryValue[] = [];
  let value = '';
  let quoted = false;
  let whole = false;
  for (const character of `${text},`) {
    if (quotes.test(character)) {
      quoted = !quoted;
      whole = true;
    } else if (!quoted && /[,，]/u.test(character)) {
      if (value.trim() !== '') values.push({ text: value.trim(), whole });
      value = '';
      whole = false;
    } else value += character;
  }
  // A quote that nobody closed.
  if (quoted && value.trim().replace(/,$/u, '') !== '')
    values.push({ text: value.trim().replace(/,$/u, ''), whole: false });
  return values;
}

function termOf(word: string): QueryTerm[] {
  const { not, field, value } = wordParts(word);
  if (field) {
    const values = valuesOf(value);
    // `camera:` with nothing behind it is still being typed.
    return values.length ? [{ field, not, values }] : [];
  }
  const state = stateWords[word.replace(/^[-−]/u, '').normalize('NFKC').toLowerCase()];
  if (state) return [{ field: 'status', not: /^[-−]/u.test(word), values: [{ text: state, whole: true }] }];
  const text = word.replace(new RegExp(quotes, 'gu'), '');
  return text === '' ? [] : [{ field: null, not: false, values: [{ text, whole: false }] }];
}

export const queryTerms = (text: string): QueryTerm[] =>
  queryWords(text).flatMap(({ text: word }) => termOf(word));

/** The text without the words that are wanted of a field; those that take away stay. */
export const withoutField = (text: string, field: QueryField): string =>
  queryWords(text)
    .map(({ text: word }) => word)
    .filter((word) => {
      const parts = wordParts(word);
      return parts.field !== field || parts.not;
    })
    .join(' ');

/** A term as it is typed; values that are whole names in quotes. */
export function termText(field: QueryField, values: readonly QueryValue[], not = false): string {
  const texts = values.map(({ text, whole }) =>
    whole || /[\s,，]/u.test(text) ? `"${text.replace(new RegExp(quotes, 'gu'), ' ').trim()}"` : text,
  );
  return `${not ? '-' : ''}${field}:${texts.join(',')}`;
}
