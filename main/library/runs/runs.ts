/**
 * Runs over the library: one at a time, whichever process goes on with it, taken down in the catalog, so that any end is
 * only a pause, and each window that is open can pause, cancel and follow it.
 */
import { storedMethod } from '../../defaults.ts';
import { isAlive } from '../../../models/alive.ts';
import { SaccadeError } from '../../../models/error.ts';
import type { Request } from '../../contract/verbs.ts';
import type { RunState, RunStatus } from '../../contract/entities/run.ts';
import type { Settings } from '../../contract/entities/settings.ts';
import { toFailure, type Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Changes } from '../changes.ts';
import type { Inference } from '../inference.ts';
import { thumbnailEdge } from '../thumbnails.ts';
import type { Thumbnails } from '../thumbnails.ts';
import { LibraryWork } from './library-work.ts';
import { Pipeline } from './pipeline.ts';
import { claimRun, endRun, insertRun, lastRun, runRow, setPlacement, setRunState } from './run-rows.ts';
import type { RunRow } from './run-rows.ts';
import { Throughput } from '../../throughput.ts';

export interface RunsOptions {
  catalog: Catalog;
  inference: Inference;
  thumbnails: Thumbnails;
  settings(): Settings;
  window: boolean;
  /** Told of results that came in. */
  changes: Changes;
  onProgress(status: RunStatus): void;
  onEnded(): void;
  /** A file in this folder is not what it was. */
  onReplaced(folder: string): void;
}

interface Active {
  id: number;
  pipeline: Pipeline;
  throughput: Throughput;
  ended: Promise<void>;
}

/** Of a batch while a window is open. */
const longestBatchMs = 300;
const progressEveryMs = 100;

