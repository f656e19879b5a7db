/** `saccade faithfulness` */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FaithfulnessCurve } from '../../contract/entities/inspection.ts';
import type { Baseline } from '../../contract/values.ts';
import { baseline as baselines, faithfulnessMethod } from '../../contract/values.ts';
import type { Library } from '../../rpc/library.ts';
import { openDestination, type Destination } from '../destination.ts';
import { exitCodes, type ExitCode, type Run } from '../exit.ts';
import { formatTable } from '../formats.ts';
import { meanInterval, type Interval } from '../intervals.ts';
import { classifyPaths } from '../job.ts';
import { withMeasuring, type MeasuringOptions } from '../measuring.ts';
import { computeOf, count, withCompute, type ComputeOptions } from '../options.ts';
import { shownPath } from '../paths.ts';
import { withLibrary } from '../with-library.ts';
import { clearProgress, message, showProgress } from '../terminal.ts';

type Method = FaithfulnessCurve['method'];

interface FaithfulnessOptions extends ComputeOptions, MeasuringOptions {
  methods: Method[];
  steps: number;
  head?: string;
  baseline: Baseline;
  class?: number;
  format: 'table' | 'jsonl';
  output: string;
  recursive: boolean;
  library: boolean;
}

export interface MethodSummary {
  method: Method;
  deletion: Interval;
  insertion: Interval;
  /** Of the same photos: this method's area minus the baseline's; null for the baseline itself. */
  deletionDifference: Interval | null;
  insertionDifference: Interval | null;
}

/** What the others are compared with, photo by photo. */
export function baselineOf(methods: readonly Method[]): Method | null {
  return (
    methods.find((method) => method === 'rollout') ?? methods.find((method) => method === 'random') ?? null
  );
}

/** `photos`: the curves of each. A method that a photo lacks is left out there. */
export function summarise(photos: FaithfulnessCurve[][], methods: readonly Method[]): MethodSummary[] {
  const baseline = baselineOf(methods);
  const curve = (photo: FaithfulnessCurve[], method: Method | null) =>
    photo.find((candidate) => candidate.method === method);
  return methods.flatMap((method) => {
    const own = photos.flatMap((photo) => curve(photo, method) ?? []);
    if (!own.length) return [];
    const pairs = photos.flatMap((photo) => {
      const [mine, base] = [curve(photo, method), curve(photo, baseline)];
      return mine && base && method !== baseline ? [[mine, base] as const] : [];
    });
    const difference = (area: 'deletionAuc' | 'insertionAuc') =>
      pairs.length ? meanInterval(pairs.map(([mine, base]) => mine[area] - base[area])) : null;
    return {
      method,
      deletion: meanInterval(own.map(({ deletionAuc }) => deletionAuc)),
      insertion: meanInterval(own.map(({ insertionAuc }) => insertionAuc)),
      deletionDifference: difference('deletionAuc'),
      insertionDifference: difference('insertionAuc'),
    };
  });
}

const shown = (interval: Interval | null, signed = false) => {
  if (!interval) return '';
  const sign = signed && interval.mean > 0 ? '+' : '';
  return `${sign}${interval.mean.toFixed(3)}${Number.isNaN(interval.margin) ? '' : ` ± ${interval.margin.toFixed(3)}`}`;
};

export function faithfulnessTable(
  summaries: MethodSummary[],
  photos: number,
  baseline: Method | null,
): string {
  if (!photos) return 'No photo could be measured.\n';
  const head = ['METHOD', 'DELETION', 'INSERTION'];
  if (baseline) head.push(`DELETION - ${baseline}`, `INSERTION - ${baseline}`);
  const rows = summaries.map((summary) => {
    const row = [summary.method, shown(summary.deletion), shown(summary.insertion)];
    if (baseline) row.push(shown(summary.deletionDifference, true), shown(summary.insertionDifference, true));
    return row;
  });
  return (
    formatTable([head, ...rows]) +
    `\n${photos} ${photos === 1 ? 'photo' : 'photos'}. Area under the probability of the class that is followed; deletion: lower is better, insertion: higher is better. ± is the 95 % confidence interval.\n`
  );
}

interface Found {
  path: string;
  file: string;
  label: string;
}

