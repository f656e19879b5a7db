/** `saccade classify` */
import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import type { Shard } from '../../contract/entities/path-job.ts';
import { makeFolder } from '../../files.ts';
import { storedMethod } from '../../defaults.ts';
import type { Outcome, Sink } from '../../report/outcome.ts';
import type { PictureFailure } from '../../report/sinks.ts';
import { cannotWrite } from '../../report/cannot-write.ts';
import type { Library } from '../../rpc/library.ts';
import { expectWritable } from '../../whole-file.ts';
import { Course } from '../course.ts';
import { openDestination } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { expectFile, namesFolder } from './export.ts';
import { formats, formatSink, tableFileSink, type Format } from '../formats.ts';
import { classifyPaths } from '../job.ts';
import { chosenPatterns, writeLeftOut } from '../left-out.ts';
import {
  computeOf,
  count,
  expectUsed,
  methods,
  withCompute,
  withDrawing,
  type ComputeOptions,
} from '../options.ts';
import { shownPath } from '../paths.ts';
import type { PictureOptions } from '../picture-sinks.ts';
import { chosenShard, shardChoice, shardHome, type ShardChoice } from '../shard.ts';
import { withLibrary } from '../with-library.ts';
import { clearProgress, message, progressLine, showProgress } from '../terminal.ts';

interface ClassifyOptions extends ComputeOptions, PictureOptions {
  top: number;
  recursive: boolean;
  format: Format;
  output: string;
  retryFailed?: boolean;
  fresh?: boolean;
  stacks?: boolean;
  exclude: string[];
  include: string[];
  leftOut?: string;
  library: boolean;
  head?: string;
  with: 'maps'[];
  shard?: ShardChoice;
}

/** Told once in full, and counted from then on. */
function failureTeller() {
  const told = new Map<string, number>();
  return {
    tell({ path, message: reason }: PictureFailure) {
      const times = (told.get(reason) ?? 0) + 1;
      told.set(reason, times);
      if (times === 1) message(`No overlay for ${path}: ${reason}`);
    },
    end() {
      for (const [reason, times] of told)
        if (times > 1) message(`No overlay for ${times - 1} more: ${reason}`);
    },
  };
}

const collect = (pattern: string, before: string[]) => [...before, pattern];

/** What can't be written is told before hours of work, not after. */
async function expectRoom({ overlays, report, contactSheet, leftOut }: ClassifyOptions): Promise<void> {
  if (overlays !== undefined)
    try {
      makeFolder(overlays);
    } catch (error) {
      throw cannotWrite(overlays, error);
    }
  for (const file of [report, contactSheet, leftOut])
    if (file !== undefined)
      await expectWritable(file).catch((error: unknown) => {
        throw cannotWrite(file, error);
      });
}

/** Their code brings the decoder, which most commands need not wait for. */
async function picturesOf(
  paths: string[],
  options: ClassifyOptions,
  course: Course,
  onFailure: (failure: PictureFailure) => void,
): Promise<Sink[]> {
  const { overlays, report, contactSheet } = options;
  await expectRoom(options);
  if ([overlays, report, contactSheet].every((file) => file === undefined)) return [];
  const { pictureSinks } = await import('../picture-sinks.ts');
  return pictureSinks(paths, options, course, onFailure);
}

/** Where the rows go: Parquet into a file or folder of its own, everything else as text. */
async function rowsInto(options: ClassifyOptions, interrupted: AbortSignal) {
  const { format, output, top } = options;
  if (format !== 'parquet') {
    const destination = await openDestination(output, interrupted);
    return { sink: formatSink(format, destination, top), abandoned: destination.abandoned };
  }
  expectFile(output);
  const layout = namesFolder(output, {}) ? 'folder' : 'file';
  const sink = await tableFileSink(resolve(output), layout, { topK: top, with: options.with });
  return { sink, abandoned: new AbortController().signal };
}

