/**
 * hash → known already? → batches in flight to the inference process → one transaction a batch. What is not settled
 * in the catalog is not done: killed at any point, the next pipeline over the same work goes on there.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { SaccadeError } from '../../../models/error.ts';
import { mostHeld } from '../../../models/heads/apply.ts';
import { answersOf } from '../../../models/heads/own.ts';
import type { MapMethod } from '../../contract/values.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { knownResult } from '../catalog/results.ts';
import type { ComputeOptions, Inference, RemoteModel } from '../inference.ts';
import { bottleneck, noTimes } from './bottleneck.ts';
import { Copies } from './copies.ts';
import { CrashRule, hungAfterMs, isCrash, isNotLoaded } from './crash-rule.ts';
import { lookUp } from './look-up.ts';
import { OutOfReach } from './out-of-reach.ts';
import { setAside, storeBatch, type Settling } from './settle.ts';
import type { Work, WorkItem } from './work.ts';

export interface PipelineOptions {
  catalog: Catalog;
  inference: Inference;
  compute: ComputeOptions;
  topK: number;
  map: MapMethod | null;
  /** Failures in the catalog are tried again. */
  retryFailed: boolean;
  /** What is in the catalog is not asked; for work that never repeats an item. */
  ignoreKnown: boolean;
  thumbnailEdge: number | null;
  onThumbnail(contentId: number, bytes: Uint8Array): void;
  /** Longest batch in milliseconds, so that a person's questions get in between; null: as large as is fastest. */
  longestBatchMs: number | null;
}

const batchesInFlight = 3;

/**
 * Of items that are looked up at once, where all before them were known: each look-up is a transaction. Where new ones
 * follow, so many files are read before the first batch of them is computed.
 */
const mostLookedUp = 256;

export class Pipeline {
  readonly #times = noTimes();
  readonly #options: PipelineOptions;
  readonly #work: Work;
  readonly #crashes = new CrashRule();
  readonly #copies = new Copies();
  readonly #reach: OutOfReach;
  readonly #settling: Settling;
  readonly #inFlight = new Set<Promise<void>>();
  #model: RemoteModel | null = null;
  #loading: Promise<RemoteModel> | null = null;
  #ready: WorkItem[] = [];
  #late: WorkItem[] = [];
  /** Items to look up at least. */
  #stride = 1;
  #exhausted = false;
  #suspects: WorkItem[][] = [];
  #hung = false;
  #fatal: unknown = null;
  #msPerPhoto = 0;
  #cancelled = false;
  #paused: PromiseWithResolvers<void> | null = null;

  constructor(work: Work, options: PipelineOptions) {
    this.#work = work;
    this.#options = options;
    const { catalog, onThumbnail } = options;
    this.#reach = new OutOfReach((item) => work.rootOf(item));
    this.#settling = { catalog, work, copies: this.#copies, reach: this.#reach, onThumbnail };
  }

