/** Classifying paths through the library process: outcomes in path order, also across a crash of it. */
import { resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import { shownName } from '../file-names.ts';
import type { MapMethod } from '../contract/values.ts';
import type { ClassifiedPath, JobProgress, Shard } from '../contract/entities/path-job.ts';
import type { Outcome } from '../report/outcome.ts';
import { unwrap, type Failure } from '../contract/result.ts';
import type { Library } from '../rpc/library.ts';
import { computeOf, type ComputeOptions } from './options.ts';
import { isInterruption } from './with-library.ts';

export interface JobOptions extends ComputeOptions {
  paths: string[];
  recursive: boolean;
  topK: number;
  /** Name; absent: what the model came with. */
  head?: string | undefined;
  map: MapMethod | null;
  retryFailed: boolean;
  /** Contents are read whatever sizes and times say. */
  fresh?: boolean;
  /** As in .gitignore. */
  patterns?: string[];
  /** A RAW with a JPEG or HEIC beside it is no photo of its own. */
  stacks?: boolean;
  shard?: Shard | undefined;
}

/** Results asked for at a time; the library goes on meanwhile, and waits when they are not fetched. */
const pageSize = 64;
/** A library that ends more often than this during one job, or before a watch answers, is not started again. */
export const restarts = 3;

/** The process that knew the job ended: during the question, or before it. */
export const isGone = ({ code }: Failure) => code === 'process-ended' || code === 'no-job';

export function toOutcome(item: ClassifiedPath, shown: (file: string) => string): Outcome {
  const { path: file, stack } = item;
  const path = shownName(shown(file));
  if (item.status === 'error') {
    const { code, message } = item.error;
    return { status: 'error', path, file, error: { code, message: shownName(message) }, stack };
  }
  const { width, height, takenMs, model, provider, precision, labels, also, unsure, damaged, map, seen } =
    item;
  const placement = { provider, precision };
  return {
    ...{ status: 'ok', path, file, width, height, takenMs, model, placement },
    ...{ predictions: labels, also, unsure, damaged, map, seen, stack },
  };
}

/**
 * Hands every outcome to `onOutcome` and waits for it. Resolves with the last progress, null where there was
 * none; when `signal` was aborted, with what had been handed out by then. Throws the failure that kept the job from going on.
 */
export async function classifyPaths(
  library: Library,
  options: JobOptions,
  signal: AbortSignal,
  shown: (file: string) => string,
  onOutcome: (outcome: Outcome) => Promise<void>,
  onProgress: (progress: JobProgress, jobId: number) => void,
): Promise<JobProgress | null> {
  let handed = 0;
  let last: JobProgress | null = null;
  for (let attempt = 0; ; attempt++) {
    const started = await library.ask('internal.classify', {
      ...computeOf(options),
      paths: options.paths.map((path) => resolve(path)),
      recursive: options.recursive,
      topK: options.topK,
      head: options.head,
      map: options.map,
      retryFailed: options.retryFailed && attempt === 0,
      again: false,
      fresh: options.fresh === true && attempt === 0,
      patterns: options.patterns ?? [],
      stacks: options.stacks ?? false,
      shard: options.shard,
    });
    if (!started.ok && isInterruption(started.error, signal)) return last;
    if (!started.ok && isGone(started.error) && attempt < restarts) continue;
    const { jobId } = unwrap(started);
    const stop = () => void library.ask('internal.stop', { jobId });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    try {
      // After a crash the same paths come in the same order, from the catalog at once.
      for (let skip = handed; ;) {
        const answer = await library.ask('internal.results', { jobId, limit: pageSize });
        // What it had done by then is in the catalog.
        if (!answer.ok && isInterruption(answer.error, signal)) return last;
        if (!answer.ok && isGone(answer.error) && attempt < restarts) break;
        const { items, next, progress } = unwrap(answer);
        last = progress;
        onProgress(progress, jobId);
        for (const item of items) {
          if (skip > 0) {
            skip--;
            continue;
          }
          await onOutcome(toOutcome(item, shown));
          handed++;
        }
        if (next) continue;
        if (progress.error && !signal.aborted)
          throw new SaccadeError(progress.error.code, progress.error.message);
        return progress;
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
