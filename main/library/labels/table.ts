/** Examples in a table with the columns `path` and `label`, a line for each label of a photo. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { SaccadeError } from '../../../models/error.ts';
import { systemPath } from '../../file-names.ts';
import { openFile, readError } from '../../files.ts';
import { namedTwice } from '../../report/columns.ts';
import { saysMissing } from '../../report/missing.ts';

export interface Example {
  path: string;
  /** Names; none: none of these. */
  labels: string[];
}

const badTable = (message: string, cause?: unknown) => new SaccadeError('bad-table', message, { cause });

/**
 * What parts the names of its columns, and so its cells: spreadsheets write semicolons where a comma stands in numbers.
 * These characters are the same bytes in UTF-8 and, but for zeros, in UTF-16.
 */
async function delimiterOf(file: string): Promise<string> {
  const { file: opened } = await openFile(file);
  await using table = opened;
  const { buffer, bytesRead } = await table.read(Buffer.alloc(4096), 0, 4096, 0);
  const [names] = buffer.toString('latin1', 0, bytesRead).split(/[\r\n]/, 1);
  return /[,;\t]/.exec(names!)?.[0] ?? ',';
}

/** Lines by the names of their columns. */
async function* linesOf(file: string): AsyncGenerator<Record<string, string>> {
  const columns = (names: string[]) => {
    const twice = namedTwice(names, ['path', 'label']);
    if (twice !== null)
      throw badTable(
        `Expected one column "${twice}" in ${file}; found two. Write each label of a photo in a line of its own, and give other columns other names.`,
      );
    return names;
  };
  const options = { columns, bom: true, trim: true, skip_empty_lines: true };
  const lines = parse({ ...options, delimiter: await delimiterOf(file) });
  createReadStream(file)
    .on('error', (error) => lines.destroy(error))
    .pipe(lines);
  yield* lines as AsyncIterable<Record<string, string>>;
}

/** The photo's path, and its label; empty: it is none of these. */
async function checked(file: string, line: Record<string, string>): Promise<{ at: string; label: string }> {
  const { path, label } = line;
  if (path === undefined || label === undefined)
    throw badTable(
      `${file} should begin with a line that names the columns "path" and "label"; found "${Object.keys(line).join(',').slice(0, 100)}". Name them so.`,
    );
  if (`${path}${label}`.includes('\ufffd'))
    throw badTable(
      `Expected ${file} to be text in UTF-8 or UTF-16; found bytes that are neither, near "${label}". Save it as UTF-8.`,
    );
  if (saysMissing(label))
    throw badTable(
      `Expected a label of ${path} in ${file}; found "${label}", which programs write where they have none. Leave the line out, leave the label empty where the photo is none of these, or write the label otherwise.`,
    );
  const at = resolve(dirname(file), path);
  if (path === '' || (await stat(systemPath(at)).catch(() => null))?.isDirectory())
    throw badTable(
      `Expected a photo under "path" in every line of ${file}; found ${path === '' ? 'none' : `the folder ${path}`} beside the label "${label}". Name the photos of a folder one by one, or teach from a folder of folders named after their labels.`,
    );
  return { at, label };
}

/** @throws SaccadeError `bad-table`, as `readError` */
export async function ofTable(file: string): Promise<Example[]> {
  const examples = new Map<string, string[]>();
  try {
    for await (const line of linesOf(file)) {
      const { at, label } = await checked(file, line);
      const labels = examples.get(at) ?? [];
      if (label !== '') labels.push(label);
      examples.set(at, labels);
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw badTable(`${file} should be a CSV table; it can't be read: ${error.message}`, error);
    throw readError(file, error);
  }
  return [...examples].map(([path, labels]) => ({ path, labels }));
}
