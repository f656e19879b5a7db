/** Where examples come from: what a person said, folders named after labels, or a table. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { SaccadeError } from '../../../models/error.ts';
import { saysNone, tidyName } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { Request } from '../../contract/verbs.ts';
import { shownName, systemPath, textOfName } from '../../file-names.ts';
import { openFile, readError } from '../../files.ts';
import { namedTwice } from '../../report/columns.ts';
import { saysMissing } from '../../report/missing.ts';
import type { Catalog } from '../catalog/database.ts';
import { keywordsOfPaths } from '../keywords/by-path.ts';
import { conditionOf } from '../lists/filter.ts';

type Source = Request<'heads.teach'>['source'];

export interface Example {
  path: string;
  /** Names; none: none of these. */
  labels: string[];
}

export interface Found {
  /** What has to be looked at: files, and folders with all that is below them. */
  paths: string[];
  /** Null: nothing was said of this one. */
  labelsOf(path: string): string[] | null;
}

const neverAborted = new AbortController().signal;

const named = (names: string[]) => names.map(tidyName).filter((name) => !saysNone(name));

/** Photos with a word, but for those drawn for an estimate, which no head may have seen. */
export function ofPerson(catalog: Catalog, filter: Extract<Source, { from: 'person' }>['filter']): Example[] {
  const condition = conditionOf(catalog, filter ?? {});
  const rows = catalog.all<{ folder: string; name: string; labels: string; none: number }>(
    `SELECT f.path AS folder, photos.name, w.none,
       (SELECT json_group_array(label) FROM person_labels l WHERE l.photo_id = photos.id AND holds = 1) AS labels
     FROM person_words w JOIN photos ON photos.id = w.photo_id JOIN folders f ON f.id = photos.folder_id
     WHERE w.drawn = 0 AND photos.missing_ms IS NULL AND photos.id IN (SELECT id FROM photos WHERE ${condition.sql})`,
    ...condition.values,
  );
  return rows
    .map(({ folder, name, labels, none }) => ({
      path: join(folder, name),
      labels: JSON.parse(labels) as string[],
      none,
    }))
    .filter(({ labels, none }) => labels.length > 0 || none === 1);
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
  const rows = catalog.all<{ folder: string; name: string; labels: string }>(
    `SELECT f.path AS folder, photos.name,
       (SELECT json_group_array(label) FROM file_keywords k WHERE k.photo_id = photos.id) AS labels
     FROM photos JOIN folders f ON f.id = photos.folder_id
     WHERE photos.id IN (SELECT photo_id FROM file_keywords) AND photos.missing_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM person_words w WHERE w.photo_id = photos.id)
       AND photos.id IN (SELECT id FROM photos WHERE ${condition.sql}) ORDER BY draw_order(photos.id) LIMIT ?`,
    ...condition.values,
    most,
  );
  return rows.map(({ folder, name, labels }) => ({
    path: join(folder, name),
    labels: JSON.parse(labels) as string[],
  }));
}

/** Photos at or below a path with keywords, in or out of the library. */
async function ofKeyworded(catalog: Catalog, path: string): Promise<Example[]> {
  const { items } = await keywordsOfPaths(catalog, { paths: [path], recursive: true }, neverAborted);
  return items
    .filter(({ keywords }) => keywords.length > 0)
    .map((photo) => ({ path: photo.path, labels: photo.keywords.map(({ label }) => label) }));
}

/**
 * What parts the names of its columns, and so its cells: spreadsheets write semicolons where a comma stands in numbers.
 * These characters are the same bytes in UTF-8 and, but for zeros, in UTF-16.
 */
async function delimiterOf(file: string): Promise<string> {
  const { file: opened } = await openFile(file);
  await using table = opened;
  const { buffer, bytesRead } = await table.read(Buffer.alloc(4096), 0, 4096, 0);
  const [names] = buffer.toString('latin1', 0, bytesRead).split(/[\r\n]/, 1);
  return /[,;\t]/.exec(names!)?.[0] ?? ',';
}

/** @throws SaccadeError `bad-table` */
async function ofTable(file: string): Promise<Example[]> {
  const examples = new Map<string, string[]>();
  try {
    const delimiter = await delimiterOf(file);
    const columns = (names: string[]) => {
      const twice = namedTwice(names, ['path', 'label']);
      if (twice !== null)
        throw new SaccadeError(
          'bad-table',
          `Expected one column "${twice}" in ${file}; found two. Write each label of a photo in a line of its own, and give other columns other names.`,
        );
      return names;
    };
    const rows = parse({ columns, bom: true, trim: true, skip_empty_lines: true, delimiter });
    createReadStream(file)
      .on('error', (error) => rows.destroy(error))
      .pipe(rows);
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      const { path, label } = row;
      if (path === undefined || label === undefined)
        throw new SaccadeError(
          'bad-table',
          `${file} should begin with a line that names the columns "path" and "label"; found "${Object.keys(row).join(',').slice(0, 100)}". Name them so.`,
        );
      if (`${path}${label}`.includes('\ufffd'))
        throw new SaccadeError(
          'bad-table',
          `Expected ${file} to be text in UTF-8 or UTF-16; found bytes that are neither, near "${label}". Save it as UTF-8.`,
        );
      if (saysMissing(label))
        throw new SaccadeError(
          'bad-table',
          `Expected a label of ${path} in ${file}; found "${label}", which programs write where they have none. Leave the line out, leave the label empty where the photo is none of these, or write the label otherwise.`,
        );
      const at = resolve(dirname(file), path);
      if (path === '' || (await stat(systemPath(at)).catch(() => null))?.isDirectory())
        throw new SaccadeError(
          'bad-table',
          `Expected a photo under "path" in every line of ${file}; found ${path === '' ? 'none' : `the folder ${path}`} beside the label "${label}". Name the photos of a folder one by one, or teach from a folder of folders named after their labels.`,
        );
      const labels = examples.get(at) ?? [];
      if (label !== '') labels.push(label);
      examples.set(at, labels);
    }
  } catch (error) {
    if (error instanceof SaccadeError) throw error;
    if (error instanceof CsvError)
      throw new SaccadeError(
        'bad-table',
        `${file} should be a CSV table; it can't be read: ${error.message}`,
        {
          cause: error,
        },
      );
    throw readError(file, error);
  }
  return [...examples].map(([path, labels]) => ({ path, labels }));
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
  const labels = new Map(examples.map((example) => [example.path, named(example.labels)]));
  return { paths: [...labels.keys()], labelsOf: (path) => labels.get(path) ?? null };
}
