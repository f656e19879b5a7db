/** A selection's labels in the formats of other programs. */
import { constants } from 'node:fs';
import { copyFile, link, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { ExportTarget, ExportWritten } from '../../contract/exports.ts';
import type { Selection } from '../../contract/requests.ts';
import { shownName, systemPath } from '../../file-names.ts';
import { makeFolder, readError } from '../../files.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import { writeCoco } from '../../report/datasets/coco.ts';
import { writeFiftyOne } from '../../report/datasets/fiftyone.ts';
import { metadataLine, Names } from '../../report/datasets/imagefolder.ts';
import { labellingInterface, writeLabelStudio } from '../../report/datasets/label-studio.ts';
import {
  labelsOf,
  type LabelledPhoto,
  type LabelledPhotos,
  type Whose,
} from '../../report/datasets/labelled.ts';
import { makeUsual } from '../../umask.ts';
import { openWhole, openWholeFolder, writeWhole } from '../../whole-file.ts';
import type { Catalog } from '../catalog/database.ts';
import { othersAmong } from '../files/as-shown.ts';
import { noWords } from '../catalog/person.ts';
import { mostInItem } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { chosenPredictions } from '../writing/chosen.ts';
import { leftOut } from './left-out.ts';
import { type KnownRow, tableRows } from './rows.ts';
import { Spool } from './spool.ts';
import { expectGoing } from './going.ts';

export type DatasetTarget = Extract<ExportTarget, { labels?: unknown }>;

/** Sentences about photos that were left out. */
const mostTold = 20;

/** What is to be written, and what has to be known of all of it before the first is. */
interface Found extends LabelledPhotos {
  rows(): AsyncIterable<KnownPhoto>;
  count: number;
  missing: number;
  /** Photos whose files are others than those that the labels are of. */
  changed: number;
  /** The deepest folder that holds all. */
  folder: string;
  /** Labels of persons and models. */
  names: ReadonlySet<string>;
}

type KnownPhoto = LabelledPhoto & Pick<KnownRow, 'contentId'>;

function labelledOf({ row, facts, contentId }: KnownRow, whose: Whose, holdsFrom: number | null): KnownPhoto {
  const seen = row.status === 'ok' ? row : null;
  const words = facts.words ?? noWords;
  // That it is none of these, or not that, is a person's word too, which goes before the model's.
  const person = whose === 'both' ? { ...words, labels: [] } : noWords;
  const { predictions = [], unsure = false } = seen ?? {};
  const chosen = chosenPredictions({ predictions, sure: !unsure, holdsFrom, person }, { by: 'any' });
  return {
    file: facts.file!,
    contentId,
    width: seen?.width ?? null,
    height: seen?.height ?? null,
    person: words.labels,
    predicted:
      chosen.length && seen
        ? {
            labels: chosen.map(({ label, probability }) => ({ label: label.name, probability })),
            model: facts.head ?? seen.model,
          }
        : null,
  };
}

/** Fills the spool. @throws SaccadeError `cancelled` */
async function findPhotos(
  catalog: Catalog,
  spool: Spool<KnownPhoto>,
  whose: Whose,
  holdsFrom: number | null,
  pages: Iterable<KnownRow[]>,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<Found> {
  const names = new Set<string>();
  let folder: string[] | null = null;
  let several = false;
  let count = 0;
  let missing = 0;
  let changed = 0;
  for (const page of pages) {
    const there = page.filter(({ row }) => row.status !== 'error' || row.error.code !== 'missing-file');
    missing += page.length - there.length;
    const labelled = there.map((each) => labelledOf(each, whose, holdsFrom));
    const photos = await unchanged(catalog, labelled, signal);
    changed += labelled.length - photos.length;
    for (const photo of photos) {
      folder = common(folder, dirname(photo.file).split(sep));
      several ||= labelsOf(photo, whose).length > 1;
      for (const name of photo.person) names.add(name);
      for (const { label } of photo.predicted?.labels ?? []) names.add(label);
    }
    await spool.add(photos);
    progress((count += photos.length));
    await new Promise(setImmediate);
    expectGoing(signal);
  }
  return {
    ...{ count, missing, changed, several, names, folder: folder?.join(sep) || sep },
    async *rows() {
      for await (const photo of spool.rows()) {
        expectGoing(signal);
        yield photo;
      }
    },
  };
}

/** A label is of the picture that was read, not of another that took its name. */
async function unchanged<T extends { file: string; contentId: number | null }>(
  catalog: Catalog,
  photos: readonly T[],
  signal: AbortSignal,
): Promise<T[]> {
  const known = photos.map(({ file, contentId }) => ({ path: file, contentId }));
  const others = await othersAmong(catalog, known, signal);
  return photos.filter(({ file }) => !others.has(file));
}

function common(folder: string[] | null, other: readonly string[]): string[] {
  if (!folder) return [...other];
  const differs = folder.findIndex((part, i) => part !== other[i]);
  return differs < 0 ? folder : folder.slice(0, differs);
}

const placings = {
  copy: (from: string | Buffer, to: string | Buffer) => copyFile(from, to, constants.COPYFILE_EXCL),
  hardlink: link,
  symlink: (from: string | Buffer, to: string | Buffer) => symlink(from, to),
};

async function writeImageFolder(
  catalog: Catalog,
  found: Found,
  { labels: whose = 'both', place = 'copy' }: Extract<DatasetTarget, { format: 'imagefolder' }>,
  to: string,
  signal: AbortSignal,
): Promise<ExportWritten> {
  const folder = await openWholeFolder(to);
  const told: string[] = [];
  let left = 0;
  let { changed } = found;
  // The name of a split, so that no other word in a photo's name is taken for one.
  const train = join(folder.path, 'train');
  async function* placed(): AsyncGenerator<string> {
    const names = new Names();
    for await (const photo of found.rows()) {
      try {
        await stat(systemPath(photo.file));
      } catch (error) {
        if (left++ < mostTold) told.push(readError(photo.file, error).message);
        continue;
      }
      // Many photos are long on their way, and the library may know by now what took a name.
      if (!(await unchanged(catalog, [photo], signal)).length) {
        changed++;
        continue;
      }
      const name = names.of(basename(photo.file));
      await placings[place](systemPath(photo.file), systemPath(join(train, name)));
      yield metadataLine(name, photo.file, labelsOf(photo, whose), found.several);
    }
  }
  try {
    makeFolder(train);
    await writeParts(join(train, 'metadata.jsonl'), placed());
    // A link by another name is the photo itself, whose permissions are its owner's.
    for (const path of [folder.path, train, join(train, 'metadata.jsonl')]) await makeUsual(path, false);
    if (place === 'copy') await makeUsual(train);
    await folder.keep();
  } catch (error) {
    await folder.drop();
    throw error;
  }
  if (left > mostTold) told.push(`${left - mostTold} more could not be read.`);
  const photos = found.count - left - (changed - found.changed);
  return { path: to, photos, notes: [...leftOut({ ...found, changed }), ...told] };
}

/** Characters at a time: a file of any size is never text in memory. */
const charactersAtOnce = 1 << 20;

async function writeParts(path: string, parts: AsyncIterable<string>): Promise<void> {
  const file = await openWhole(path);
  try {
    let waiting = '';
    for await (const part of parts) {
      waiting += part;
      if (waiting.length < charactersAtOnce) continue;
      await file.handle.appendFile(waiting);
      waiting = '';
    }
    await file.handle.appendFile(waiting);
    await file.keep();
  } catch (error) {
    await file.drop();
    throw error;
  }
}

async function writeTasks(
  found: Found,
  { labels: whose = 'both', root }: Extract<DatasetTarget, { format: 'label-studio' }>,
  to: string,
): Promise<ExportWritten> {
  const served = root === undefined ? found.folder : resolve(root);
  const below = served.endsWith(sep) ? served : served + sep;
  for await (const { file } of found.rows())
    if (!file.startsWith(below))
      throw new SaccadeError(
        'cannot-write',
        `Expected all photos below ${shownName(served)}, the folder that Label Studio serves; ${shownName(file)} lies elsewhere. Name a folder above all of them.`,
      );
  const folder = await openWholeFolder(to);
  try {
    await writeParts(join(folder.path, 'tasks.json'), writeLabelStudio(found, whose, served));
    await writeWhole(join(folder.path, 'labelling.xml'), labellingInterface([...found.names].sort()));
    await makeUsual(folder.path);
    await folder.keep();
  } catch (error) {
    await folder.drop();
    throw error;
  }
  return {
    path: to,
    photos: found.count,
    notes: [
      ...leftOut(found),
      `Label Studio has to serve ${shownName(served)}: LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=${shownName(served)}.`,
    ],
  };
}

/** @throws SaccadeError `cannot-write`, `cancelled` */
export async function writeDataset(
  catalog: Catalog,
  selection: Selection,
  path: string,
  target: DatasetTarget,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<ExportWritten> {
  const to = resolve(path);
  const whose = target.labels ?? 'both';
  let spool: Spool<KnownPhoto> | null = null;
  try {
    spool = await Spool.open<KnownPhoto>(to);
    const labels = shownLabels(catalog);
    const pages = tableRows(catalog, selection, mostInItem(labels), { features: false, maps: false });
    const found = await findPhotos(catalog, spool, whose, labels.holdsFrom, pages, signal, progress);
    if (target.format === 'imagefolder') return await writeImageFolder(catalog, found, target, to, signal);
    if (target.format === 'label-studio') return await writeTasks(found, target, to);
    await writeParts(
      to,
      target.format === 'fiftyone' ? writeFiftyOne(found, whose) : writeCoco(found, whose, dirname(to)),
    );
    await makeUsual(to);
    return { path: to, photos: found.count, notes: leftOut(found) };
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await spool?.drop();
  }
}
