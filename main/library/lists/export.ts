/** A selection as the text of a file: CSV (RFC 4180) or JSON lines, the same fields as the command line writes. */
import { join } from 'node:path';
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { errorOf, predictionsOf, rowsOf } from './items.ts';
import type { JoinedRow } from './items.ts';
import { statuses } from './filter.ts';
import { shownLabels } from './labels.ts';
import type { ShownLabels } from './labels.ts';
import { selected, walk } from './page.ts';

/** Photos a call: some megabytes of text, and others are served in between. */
const photosPerCall = 2000;

export function exportPhotos(catalog: Catalog, request: Request<'photos.export'>): Answer<'photos.export'> {
  const { cursor, format, sort } = request;
  const { ids, next } = walk(catalog, selected(catalog, request.selection), sort, photosPerCall, { cursor });
  const labels = shownLabels(catalog);
  const records = rowsOf(catalog, ids).map((row) => recordOf(row, labels));
  const lines =
    format === 'csv'
      ? [...(cursor === undefined ? [csvLine(csvColumns)] : []), ...records.map(csvRecord)]
      : records.map((record) => JSON.stringify(record) + '\n');
  return { text: lines.join(''), next };
}

function recordOf(row: JoinedRow, labels: ShownLabels) {
  const path = join(row.folder, row.name);
  const ownLabel = row.own_label === null ? {} : { ownLabel: row.own_label };
  const error = errorOf(row);
  if (error) return { path, status: 'error' as const, error, ...ownLabel };
  const status = statuses[row.status] as 'new' | 'ok' | 'unsure';
  if (!row.top || !labels.model) return { path, status, ...ownLabel };
  return {
    path,
    status,
    width: row.width,
    height: row.height,
    model: labels.model.id,
    provider: row.provider,
    precision: labels.model.precision,
    labels: predictionsOf(row.top, labels).map(({ index, label, probability }) => ({
      index,
      label: label.name,
      probability,
    })),
    ...ownLabel,
    ...(row.damaged ? { damaged: true } : {}),
  };
}

type PhotoRecord = ReturnType<typeof recordOf>;

const csvColumns = [
  'path',
  'status',
  'label',
  'probability',
  'own_label',
  'width',
  'height',
  'model',
  'provider',
  'precision',
  'error_code',
  'error_message',
];

function csvRecord(record: PhotoRecord): string {
  const top = 'labels' in record ? record.labels?.[0] : undefined;
  const about = 'model' in record ? record : null;
  const error = 'error' in record ? record.error : undefined;
  return csvLine([
    record.path,
    record.status,
    top?.label,
    top?.probability,
    record.ownLabel,
    about?.width,
    about?.height,
    about?.model,
    about?.provider,
    about?.precision,
    error?.code,
    error?.message,
  ]);
}

export function csvLine(cells: readonly (string | number | null | undefined)[]): string {
  return cells.map(csvCell).join(',') + '\r\n';
}

function csvCell(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  // A spreadsheet would run a name that begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
