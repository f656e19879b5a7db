/**
 * Classification of files and folders by path, for the command line: nothing is registered, results are kept by
 * content all the same.
 */
import { storedMethod } from '../../defaults.ts';
import type { MapMethod } from '../../contract/values.ts';
import type { Head } from '../../../models/heads/head.ts';
import type { ClassifiedPath, JobProgress, Shard } from '../../contract/entities/path-job.ts';
import { toFailure } from '../../contract/result.ts';
import { Throughput } from '../../throughput.ts';
import type { Catalog } from '../catalog/database.ts';
import { modelHoldsFrom } from '../catalog/doubts.ts';
import { isBelow } from '../catalog/folders.ts';
import { pathContent, setPathContent } from '../catalog/path-contents.ts';
import type { ComputeOptions, Inference, RemoteModel } from '../inference.ts';
import type { HashedFile } from '../scan/hash.ts';
import { findPaths } from './find-paths.ts';
import { JobItems } from './job-items.ts';
import type { ItemContent } from './job-items.ts';
import { JobLeftOut } from './job-left-out.ts';
import { answerOf } from './path-answer.ts';
import type { AnswerRow } from './path-answer.ts';
import { Pipeline } from './pipeline.ts';
import type { Outcome, Work, WorkItem } from './work.ts';
import { shownName } from '../../file-names.ts';
import { Stacks } from '../scan/stack-names.ts';
import { photosOf } from './shard.ts';

export interface PathJobOptions {
  /** What reads the labels; absent: what the model came with. */
  head?: Head | undefined;
  catalog: Catalog;
  inference: Inference;
  compute: ComputeOptions;
  paths: string[];
  recursive: boolean;
  topK: number;
  /** Predictions kept in the catalog, where that is more than `topK`. */
  keep: number;
  map: MapMethod | null;
  retryFailed: boolean;
  again: boolean;
  /** Contents are read whatever sizes and times say. */
  fresh?: boolean | undefined;
  /** What a person leaves out or takes in, as in .gitignore. */
  patterns?: string[] | undefined;
  /** A RAW with a JPEG or HEIC of the same name beside it is no photo of its own. */
  stacks?: boolean | undefined;
  /** Only these of the photos; absent: all. */
  shard?: Shard | undefined;
}

let nextJobId = 1;

