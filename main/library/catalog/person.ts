/** A person's words on photos: what each is, what it is not, or none of these. */
import { nameKey, tidyName } from '../../../models/heads/label-names.ts';
import type { PersonWords } from '../../contract/entities/photo.ts';
import type { Catalog } from './database.ts';
import { photoById, setOwnLabel } from './photos.ts';

export const noWords: PersonWords = { labels: [], rejected: [], none: false, drawn: false };

/** As a condition on photos. */
export const noWord = 'NOT EXISTS (SELECT 1 FROM person_words w WHERE w.photo_id = photos.id)';

interface WordRow {
  photo_id: number;
  none: number;
  drawn: number;
  label: string | null;
  holds: number | null;
}

/** By photo; those without a word are left out. `schema`: of the connection. */
export function wordsOf(
  catalog: Catalog,
  photoIds: readonly number[],
  schema = 'main',
): Map<number, PersonWords> {
  const rows = catalog.all<WordRow>(
    `SELECT w.photo_id, w.none, w.drawn, l.label, l.holds FROM ${schema}.person_words w
     LEFT JOIN ${schema}.person_labels l ON l.photo_id = w.photo_id
     WHERE w.photo_id IN (SELECT value FROM json_each(?)) ORDER BY w.photo_id, l.label_key`,
    JSON.stringify(photoIds),
  );
  const found = new Map<number, PersonWords>();
  for (const { photo_id: id, none, drawn, label, holds } of rows) {
    const words = found.get(id) ?? { labels: [], rejected: [], none: none === 1, drawn: drawn === 1 };
    if (label !== null) (holds ? words.labels : words.rejected).push(label);
    found.set(id, words);
  }
  return found;
}

/** In place of what was there. Within a transaction. */
export function setWordsOf(catalog: Catalog, photoId: number, words: PersonWords): void {
  const { labels, rejected, none, drawn } = words;
  catalog.run('DELETE FROM person_words WHERE photo_id = ?', photoId);
  if (labels.length || rejected.length || none) {
    catalog.run(
      'INSERT INTO person_words (photo_id, none, drawn) VALUES (?, ?, ?)',
      photoId,
      none ? 1 : 0,
      drawn ? 1 : 0,
    );
    for (const [holds, names] of [rejected, labels].entries())
      for (const label of names)
        catalog.run(
          'INSERT OR REPLACE INTO person_labels (photo_id, label_key, label, holds) VALUES (?, ?, ?, ?)',
          photoId,
          nameKey(label),
          label,
          holds,
        );
  }
  // Lists, search and exports walk over the photos' own column.
  const own = labels.length ? labels.join(', ') : null;
  const photo = photoById(catalog, photoId);
  if (photo.own_label !== own) setOwnLabel(catalog, photo, own);
}

/** The spelling people used first, where they used one: labels that differ only in case or form are the same. */
export function spelled(catalog: Catalog, label: string): string {
  const known = catalog.one<{ label: string }>(
    'SELECT label FROM person_labels WHERE label_key = ? AND holds = 1 LIMIT 1',
    nameKey(label),
  );
  return known?.label ?? tidyName(label);
}

/** Moved out of the library, or under another photo of the same shot: no list shows them. */
const hidden = `SELECT id FROM photos WHERE missing_ms IS NOT NULL AND away = 1
  UNION ALL SELECT id FROM photos WHERE under_id IS NOT NULL`;

/** How many photos of the lists have any of the labels of these keys. */
export function photosCalled(catalog: Catalog, keys: readonly string[]): number {
  return catalog.one<{ photos: number }>(
    `SELECT count(DISTINCT photo_id) AS photos FROM person_labels
     WHERE holds = 1 AND label_key IN (SELECT value FROM json_each(?)) AND photo_id NOT IN (${hidden})`,
    JSON.stringify(keys),
  )!.photos;
}

/** Labels that people gave, most photos of the lists first. */
export function personLabels(
  catalog: Catalog,
  search: string,
  limit: number,
): { name: string; photos: number }[] {
  return catalog.all(
    `SELECT min(label) AS name, sum(photo_id NOT IN (${hidden})) AS photos FROM person_labels
     WHERE holds = 1 AND instr(label_key, ?) GROUP BY label_key ORDER BY photos DESC, label_key LIMIT ?`,
    nameKey(search),
    limit,
  );
}
