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
import { labelsOf, type LabelledPhoto } from '../../report/datasets/labelled.ts';
import { makeUsual } from '../../umask.ts';
import { openWhole, openWholeFolder, writeWhole } from '../../whole-file.ts';
import type { Catalog } from '../catalog/database.ts';
import { tableRows } from './rows.ts';
import { expectGoing } from './write.ts';

export type DatasetTarget = Extract<ExportTarget, { labels?: unknown }>;

/** Sentences about photos that were left out. */
const mostTold = 20;

interface Found {
  photos: LabelledPhoto[];
  notes: string[];
}

async function photosOf(
  catalog: Catalog,
  selection: Selection,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<Found> {
  const photos: LabelledPhoto[] = [];
  let missing = 0;
  for (const page of tableRows(catalog, selection, 1, { features: false, maps: false })) {
    for (const { row, facts } of page) {
      if (row.status === 'error' && row.error.code === 'missing-file') {
        missing++;
        continue;
      }
      const said = row.status === 'ok' && !row.unsure ? row.predictions[0] : undefined;
      photos.push({
        file: facts.file!,
        width: row.status === 'ok' ? row.width : null,
        height: row.status === 'ok' ? row.height : null,
        person: facts.words?.labels ?? [],
        predicted:
          said && row.status === 'ok'
            ? { label: said.label.name, probability: said.probability, model: facts.head ?? row.model }
            : null,
      });
    }
    progress(photos.length);
    await new Promise(setImmediate);
    expectGoing(signal);
  }
  const notes = missing ? [`${missing} ${missing === 1 ? 'photo is' : 'photos are'} not there any more and left out.`] : []; // prettier-ignore
  return { photos, notes };
}

/** The deepest folder that holds all. */
function commonFolder(files: readonly string[]): string {
  const [first, ...rest] = files.map((file) => dirname(file).split(sep));
  const parts = rest.reduce((common, folder) => {
    const differs = common.findIndex((part, i) => part !== folder[i]);
    return differs < 0 ? common : common.slice(0, differs);
  }, first ?? []);
  return parts.join(sep) || sep;
}

const placings = {
  copy: (from: string | Buffer, to: string | Buffer) => copyFile(from, to, constants.COPYFILE_EXCL),
  hardlink: link,
  symlink: (from: string | Buffer, to: string | Buffer) => symlink(from, to),
};

async function writeImageFolder(
  { photos, notes }: Found,
  target: Extract<DatasetTarget, { format: 'imagefolder' }>,
  to: string,
  signal: AbortSignal,
): Promise<ExportWritten> {
  const { labels: whose = 'both', place = 'copy' } = target;
  const folder = await openWholeFolder(to);
  const told = [...notes];
  let left = 0;
  try {
    // The name of a split, so that no other word in a photo's name is taken for one.
    const train = join(folder.path, 'train');
    makeFolder(train);
    const names = new Names();
    const several = photos.some((photo) => labelsOf(photo, whose).length > 1);
    const lines: string[] = [];
    for (const photo of photos) {
      expectGoing(signal);
      const labels = labelsOf(photo, whose);
      const name = names.of(basename(photo.file));
      try {
        await stat(systemPath(photo.file));
      } catch (error) {
        if (left++ < mostTold) told.push(readError(photo.file, error).message);
        continue;
      }
      await placings[place](systemPath(photo.file), systemPath(join(train, name)));
      lines.push(metadataLine(name, photo.file, labels, several));
    }
    await writeParts(join(train, 'metadata.jsonl'), lines);
    // A link by another name is the photo itself, whose permissions are its owner's.
    for (const path of [folder.path, train, join(train, 'metadata.jsonl')]) await makeUsual(path, false);
    if (place === 'copy') await makeUsual(train);
    await folder.keep();
  } catch (error) {
    await folder.drop();
    throw error;
  }
  if (left > mostTold) told.push(`${left - mostTold} more could not be read.`);
  return { path: to, photos: photos.length - left, notes: told };
}

/** Characters at a time: a file of any size is never text in memory. */
const charactersAtOnce = 1 << 20;

async function writeParts(path: string, parts: Iterable<string>): Promise<void> {
  const file = await openWhole(path);
  try {
    let waiting = '';
    for (const part of parts) {
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
  const { photos, notes } = found;
  const served = root === undefined ? commonFolder(photos.map(({ file }) => file)) : resolve(root);
  const outside = photos.find(({ file }) => !file.startsWith(served.endsWith(sep) ? served : served + sep));
  if (outside)
    throw new SaccadeError('cannot-write', `Expected all photos below ${shownName(served)}, the folder that Label Studio serves; ${shownName(outside.file)} lies elsewhere. Name a folder above all of them.`); // prettier-ignore
  const folder = await openWholeFolder(to);
  try {
    const names = photos.flatMap(({ person, predicted }) => [
      ...person,
      ...(predicted ? [predicted.label] : []),
    ]);
    await writeParts(join(folder.path, 'tasks.json'), writeLabelStudio(photos, whose, served));
    await writeWhole(join(folder.path, 'labelling.xml'), labellingInterface([...new Set(names)].sort()));
    await makeUsual(folder.path);
    await folder.keep();
  } catch (error) {
    await folder.drop();
    throw error;
  }
  return {
    path: to,
    photos: photos.length,
    notes: [
      ...notes,
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
  const found = await photosOf(catalog, selection, signal, progress);
  const { photos, notes } = found;
  const whose = target.labels ?? 'both';
  try {
    if (target.format === 'imagefolder') return await writeImageFolder(found, target, to, signal);
    if (target.format === 'label-studio') return await writeTasks(found, target, to);
    await writeParts(
      to,
      target.format === 'fiftyone' ? writeFiftyOne(photos, whose) : writeCoco(photos, whose, dirname(to)),
    );
    await makeUsual(to);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return { path: to, photos: photos.length, notes };
}
