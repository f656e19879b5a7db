/** The photos of a selection with their labels, in the order of their paths. */
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { mostHeld } from '../../../models/heads/apply.ts';
import { clockAt } from '../../contract/day.ts';
import type { Selection } from '../../contract/requests.ts';
import type { LabelChoice } from '../../contract/writing.ts';
import type { Catalog } from '../catalog/database.ts';
import { noWords, wordsOf } from '../catalog/person.ts';
import { readingsOf, rowsOf } from '../lists/items.ts';
import { labelsOfHead, shownLabels } from '../lists/labels.ts';
import { selected, walk } from '../lists/page.ts';
import { chosenLabels } from './chosen.ts';

export interface LabelledPhoto {
  id: number | null;
  path: string;
  labels: string[];
  /** EXIF capture time, else the file's; milliseconds since 1970. */
  dateMs: number;
}

const photosAtOnce = 1000;

/** Those that are there. @throws SaccadeError `no-head`, `head-of-another-model` */
export async function labelledPhotos(
  catalog: Catalog,
  selection: Selection,
  choice: LabelChoice,
  signal: AbortSignal,
): Promise<LabelledPhoto[]> {
  const { headId } = choice;
  const labels = headId === undefined ? shownLabels(catalog) : labelsOfHead(catalog, headId);
  const { holdsFrom } = labels;
  const photos: LabelledPhoto[] = [];
  for (let cursor: string | undefined; ;) {
    const { ids, next } = walk(
      catalog,
      selected(catalog, selection),
      { key: 'path', descending: false },
      photosAtOnce,
      { cursor },
    );
    const rows = rowsOf(catalog, ids).filter((row) => row.missing_ms === null);
    const words = wordsOf(
      catalog,
      rows.map(({ id }) => id),
    );
    const readings = choice.by === 'person' ? [] : readingsOf(rows, labels, mostHeld);
    for (const [i, row] of rows.entries()) {
      const { predictions, unsure } = readings[i] ?? { predictions: [], unsure: false };
      photos.push({
        id: row.id,
        path: join(row.folder, row.name),
        labels: chosenLabels(
          { predictions, sure: !unsure, holdsFrom, person: words.get(row.id) ?? noWords },
          choice,
        ),
        dateMs: row.taken_ms ?? clockAt(row.modified_ms),
      });
    }
    if (next === null) return photos;
    cursor = next;
    await breathe();
    signal.throwIfAborted();
  }
}

/** With the files that photos stand for, as what is said of these. */
export function withStacks(catalog: Catalog, photos: readonly LabelledPhoto[]): LabelledPhoto[] {
  const under = catalog.all<{ under: number; id: number; folder: string; name: string }>(
    `SELECT p.under_id AS under, p.id, f.path AS folder, p.name FROM photos p JOIN folders f ON f.id = p.folder_id
     WHERE p.under_id IN (SELECT value FROM json_each(?)) AND p.missing_ms IS NULL ORDER BY p.path_key`,
    JSON.stringify(photos.map(({ id }) => id)),
  );
  const byLeader = Map.groupBy(under, (each) => each.under);
  return photos.flatMap((photo) => [
    photo,
    ...(byLeader.get(photo.id ?? -1) ?? []).map(({ id, folder, name }) => ({ ...photo, id, path: join(folder, name) })), // prettier-ignore
  ]);
}
