/** Photos copied, linked or moved into folders named after their labels. */
import { basename, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import type { OrganiseOptions } from '../../contract/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, textOfPath } from '../../file-names.ts';
import { companionFinder, ownBeside, sharedBeside, shotKey } from '../files/companions.ts';
import { endLog, lastLog, PlacingLog, readLog } from '../files/log.ts';
import { place, type Placing, takeBack } from '../files/place.ts';
import { PhotoNames } from '../files/photo-names.ts';
import { numbered } from '../files/transfer.ts';
import { isThere } from '../files/whole.ts';
import { checkTemplate, placeFor } from './folder-names.ts';
import type { LabelledPhoto } from './photos.ts';
import type { Plan, Step } from './writing.ts';

type Sorted = Pick<LabelledPhoto, 'path' | 'labels' | 'dateMs'>;
/** `staysWith`: of a sidecar that is copied, a file that it speaks of too and that stays. */
export type SortedFile = Placing & { staysWith?: string };

/** A sidecar that files of one shot share. */
interface Shared {
  from: string;
  shot: string[];
  /** Where it is wanted, and after which of the photos' files. */
  beside: Map<string, string>;
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
): Promise<SortedFile[]> {
  checkTemplate(template);
  if (!isAbsolute(folder))
    throw new SaccadeError('cannot-place', `Expected a full path of a folder; found "${folder}".`);
  const companions = companionFinder();
  const names = new PhotoNames();
  const numbers = new Map<string, number>();
  const shared = new Map<string, Shared>();
  const moved = new Set<string>();
  const all: SortedFile[] = [];
  for (const { path, labels, dateMs } of photos) {
    signal?.throwIfAborted();
    for (const label of way === 'move' ? labels.slice(0, 1) : labels) {
      const wanted = join(textOfPath(folder), placeFor(template, { name: basename(path), label, dateMs }));
      if (wanted === path) continue;
      const { own, shared: from, shot: files } = await companions(path);
      const shot = shotKey(path);
      // What belongs together gets one number.
      const together = `${shot}\n${shotKey(wanted)}`;
      let number = numbers.get(together) ?? 1;
      while (!names.isFree(numbered(wanted, number), shot)) number++;
      numbers.set(together, number);
      const to = numbered(wanted, number);
      names.take(to, shot);
      all.push({ way, from: path, to }, ...(own ? [{ way, from: own, to: ownBeside(to) }] : []));
      moved.add(path);
      if (from === null) continue;
      const known = shared.get(from) ?? { from, shot: files, beside: new Map<string, string>() };
      shared.set(from, known);
      const beside = sharedBeside(to);
      known.beside.delete(beside); // its last file decides when its turn is
      known.beside.set(beside, all.at(-1)!.to);
    }
  }
  return withShared(all, [...shared.values()], way, moved);
}

/** Each sidecar right after the last file that it goes with. */
function withShared(
  files: readonly SortedFile[],
  shared: readonly Shared[],
  way: Placing['way'],
  moved: ReadonlySet<string>,
): SortedFile[] {
  const after = new Map<string, SortedFile[]>();
  for (const { from, shot, beside } of shared) {
    const staysWith = way === 'move' ? shot.find((path) => !moved.has(path)) : undefined;
    const wanted = [...beside];
    for (const [i, [to, last]] of wanted.entries()) {
      const goes = way !== 'move' || (staysWith === undefined && i === wanted.length - 1);
      const file: SortedFile = { way: goes ? way : 'copy', from, to, ...(staysWith ? { staysWith } : {}) };
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
  ...{ path: shownName(to), from: shownName(from), does, adds: [], removes: [], kept: [] },
  error: error === null ? null : toFailure(error),
  ...(staysWith === undefined ? {} : { staysWith: shownName(staysWith) }),
});

export interface OrganiseEvents {
  /** The folders of the library need a look. */
  changed?: () => unknown;
  /** A file lies elsewhere now, and what is known by its path goes with it. */
  moved?: (from: string, to: string) => void;
}

/** Each step is in the log before it is done. */
export function organisePlan(home: string, all: readonly SortedFile[], events: OrganiseEvents = {}): Plan {
  const log = new PlacingLog(home);
  const steps = all.map((placing) => async (dryRun: boolean) => {
    if (dryRun) return itemOf(placing, placing.way);
    try {
      log.begin(placing);
    } catch (error) {
      return itemOf(placing, 'none', error);
    }
    try {
      await place(placing);
      if (placing.way === 'move') events.moved?.(placing.from, placing.to);
      return itemOf(placing, placing.way);
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
      events.changed?.();
      return undoOf(log.path, events);
    },
  };
}

/** The steps that take a batch back; the last of them closes its log where all went well. */
function undoOf(path: string, { changed, moved }: OrganiseEvents): Step[] {
  if (!isThere(path)) return [];
  const { placings: done, folders } = readLog(path);
  let failed = 0;
  let left = done.length;
  return done.map((placing) => async () => {
    let item: WrittenItem;
    try {
      const back = await takeBack(placing);
      if (back && placing.way === 'move') moved?.(placing.to, placing.from);
      item = itemOf(placing, back ? 'back' : 'none');
    } catch (error) {
      failed++;
      item = itemOf(placing, 'none', error);
    }
    if (--left === 0) {
      if (failed === 0) await endLog(path, folders);
      changed?.();
    }
    return item;
  });
}

/** Of the last batch, also of one that a crash cut off. @throws SaccadeError `nothing-to-undo` */
export function undoLast(home: string, events: OrganiseEvents = {}): Step[] {
  const path = lastLog(home);
  if (path === null)
    throw new SaccadeError(
      'nothing-to-undo',
      'Expected photos that were organised to be taken back; there are none.',
    );
  return undoOf(path, events);
}
