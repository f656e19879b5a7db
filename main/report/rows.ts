/** Photos as rows of a file, JSON lines or CSV (RFC 4180): the same fields from the window, the catalog and the command line. */
import { stringify } from 'csv-stringify/sync';
import type { Prediction } from '../contract/entities/inspection.ts';
import type { Failure } from '../contract/result.ts';

export const rowFormats = ['jsonl', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** What a model answered for a photo. */
interface AnsweredRow {
  status: 'ok';
  /** Oriented pixels. */
  width: number | null;
  height: number | null;
  model: string;
  provider: string | null;
  precision: string;
  /** Best first. */
  predictions: readonly Prediction[];
  /** Those that hold beside the first, where several may; also beyond `predictions`. */
  also: readonly Prediction[];
  /** The file could be read only in part. */
  damaged: boolean;
  /** Below the model's doubt threshold; nothing is said where the model has no labels. */
  unsure: boolean;
}

/** Null: the model sees and does not name, so it is neither sure nor unsure. */
export const unsureOf = ({
  predictions,
  unsure,
}: Pick<AnsweredRow, 'predictions' | 'unsure'>): boolean | null => (predictions.length > 0 ? unsure : null);

export type PhotoRow = {
  path: string;
  /** A person's own, where there are some. */
  ownLabels?: readonly string[] | undefined;
  /** Names of RAW files of the same shot, for which it stands. */
  stack?: readonly string[] | undefined;
} & (AnsweredRow | { status: 'new' } | { status: 'error'; error: Failure });

/** `also`, `ownLabels` (and `ownLabel`, as the window shows them), `stack`, `damaged` and `unsure` are there only where they say something; at most `topK` labels. */
export function toRecord(row: PhotoRow, topK: number): Record<string, unknown> {
  const { path, status, ownLabels, stack } = row;
  const own = {
    ...(ownLabels?.length && { ownLabel: ownLabels.join(', '), ownLabels }),
    ...(stack?.length && { stack }),
  };
  if (status === 'new') return { path, status, ...own };
  if (status === 'error') return { path, status, error: row.error, ...own };
  const { width, height, model, provider, precision, predictions, also, damaged } = row;
  const labels = predictions
    .slice(0, topK)
    .map(({ index, label, probability }) => ({ index, label: label.name, probability }));
  return {
    ...{ path, status, width, height, model, provider, precision, labels },
    ...(also.length && { also: namesOf(also) }),
    ...own,
    ...(damaged && { damaged }),
    ...(unsureOf(row) && { unsure: true }),
  };
}

const namesOf = (predictions: readonly Prediction[]): string[] => predictions.map(({ label }) => label.name);

const factColumns = ['width', 'height', 'model', 'provider', 'precision', 'damaged', 'unsure'];

function csvColumns(topK: number): string[] {
  const labels = Array.from({ length: topK }, (_, i) =>
    ['index', 'label', 'probability'].map((name) => `${name}_${i + 1}`),
  );
  return [
    'path',
    'status',
    ...factColumns,
    'also',
    'own_label',
    'stack',
    ...labels.flat(),
    'error_code',
    'error_message',
  ];
}

type Cell = string | number | boolean | null | undefined;

/** One label as it is; several as a list of JSON, since labels have commas and whatever else would part them. */
function labelsCell(labels: readonly string[]): string | null {
  const [first] = labels;
  if (first === undefined) return null;
  return labels.length > 1 || first.startsWith('[') ? JSON.stringify(labels) : first;
}

/** A slash is in no file's name. */
const stackCell = ({ stack }: PhotoRow) => (stack?.length ? stack.join('/') : null);

function csvCells(row: PhotoRow, topK: number): Cell[] {
  // A spreadsheet runs cells that begin like a formula. Other text gets an apostrophe; a path has to stay one.
  const path = /^[=+\-@\t\r＝＋－＠]/.test(row.path) ? `./${row.path}` : row.path;
  const facts: Cell[] =
    row.status === 'ok'
      ? [row.width, row.height, row.model, row.provider, row.precision, row.damaged, unsureOf(row)]
      : factColumns.map(() => null);
  const labels = Array.from({ length: topK }, (_, i): Cell[] => {
    const prediction = row.status === 'ok' ? row.predictions[i] : undefined;
    return [prediction?.index, prediction?.label.name, prediction?.probability];
  });
  const error = row.status === 'error' ? row.error : undefined;
  return [
    path,
    row.status,
    ...facts,
    row.status === 'ok' ? labelsCell(namesOf(row.also)) : null,
    labelsCell(row.ownLabels ?? []),
    stackCell(row),
    ...labels.flat(),
    error?.code,
    error?.message,
  ];
}

function csvText(rows: readonly Cell[][]): string {
  return stringify(rows as Cell[][], {
    escape_formulas: true,
    record_delimiter: '\r\n',
    // Off by default where the delimiter is given, and then a name with a line break ends its row.
    quote_record_delimiter: true,
    cast: { boolean: String },
  });
}

/** What stands before the first row: the heading of a CSV, nothing of JSON lines. */
export function rowsHead(format: RowFormat, topK: number): string {
  return format === 'csv' ? csvText([csvColumns(topK)]) : '';
}

/** Whole lines, each with its end. */
export function rowsText(format: RowFormat, rows: readonly PhotoRow[], topK: number): string {
  if (format === 'csv') return csvText(rows.map((row) => csvCells(row, topK)));
  return rows.map((row) => `${JSON.stringify(toRecord(row, topK))}\n`).join('');
}
