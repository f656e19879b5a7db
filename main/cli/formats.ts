/** Results as JSON lines, CSV or a table. */
import type { ClassifiedPhoto, Outcome, Sink } from '../report/outcome.ts';
import type { Destination } from './destination.ts';
import { clearProgress, harmless } from './terminal.ts';

export const formats = ['table', 'jsonl', 'csv'] as const;
export type Format = (typeof formats)[number];

/** `damaged` and `unsure` are there only where true. */
export function toJson(outcome: Outcome): Record<string, unknown> {
  const { path, status } = outcome;
  if (status === 'error') return { path, status, error: outcome.error };
  const { width, height, model, placement, predictions, damaged, unsure } = outcome;
  return {
    path,
    status,
    width,
    height,
    model,
    provider: placement.provider,
    precision: placement.precision,
    labels: predictions.map(({ index, label, probability }) => ({ index, label: label.name, probability })),
    ...(damaged && { damaged }),
    ...(unsure && { unsure }),
  };
}

/** RFC 4180. Spreadsheets run cells that begin like a formula: a path gets `./` before it, other text an apostrophe. */
export function csvCell(value: string | number | boolean, isPath = false): string {
  if (typeof value !== 'string') return String(value);
  const guarded = /^[=+\-@\t\r]/.test(value) ? (isPath ? './' : "'") + value : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export function csvHead(topK: number): string {
  const labels = Array.from({ length: topK }, (_, i) => [
    `index_${i + 1}`,
    `label_${i + 1}`,
    `probability_${i + 1}`,
  ]);
  return [
    ...['path', 'status', 'width', 'height', 'model', 'provider', 'precision', 'damaged', 'unsure'],
    ...labels.flat(),
    ...['error_code', 'error_message'],
  ].join(',');
}

export function toCsv(outcome: Outcome, topK: number): string {
  const path = csvCell(outcome.path, true);
  if (outcome.status === 'error') {
    const empty = Array.from({ length: 7 + topK * 3 }, () => '');
    return [path, 'error', ...empty, csvCell(outcome.error.code), csvCell(outcome.error.message)].join(',');
  }
  const { width, height, model, placement, predictions, damaged, unsure } = outcome;
  const facts = [width, height, model, placement.provider, placement.precision, damaged, unsure];
  const labels = Array.from({ length: topK }, (_, i) => {
    const prediction = predictions[i];
    return prediction ? [prediction.index, prediction.label.name, prediction.probability] : ['', '', ''];
  });
  return [path, 'ok', ...[...facts, ...labels.flat()].map((value) => csvCell(value)), '', ''].join(',');
}

const percent = (probability: number) => `${(probability * 100).toFixed(1)} %`;

function cells(outcome: Outcome): string[] {
  const path = harmless(outcome.path);
  if (outcome.status === 'error')
    return [path, `✗ ${outcome.error.code}`, '', harmless(outcome.error.message)];
  const [top, ...rest] = outcome.predictions;
  const notes = [outcome.damaged ? 'damaged file' : '', ...rest.slice(0, 2).map(others)].filter(Boolean);
  return [path, label(outcome, top), top ? percent(top.probability) : '', notes.join(', ')];
}

function label(photo: ClassifiedPhoto, top: ClassifiedPhoto['predictions'][number] | undefined): string {
  return top ? `${photo.unsure ? '? ' : ''}${harmless(top.label.name)}` : '';
}

function others({ label, probability }: ClassifiedPhoto['predictions'][number]): string {
  return `${harmless(label.name)} ${percent(probability)}`;
}

/** Columns padded to their widest cell; numbers to the right. */
export function formatTable(rows: string[][], widths = widthsOf(rows), rightAligned: number[] = []): string {
  return rows
    .map((row) =>
      row
        .map((cell, i) => (rightAligned.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

export function widthsOf(rows: string[][]): number[] {
  return (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => [...row[i]!].length)));
}

/** Rows whose widths decide the columns; later ones are printed as they come. */
const measured = 100;

function tableSink(destination: Destination): Sink {
  const head = ['PHOTO', 'LABEL', 'PROB', 'NEXT'];
  let waiting: string[][] | null = [];
  let widths: number[] = [];
  const print = async (rows: string[][]) => {
    clearProgress();
    await destination.write(formatTable(rows, widths, [2]));
  };
  const flush = async () => {
    if (!waiting) return;
    const rows = [head, ...waiting];
    widths = widthsOf(rows);
    waiting = null;
    if (rows.length > 1) await print(rows);
  };
  return {
    async add(outcome) {
      if (!waiting) return print([cells(outcome)]);
      waiting.push(cells(outcome));
      if (waiting.length >= measured) await flush();
    },
    async end(complete) {
      await flush();
      if (complete) await destination.write('');
      await destination.end();
    },
  };
}

export function formatSink(format: Format, destination: Destination, topK: number): Sink {
  if (format === 'table') return tableSink(destination);
  const line = (outcome: Outcome) =>
    format === 'csv' ? toCsv(outcome, topK) : JSON.stringify(toJson(outcome));
  let begun = false;
  const begin = async () => {
    if (!begun) await destination.write(format === 'csv' ? `${csvHead(topK)}\r\n` : '');
    begun = true;
  };
  return {
    async add(outcome) {
      await begin();
      clearProgress();
      await destination.write(`${line(outcome)}${format === 'csv' ? '\r\n' : '\n'}`);
    },
    async end(complete) {
      if (complete) await begin();
      await destination.end();
    },
  };
}
