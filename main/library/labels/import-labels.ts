/** Labels that other programs hold, as a person's words on the photos of the library. One act, which is taken back as one. */
import { mostOfLabel } from '../../contract/label-length.ts';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { nameKey, namesOf, tidyName } from '../../../models/heads/label-names.ts';
import { textIn } from '../../../models/text.ts';
import type { DatasetFormat, LabelsImported } from '../../contract/exports.ts';
import { shownName, systemPath, textOfPath } from '../../file-names.ts';
import { readError } from '../../files.ts';
import { readCoco } from '../../report/datasets/coco.ts';
import { readFiftyOne } from '../../report/datasets/fiftyone.ts';
import { readImageFolder } from '../../report/datasets/imagefolder.ts';
import type { ReadLabels } from '../../report/datasets/labelled.ts';
import { readLabelStudio } from '../../report/datasets/label-studio.ts';
import { parseJson } from '../../report/datasets/parsing.ts';
import { recordAct, type PhotoChange } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWords, setWordsOf, spelled, wordsOf } from '../catalog/person.ts';
import { shownLabels } from '../lists/labels.ts';

/** Files that are told one by one. */
const mostTold = 100;

const readers: Record<DatasetFormat, (text: string, what: string) => ReadLabels[]> = {
  fiftyone: (text, what) => readFiftyOne(parseJson(text, what)),
  coco: (text, what) => readCoco(parseJson(text, what)),
  'label-studio': (text, what) => readLabelStudio(parseJson(text, what)),
  imagefolder: readImageFolder,
};

const programs: Record<DatasetFormat, string> = {
  fiftyone: 'FiftyOne',
  coco: 'COCO',
  'label-studio': 'Label Studio',
  imagefolder: 'imagefolder',
};

/** Where each has the labels that are read. */
const places: Record<DatasetFormat, string> = {
  fiftyone: 'a class for each picture of "labels"',
  coco: 'as annotations with an "image_id" and a "category_id"',
  'label-studio': 'as "choices" of annotations that were not skipped',
  imagefolder: 'under "label" or "labels"',
};

/** The same letters are written in two forms: macOS names files in the one, others in the other. */
const nameForm = (name: string) => name.normalize('NFC');

