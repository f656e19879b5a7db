/** Hugging Face's imagefolder: pictures beside a `metadata.jsonl` whose `file_name` leads to each. */
import { parse } from 'csv-parse/sync';
import { SaccadeError } from '../../../models/error.ts';
import { shownName } from '../../file-names.ts';
import { namedTwice } from '../columns.ts';
import { saysMissing } from '../missing.ts';
import { sourceOf, type ReadLabels, type WrittenLabel } from './labelled.ts';
import { isRecord, notOf, parseJson } from './parsing.ts';

/** A line of metadata.jsonl. `several`: labels are lists, in every line. */
export function metadataLine(
  name: string,
  from: string,
  labels: readonly WrittenLabel[],
  several: boolean,
): string {
  const [first] = labels;
  const row = {
    file_name: name,
    ...(several ? { labels: labels.map(({ label }) => label) } : { label: first?.label ?? null }),
    source: first ? sourceOf(first) : null,
    confidence: first?.confidence ?? null,
    original: shownName(from),
  };
  return `${JSON.stringify(row)}\n`;
}

/** Gives every picture a name of its own that all systems can have, also where only case tells two apart. */
export class Names {
  readonly #taken = new Set<string>();

  of(name: string): string {
    const tidy = shownName(name)
      .replace(/[\u0000-\u001f<>:"/\\|?*]/g, '_')
      .replace(/[. ]+$/, '');
    const dot = tidy.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [tidy.slice(0, dot), tidy.slice(dot)] : [tidy || 'photo', ''];
    for (let i = 1; ; i++) {
      const tried = i === 1 ? stem + ending : `${stem}-${i}${ending}`;
      if (this.#taken.has(tried.toLowerCase())) continue;
      this.#taken.add(tried.toLowerCase());
      return tried;
    }
  }
}

function columnsOf(names: string[]): string[] {
  const tidy = names.map((name) => name.trim());
  const twice = namedTwice(tidy, ['file_name', 'label', 'labels', 'original']);
  if (twice !== null) throw notOf('imagefolder', `one column "${twice}"; found two`);
  return tidy;
}

/** Rows with the numbers of their lines, from 1 on: of metadata.csv where its name says so, else of metadata.jsonl. */
function rowsOf(text: string, what: string): { row: unknown; line: number }[] {
  if (!/\.csv$/i.test(what))
    return text
      .split(/\r?\n/)
      .map((line, i) => ({ text: line, line: i + 1 }))
      .filter((each) => each.text.trim())
      .map((each) => ({ row: parseJson(each.text, `line ${each.line} of ${what}`), line: each.line }));
  try {
    const rows = parse(text, {
      columns: columnsOf,
      bom: true,
      info: true,
      skip_empty_lines: true,
    });
    return (rows as unknown as { record: unknown; info: { lines: number } }[]).map(({ record, info }) => ({
      row: record,
      line: info.lines,
    }));
  } catch (cause) {
    if (cause instanceof SaccadeError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SaccadeError('bad-dataset', `Expected ${what} to be CSV; found: ${found}.`, { cause });
  }
}

const namesIn = (row: unknown) =>
  isRecord(row) ? JSON.stringify(Object.keys(row).join(', ').slice(0, 100)) : 'no object';

/** @throws SaccadeError `bad-dataset` */
export function readImageFolder(text: string, what = 'metadata.jsonl'): ReadLabels[] {
  return rowsOf(text, what).map(({ row, line }) => {
    const name = isRecord(row) ? row['file_name'] : undefined;
    if (!isRecord(row) || typeof name !== 'string')
      throw notOf(
        'imagefolder',
        `"file_name" in line ${line}, and commas between columns of a table; found ${namesIn(row)}`,
      );
    const original = row['original'];
    const isTable = /\.csv$/i.test(what);
    const values = [row['labels'], row['label']]
      .flatMap((cell) =>
        isTable && typeof cell === 'string' && /^\s*\[/.test(cell)
          ? parseJson(cell, `the labels of line ${line} of ${what}`)
          : cell,
      )
      .filter((value) => value !== null && value !== undefined && value !== '')
      .filter((value) => !(isTable && typeof value === 'string' && saysMissing(value)));
    const labels = [...new Set(values)].map((value) => {
      // What a table calls 3 stands for a class that it does not name.
      if (typeof value === 'string' && !(isTable && /^[-+]?\d+(\.\d*)?$/.test(value))) return value;
      throw notOf(
        'imagefolder',
        `names as labels; line ${line} has ${JSON.stringify(value).slice(0, 40)}, which stands for a class that the file does not name`,
      );
    });
    return typeof original === 'string' && original !== ''
      ? { file: original, otherwise: name, labels }
      : { file: name, labels };
  });
}
