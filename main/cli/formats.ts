/** Results as JSON lines, CSV, a table or Parquet. */
import type { ClassifiedPhoto, Outcome, Sink } from '../report/outcome.ts';
import type { ParquetOptions } from '../report/parquet.ts';
import { rowFormats, rowsHead, rowsText } from '../report/rows.ts';
import type { PhotoRow } from '../report/rows.ts';
import type { Destination } from './destination.ts';
import { clearProgress, harmless } from './terminal.ts';

/** Those that are written a row at a time. */
export const textFormats = ['table', ...rowFormats] as const;
export type TextFormat = (typeof textFormats)[number];
export const formats = [...textFormats, 'parquet'] as const;
export type Format = (typeof formats)[number];

function photoRow(outcome: Outcome): PhotoRow {
  if (outcome.status === 'error') return outcome;
  const { placement, ...photo } = outcome;
  return { ...photo, provider: placement.provider, precision: placement.precision };
}

const percent = (probability: number) => `${(probability * 100).toFixed(1)} %`;

function cells(outcome: Outcome): string[] {
  const path = harmless(outcome.path);
  if (outcome.status === 'error')
    return [path, `✗ ${outcome.error.code}`, '', harmless(outcome.error.message)];
  const [top, ...rest] = outcome.predictions;
  const held = top ? [top, ...outcome.also].map((each) => harmless(each.label.name)).join(', ') : null;
  const notes = [outcome.damaged ? 'damaged file' : '', ...rest.slice(0, 2).map(others)].filter(Boolean);
  return [
    path,
    held === null ? 'seen, not named' : `${outcome.unsure ? '? ' : ''}${held}`,
    top ? percent(top.probability) : '',
    notes.join(', '),
  ];
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

function widthsOf(rows: string[][]): number[] {
  return (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => [...row[i]!].length)));
}

/** One very long path, or label, is no reason to pad all other rows. */
const widest = 60;

/** Rows whose widths decide the columns: so many, or as many as come at once; later ones are printed as they come. */
const measured = 100;
const atOnceMs = 300;

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
    widths = widthsOf(rows).map((width) => Math.min(width, widest));
    waiting = null;
    if (rows.length > 1) await print(rows);
  };
  let timer: NodeJS.Timeout | undefined;
  /** Of the rows that no further one was waited for; what it fails with is thrown at the next. */
  let flushed: Promise<void> = Promise.resolve();
  const settled = async () => {
    clearTimeout(timer);
    await flushed;
  };
  return {
    async add(outcome) {
      if (!waiting) {
        await settled();
        return print([cells(outcome)]);
      }
      waiting.push(cells(outcome));
      if (waiting.length >= measured) {
        clearTimeout(timer);
        return flush();
      }
      timer ??= setTimeout(() => {
        flushed = flush();
        flushed.catch(() => {});
      }, atOnceMs);
    },
    async end(complete) {
      await settled();
      await flush();
      if (complete) await destination.write('');
      await destination.end();
    },
  };
}

/** Parquet in a file or folder that appears whole. @throws SaccadeError `cannot-write` */
export async function tableFileSink(
  output: string,
  layout: 'file' | 'folder',
  options: ParquetOptions,
): Promise<Sink> {
  // Its code is large, and most commands write text.
  const { openParquetFile, openParquetFolder } = await import('../report/parquet.ts');
  const writer = await (layout === 'file' ? openParquetFile : openParquetFolder)(output, options);
  let added = 0;
  return {
    async add(outcome) {
      added++;
      const known = outcome.status === 'ok' ? { takenMs: outcome.takenMs, map: outcome.map } : {};
      await writer.add({ row: photoRow(outcome), facts: known });
    },
    end: (complete) => (complete || added ? writer.end() : writer.drop()),
  };
}

export function formatSink(format: TextFormat, destination: Destination, topK: number): Sink {
  if (format === 'table') return tableSink(destination);
  let begun = false;
  const begin = async () => {
    if (!begun) await destination.write(rowsHead(format, topK));
    begun = true;
  };
  return {
    async add(outcome) {
      await begin();
      clearProgress();
      await destination.write(rowsText(format, [photoRow(outcome)], topK));
    },
    async end(complete) {
      if (complete) await begin();
      await destination.end();
    },
  };
}
