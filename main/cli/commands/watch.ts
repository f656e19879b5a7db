/** `saccade watch` */
import { Option, type Command } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { storedMethod } from '../../defaults.ts';
import { textOfPath } from '../../file-names.ts';
import { unwrap } from '../../contract/result.ts';
import type { Library } from '../../rpc/library.ts';
import { standardOutput } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatSink, textFormats, type TextFormat } from '../formats.ts';
import { classifyPaths, isGone, restarts } from '../job.ts';
import { chosenPatterns } from '../left-out.ts';
import { computeOf, count, withCompute, type ComputeOptions } from '../options.ts';
import { shownPath } from '../paths.ts';
import { withLibrary } from '../with-library.ts';
import { message } from '../terminal.ts';

interface WatchOptions extends ComputeOptions {
  top: number;
  head?: string;
  recursive: boolean;
  existing: boolean;
  format: TextFormat;
  exclude: string[];
  include: string[];
  library: boolean;
}

/** Photos that are asked for at a time. */
const atOnce = 64;

/** What a watch writes there before it has found anything. */
const leastBytes = 256 * 1024;

/** @throws SaccadeError `no-temporary-folder` */
function temporaryFolder(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'saccade-watch-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const room = join(folder, 'room');
    writeFileSync(room, Buffer.alloc(leastBytes));
    rmSync(room);
    return folder;
  } catch (cause) {
    throw new SaccadeError(
      'no-temporary-folder',
      `Expected room in the folder for temporary files, ${tmpdir()}, where a watch keeps what it has seen; found: ${(cause as Error).message}. Make room there, or set TMPDIR to another folder.`,
      { cause },
    );
  }
}

async function watch(
  library: Library,
  interrupted: AbortSignal,
  paths: string[],
  options: WatchOptions,
): Promise<ExitCode> {
  const { recursive, existing, top, head, format } = options;
  const patterns = chosenPatterns(options.exclude, options.include);
  const out = standardOutput();
  const ended = AbortSignal.any([interrupted, out.abandoned]);
  const folders = paths.map((path) => textOfPath(resolve(path)));
  const known = join(temporaryFolder(), 'known.sqlite');
  const begin = (turn: number | null) =>
    library.ask('internal.watch', { paths: folders, recursive, existing, patterns, known, turn });
  let watching = await begin(null);
  unwrap(watching);
  message('Watching; Ctrl-C ends it.');
  const sink = formatSink(format, out, top);
  let turn = 0;
  let ends = 0;
  while (!ended.aborted) {
    const answer = watching.ok
      ? await library.ask('internal.arrivals', { watchId: watching.value.watchId, limit: atOnce })
      : watching;
    if (ended.aborted) break;
    if (!answer.ok && isGone(answer.error) && ends++ < restarts) {
      watching = await begin(turn);
      continue;
    }
    const { paths: arrived, notices, turn: last } = unwrap(answer);
    [turn, ends] = [last, 0];
    for (const notice of notices) message(notice.message);
    if (!arrived.length) continue;
    await classifyPaths(
      library,
      { ...computeOf(options), paths: arrived, recursive: false, topK: top, head, map: storedMethod, retryFailed: true }, // prettier-ignore
      ended,
      shownPath(paths),
      (outcome) => sink.add(outcome),
      () => {},
    );
  }
  await sink.end(true);
  return exitCodes.allWell;
}

const collect = (pattern: string, before: string[]) => [...before, pattern];

export function addWatch(command: Command, run: Run): void {
  withCompute(command.argument('<folder...>', 'folders of photos'))
    .option('--top <k>', 'labels a photo', count(1, 1000), 5)
    .option('--head <name>', 'labels of your own: saccade heads list tells which there are')
    .option('--no-recursive', 'without the folders below')
    .option('--existing', 'first the photos that are there already', false)
    .addOption(new Option('--format <kind>', 'of the results').choices(textFormats).default('table'))
    .option('--exclude <pattern>', 'leave out what fits, as in .gitignore; again for more', collect, [])
    .option('--include <pattern>', 'take in what would be left out; again for more', collect, [])
    .option('--no-library', 'remember nothing')
    .action((paths: string[], options: WatchOptions) =>
      run(() =>
        withLibrary((library, interrupted) => watch(library, interrupted, paths, options), {
          remember: options.library,
          compute: true,
        }),
      ),
    );
}
