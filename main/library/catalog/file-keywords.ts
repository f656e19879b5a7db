/** Keywords that files and sidecars have, as they were read last: a person's labels, but not said to Saccade. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { FileKeyword } from '../../contract/entities/keywords.ts';
import type { Catalog } from './database.ts';
import { photoById, setWords } from './photos.ts';

const sourceOf = ({ from, program }: FileKeyword) => (program === null ? from : `${from}:${program}`);

interface Row {
  photo_id: number;
  label: string;
  source: string;
}

function keywordOf({ label, source }: Row): FileKeyword {
  const [from, program = null] = source.split(':') as [FileKeyword['from'], string?];
  return { label, from, program };
}

/** By photo; those without any are left out. */
export function fileKeywordsOf(catalog: Catalog, photoIds: readonly number[]): Map<number, FileKeyword[]> {
  const rows = catalog.all<Row>(
    `SELECT photo_id, label, source FROM file_keywords
     WHERE photo_id IN (SELECT value FROM json_each(?)) ORDER BY photo_id, label_key`,
    JSON.stringify(photoIds),
  );
  const found = new Map<number, FileKeyword[]>();
  for (const row of rows) found.set(row.photo_id, [...(found.get(row.photo_id) ?? []), keywordOf(row)]);
  return found;
}

const versions = new WeakMap<Catalog, number>();

/** Counts what changed since the catalog was opened. */
export const keywordsVersion = (catalog: Catalog): number => versions.get(catalog) ?? 0;

/** Within a transaction. `facts`: of the files they were read from. Answers with whether any differs. */
export function setFileKeywords(
  catalog: Catalog,
  photoId: number,
  keywords: readonly FileKeyword[],
  facts: string,
): boolean {
  catalog.run('INSERT OR REPLACE INTO keywords_read (photo_id, facts) VALUES (?, ?)', photoId, facts);
  const before = fileKeywordsOf(catalog, [photoId]).get(photoId) ?? [];
  const textOf = (all: readonly FileKeyword[]) => JSON.stringify(all.map((each) => `${sourceOf(each)} ${each.label}`).sort()); // prettier-ignore
  if (textOf(before) === textOf(keywords)) return false;
  catalog.run('DELETE FROM file_keywords WHERE photo_id = ?', photoId);
  for (const keyword of keywords)
    catalog.run(
      'INSERT OR REPLACE INTO file_keywords (photo_id, label_key, label, source) VALUES (?, ?, ?, ?)',
      photoId,
      nameKey(keyword.label),
      keyword.label,
      sourceOf(keyword),
    );
  const { name, own_label: own } = photoById(catalog, photoId);
  setWords(catalog, photoId, name, own);
  versions.set(catalog, keywordsVersion(catalog) + 1);
  return true;
}
