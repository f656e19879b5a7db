/** `saccade duplicates` */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { DuplicatesStatus } from '../../contract/entities/likeness.ts';
import { unwrap } from '../../contract/result.ts';
import { openDestination } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { shownPath } from '../paths.ts';
import { withLibrary } from '../with-library.ts';
import { clearProgress, message, showProgress } from '../terminal.ts';

interface DuplicatesOptions {
  alike: boolean;
  output: string;
}

async function duplicates(paths: string[], { alike, output }: DuplicatesOptions): Promise<ExitCode> {
  return withLibrary(async (library, interrupted) => {
    const destination = await openDestination(output, interrupted);
    const stopped = AbortSignal.any([interrupted, destination.abandoned]);
    library.onEvent((name, payload) => {
      if (name !== 'duplicates.progress') return;
      const { done, total, grouping } = payload as DuplicatesStatus;
      showProgress(
        grouping
          ? `Grouping ${grouping.of === 'same' ? 'the same pictures' : 'look-alikes'}: ${Math.floor(100 * grouping.share)} %`
          : `Comparing ${done} of ${total}`,
      );
    });
    try {
      const asked = { paths: paths.map((path) => resolve(path)), alike };
      const found = unwrap(await library.ask('internal.duplicates', asked, { signal: stopped }));
      clearProgress();
      const shown = shownPath(paths);
      for (const { kind, best, files } of found.groups)
        await destination.write(
          `${JSON.stringify({
            kind,
            best: best && shown(best),
            files: files.map((file) => ({ ...file, path: shown(file.path) })),
          })}\n`,
        );
      // Where there are none, the file says so: groups of an earlier time must not stay for these.
      await destination.write('');
      await destination.end();
      for (const { path, error } of found.leftOut) message(`${shown(path)} was left out: ${error.message}`);
      if (found.compared === 0 && !found.leftOut.length) message('No photos were found there.');
      return found.leftOut.length ? exitCodes.someFailed : exitCodes.allWell;
    } catch (error) {
      await destination.drop();
      throw error;
    } finally {
      clearProgress();
    }
  });
}

export function addDuplicates(command: Command, run: Run): void {
  command
    .argument('<path...>', 'photos and folders of photos')
    .option('--alike', 'photos that look alike too', false)
    .option('--output <file>', 'where results go; - is standard output', '-')
    .action((paths: string[], options: DuplicatesOptions) => run(() => duplicates(paths, options)));
}
