/** Where examples come from: what a person said, folders named after labels, or a table. */
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { saysNone, tidyName } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { Request } from '../../contract/verbs.ts';
import { shownName, systemPath, textOfName } from '../../file-names.ts';
import { readError } from '../../files.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWord } from '../catalog/person.ts';
import { keywordsOfPaths } from '../keywords/by-path.ts';
import { conditionOf } from '../lists/filter.ts';
import { ofTable, type Example } from './table.ts';

type Source = Request<'heads.teach'>['source'];

export interface Found {
  /** What has to be looked at: files, and folders with all that is below them. */
  paths: string[];
  /** Null: nothing was said of this one. */
  labelsOf(path: string): string[] | null;
}

export function foundOf(examples: readonly Example[]): Found {
  const labels = new Map(examples.map((example) => [example.path, example.labels]));
  return { paths: [...labels.keys()], labelsOf: (path) => labels.get(path) ?? null };
}

const neverAborted = new AbortController().signal;

const named = (names: string[]) => names.map(tidyName).filter((name) => !saysNone(name));

interface ExampleRow {
  folder: string;
  name: string;
  /** A list of names as JSON. */
  labels: string;
}

const exampleOf = ({ folder, name, labels }: ExampleRow): Example => ({
  path: join(folder, name),
  labels: JSON.parse(labels) as string[],
});

/** Photos with a word, but for those drawn for an estimate, which no head may have seen. */
export function ofPerson(catalog: Catalog, filter: Extract<Source, { from: 'person' }>['filter']): Example[] {
  const condition = conditionOf(catalog, filter ?? {});
  const rows = catalog.all<ExampleRow & { none: number }>(
    `SELECT f.path AS folder, photos.name, w.none,
       (SELECT json_group_array(label) FROM person_labels l WHERE l.photo_id = photos.id AND holds = 1) AS labels
     FROM person_words w JOIN photos ON photos.id = w.photo_id JOIN folders f ON f.id = photos.folder_id
     WHERE w.drawn = 0 AND photos.missing_ms IS NULL AND photos.id IN (SELECT id FROM photos WHERE ${condition.sql})`,
    ...condition.values,
  );
  return rows
    .map((row) => ({ ...exampleOf(row), none: row.none === 1 }))
    .filter(({ labels, none }) => labels.length > 0 || none);
}

/** Contents of photos with a word, as `ofPerson`, that the model has seen: no file is looked at. */
export function seenOfPerson(catalog: Catalog, keyId: number): number[] {
  const rows = catalog.all<{ id: number }>(
    // In this order: left to itself, SQLite walks through all that the model has seen.
    `SELECT DISTINCT f.content_id AS id FROM person_words w CROSS JOIN photos ON photos.id = w.photo_id
       CROSS JOIN features f ON f.key_id = ? AND f.content_id = photos.content_id
     WHERE w.drawn = 0 AND photos.missing_ms IS NULL`,
    keyId,
  );
  return rows.map(({ id }) => id);
}

/** Photos without a word of the window's, by the keywords of their files; at most `most`, drawn at random where there are more. */
export function ofKeywords(catalog: Catalog, filter: PhotoFilter, most: number): Example[] {
  const condition = conditionOf(catalog, filter);
  const rows = catalog.all<ExampleRow>(
    `SELECT f.path AS folder, photos.name,
       (SELECT json_group_array(label) FROM file_keywords k WHERE k.photo_id = photos.id) AS labels
     FROM photos JOIN folders f ON f.id = photos.folder_id
     WHERE photos.id IN (SELECT photo_id FROM file_keywords) AND photos.missing_ms IS NULL
       AND ${noWord}
       AND photos.id IN (SELECT id FROM photos WHERE ${condition.sql}) ORDER BY draw_order(photos.id) LIMIT ?`,
    ...condition.values,
    most,
  );
  return rows.map(exampleOf);
}

/** Photos at or below a path with keywords, in or out of the library. */
async function ofKeyworded(catalog: Catalog, path: string): Promise<Example[]> {
  const { items } = await keywordsOfPaths(catalog, { paths: [path], recursive: true }, neverAborted);
  return items
    .filter(({ keywords }) => keywords.length > 0)
    .map((photo) => ({ path: photo.path, labels: photo.keywords.map(({ label }) => label) }));
}

/** @throws SaccadeError of reading the folder or table; `bad-table`, `no-label-folders` */
export async function findExamples(catalog: Catalog, source: Source): Promise<Found> {
  if (source.from === 'folder') {
    const root = resolve(source.path);
    const options = { withFileTypes: true, encoding: 'buffer' } as const;
    const entries = await readdir(systemPath(root), options).catch((error: unknown) => {
      throw readError(root, error);
    });
    const folders = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => textOfName(entry.name))
      .filter((name) => !name.startsWith('.'));
    if (folders.length === 0)
      throw new SaccadeError(
        'no-label-folders',
        `Expected folders in ${root}, each named after the label of the photos in it; found none. Sort the photos into folders.`,
      );
    return {
      paths: folders.map((name) => join(root, name)),
      labelsOf: (path) => named([shownName(relative(root, path).split(sep)[0]!)]),
    };
  }
  const examples =
    source.from === 'csv'
      ? await ofTable(resolve(source.path))
      : source.from === 'keywords'
        ? await ofKeyworded(catalog, resolve(source.path))
        : [
            ...ofPerson(catalog, source.filter),
            ...(source.keywords ? ofKeywords(catalog, source.filter ?? {}, Number.MAX_SAFE_INTEGER) : []),
          ];
  return foundOf(examples.map(({ path, labels }) => ({ path, labels: named(labels) })));
}
