/** `saccade export` */
import { Option, type Command } from 'commander';
import type { PhotoFilter } from '../contract/entities.ts';
import { photoStatus } from '../contract/values.ts';
import { unwrap } from '../contract/result.ts';
import { rowFormats } from '../report/rows.ts';
import type { RowFormat } from '../report/rows.ts';
import { openDestination } from './destination.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { withLibrary } from './session.ts';
import { message } from './terminal.ts';

interface ExportOptions {
  format: RowFormat;
  output: string;
  search?: string;
  status?: PhotoFilter['status'];
}

export function addExport(program: Command, run: (work: () => Promise<ExitCode>) => Promise<void>): void {
  program
    .command('export')
    .description('what the library knows about its photos')
    .addOption(new Option('--format <kind>', 'of the results').choices(rowFormats).default('csv'))
    .option('--output <file>', 'where they go; - is standard output', '-')
    .option('--search <words>', 'only photos that the words find, as in the window')
    .addOption(new Option('--status <kind...>', 'only such photos').choices(photoStatus.options))
    .action(({ format, output, search, status }: ExportOptions) =>
      run(() =>
        withLibrary(async (library, interrupted) => {
          const destination = await openDestination(output, interrupted);
          const filter = { ...(search && { search }), ...(status && { status }) };
          let cursor: string | null = null;
          do {
            const { text, next } = unwrap(
              await library.ask('photos.export', {
                selection: { filter, except: [] },
                sort: { key: 'path', descending: false },
                format,
                ...(cursor !== null && { cursor }),
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
          const { count } = unwrap(await library.ask('internal.strays', {}));
          if (count)
            message(
              `Of the library's folders, which are added in the window. ${count.toLocaleString('en')} ${count === 1 ? 'photo' : 'photos'} elsewhere that saccade classify worked out ${count === 1 ? 'is' : 'are'} kept too: the same saccade classify with --format ${format} --output FILE gives them without computing anything again.`,
            );
          return exitCodes.allWell;
        }),
      ),
    );
}