async function classifyInto(
  library: Library,
  interrupted: AbortSignal,
  paths: string[],
  options: ClassifyOptions,
  shard: Shard | undefined,
): Promise<ExitCode> {
  const course = new Course();
  const failures = failureTeller();
  const rows = await rowsInto(options, interrupted);
  const stopped = AbortSignal.any([interrupted, rows.abandoned]);
  const pictures = await picturesOf(paths, options, course, failures.tell);
  const sinks = [rows.sink, ...pictures];
  const { head, method } = options;
  const drawn = async (outcome: Outcome) =>
    pictures.length && head !== undefined && method === 'class'
      ? (await import('../head-evidence.ts')).withHeadEvidence(library, options, head, outcome)
      : outcome;
  let finished = false;
  let failure: unknown;
  let jobId: number | null = null;
  try {
    await classifyPaths(
      library,
      {
        ...computeOf(options),
        paths,
        recursive: options.recursive,
        topK: options.top,
        head: options.head,
        map: options.method,
        retryFailed: options.retryFailed ?? false,
        fresh: options.fresh ?? false,
        stacks: options.stacks ?? false,
        patterns: chosenPatterns(options.exclude, options.include),
        shard,
      },
      stopped,
      shownPath(paths),
      async (outcome) => {
        course.count(outcome);
        const shown = await drawn(outcome);
        await Promise.all([rows.sink.add(outcome), ...pictures.map((sink) => sink.add(shown))]);
      },
      (progress, job) => {
        course.progress = progress;
        jobId = job;
        if (progress.state === 'running') showProgress(progressLine(progress));
      },
    );
    finished = !stopped.aborted;
    if (finished && options.leftOut !== undefined && jobId !== null)
      await writeLeftOut(library, jobId, options.leftOut);
  } catch (error) {
    failure = error;
  }
  clearProgress();
  // What one of them can't write must not cost the others what they have.
  for (const ended of await Promise.allSettled(sinks.map((sink) => sink.end(finished))))
    if (ended.status === 'rejected') failure ??= ended.reason;
  failures.end();
  if (failure) throw failure;
  if (interrupted.aborted) {
    message(`Interrupted. ${course.counts()}; the same command goes on from there.`);
    return exitCodes.interrupted;
  }
  const leftOut = course.leftOut();
  if (finished && leftOut)
    message(options.leftOut === undefined ? `${leftOut} --left-out FILE lists them.` : leftOut);
  if (finished && shard && options.library)
    message(
      `Shard ${shard.index} of ${shard.count} is kept in ${shardHome(shard)}; saccade merge joins them.`,
    );
  for (const [what, path] of Object.entries({
    Overlays: options.overlays,
    Report: options.report,
    'Contact sheet': options.contactSheet,
  }))
    if (path !== undefined) message(`${what}: ${path}`);
  if (options.format === 'table' && course.unsure) message(course.unsureSign());
  if (finished && !course.ok && !course.failed) message('No photos were found there.');
  else if (finished && process.stderr.isTTY)
    message(`${course.counts()} in ${course.took()}.\n${course.placement()}`);
  return course.failed ? exitCodes.someFailed : exitCodes.allWell;
}

export function addClassify(command: Command, run: Run): void {
  withCompute(command.argument('<path...>', 'photos and folders of photos'))
    .option('--top <k>', 'labels a photo', count(1, 1000), 5)
    .option('--head <name>', 'labels of your own: saccade heads list tells which there are')
    .option('--recursive', 'with the folders below (default)', true)
    .option('--no-recursive', 'without the folders below')
    .addOption(new Option('--format <kind>', 'of the results').choices(formats).default('table'))
    .option('--output <file>', 'where results go; - is standard output', '-')
    .addOption(
      new Option('--with <what...>', 'of Parquet: columns with the maps').choices(['maps']).default([]),
    )
    .option('--overlays <dir>', 'write a PNG of every photo with its map')
    .option('--report <file.html>', 'write one HTML page with everything in it')
    .option('--contact-sheet <file.png>', 'write all photos with their maps on one PNG')
    .addOption(new Option('--method <name>', 'which map').choices(methods).default(storedMethod))
    .option('--exclude <pattern>', 'leave out what fits, as in .gitignore; again for more', collect, [])
    .option('--include <pattern>', 'take in what would be left out; again for more', collect, [])
    .option('--left-out <file>', 'write what was left out, and why, as JSON lines')
    .option('--stacks', 'a RAW with a JPEG or HEIC of the same name beside it is no photo of its own')
    .option('--fresh', 'read every photo, even where size and times are as they were')
    .option('--retry-failed', 'try photos again that failed before')
    .option(
      '--shard <i/n>',
      'only one of n parts of the photos, in a data folder of its own; auto: as the scheduler says',
      shardChoice,
    )
    .option('--no-library', 'remember nothing');
  withDrawing(command).action((paths: string[], options: ClassifyOptions) =>
    run(() => {
      expectUsed(options.format, { '--with': { given: options.with, of: ['parquet'] } });
      const shard = options.shard && chosenShard(options.shard);
      return withLibrary(
        (library, interrupted) => classifyInto(library, interrupted, paths, options, shard),
        {
          remember: options.library,
          compute: true,
          home: shard && shardHome(shard),
        },
      );
    }),
  );
}
