/** Overlay files, the HTML report and the contact sheet of a run: each takes outcomes as they come, in path order. */
import type { MapMethod } from '../contract/values.ts';
import { join } from 'node:path';
import { formatValue } from '../../models/overlay/compose.ts';
import { SaccadeError } from '../../models/error.ts';
import { toFailure } from '../contract/result.ts';
import { inOrder } from '../schedule/each.ts';
import { openReport } from './html.ts';
import { legendOf } from './legend.ts';
import { commonRange, fromStored, toPaint, type DrawingChoice, type DrawnMap } from './maps.ts';
import type { ClassifiedPhoto, Outcome, Sink } from './outcome.ts';
import { failureRow, photoRow, type RowPictures, type Summary } from './page.ts';
import { overlayPng, readRaster, toWebp, withMap, writePicture } from './pictures.ts';

/** Longer side of the report's pictures, pixels; shown at two thirds of it. */
const reportEdge = 240;

/** Photos whose pictures are made at a time. */
const atOnce = 2;

export interface PictureFailure {
  path: string;
  message: string;
}

/** What of a photo can be drawn, or the sentence why nothing can. */
function drawable<R extends string | null>(
  photo: ClassifiedPhoto,
  absent: R,
): { map: DrawnMap } | { reason: R } {
  if (!photo.map || !photo.seen) return { reason: absent };
  return { map: fromStored(photo.map) };
}

/** Said where a photo has no map. */
const noMap = 'This model gives no map of that kind.';

/**
 * One PNG a photo at `folder/<nameOf(outcome)>`, of the photo's own size. Photos without a map get none and are told
 * to `onFailure`, as are those that can't be written.
 */
export function overlaySink(
  folder: string,
  nameOf: (outcome: Outcome) => string,
  choice: DrawingChoice,
  onFailure: (failure: PictureFailure) => void,
): Sink {
  const write = async (outcome: Outcome): Promise<PictureFailure | null> => {
    if (outcome.status === 'error') return null;
    const what = drawable(outcome, noMap);
    if ('reason' in what) return { path: outcome.path, message: what.reason };
    let png: Buffer;
    try {
      png = await overlayPng(outcome.file, outcome.seen!, what.map, choice);
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
      return { path: outcome.path, message: error.message };
    }
    await writePicture(join(folder, nameOf(outcome)), png);
    return null;
  };
  const queue = inOrder(atOnce, write, async (failure) => {
    if (failure) onFailure(failure);
  });
  return { add: queue.add, end: queue.drain };
}

async function rowPictures(
  photo: ClassifiedPhoto,
  choice: DrawingChoice,
  absent: string | null,
): Promise<RowPictures> {
  const none: RowPictures = { photo: null, overlay: null, range: null, reason: null };
  try {
    const raster = await readRaster(photo.file, reportEdge);
    none.photo = await toWebp(raster);
    const what = drawable(photo, absent);
    if ('reason' in what) return { ...none, reason: what.reason };
    const overlay = await toWebp(withMap(raster, photo.seen!, what.map, choice, false));
    const [low, high] = toPaint(what.map, choice).range;
    return { ...none, overlay, range: [formatValue(low), formatValue(high)] };
  } catch (error) {
    return { ...none, reason: toFailure(error).message };
  }
}

/** `summarise` is asked at the end. `absent`: said where a photo has no map; null: nothing. */
export async function reportSink(
  file: string,
  choice: DrawingChoice,
  summarise: (complete: boolean) => Omit<Summary, 'legend'>,
  absent: string | null = noMap,
): Promise<Sink> {
  const report = await openReport(file);
  let method: MapMethod | null = null;
  const queue = inOrder(
    atOnce,
    async (outcome: Outcome) => {
      if (outcome.status === 'error') return failureRow(outcome);
      method ??= outcome.map?.method ?? null;
      return photoRow(outcome, await rowPictures(outcome, choice, absent));
    },
    (row) => report.row(row),
  );
  return {
    add: queue.add,
    abandon: report.abandon,
    async end(complete) {
      try {
        await queue.drain();
      } catch (error) {
        await report.abandon();
        throw error;
      }
      await report.end({ ...summarise(complete), legend: method && legendOf(method, choice) });
    },
  };
}

/**
 * For the `folder` scale: keeps outcomes until the end, when the range over all of them is known, and only then makes
 * the sink and fills it.
 */
export function withFolderRange(
  choice: DrawingChoice,
  make: (choice: DrawingChoice) => Promise<Sink>,
): Promise<Sink> | Sink {
  if (choice.normalisation !== 'folder') return make(choice);
  const outcomes: Outcome[] = [];
  return {
    async add(outcome) {
      outcomes.push(outcome);
    },
    async end(complete) {
      const maps = outcomes.flatMap((outcome) =>
        outcome.status === 'ok' && outcome.map ? [fromStored(outcome.map)] : [],
      );
      const sink = await make(maps.length ? { ...choice, folderRange: commonRange(maps) } : choice);
      for (const outcome of outcomes) await sink.add(outcome);
      await sink.end(complete);
    },
  };
}