export class Runs {
  readonly #options: RunsOptions;
  #active: Active | null = null;
  /** One that ended while the catalog could not be written, whose row says that it goes on. */
  #unwritten: { id: number; error: Failure } | null = null;
  #closing = false;
  #lastProgress = 0;
  /** How far the last run was when it was told. */
  #told: string;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#told = progressOf(lastRun(options.catalog));
  }

  /** One goes on here. */
  get active(): boolean {
    return this.#active !== null;
  }

  /** One goes on, here or in another process, or is paused. */
  get underway(): boolean {
    const status = this.current();
    return this.active || (status !== null && !hasEnded(status.state));
  }

  start(request: Request<'runs.start'>): RunStatus {
    if (this.#active) throw runActive();
    const { catalog, settings } = this.#options;
    const row = catalog.transaction(() => {
      const before = lastRun(catalog);
      if (before && isElsewhere(before) && !hasEnded(before.state) && before.state !== 'paused')
        throw runActive();
      // A paused run of before is overtaken: what it did is kept, what it had left is part of the new one or not wanted.
      if (before && !hasEnded(before.state)) endRun(catalog, before.id, 'cancelled', null, null);
      return insertRun(catalog, request, settings().model);
    });
    this.#begin(row);
    // Other windows wait with theirs from now on.
    this.#progress(row.id, true);
    return this.#status(row);
  }

  /** Goes on with what the last process left: at once where it was cut off, on `resume` where it was paused. */
  recover(): void {
    const row = lastRun(this.#options.catalog);
    if (!row || hasEnded(row.state) || row.state === 'paused') return;
    if (isElsewhere(row) || !claimRun(this.#options.catalog, row)) return;
    this.#begin(row);
  }

  /** Goes on with what another process left that ended since. */
  takeOver(): void {
    const row = lastRun(this.#options.catalog);
    if (row && row.pid !== process.pid && !this.#active) this.recover();
  }

  /**
   * Another process has written: what goes on here may have been paused or cancelled there, and what goes on there has come
   * further.
   */
  heed(): void {
    const { catalog } = this.#options;
    const active = this.#active;
    if (active) {
      const state = runRow(catalog, active.id)?.state ?? 'cancelled';
      if (hasEnded(state)) active.pipeline.cancel();
      else if (state === 'paused') active.pipeline.pause();
      else if (active.pipeline.paused) {
        active.throughput.restart();
        active.pipeline.resume();
      }
    }
    const row = lastRun(catalog);
    if (row && progressOf(row) !== this.#told) this.#progress(row.id);
  }

  pause(): RunStatus {
    this.#active?.pipeline.pause();
    return this.#change(this.#needed().id, 'paused');
  }

  resume(): RunStatus {
    if (!this.#active) {
      const row = this.#needed();
      if (row.state !== 'paused') throw noRun();
      if (!isElsewhere(row) && claimRun(this.#options.catalog, row)) this.#begin(row);
      return this.#change(row.id, 'running');
    }
    this.#active.throughput.restart();
    this.#active.pipeline.resume();
    return this.#change(this.#active.id, 'running');
  }

  async cancel(): Promise<RunStatus> {
    if (!this.#active) {
      const { id } = this.#needed();
      endRun(this.#options.catalog, id, 'cancelled', null, null);
      this.#progress(id, true);
      return this.current()!;
    }
    const { pipeline, ended, id } = this.#active;
    pipeline.cancel();
    await ended;
    return this.#status(runRow(this.#options.catalog, id)!);
  }

  current(): RunStatus | null {
    const row = lastRun(this.#options.catalog);
    return row ? this.#status(row) : null;
  }

  /** A run goes on with that model, or is paused, here or in another process. */
  needs(modelId: string): boolean {
    const row = lastRun(this.#options.catalog);
    return (
      row !== undefined && row.model === modelId && !hasEnded(this.#status(row).state) && isAlive(row.pid)
    );
  }

  /** Leaves the run as it is, to be gone on with at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#progressTimer);
    this.#active?.pipeline.cancel();
    await this.#active?.ended;
  }

  /** The one that goes on or is paused, here or elsewhere. */
  #needed(): RunRow {
    const { catalog } = this.#options;
    const row = this.#active ? runRow(catalog, this.#active.id) : lastRun(catalog);
    if (!row || hasEnded(this.#status(row).state)) throw noRun();
    return row;
  }

  #begin(row: RunRow): void {
    const { catalog, inference, thumbnails, window, settings, changes, onReplaced } = this.#options;
    const { model, provider, precision, batch, topK } = settings();
    const wanted = { topK, map: storedMethod };
    const throughput = new Throughput();
    const work = new LibraryWork(catalog, row.id, wanted, {
      onLoaded: ({ placement }) => {
        setPlacement(catalog, row.id, placement);
        if (runRow(catalog, row.id)?.state === 'preparing') setRunState(catalog, row.id, 'running');
        throughput.mark(runRow(catalog, row.id)!.done);
        this.#progress(row.id, true);
      },
      onSettled: () => {
        throughput.mark(runRow(catalog, row.id)?.done ?? 0);
        changes.note('photos', 'labels');
        this.#progress(row.id);
      },
      onShown: () => changes.note('photos', 'labels'),
      onReplaced,
    });
    const pipeline = new Pipeline(work, {
      catalog,
      inference,
      // The model of the run, also where another one was chosen since it began.
      compute: { model: row.model || model, provider, precision, batch },
      ...wanted,
      retryFailed: row.retry_failed === 1,
      ignoreKnown: false,
      thumbnailEdge: window ? thumbnailEdge : null,
      onThumbnail: (contentId, bytes) => thumbnails.put(contentId, thumbnailEdge, bytes),
      longestBatchMs: window ? longestBatchMs : null,
    });
    const ended = this.#finish(row.id, pipeline);
    this.#active = { id: row.id, pipeline, throughput, ended };
  }

  async #finish(id: number, pipeline: Pipeline): Promise<void> {
    const { catalog } = this.#options;
    let failure = null;
    let left = 0;
    try {
      await pipeline.run();
      left = catalog.one<{ n: number }>('SELECT count(*) AS n FROM run_items WHERE run_id = ?', id)!.n;
    } catch (error) {
      failure = toFailure(error);
    }
    this.#active = null;
    if (this.#closing) return;
    const state = failure ? 'stopped' : left ? 'cancelled' : 'finished';
    try {
      const row = runRow(catalog, id);
      // Where it was cancelled elsewhere it is taken down as that.
      if (row && !hasEnded(row.state)) endRun(catalog, id, state, pipeline.bottleneck(), failure);
    } catch (error) {
      // The disk is full: the next run takes up what is left of this one, as the next start would.
      this.#unwritten = { id, error: failure ?? toFailure(error) };
    }
    this.#progress(id, true);
    this.#options.onEnded();
  }

  #change(id: number, state: RunState): RunStatus {
    setRunState(this.#options.catalog, id, state);
    this.#progress(id, true);
    return this.#status(runRow(this.#options.catalog, id)!);
  }

  /** At most ten a second, the last one never left out. */
  #progress(id: number, now = false): void {
    const send = () => {
      this.#progressTimer = undefined;
      this.#lastProgress = performance.now();
      const row = this.#closing ? undefined : runRow(this.#options.catalog, id);
      if (!row) return;
      this.#told = progressOf(row);
      this.#options.onProgress(this.#status(row));
    };
    const wait = this.#lastProgress + progressEveryMs - performance.now();
    if (now || wait <= 0) {
      clearTimeout(this.#progressTimer);
      send();
    } else this.#progressTimer ??= setTimeout(send, wait);
  }

  #status(row: RunRow): RunStatus {
    const unwritten = this.#unwritten?.id === row.id && !hasEnded(row.state) ? this.#unwritten : null;
    const throughput =
      this.#active?.id === row.id && row.state === 'running' ? this.#active.throughput : null;
    return {
      id: row.id,
      state: unwritten ? 'stopped' : row.state,
      model: row.model,
      placement: row.placement === null ? null : (JSON.parse(row.placement) as RunStatus['placement']),
      total: row.total,
      done: row.done,
      known: row.known,
      failed: row.failed,
      photosPerSecond: throughput?.perSecond() ?? null,
      secondsLeft: throughput?.secondsLeft(row.total - row.done) ?? null,
      startedMs: row.started_ms,
      bottleneck: row.bottleneck,
      error:
        unwritten?.error ??
        (row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' }),
    };
  }
}

/** Another process that is there has it. */
function isElsewhere({ pid }: RunRow): boolean {
  return pid !== process.pid && isAlive(pid);
}

/** Differs where there is something to tell. */
function progressOf(row: RunRow | undefined): string {
  return row ? [row.id, row.state, row.total, row.done, row.known, row.failed].join(' ') : '';
}

function runActive(): SaccadeError {
  return new SaccadeError(
    'run-active',
    'Expected no run to be going on; there is one. Wait for it, or cancel it.',
  );
}

function hasEnded(state: RunState): boolean {
  return state === 'finished' || state === 'cancelled' || state === 'stopped';
}

function noRun(): SaccadeError {
  return new SaccadeError('no-run', 'Expected a run to be going on; there is none.');
}