export class PathJob implements Work {
  readonly id = nextJobId++;
  readonly leftOut: JobLeftOut;
  readonly #options: PathJobOptions;
  readonly #items: JobItems;
  readonly #pipeline: Pipeline;
  readonly #stacks: Stacks | null;
  readonly #throughput = new Throughput();
  readonly #stop = new AbortController();
  /** Resolves when it has finished or stopped; never rejects. */
  readonly ended: Promise<void>;
  #progress: JobProgress = {
    state: 'running',
    total: 0,
    scanned: false,
    done: 0,
    known: 0,
    failed: 0,
    photosPerSecond: null,
    secondsLeft: null,
    placement: null,
    bottleneck: null,
    error: null,
    leftOut: [],
  };
  #nextKey = 1;
  #lastGiven = '';
  #model: RemoteModel | null = null;
  #news = Promise.withResolvers<void>();

  constructor(options: PathJobOptions) {
    this.#options = options;
    const { catalog, inference, compute, topK, keep, retryFailed, again } = options;
    this.#items = new JobItems(catalog, this.id);
    this.#stacks = options.stacks ? new Stacks() : null;
    this.leftOut = new JobLeftOut(catalog, this.id);
    this.#pipeline = new Pipeline(this, {
      catalog,
      inference,
      compute,
      topK: Math.max(topK, keep),
      // Always one, so that the library need not compute again for its overlays.
      map: options.map ?? storedMethod,
      retryFailed,
      ignoreKnown: again,
      thumbnailEdge: null,
      onThumbnail: () => {},
      longestBatchMs: null,
    });
    this.ended = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      // Beside the search. What is wrong with it is told by the run, which needs it first.
      void this.#pipeline.loadModel().catch(() => {});
      await this.#find(signal);
      await this.#pipeline.run();
      this.#progress.state = 'finished';
    } catch (error) {
      if (!signal.aborted) this.#progress.error = toFailure(error);
      this.#progress.state = 'stopped';
    }
    if (signal.aborted) this.#progress.state = 'stopped';
    this.#progress.bottleneck = this.#pipeline.bottleneck();
    this.#tell();
  }

  async #find(signal: AbortSignal): Promise<void> {
    const { paths, recursive, patterns, shard } = this.#options;
    const progress = this.#progress;
    for (const path of paths) {
      const wanted = photosOf(shard, path, paths);
      await findPaths(path, {
        recursive,
        patterns,
        isWanted: (file) => wanted(file) && (file === path || !this.#stacks?.isUnder(file)),
        signal,
        onFound: (found) => {
          const { added, failed } = this.#items.add(found);
          progress.total += added;
          progress.done += failed;
          progress.failed += failed;
        },
        onLeftOut: (folder, left) => this.leftOut.add(folder, left),
      });
    }
    progress.scanned = true;
  }

  onLoaded(model: RemoteModel): void {
    this.#model = model;
    this.#progress.placement = model.placement;
    this.#throughput.mark(this.#progress.done);
    this.#tell();
  }

  take(limit: number): WorkItem[] {
    const { catalog, fresh } = this.#options;
    return this.#items.take(limit).map(({ path, facts }) => ({
      key: this.#nextKey++,
      path,
      facts,
      contentId: fresh ? null : pathContent(catalog, path, facts),
    }));
  }

  rootOf({ path }: WorkItem): string | null {
    return this.#options.paths.find((asked) => isBelow(path, asked)) ?? null;
  }

  hashed(item: WorkItem, file: HashedFile): number {
    return setPathContent(this.#options.catalog, item.path, file);
  }

  settle(outcomes: Outcome[], keyId: number): void {
    for (const outcome of outcomes) this.#items.settle(outcome, keyId);
  }

  settled(outcomes: Outcome[]): void {
    const progress = this.#progress;
    for (const { as } of outcomes) {
      progress.done++;
      if (as === 'known') progress.known++;
      if (as === 'failed') progress.failed++;
    }
    progress.placement = this.#model?.placement ?? null;
    this.#throughput.mark(progress.done);
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Of all files in path order, once it has ended: what each holds, or why that is not known. */
  contents(): ItemContent[] {
    return this.#items.contents();
  }

  /** Row of the result key it computed under; null: no model was loaded. */
  get keyId(): number | null {
    return this.#model?.keyId ?? null;
  }

  get progress(): Readonly<JobProgress> {
    return this.#progress;
  }

  /** The next results in path order, waiting at most a second for one. */
  async results(limit: number): Promise<{ items: ClassifiedPath[]; next: boolean; progress: JobProgress }> {
    let rows = this.#next(limit);
    if (rows.length === 0 && this.#progress.state === 'running') {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.#news.promise, new Promise((resolve) => (timer = setTimeout(resolve, 1000)))]);
      clearTimeout(timer);
      rows = this.#next(limit);
    }
    const model = this.#model?.installed.manifest ?? null;
    const { catalog, topK, head = null } = this.#options;
    const from = model && !head ? modelHoldsFrom(catalog, model.weights.sha256) : null;
    const items = rows.map((row): ClassifiedPath => {
      const answer = answerOf(row, model, topK, head, from);
      const stack = this.#stacks?.under(row.path) ?? [];
      return stack.length ? { ...answer, stack: stack.map(shownName) } : answer;
    });
    this.#lastGiven = rows.at(-1)?.path ?? this.#lastGiven;
    const { state, total, done } = this.#progress;
    const progress: JobProgress = {
      ...this.#progress,
      leftOut: this.leftOut.counts(),
      photosPerSecond: this.#throughput.perSecond(),
      secondsLeft: this.#throughput.secondsLeft(total - done),
    };
    return { items, next: state === 'running' || this.#next(1).length > 0, progress };
  }

  #next(limit: number): AnswerRow[] {
    // While folders are still read, an earlier path may come.
    return this.#progress.scanned ? this.#items.settledAfter(this.#lastGiven, limit) : [];
  }

  /** Keeps what is done; resolves when nothing of it is going on any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pipeline.cancel();
    await this.ended;
    this.#items.forget();
    this.leftOut.forget();
  }
}
