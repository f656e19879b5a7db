/** Photos copied, linked or moved into folders named after their labels. */
import { lstatSync } from 'node:fs';
import { basename, extname, isAbsolute, join } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { WrittenItem } from '../../contract/entities/writing.ts';
import type { OrganiseOptions } from '../../contract/writing.ts';
import { toFailure } from '../../contract/result.ts';
import { shownName, systemPath, textOfPath } from '../../file-names.ts';
import { endLog, lastLog, PlacingLog, readLog } from '../files/log.ts';
import { place, type Placing, takeBack } from '../files/place.ts';
import { checkTemplate, numbered, placeFor } from './folder-names.ts';
import type { LabelledPhoto } from './photos.ts';
import { sidecarFinder } from './sidecar-names.ts';
import type { Plan, Step } from './writing.ts';

const isThere = (path: string) => lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined;

/** Systems differ in whether case tells names apart: here it never does. */
const keyOf = (path: string) => path.normalize('NFC').toLowerCase();

/**
 * Where each photo goes, with its sidecars. A photo of several labels is copied or linked to each, and moved to the
 * first; one without stays. A sidecar of several photos (photo.xmp) goes with the first of them when they are moved.
 * @throws SaccadeError `bad-folders`, `cannot-place`
 */
export async function placings(
  photos: readonly Pick<LabelledPhoto, 'path' | 'labels' | 'dateMs'>[],
  { folder, template, way }: OrganiseOptions,
  signal?: AbortSignal,
): Promise<Placing[]> {
  checkTemplate(template);
  if (!isAbsolute(folder))
    throw new SaccadeError('cannot-place', `Expected a full path of a folder; found "${folder}".`);
  const find = sidecarFinder();
  const taken = new Set<string>();
  const moved = new Set<string>();
  const all: Placing[] = [];
  const isFree = (path: string) => !taken.has(keyOf(path)) && !isThere(path);
  for (const { path, labels, dateMs } of photos) {
    signal?.throwIfAborted();
    for (const label of way === 'move' ? labels.slice(0, 1) : labels) {
      const wanted = join(textOfPath(folder), placeFor(template, { name: basename(path), label, dateMs }));
      if (wanted === path) continue;
      const { there } = await find(path, 'full');
      for (let number = 1; ; number++) {
        const to = numbered(wanted, number);
        const stem = to.slice(0, to.length - extname(to).length);
        const sidecars = [
          ...(there.full ? [{ way, from: there.full, to: `${to}.xmp` }] : []),
          ...(there.short && !moved.has(there.short) ? [{ way, from: there.short, to: `${stem}.xmp` }] : []),
        ];
        if (![to, ...sidecars.map((each) => each.to)].every(isFree)) continue;
        const group = [{ way, from: path, to }, ...sidecars];
        for (const each of group) taken.add(keyOf(each.to));
        if (way === 'move' && there.short) moved.add(there.short);
        all.push(...group);
        break;
      }
    }
  }
  return all;
}

const itemOf = ({ from, to }: Placing, does: WrittenItem['does'], error: unknown = null): WrittenItem => ({
  ...{ path: shownName(to), from: shownName(from), does, adds: [], removes: [], kept: [] },
  error: error === null ? null : toFailure(error),
});

export interface OrganiseEvents {
  /** The folders of the library need a look. */
  changed?: () => unknown;
  /** A file lies elsewhere now, and what is known by its path goes with it. */
  moved?: (from: string, to: string) => void;
}

/** Each step is in the log before it is done. */
export function organisePlan(home: string, all: readonly Placing[], events: OrganiseEvents = {}): Plan {
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
