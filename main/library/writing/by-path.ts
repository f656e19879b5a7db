/** Keywords of photos by path, for the command line: of the library or not. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { holdsFrom } from '../../../models/heads/apply.ts';
import type { RequestOf } from '../../rpc/calls.ts';
import { clockAt } from '../../contract/day.ts';
import type { LibraryVerbs } from '../../contract/internal.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import { noCapture, readCapture } from '../../decode/metadata/capture.ts';
import { systemPath } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { folderKey, rangeBelow } from '../catalog/keys.ts';
import { headNamed, readHead } from '../catalog/heads.ts';
import { keyOfModel, modelOfKey } from '../catalog/results.ts';
import { inTurn } from '../keeping/lock.ts';
import { findPaths } from '../runs/find-paths.ts';
import { Stacks } from '../scan/stack-names.ts';
import { chosenLabels } from './chosen.ts';
import { iptcPlan } from './iptc.ts';
import { changeSidecar, sidecarTasks, type SidecarTask } from './keywords.ts';
import { organisePlan, placings, recordedIn, takingBack, undoLast } from './organise.ts';
import { sidecarFinder } from './sidecar-names.ts';
import { wordsAt } from './words-at.ts';
import type { Step } from './writing.ts';

async function changed(
  catalog: Catalog,
  tasks: readonly SidecarTask[],
  dryRun: boolean,
): Promise<WrittenItem[]> {
  const items: WrittenItem[] = [];
  for (const task of tasks) items.push((await changeSidecar(catalog, task, dryRun)).item);
  return items;
}

export async function writeKeywords(
  catalog: Catalog,
  request: RequestOf<LibraryVerbs, 'internal.keywords'>,
  signal: AbortSignal,
): Promise<WrittenItem[]> {
  const { options, dryRun } = request;
  return changed(catalog, await sidecarTasks(await labelledPaths(catalog, request), options, signal), dryRun);
}

type Predicted = Pick<RequestOf<LibraryVerbs, 'internal.keywords'>, 'photos' | 'labels' | 'model' | 'head'>;

function holdsFromOf(catalog: Catalog, { model, head }: Pick<Predicted, 'model' | 'head'>): number | null {
  if (head !== undefined) return holdsFrom(readHead(catalog, headNamed(catalog, head)));
  const key = model === undefined ? null : keyOfModel(catalog, model);
  return key === null ? null : modelOfKey(catalog, key).holdsFrom;
}

async function labelledPaths(catalog: Catalog, { photos, labels: choice, ...by }: Predicted) {
  const from = holdsFromOf(catalog, by);
  const labelled: { path: string; labels: string[] }[] = [];
  for (const { path, predictions, sure } of photos) {
    const person = await wordsAt(catalog, path);
    labelled.push({ path, labels: chosenLabels({ predictions, sure, holdsFrom: from, person }, choice) });
  }
  return labelled;
}

const worked = async (
  steps: readonly Step[],
  dryRun: boolean,
  signal: AbortSignal,
): Promise<WrittenItem[]> => {
  const items: WrittenItem[] = [];
  for (const step of steps) if (!signal.aborted) items.push(await step(dryRun));
  return items;
};

/** Into JPEGs themselves. @throws SaccadeError `no-exiftool` */
export async function writeIptc(
  catalog: Catalog,
  request: RequestOf<LibraryVerbs, 'internal.iptc'>,
  signal: AbortSignal,
): Promise<WrittenItem[]> {
  const { steps } = await iptcPlan(catalog, await labelledPaths(catalog, request));
  return worked(steps, request.dryRun, signal);
}

/** @throws SaccadeError `no-exiftool` */
export async function clearIptc(
  catalog: Catalog,
  { paths, recursive, dryRun }: RequestOf<LibraryVerbs, 'internal.removeKeywords'>,
  signal: AbortSignal,
): Promise<WrittenItem[]> {
  const photos: { path: string; labels: null }[] = [];
  for (const path of paths)
    await findPaths(path, {
      ...{ recursive, signal, patterns: undefined, onLeftOut: () => {} },
      onFound: (found) => photos.push(...found.map((each) => ({ path: each.path, labels: null }))),
    });
  const { steps } = await iptcPlan(catalog, photos);
  return worked(steps, dryRun, signal);
}

