/** Photos copied, linked or moved into folders named after their labels. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import type { OrganiseOptions } from '../../contract/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, textOfPath } from '../../file-names.ts';
import type { Catalog } from '../catalog/database.ts';
import { copyWritten, moveWritten, setWritten } from '../catalog/written.ts';
import { companionFinder, ownBeside, sharedBeside } from '../files/companions.ts';
import { endLog, lastLog, type Logged, PlacingLog, readLog } from '../files/log.ts';
import { place, takeBack } from '../files/place.ts';
import { PhotoNames } from '../files/photo-names.ts';
import { numbered } from '../files/transfer.ts';
import { isThere } from '../files/whole.ts';
import { stemOf } from '../scan/shots.ts';
import { checkTemplate, placeFor } from './folder-names.ts';
import type { LabelledPhoto } from './photos.ts';
import { untouched, type Plan, type Step } from './writing.ts';

type Sorted = Pick<LabelledPhoto, 'path' | 'labels' | 'dateMs'>;
/**
 * `staysWith`: of a sidecar that is copied, a file that it speaks of too and that stays. `shot`: of one that is moved, all
 * files that it speaks of: where one of them can't go it is copied.
 */
export type SortedFile = Logged & { staysWith?: string; shot?: readonly string[] };

/** A sidecar that files of one shot share. */
interface Shared {
  from: string;
  shot: string[];
  /** Where it is wanted, and beside which of the photos' files: after the last of them it goes. */
  beside: Map<string, string[]>;
}

/**
 * Where each photo goes, with its sidecars. A photo of several labels is copied or linked to each, and moved to the
 * first; one without stays. A sidecar of several files (photo.xmp) goes beside each, and leaves its place with the last
 * of them: it is copied where one stays. @throws SaccadeError `bad-folders`, `cannot-place`
 */
export async function placings(
  photos: readonly Sorted[],
  { folder, template, way }: OrganiseOptions,
  signal?: AbortSignal,
  catalog: Catalog | null = null,
): Promise<SortedFile[]> {
  checkTemplate(template);
  if (!isAbsolute(folder))
    throw new SaccadeError('cannot-place', `Expected a full path of a folder; found "${folder}".`);
  const companions = companionFinder();
  const names = new PhotoNames(catalog);
  const numbers = new Map<string, number>();
  const shared = new Map<string, Shared>();
  const moved = new Set<string>();
  const all: SortedFile[] = [];
  for (const { path, labels, dateMs } of photos) {
    signal?.throwIfAborted();
    const places = (way === 'move' ? labels.slice(0, 1) : labels).map((label) =>
      join(textOfPath(folder), placeFor(template, { name: basename(path), label, dateMs })),
    );
    // Labels that the template leaves out, or that make one name, lead to one place.
    for (const wanted of new Set(places)) {
      if (wanted === path) continue;
      const { own, shared: from, key: shot, shot: files } = await companions(path);
      // What belongs together gets one number.
      const together = `${shot}\n${join(dirname(wanted), stemOf(basename(wanted)))}`;
      let number = numbers.get(together) ?? 1;
      while (!names.isFree(numbered(wanted, number), shot)) number++;
      numbers.set(together, number);
      const to = numbered(wanted, number);
      names.take(to, shot);
      all.push(
        { way, from: path, to },
        ...(own ? [{ way, from: own, to: ownBeside(to), goesWith: [to] }] : []),
      );
      moved.add(path);
      if (from === null) continue;
      const known = shared.get(from) ?? { from, shot: files, beside: new Map<string, string[]>() };
      shared.set(from, known);
      const beside = sharedBeside(to);
      const here = known.beside.get(beside) ?? [];
      known.beside.delete(beside); // its last file decides when its turn is
      known.beside.set(beside, [...here, to]);
    }
  }
  return withShared(all, [...shared.values()], way, moved);
}

/** Each sidecar right after the last file that it goes with. */
function withShared(
  files: readonly SortedFile[],
  shared: readonly Shared[],
  way: SortedFile['way'],
  moved: ReadonlySet<string>,
): SortedFile[] {
  /** By the photo's file after which it goes. */
  const after = new Map<string, SortedFile[]>();
  for (const { from, shot, beside } of shared) {
    const staysWith = way === 'move' ? shot.find((path) => !moved.has(path)) : undefined;
    const wanted = [...beside];
    for (const [i, [to, goesWith]] of wanted.entries()) {
      const last = goesWith.at(-1)!;
      const goes = way !== 'move' || (staysWith === undefined && i === wanted.length - 1);
      const file: SortedFile = {
        way: goes ? way : 'copy',
        from,
        to,
        goesWith,
        shot: goes && way === 'move' ? shot : undefined,
        staysWith,
      };
      after.set(last, [...(after.get(last) ?? []), file]);
    }
  }
  return files.flatMap((file) => [file, ...(after.get(file.to) ?? [])]);
}

