/** A selection as a page to send to somebody, or as one picture: labels of the head in use, a person's words, and maps. */
import { basename, join, resolve } from 'node:path';
import type { StoredMap } from '../../contract/entities/inspection.ts';
import type { PhotoItem, PersonWords } from '../../contract/entities/photo.ts';
import type { Placement } from '../../contract/entities/placement.ts';
import type { Selection } from '../../contract/requests.ts';
import type { ExportTarget, ExportWritten } from '../../contract/exports.ts';
import { contactSink } from '../../report/contact.ts';
import { madeBy } from '../../report/made-by.ts';
import { defaultDrawing } from '../../report/maps.ts';
import type { Outcome, Sink } from '../../report/outcome.ts';
import { reportSink } from '../../report/sinks.ts';
import { makeUsual } from '../../umask.ts';
import type { Catalog } from '../catalog/database.ts';
import { wordsOf } from '../catalog/person.ts';
import { pathOf } from '../catalog/photos.ts';
import { othersAmong } from '../files/as-shown.ts';
import { itemOf, mostInItem, type Reading, readingsOf, rowsOf } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import { selected, walk } from '../lists/page.ts';
import { leftOut } from './left-out.ts';
import { expectGoing } from './going.ts';

export type PictureTarget = Extract<ExportTarget, { format: 'report' | 'contact-sheet' }>;

export interface ReportContext {
  catalog: Catalog;
  topK: number;
  /** Evidence of the head in use for what it says first of a photo; null: there is none. */
  evidence(photoId: number, signal: AbortSignal): Promise<StoredMap | null>;
  progress(done: number): void;
}

const photosPerPage = 200;

function outcomeOf(
  catalog: Catalog,
  item: PhotoItem,
  provider: string | null,
  { predictions, unsure }: Reading,
  words: PersonWords | undefined,
  map: StoredMap | null,
): Outcome {
  const { id, path, error, seen } = item;
  const file = pathOf(catalog, id);
  if (error) return { status: 'error', path, file, error };
  const { model } = shownLabels(catalog);
  return {
    ...{ status: 'ok', path, file, width: item.width, height: item.height, takenMs: item.takenMs },
    model: model?.id ?? '',
    placement: { provider: provider ?? 'cpu', precision: model?.precision ?? 'fp32' } as Placement,
    ...{ predictions, also: item.also, unsure, damaged: item.damaged, map, seen, words },
  };
}

/** What a run stored of evidence is for the model's own first label, whatever another head says. */
function storedOf({ map, top }: PhotoItem, byHead: boolean): StoredMap | null {
  if (map?.method !== 'class') return map;
  return !byHead && map.classIndex === top?.index ? map : null;
}

/** Model, whose labels, and what the maps are; one line. */
function placementOf(catalog: Catalog, maps: PictureTarget['maps']): string {
  const { model, head } = shownLabels(catalog);
  const of = head ? `labels of ${head.name}` : 'the model’s own labels';
  return [
    model?.name ?? 'Not classified yet',
    of,
    ...(maps === 'evidence' ? ['maps: evidence for the first label'] : []),
  ].join(' · ');
}

/** @throws SaccadeError `cannot-write`, `cancelled` */
export async function writePictures(
  context: ReportContext,
  selection: Selection,
  path: string,
  target: PictureTarget,
  signal: AbortSignal,
): Promise<ExportWritten> {
  const { catalog, topK, evidence, progress } = context;
  const { maps = shownLabels(catalog).head ? 'evidence' : 'stored' } = target;
  const to = resolve(path);
  let photos = 0;
  let changed = 0;
  let failed = 0;
  const title = basename(to).replace(/\.[^.]*$/, '');
  const sink: Sink =
    target.format === 'report'
      ? await reportSink(
          to,
          defaultDrawing,
          () => ({
            title,
            placement: placementOf(catalog, maps),
            counts: `${photos.toLocaleString('en')} ${photos === 1 ? 'photo' : 'photos'}${failed ? `, ${failed.toLocaleString('en')} of them failed` : ''}`,
            notice: null,
            madeBy: madeBy(),
          }),
          maps === 'none' ? null : undefined,
        )
      : contactSink(to, title, defaultDrawing);
  try {
    for (let cursor: string | undefined; ;) {
      const step = walk(catalog, selected(catalog, selection), { key: 'path', descending: false }, photosPerPage, { cursor }); // prettier-ignore
      const known = rowsOf(catalog, step.ids);
      const files = known.map(({ folder, name, content_id: contentId }) => ({
        path: join(folder, name),
        contentId,
      }));
      const others = await othersAmong(catalog, files, signal);
      // The picture would be another one than its label and its map are of.
      const rows = known.filter((_, i) => !others.has(files[i]!.path));
      changed += known.length - rows.length;
      const labels = shownLabels(catalog);
      const readings = readingsOf(rows, labels, Math.max(topK, mostInItem(labels)));
      const words = wordsOf(catalog, step.ids);
      for (const [i, row] of rows.entries()) {
        expectGoing(signal);
        const item = itemOf(row, readings[i]!, labels);
        const said = { ...readings[i]!, predictions: readings[i]!.predictions.slice(0, topK) };
        const map =
          maps === 'evidence' && item.top && !item.error
            ? await evidence(item.id, signal)
            : maps === 'stored'
              ? storedOf(item, shownLabels(catalog).head !== null)
              : null;
        await sink.add(outcomeOf(catalog, item, row.provider, said, words.get(item.id), map));
        if (item.error) failed++;
        progress(++photos);
      }
      if (step.next === null) break;
      cursor = step.next;
    }
    await sink.end(true);
  } catch (error) {
    await sink.abandon?.();
    throw error;
  }
  // Nothing makes no sheet.
  if (!photos && target.format === 'contact-sheet')
    return {
      path: to,
      photos,
      notes: [...leftOut({ changed }), 'There are no photos, so no contact sheet was written.'],
    };
  await makeUsual(to);
  return { path: to, photos, notes: leftOut({ changed }) };
}