/**
 * When it was taken, else the file's time. Read anew: photos of the library are read again by versions that read dates
 * better, and what was only classified by its path is not.
 */
async function dateOf(path: string): Promise<number> {
  const { takenMs } = await readCapture(path).catch(() => noCapture);
  return takenMs ?? clockAt(statSync(systemPath(path), { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

export async function organisePaths(
  catalog: Catalog,
  home: string,
  request: RequestOf<LibraryVerbs, 'internal.organise'>,
  signal: AbortSignal,
): Promise<WrittenItem[]> {
  const photos: Parameters<typeof placings>[0][number][] = [];
  const names = new Stacks();
  for (const photo of await labelledPaths(catalog, request)) {
    const dateMs = await dateOf(photo.path);
    photos.push({ ...photo, dateMs });
    if (request.stacks)
      for (const raw of names.under(photo.path))
        photos.push({ ...photo, path: join(dirname(photo.path), raw), dateMs });
  }
  const plan = organisePlan(
    home,
    await placings(photos, request.options, signal, catalog),
    recordedIn(catalog),
  );
  try {
    return await worked(plan.steps, request.dryRun, signal);
  } finally {
    await plan.ended();
  }
}

/** The last batch that was organised, taken back. */
export const undoOrganised = (catalog: Catalog, home: string, signal: AbortSignal): Promise<WrittenItem[]> =>
  inTurn(takingBack(home), () => worked(undoLast(home, recordedIn(catalog)), false, signal));

/** Photos of the library that a person gave labels, at these paths, in these folders, or `recursive` below them. */
export function confirmedPaths(catalog: Catalog, paths: readonly string[], recursive: boolean): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const key = folderKey(path);
    const { from, to } = rangeBelow(key);
    const rows = catalog.all<{ folder: string; name: string }>(
      `SELECT f.path AS folder, p.name FROM photos p JOIN folders f ON f.id = p.folder_id
       WHERE p.missing_ms IS NULL AND EXISTS (SELECT 1 FROM person_labels l WHERE l.photo_id = p.id AND holds = 1)
         AND (f.path = ? OR (? AND f.path_key >= ? AND f.path_key < ?) OR (f.path = ? AND p.name = ?)) ORDER BY p.path_key`,
      path,
      recursive ? 1 : 0,
      from,
      to,
      dirname(path),
      basename(path),
    );
    for (const { folder, name } of rows) found.add(join(folder, name));
  }
  return [...found];
}

/** Of photos and folders named: every sidecar that is there. */
export async function clearedPaths(
  catalog: Catalog,
  { paths, recursive, dryRun }: RequestOf<LibraryVerbs, 'internal.removeKeywords'>,
  signal: AbortSignal,
): Promise<WrittenItem[]> {
  const find = sidecarFinder();
  const sidecars = new Set<string>();
  const photos: string[] = [];
  for (const path of paths) {
    if (/\.xmp$/i.test(path)) sidecars.add(path);
    else
      await findPaths(path, {
        ...{ recursive, signal, patterns: undefined },
        onFound: (found) => photos.push(...found.flatMap((each) => ('facts' in each ? [each.path] : []))),
        onLeftOut: (folder, { name, extension }) => {
          if (extension === 'xmp') sidecars.add(join(folder, name));
        },
      });
  }
  for (const photo of photos)
    for (const path of Object.values((await find(photo, 'full')).there)) sidecars.add(path);
  const none = { subject: [], hierarchical: [] };
  const tasks = [...sidecars].sort().map((path) => ({ path, wanted: none, add: false }));
  return changed(catalog, tasks, dryRun);
}
