/** A selection as the text of a file, the same rows as the command line writes. */
import { join } from 'node:path';
import type { Answer, Request } from '../../contract/verbs.ts';
import { shownName } from '../../file-names.ts';
import { rowsHead, rowsText } from '../../report/rows.ts';
import type { PhotoRow } from '../../report/rows.ts';
import type { Catalog } from '../catalog/database.ts';
import { wordsOf } from '../catalog/person.ts';
import { errorOf, heldBesideFirst, mostInItem, readingsOf, rowsOf } from './items.ts';
import type { JoinedRow, Reading } from './items.ts';
import { shownLabels } from './labels.ts';
import type { ShownLabels } from './labels.ts';
import { selected, walk } from './page.ts';

/** Photos a call: some megabytes of text, and others are served in between. */
const photosPerCall = 2000;

/** `topK`: labels a photo. */
export function exportPhotos(
  catalog: Catalog,
  request: Request<'photos.export'>,
  topK: number,
): Answer<'photos.export'> {
  const { cursor, format, sort } = request;
  const { ids, next } = walk(catalog, selected(catalog, request.selection), sort, photosPerCall, { cursor });
  const labels = shownLabels(catalog);
  const rows = photoRows(catalog, rowsOf(catalog, ids), labels, topK);
  const head = cursor === undefined ? rowsHead(format, topK) : '';
  return { text: head + rowsText(format, rows, topK), next };
}

export function photoRows(
  catalog: Catalog,
  rows: JoinedRow[],
  labels: ShownLabels,
  topK: number,
): PhotoRow[] {
  const readings = readingsOf(rows, labels, Math.max(topK, mostInItem(labels)));
  const words = wordsOf(
    catalog,
    rows.map(({ id }) => id),
  );
  return rows.map((row, i) => photoRow(row, words.get(row.id)?.labels, labels, readings[i]!, topK));
}

function photoRow(
  row: JoinedRow,
  ownLabels: readonly string[] | undefined,
  labels: ShownLabels,
  reading: Reading,
  topK: number,
): PhotoRow {
  const { predictions, unsure } = reading;
  const about = {
    path: shownName(join(row.folder, row.name)),
    ownLabels,
    stack: (JSON.parse(row.stands) as string[]).map(shownName),
  };
  const error = errorOf(row);
  if (error) return { ...about, status: 'error', error };
  // A model without labels has answered too, and a head in use has where there was a feature.
  const seen = predictions.length > 0 || (labels.head === null && row.top !== null);
  if (!seen || !labels.model) return { ...about, status: 'new' };
  return {
    ...about,
    status: 'ok',
    width: row.width,
    height: row.height,
    model: labels.model.id,
    provider: row.provider,
    precision: labels.model.precision,
    predictions: predictions.slice(0, topK),
    also: heldBesideFirst(reading, labels),
    damaged: row.damaged === 1,
    unsure,
  };
}
