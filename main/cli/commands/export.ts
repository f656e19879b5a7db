/** `saccade export` */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { PhotoFilter, Selection } from '../../contract/requests.ts';
import { extra, partition, type Extra, type Partition } from '../../contract/exports.ts';
import { photoStatus } from '../../contract/values.ts';
import { unwrap } from '../../contract/result.ts';
import { rowFormats } from '../../report/rows.ts';
import type { RowFormat } from '../../report/rows.ts';
import type { Library } from '../../rpc/library.ts';
import { SaccadeError } from '../../../models/error.ts';
import { openDestination } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { count, expectUsed } from '../options.ts';
import { withLibrary } from '../with-library.ts';
import { message } from '../terminal.ts';

interface ExportOptions {
  format: RowFormat | 'parquet' | 'report' | 'contact-sheet';
  maps?: 'evidence' | 'stored' | 'none';
  output: string;
  search?: string;
  status?: PhotoFilter['status'];
  with: Extra[];
  partitionBy?: Partition;
  rowsPerFile?: number;
}

const everywhere = { key: 'path', descending: false } as const;

async function writeText(
  library: Library,
  interrupted: AbortSignal,
  selection: Selection,
  format: RowFormat,
  output: string,
): Promise<ExitCode> {
  const destination = await openDestination(output, interrupted);
  let cursor: string | null = null;
  do {
    const { text, next } = unwrap(
      await library.ask('photos.export', {
        selection,
        sort: everywhere,
        format,
        cursor: cursor ?? undefined,
      }),
    ) as { text: string; next: string | null };
    await destination.write(text);
    cursor = next;
  } while (cursor !== null && !interrupted.aborted && !destination.abandoned.aborted);
  if (interrupted.aborted) {
    // Half of them would look like all of them.
    await destination.drop();
    return exitCodes.interrupted;
  }
  await destination.end();
  return exitCodes.allWell;
}

/** Whether a name stands for a folder: it is one, it says so, or what is asked for needs one. */
export function namesFolder(output: string, { partitionBy, rowsPerFile }: Partial<ExportOptions>): boolean {
  if (partitionBy !== undefined || rowsPerFile !== undefined || /[/\\]$/.test(output)) return true;
  return statSync(output, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @throws SaccadeError `cannot-write` */
export function expectFile(output: string): void {
  if (output === '-')
    throw new SaccadeError(
      'cannot-write',
      'Expected --output FILE (or FOLDER/, for Parquet), since that is no text that a terminal could show.',
    );
}

async function writeParquet(
  library: Library,
  interrupted: AbortSignal,
  selection: Selection,
  options: ExportOptions,
): Promise<ExitCode> {
  const { output, partitionBy, rowsPerFile } = options;
  expectFile(output);
  const { path, photos } = unwrap(
    await library.ask(
      'exports.write',
      {
        selection,
        path: resolve(output),
        target: {
          format: 'parquet',
          layout: namesFolder(output, options) ? 'folder' : 'file',
          with: options.with,
          partitionBy,
          rowsPerFile,
        },
      },
      { signal: interrupted, outlast: true },
    ),
  );
  message(`${photos.toLocaleString('en')} ${photos === 1 ? 'photo' : 'photos'} in ${path}.`);
  return exitCodes.allWell;
}

async function writePictures(
  library: Library,
  interrupted: AbortSignal,
  selection: Selection,
  { format, output, maps }: ExportOptions & { format: 'report' | 'contact-sheet' },
): Promise<ExitCode> {
  expectFile(output);
  const request = { selection, path: resolve(output), target: { format, maps } };
  const { path, photos, notes } = unwrap(
    await library.ask('exports.write', request, { signal: interrupted, outlast: true }),
  );
  for (const note of notes) message(note);
  if (photos) message(`${photos.toLocaleString('en')} ${photos === 1 ? 'photo' : 'photos'} in ${path}.`);
  return exitCodes.allWell;
}

/** @throws SaccadeError `wrong-usage` */
function expectFormat({ format, maps, partitionBy, rowsPerFile, ...options }: ExportOptions): void {
  const of = ['parquet'];
  expectUsed(format, {
    '--maps': { given: maps, of: ['report', 'contact-sheet'] },
    '--with': { given: options.with, of },
    '--partition-by': { given: partitionBy, of },
    '--rows-per-file': { given: rowsPerFile, of },
  });
}

async function exportLibrary(
  library: Library,
  interrupted: AbortSignal,
  options: ExportOptions,
): Promise<ExitCode> {
  const { format, output, search, status } = options;
  const filter = { search, status };
  const selection = { filter, except: [] };
  const code =
    format === 'parquet'
      ? await writeParquet(library, interrupted, selection, options)
      : format === 'report' || format === 'contact-sheet'
        ? await writePictures(library, interrupted, selection, { ...options, format })
        : await writeText(library, interrupted, selection, format, output);
  if (code !== exitCodes.allWell) return code;
  const { count: strays } = unwrap(await library.ask('internal.strays', {}));
  if (strays && format !== 'report' && format !== 'contact-sheet')
    message(
      `Of the library's folders, which are added in the window. ${strays.toLocaleString('en')} ${strays === 1 ? 'photo' : 'photos'} elsewhere that saccade classify worked out ${strays === 1 ? 'is' : 'are'} kept too: the same saccade classify with --format ${format} --output FILE gives them without computing anything again.`,
    );
  return code;
}

export function addExport(command: Command, run: Run): void {
  command
    .addOption(
      new Option('--format <kind>', 'of the results')
        .choices([...rowFormats, 'parquet', 'report', 'contact-sheet'])
        .default('csv'),
    )
    .option('--output <file>', 'where they go; - is standard output', '-')
    .addOption(
      new Option(
        '--maps <which>',
        'of report and contact sheet: evidence for the first label, what runs stored, or none; default: evidence where a head is in use',
      ).choices(['evidence', 'stored', 'none']),
    )
    .option('--search <words>', 'only photos that the words find, as in the window')
    .addOption(new Option('--status <kind...>', 'only such photos').choices(photoStatus.options))
    .addOption(
      new Option('--with <what...>', 'of Parquet: columns with what the model saw')
        .choices(extra.options)
        .default([]),
    )
    .addOption(
      new Option(
        '--partition-by <what>',
        'of Parquet: a folder of files, split so; by label a photo is in one, that of its first',
      ).choices(partition.options),
    )
    .option('--rows-per-file <n>', 'of Parquet: a folder of files with so many photos', count(1, 10_000_000))
    .action((options: ExportOptions) =>
      run(() => {
        expectFormat(options);
        return withLibrary((library, interrupted) => exportLibrary(library, interrupted, options));
      }),
    );
}