const itemOf = (
  { from, to, staysWith }: SortedFile,
  does: WrittenItem['does'],
  error: unknown = null,
): WrittenItem => ({
  ...untouched(to),
  ...{ from: shownName(from), does },
  error: error === null ? null : toFailure(error),
  staysWith: staysWith === undefined ? undefined : shownName(staysWith),
});

export interface OrganiseEvents {
  /** The folders of the library need a look. */
  changed?: () => unknown;
  /** A file lies elsewhere now, and what is known by its path goes with it. */
  moved?: (from: string, to: string) => void;
  /** The file, or a link to it, lies elsewhere as well. */
  copied?: (from: string, to: string) => void;
  /** A copy or link is gone. */
  dropped?: (path: string) => void;
}

/** What Saccade wrote is known by the files it is in. */
export const recordedIn = (catalog: Catalog): OrganiseEvents => ({
  moved: (from, to) => moveWritten(catalog, from, to),
  copied: (from, to) => copyWritten(catalog, from, to),
  dropped: (path) => setWritten(catalog, path, null),
});

/** Each step is in the log before it is done. */
export function organisePlan(home: string, all: readonly SortedFile[], events: OrganiseEvents = {}): Plan {
  const log = new PlacingLog(home);
  /** Where files have arrived. */
  const arrived = new Set<string>();
  const steps = all.map((planned) => async (dryRun: boolean) => {
    if (dryRun) return itemOf(planned, planned.way);
    const { goesWith } = planned;
    // Of photos that stayed.
    if (goesWith && !goesWith.some((to) => arrived.has(to))) return itemOf(planned, 'none');
    const { shot = [], ...placing } = planned;
    const staysWith = shot.find(isThere);
    if (staysWith !== undefined) Object.assign(placing, { way: 'copy', staysWith });
    try {
      log.begin(placing);
    } catch (error) {
      return itemOf(placing, 'none', error);
    }
    const { way, from, to } = placing;
    try {
      await place(placing);
      arrived.add(to);
      (way === 'move' ? events.moved : events.copied)?.(from, to);
      return itemOf(placing, way);
    } catch (error) {
      log.failed(placing);
      return itemOf(placing, 'none', error);
    }
  });
  return {
    steps,
    atOnce: 1,
    async ended() {
      log.close();
      log.tidy();
      events.changed?.();
      return undoOf(log.path, events);
    },
  };
}

/** Lock by which processes take turns to take batches back. */
export const takingBack = (home: string) => join(home, 'taking-back.lock');

const nothingToUndo = () =>
  new SaccadeError(
    'nothing-to-undo',
    'Expected photos that were organised to be taken back; there are none, or a command or another window has taken them back already.',
  );

/** The steps that take a batch back; the last of them closes its log where nothing is left to be taken back later. */
function undoOf(path: string, { changed, moved, dropped }: OrganiseEvents): Step[] {
  if (!isThere(path)) return [];
  const { placings, folders } = readLog(path);
  // Sidecars after the photos: they stay with those that can't go back.
  const done = [...placings.filter((each) => !each.goesWith), ...placings.filter((each) => each.goesWith)];
  const stayed = new Set<string>();
  let failed = 0;
  let left = done.length;
  return done.map((placing) => async () => {
    // Somebody else has taken it back since.
    if (!isThere(path)) throw nothingToUndo();
    const { way, from, to, goesWith = [] } = placing;
    let item: WrittenItem;
    try {
      const back = !goesWith.some((photo) => stayed.has(photo)) && (await takeBack(placing));
      if (back && way === 'move') moved?.(to, from);
      else if (back) dropped?.(to);
      item = itemOf(placing, back ? 'back' : 'none');
    } catch (error) {
      stayed.add(to);
      // A copy that somebody changed is theirs: it is told once, and never taken.
      const isTheirs = way !== 'move' && error instanceof SaccadeError && error.code === 'changed-meanwhile';
      if (!isTheirs) failed++;
      item = itemOf(placing, 'none', error);
    }
    if (--left === 0) {
      if (failed === 0) endLog(path, folders);
      changed?.();
    }
    return item;
  });
}

/** Of the last batch, also of one that a crash cut off. @throws SaccadeError `nothing-to-undo` */
export function undoLast(home: string, events: OrganiseEvents = {}): Step[] {
  const path = lastLog(home);
  if (path === null) throw nothingToUndo();
  return undoOf(path, events);
}
