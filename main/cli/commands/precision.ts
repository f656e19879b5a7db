/** `saccade precision`: how often a reduced precision gives the same label as fp32 on the user's own photos. */
import { Option, type Command } from 'commander';
import type { PrecisionAgreement } from '../../contract/entities/placement.ts';
import { unwrap } from '../../contract/result.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type Run } from '../exit.ts';
import { classifyPaths } from '../job.ts';
import { shownPath } from '../paths.ts';
import { withLibrary } from '../with-library.ts';
import { showProgress } from '../terminal.ts';

interface PrecisionOptions {
  model?: string;
  precision: 'int8';
  recursive: boolean;
  json?: boolean;
}

export function agreementText({ precision, photos, agreed, lowerBound, earned }: PrecisionAgreement): string {
  if (!photos) return `${precision} and fp32 have no photo in common yet.\n`;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const counted = `${precision} gives the same label as fp32 on ${agreed} of ${photos} photos: ${percent(agreed / photos)}, at least ${percent(lowerBound)} with 95 % confidence.`;
  const verdict = earned
    ? 'Earned: auto may choose it.'
    : photos < 200
      ? 'Not earned: fewer than 200 photos say nothing.'
      : 'Not earned: 98 % is asked for. auto stays with fp32.';
  return `${counted} ${verdict}\n`;
}

export function addPrecision(command: Command, run: Run): void {
  command
    .argument('<paths...>', 'photos and folders')
    .option('--model <name|dir|file>', 'an installed model, or a model that lies elsewhere')
    .addOption(new Option('--precision <name>', 'to compare with fp32').choices(['int8']).default('int8'))
    .option('--no-recursive', 'leave out folders within folders')
    .option('--json', 'as JSON')
    .action((paths: string[], options: PrecisionOptions) =>
      run(() =>
        withLibrary(async (library, signal) => {
          const { model, precision, recursive } = options;
          for (const each of ['fp32', precision] as const) {
            const job = { model, paths, recursive, topK: 1, map: null, retryFailed: false };
            const compute = { provider: 'cpu', precision: each } as const;
            await classifyPaths(
              library,
              { ...job, ...compute },
              signal,
              shownPath(paths),
              async () => {},
              (progress) => showProgress(`${each}: ${progress.done} of ${progress.total}`),
            );
          }
          if (signal.aborted) return exitCodes.interrupted;
          const agreement = unwrap(await library.ask('internal.agreement', { model, precision }));
          const out = standardOutput();
          await out.write(
            options.json ? `${JSON.stringify(agreement, null, 2)}\n` : agreementText(agreement),
          );
          await out.end();
          return exitCodes.allWell;
        }),
      ),
    );
}