async function measure(
  library: Library,
  interrupted: AbortSignal,
  found: Found[],
  options: FaithfulnessOptions,
  line: (object: unknown) => Promise<void>,
): Promise<{ curves: FaithfulnessCurve[][]; failed: number; absent: Partial<Record<Method, string>> }> {
  const curves: FaithfulnessCurve[][] = [];
  const told = new Set<string>();
  const absent: Partial<Record<Method, string>> = {};
  let failed = 0;
  for (const [at, { path, file, label }] of found.entries()) {
    if (interrupted.aborted) break;
    showProgress(`Faithfulness ${at + 1} of ${found.length} · ${path}`);
    const { methods, steps, baseline, passes, fields, seed, class: classIndex = null } = options;
    const measuring = { passes, fields, seed };
    const answer = await library.ask(
      'internal.faithfulness',
      {
        ...computeOf(options),
        path: file,
        methods,
        steps,
        baseline,
        classIndex,
        measuring,
        head: options.head,
      },
      { signal: interrupted },
    );
    if (interrupted.aborted) break;
    clearProgress();
    if (answer.ok) {
      const { classIndex, curves: own, baseline: real, absent: missing } = answer.value;
      curves.push(own);
      for (const sentence of answer.value.told) told.add(sentence);
      Object.assign(absent, missing);
      const named = { index: classIndex, label: options.class === undefined ? label : undefined };
      await line({ path, status: 'ok', class: named, baseline: real, curves: own });
    } else {
      failed++;
      message(`${path}: ${answer.error.message}`);
      await line({ path, status: 'error', error: answer.error });
    }
  }
  clearProgress();
  for (const sentence of told) message(sentence);
  return { curves, failed, absent };
}

async function faithfulness(
  library: Library,
  interrupted: AbortSignal,
  paths: string[],
  options: FaithfulnessOptions,
): Promise<ExitCode> {
  const destination: Destination = await openDestination(options.output, interrupted);
  const stopped = AbortSignal.any([interrupted, destination.abandoned]);
  const line = async (object: unknown) => {
    if (options.format === 'jsonl') await destination.write(`${JSON.stringify(object)}\n`);
  };
  const found: Found[] = [];
  let unreadable = 0;
  await classifyPaths(
    library,
    {
      ...computeOf(options),
      paths,
      recursive: options.recursive,
      topK: 1,
      map: null,
      retryFailed: false,
      head: options.head,
    },
    stopped,
    shownPath(paths),
    async (outcome) => {
      if (outcome.status === 'ok')
        found.push({
          path: outcome.path,
          file: outcome.file,
          label: outcome.predictions[0]?.label.name ?? '',
        });
      else {
        unreadable++;
        message(`${outcome.path}: ${outcome.error.message}`);
        await line({ path: outcome.path, status: 'error', error: outcome.error });
      }
    },
    ({ done, total }) => showProgress(`Classifying ${done} of ${total}`),
  );
  clearProgress();
  const { curves, failed, absent } = await measure(library, stopped, found, options, line);
  const summaries = summarise(curves, options.methods);
  for (const method of options.methods)
    if (curves.length && !summaries.some((summary) => summary.method === method))
      message(`No ${method} map: ${absent[method] ?? 'this model gives none.'}`);
  const baseline = baselineOf(summaries.map(({ method }) => method));
  // Where nothing could be measured the file says so: a table of an earlier time must not stay for these photos.
  if (curves.length || !stopped.aborted) {
    if (options.format === 'table')
      await destination.write(faithfulnessTable(summaries, curves.length, baseline));
    await line({ status: 'summary', photos: curves.length, baseline, methods: summaries });
  }
  await destination.end();
  if (interrupted.aborted) return exitCodes.interrupted;
  if (!curves.length && !failed && !unreadable) message('No photos were found there.');
  return failed || unreadable ? exitCodes.someFailed : exitCodes.allWell;
}

function methodList(text: string): Method[] {
  const known: Method[] = faithfulnessMethod.options;
  const asked = [...new Set(text.split(',').map((word) => word.trim()))];
  if (!asked.every((word) => known.includes(word as Method)))
    throw new InvalidArgumentError(`Expected some of ${known.join(', ')} with commas between.`);
  return asked as Method[];
}

export function addFaithfulness(command: Command, run: Run): void {
  withMeasuring(withCompute(command.argument('<path...>', 'photos and folders of photos')))
    .option('--methods <list>', 'maps to compare', methodList, [
      'cls',
      'rollout',
      'class',
      'random',
    ] as Method[])
    .addOption(
      new Option('--baseline <kind>', 'how patches are taken away')
        .choices(baselines.options)
        .default('blur'),
    )
    .option(
      '--class <index>',
      'whose probability and evidence (default: the first label of each photo)',
      count(0, 1_000_000),
    )
    .option('--head <name>', 'follow labels of your own: saccade heads list tells which there are')
    .option('--steps <n>', 'in which patches go or come', count(2, 200), 20)
    .addOption(new Option('--format <kind>', 'of the results').choices(['table', 'jsonl']).default('table'))
    .option('--output <file>', 'where results go; - is standard output', '-')
    .option('--recursive', 'with the folders below', true)
    .option('--no-recursive', 'without the folders below')
    .option('--no-library', 'remember nothing')
    .action((paths: string[], options: FaithfulnessOptions) =>
      run(() =>
        withLibrary((library, interrupted) => faithfulness(library, interrupted, paths, options), {
          remember: options.library,
        }),
      ),
    );
}
