/** What narrows a list, as the words of a search that find the same. */
import { termText } from '../../main/contract/query-words.ts';
import type { ListQuery } from './list-query.svelte.ts';

interface Names {
  /** A label's name by its number. */
  label(index: number): string;
  /** Absolute path of the folder in view; null: all of the library. */
  folder: string | null;
}

/** A comparison's cell is no search: it is left out. */
export function queryText(query: ListQuery, names: Names): string {
  const whole = (texts: readonly string[]) => texts.map((text) => ({ text, whole: true }));
  const wanted = [...query.labels.map((index) => names.label(index)), ...query.person];
  const unwanted = [...query.withoutLabels.map((index) => names.label(index)), ...query.withoutPerson];
  const states = [query.own ? 'own' : '', query.damaged ? 'damaged' : ''].filter(Boolean);
  const [low, high] = query.confidence;
  const percent = (share: number) => Math.round(share * 100);
  return [
    query.search.trim(),
    ...(names.folder === null ? [] : [termText('folder', whole([names.folder]))]),
    ...(query.match === 'all' ? wanted.map((text) => termText('label', whole([text]))) : []),
    ...(query.match === 'any' && wanted.length ? [termText('label', whole(wanted))] : []),
    ...(unwanted.length ? [termText('label', whole(unwanted), true)] : []),
    ...(query.keywords.length ? [termText('keyword', whole(query.keywords))] : []),
    // Each is a condition of its own, but of the statuses of a model a photo has one.
    ...(query.status.length
      ? [
          termText(
            'status',
            query.status.map((text) => ({ text, whole: false })),
          ),
        ]
      : []),
    ...states.map((text) => termText('status', [{ text, whole: false }])),
    ...(low > 0 || high < 1
      ? [termText('probability', [{ text: `${percent(low)}-${percent(high)}`, whole: false }])]
      : []),
  ]
    .filter((term) => term !== '')
    .join(' ');
}