/** An address `file:///…` as a path. */
function localOf(file: string): string {
  if (!/^file:\/\//i.test(file)) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

/** Photos of the library by their paths, and by names that only one has. */
class Places {
  readonly #byPath = new Map<string, number>();
  /** By `nameForm` of the name, also without its ending: FiftyOne calls pictures so. */
  readonly #byName = new Map<string, { id: number; path: string }[]>();

  constructor(catalog: Catalog) {
    for (const { id, folder, name } of catalog.all<{ id: number; folder: string; name: string }>(
      'SELECT p.id, f.path AS folder, p.name FROM photos p JOIN folders f ON f.id = p.folder_id',
    )) {
      const path = shownName(join(folder, name));
      this.#byPath.set(path, id);
      const shown = shownName(name);
      const bare = path.slice(0, path.length - extname(shown).length);
      for (const [key, at] of new Map([
        [shown, path],
        [parse(shown).name, bare],
      ])) {
        const one = { id, path: nameForm(at).replaceAll('\\', '/') };
        const others = this.#byName.get(nameForm(key));
        if (others) others.push(one);
        else this.#byName.set(nameForm(key), [one]);
      }
    }
  }

  /**
   * By its path, below `folder` where it is relative; else the one photo whose path ends so. Of a picture in a folder
   * at least that folder has to be called the same: IMG_0001.jpg is many a photo's name.
   */
  find(file: string, folder: string): { id: number } | { reason: string } {
    const local = localOf(file);
    const id = this.#byPath.get(resolve(folder, local));
    if (id !== undefined) return { id };
    const parts = nameForm(local)
      .replaceAll('\\', '/')
      .split('/')
      .filter((part) => part !== '' && part !== '.' && part !== '..');
    const named = this.#byName.get(parts.at(-1) ?? '') ?? [];
    // Most of a path agrees where data sets were moved: the longest end that finds some.
    for (let from = 0; from < Math.max(1, parts.length - 1); from++) {
      const end = `/${parts.slice(from).join('/')}`;
      const found = named.filter(({ path }) => path.endsWith(end));
      if (found.length === 1) return { id: found[0]!.id };
      if (found.length > 1) return { reason: `${found.length} photos of the library are called so` };
    }
    return { reason: 'no photo of the library is called so' };
  }
}

interface Wanted {
  labels: Map<number, string[]>;
  unmatched: { file: string; reason: string }[];
}

function matched(catalog: Catalog, read: readonly ReadLabels[], folder: string): Wanted {
  const places = new Places(catalog);
  const labels = new Map<number, string[]>();
  const unmatched: Wanted['unmatched'] = [];
  for (const { file, otherwise, labels: given, unclear } of read) {
    const names = given.map(tidyName).filter(Boolean);
    if (!names.length) continue;
    if (unclear !== undefined) {
      unmatched.push({ file: shownName(file), reason: unclear });
      continue;
    }
    if (names.some((name) => name.length > mostOfLabel)) {
      unmatched.push({ file: shownName(file), reason: `a label is longer than ${mostOfLabel} characters` });
      continue;
    }
    const first = places.find(file, folder);
    const found = 'id' in first || otherwise === undefined ? first : places.find(otherwise, folder);
    if ('id' in found) labels.set(found.id, [...(labels.get(found.id) ?? []), ...names]);
    else unmatched.push({ file: shownName(file), reason: found.reason });
  }
  return { labels, unmatched };
}

/** What was said before stays; what is added is not rejected any more. */
function changesOf(catalog: Catalog, { labels }: Wanted): PhotoChange[] {
  const words = wordsOf(catalog, [...labels.keys()]);
  /** A file of many photos has few labels. */
  const spellings = new Map<string, string>();
  const spelling = (label: string) => {
    const known = spellings.get(label) ?? spelled(catalog, label);
    spellings.set(label, known);
    return known;
  };
  return [...labels].flatMap(([photoId, given]) => {
    const before = words.get(photoId) ?? noWords;
    const known = new Set(before.labels.map(nameKey));
    const added = new Map(given.map((label) => [nameKey(label), spelling(label)]));
    const fresh = [...added].filter(([key]) => !known.has(key)).map(([, label]) => label);
    if (!fresh.length) return [];
    const after = {
      ...before,
      labels: [...before.labels, ...fresh],
      rejected: before.rejected.filter((label) => !added.has(nameKey(label))),
      none: false,
    };
    return [{ photoId, before, after }];
  });
}

/** Labels that neither the model in use, in whatever language, nor a person has named before. */
function newLabels(catalog: Catalog, changes: readonly PhotoChange[]): string[] {
  const known = new Set(shownLabels(catalog).all.flatMap((label) => namesOf(label).map(nameKey)));
  for (const { label_key: key } of catalog.all<{ label_key: string }>(
    'SELECT DISTINCT label_key FROM person_labels',
  ))
    known.add(key);
  const fresh = new Map<string, string>();
  for (const { before, after } of changes)
    for (const label of after.labels)
      if (!before.labels.includes(label) && !known.has(nameKey(label))) fresh.set(nameKey(label), label);
  return [...fresh.values()].sort();
}

/** @throws SaccadeError `bad-dataset`, `missing-file`, `unreadable` */
export async function importLabels(
  catalog: Catalog,
  request: { path: string; format: DatasetFormat; dryRun?: boolean | undefined },
): Promise<LabelsImported> {
  const file = textOfPath(resolve(request.path));
  const bytes = await readFile(systemPath(file)).catch((error: unknown) => {
    throw readError(file, error);
  });
  const text = textIn(bytes);
  if (text === null)
    throw new SaccadeError(
      'bad-dataset',
      bytes.toString('latin1', 0, 4) === 'PAR1'
        ? `Expected ${shownName(file)} to be text; found Parquet, which labels are not read from. Write the table as ${request.format === 'imagefolder' ? 'metadata.csv' : 'JSON'}.`
        : `Expected ${shownName(file)} to be text in UTF-8 or UTF-16; found bytes that are neither. Save it as UTF-8.`,
    );
  const read = readers[request.format](text, basename(file));
  if (!read.some(({ labels }) => labels.length))
    throw new SaccadeError(
      'bad-dataset',
      `Expected labels of pictures in ${shownName(file)}, ${places[request.format]}; found ${read.length ? `${read.length} pictures without any` : 'no picture'}.`,
    );
  return catalog.transaction(() => {
    const wanted = matched(catalog, read, dirname(file));
    const changes = changesOf(catalog, wanted);
    const told = {
      pictures: read.length,
      unlabelled: read.filter(({ labels }) => !labels.some(tidyName)).length,
      matched: wanted.labels.size,
      changed: changes.length,
      newLabels: newLabels(catalog, changes),
      unmatched: wanted.unmatched.slice(0, mostTold),
      unmatchedTotal: wanted.unmatched.length,
    };
    if (request.dryRun || !changes.length) return { ...told, act: null };
    for (const { photoId, after } of changes) setWordsOf(catalog, photoId, after);
    const words = { of: 'words' } as const;
    const about = [`${programs[request.format]}: ${shownName(basename(file))}`];
    const act = recordAct(
      catalog,
      { kind: 'import', about, photos: changes.length, change: words, inverse: words },
      changes,
    );
    return { ...told, act };
  });
}
