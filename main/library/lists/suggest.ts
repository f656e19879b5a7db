/** What there is to search for, as it is typed: cameras, lenses, labels, folders and years that hold a text. */
import type { Label } from '../../../models/manifest.ts';
import type { Suggestion } from '../../contract/entities/photo.ts';
import { termText, wordParts } from '../../contract/query-words.ts';
import type { QueryField } from '../../contract/query-words.ts';
import type { Gear } from '../catalog/captures.ts';
import type { Catalog } from '../catalog/database.ts';
import { searchable } from '../catalog/keys.ts';
import { personLabels } from '../catalog/person.ts';
import { shownName } from '../../file-names.ts';
import { labelCounts } from './facets.ts';
import { conditionOf } from './filter.ts';
import { keywordFacets } from './keyword-facets.ts';
import { shownLabels } from './labels.ts';
import { periodsOf } from './periods.ts';
import { remembered } from './remembered.ts';

interface Found {
  name: string;
  /** Of a label: in other languages. */
  names?: Label['names'] | undefined;
  photos: number | null;
}

const finders: Partial<Record<QueryField, (catalog: Catalog, text: string, limit: number) => Found[]>> = {
  label: labelled,
  camera: (catalog, text, limit) => gear(catalog, 'camera', text, limit),
  lens: (catalog, text, limit) => gear(catalog, 'lens', text, limit),
  keyword: (catalog, text, limit) => keywordFacets(catalog, {}, text, limit),
  year: years,
  folder: folders,
};

/** Below it, a word that names no field finds too much to be told. */
const leastText = 2;

/** @param word the one that is being typed, with its field or without */
export function suggest(catalog: Catalog, word: string, limit: number): Suggestion[] {
  const { not, field, value } = wordParts(word);
  const text = searchable(
    value
      .replace(/["“”„«»]/gu, '')
      .replace(/^.*[,，]/su, '')
      .trim(),
  );
  if (!field && text.length < leastText) return [];
  return Object.entries(finders)
    .filter(([each]) => !field || each === field)
    .flatMap(([each, find]) =>
      find(catalog, text, limit).map(({ name, names, photos }): Suggestion => {
        const of = each as QueryField;
        // A folder's name stands for all that are called so; a whole name would be a path.
        const whole = of !== 'folder' && of !== 'year';
        return {
          field: of,
          name,
          names,
          photos,
          text: termText(of, [{ text: name, whole }], not),
        };
      }),
    )
    .slice(0, limit);
}

function gear(catalog: Catalog, kind: Gear, text: string, limit: number): Found[] {
  const all = remembered(catalog, ['gear', kind], () =>
    catalog.all<{ name: string; key: string; photos: number }>(
      `SELECT name, key, photos FROM gear JOIN
         (SELECT ${kind}_id AS id, count(*) AS photos FROM captures WHERE ${kind}_id IS NOT NULL GROUP BY 1)
       USING (id) ORDER BY photos DESC, key`,
    ),
  );
  return all.filter(({ key }) => key.includes(text)).slice(0, limit);
}

/** The model's, then those that people gave beside them. */
function labelled(catalog: Catalog, text: string, limit: number): Found[] {
  const labels = shownLabels(catalog);
  const wanted = new Set(labels.containing(text));
  const counts = labelCounts(catalog, conditionOf(catalog, {})).filter(({ label }) => wanted.has(label));
  const own = counts.slice(0, limit).map(({ label, photos }) => ({ ...labels.label(label), photos }));
  const known = new Set(own.map(({ name }) => searchable(name)));
  const given = personLabels(catalog, text, limit).filter(({ name }) => !known.has(searchable(name)));
  return [...own, ...given].sort((a, b) => b.photos - a.photos).slice(0, limit);
}

function years(catalog: Catalog, text: string, limit: number): Found[] {
  // Half a year's number is no other word.
  if (!/^\d*$/u.test(text)) return [];
  return periodsOf(catalog, conditionOf(catalog, {}), 'year')
    .map(({ year, photos }) => ({ name: String(year), photos }))
    .filter(({ name }) => name.startsWith(text))
    .reverse()
    .slice(0, limit);
}

function folders(catalog: Catalog, text: string, limit: number): Found[] {
  return catalog
    .all<{ name: string }>(
      `SELECT name FROM folders WHERE instr(searchable(name), ?) GROUP BY searchable(name) ORDER BY min(path_key) LIMIT ?`,
      text,
      limit,
    )
    .map(({ name }) => ({ name: shownName(name), photos: null }));
}