  /** What held it up; null before a batch has been computed. */
  bottleneck(): string | null {
    return bottleneck(this.#times, { onCpu: this.#model?.placement.provider === 'cpu' });
  }

  get paused(): boolean {
    return this.#paused !== null;
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = null;
  }

  /** Batches in flight are still stored. */
  cancel(): void {
    this.#cancelled = true;
    this.resume();
  }

  /** Loads the model; what `run` would begin with. */
  async loadModel(): Promise<void> {
    await this.#ensureModel();
  }

  /** Resolves when all is settled or it was cancelled. Rejects with why the work can't go on. */
  async run(): Promise<void> {
    try {
      await this.#ensureModel();
      while (!this.#cancelled) if (!(await this.#step())) break;
    } finally {
      await Promise.all(this.#inFlight);
    }
    const failure = this.#fatal ?? (this.#cancelled ? null : this.#reach.failure());
    if (failure) throw failure;
  }

  /** False: nothing is left. */
  async #step(): Promise<boolean> {
    if (this.#paused) {
      await Promise.all(this.#inFlight);
      const paused = performance.now();
      await this.#paused?.promise;
      this.#times.elapsedMs -= performance.now() - paused;
    }
    const began = performance.now();
    try {
      if (this.#fatal) return false;
      if (this.#suspects.length) {
        await Promise.all(this.#inFlight);
        await this.#isolate(this.#suspects.splice(0));
        return true;
      }
      await this.#ensureModel();
      if (this.#inFlight.size >= batchesInFlight) {
        await Promise.race(this.#inFlight);
        return true;
      }
      const size = this.#batchSize();
      if (this.#ready.length < size && !this.#exhausted) await this.#fill(size);
      // Paused or cancelled while files were read: what is ready waits.
      if (this.#paused || this.#cancelled) return true;
      if (this.#ready.length) this.#launch(this.#ready.splice(0, size));
      else if (this.#inFlight.size) await Promise.race(this.#inFlight);
      // Nothing else is going on any more: each for itself.
      else if (this.#exhausted && this.#late.length) this.#launch(this.#late.splice(0, 1));
      else return !this.#exhausted || this.#suspects.length > 0;
      return true;
    } finally {
      this.#times.elapsedMs += performance.now() - began;
    }
  }

  #batchSize(): number {
    const size = this.#model?.placement.batch ?? 1;
    const { longestBatchMs } = this.#options;
    if (longestBatchMs === null || this.#msPerPhoto === 0) return size;
    return Math.max(1, Math.min(size, Math.floor(longestBatchMs / this.#msPerPhoto)));
  }

  #ensureModel(): Promise<RemoteModel> {
    if (this.#model?.alive()) return Promise.resolve(this.#model);
    // Shared by batches that find it gone at the same moment: it crashed once, not once a batch.
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load(): Promise<RemoteModel> {
    for (;;) {
      try {
        const model = await this.#options.inference.load(this.#options.compute);
        await this.#work.onLoaded(model);
        this.#model = model;
        return model;
      } catch (error) {
        if (!isCrash(error)) throw error;
        this.#crashes.unpinned(error as SaccadeError);
      }
    }
  }

  /** Hashes and looks up the next items, until a batch is ready. */
  async #fill(size: number): Promise<void> {
    const idle = this.#inFlight.size === 0;
    const began = performance.now();
    const items = this.#work.take(Math.max(size * 2 - this.#ready.length, this.#stride));
    if (items.length === 0) this.#exhausted = true;
    const read = items.some(({ contentId }) => contentId === null);
    await this.#lookUp(items);
    // What is known by its file costs next to nothing: where none had to be read or waits for a batch, more is taken.
    this.#stride = read || this.#ready.length ? 1 : Math.min(2 * items.length, mostLookedUp);
    if (idle) this.#times.readMs += performance.now() - began;
    await breathe();
  }

  async #lookUp(items: WorkItem[]): Promise<void> {
    const ready = await lookUp(items, {
      ...{ catalog: this.#options.catalog, work: this.#work, copies: this.#copies, reach: this.#reach },
      model: () => this.#ensureModel(),
      goesOn: () => !this.#cancelled,
      known: (contentId, model) => this.#known(contentId, model),
    });
    this.#ready.push(...ready);
  }

  #known(contentId: number, { keyId, installed }: RemoteModel): 'ok' | Failure | null {
    const { catalog, topK, map, retryFailed, ignoreKnown } = this.#options;
    if (ignoreKnown) return null;
    const known = knownResult(catalog, keyId, contentId, { topK, map }, installed.manifest);
    if (known === null || known === 'ok') return known;
    // What took too long on a busy machine may not on a quiet one.
    return retryFailed || known.code === 'timed-out' ? null : known;
  }

  #launch(items: WorkItem[]): void {
    const flight: Promise<void> = this.#classify(items, this.#inFlight.size + 1)
      .catch((error: unknown) => {
        if (isCrash(error)) this.#suspects.push(items);
        else this.#fatal ??= error;
      })
      .finally(() => this.#inFlight.delete(flight));
    this.#inFlight.add(flight);
  }

  /** Rejects with a crash (`isCrash`) when the process ended or hung; nothing of the batch is stored then. */
  async #classify(items: WorkItem[], queued = 1): Promise<void> {
    const model = await this.#ensureModel();
    const { map, thumbnailEdge, inference } = this.#options;
    // Each label that holds is to be found, also beyond those that are shown.
    const several = answersOf(model.installed.manifest) === 'any';
    const topK = Math.max(this.#options.topK, several ? mostHeld : 1);
    const limit = hungAfterMs(items.length, this.#msPerPhoto) * queued;
    const watchdog = setTimeout(() => {
      this.#hung = true;
      model.kill();
    }, limit);
    const answer = await model
      .call('classify', {
        handle: model.handle,
        photos: items.map(({ path, facts: { bytes, modifiedMs, changedMs } }) => ({
          path,
          bytes,
          modifiedMs,
          changedMs,
        })),
        topK,
        map,
        thumbnailEdge,
      })
      .catch(async (error: unknown) => {
        if (!isNotLoaded(error)) throw error;
        await inference.forget(model);
        if (this.#model === model) this.#model = null;
        return null;
      })
      .finally(() => clearTimeout(watchdog));
    if (!answer) return this.#classify(items, queued);
    const { timing, placement, results } = answer;
    const times = this.#times;
    times.photos += items.length;
    times.decodeMs += timing.decodeMs;
    times.waitMs += timing.waitMs;
    times.runMs += timing.runMs;
    this.#msPerPhoto = (timing.waitMs + timing.runMs) / items.length;
    this.#crashes.worked();
    const moved = (['provider', 'batch', 'streams'] as const).some(
      (each) => placement[each] !== model.placement[each],
    );
    model.placement = placement;
    if (moved) await this.#work.onLoaded(model);
    await Promise.all(
      results.map((result, i) => (result.ok ? null : this.#reach.lost(items[i]!, result.error))),
    );
    const began = performance.now();
    const left = storeBatch(this.#settling, items, results, model);
    times.storeMs += performance.now() - began;
    this.#late.push(...left.late);
    this.#ready.push(...left.instead);
    if (left.changed.length) this.#rehash(left.changed);
  }

  #rehash(changed: WorkItem[]): void {
    const flight: Promise<void> = this.#lookUp(changed)
      .catch((error: unknown) => void (this.#fatal ??= error))
      .finally(() => this.#inFlight.delete(flight));
    this.#inFlight.add(flight);
  }

  /** After a crash: one batch at a time, halved until the file that causes it stands alone. */
  async #isolate(suspects: WorkItem[][]): Promise<void> {
    const interactive = this.#options.inference.blamedOnInteraction;
    this.#options.inference.blamedOnInteraction = false;
    let pinned = 0;
    const attempt = async (items: WorkItem[]): Promise<void> => {
      if (this.#cancelled || items.length === 0) return;
      this.#hung = false;
      try {
        await this.#classify(items);
      } catch (error) {
        if (!isCrash(error)) throw error;
        if (items.length > 1) return halves(items);
        pinned++;
        setAside(this.#settling, items[0]!, this.#hung, this.#model!.keyId);
        this.#crashes.pinned();
      }
    };
    const halves = async (items: WorkItem[]) => {
      const middle = items.length >> 1;
      await attempt(items.slice(0, middle));
      await attempt(items.slice(middle));
    };
    // One batch alone in flight: it was in it. Several: each is tried whole first.
    if (suspects.length === 1 && suspects[0]!.length > 1 && !interactive) await halves(suspects[0]!);
    else for (const items of suspects) await attempt(items);
    if (pinned === 0 && !interactive && !this.#cancelled) this.#crashes.unpinned();
  }
}
