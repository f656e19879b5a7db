/**
 * hash → known already? → batches in flight to the inference process → one transaction a batch. What is not settled
 * in the catalog is not done: killed at any point, the next pipeline over the same work goes on there.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { SaccadeError } from '../../../models/error.ts';
import type { MapMethod } from '../../contract/entities.ts';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import type { Classified } from '../../contract/inference.ts';
import type { Catalog } from '../catalog/database.ts';
import type { FileFacts } from '../catalog/photos.ts';
import { knownResult, storeFailure, storeResult } from '../catalog/results.ts';
import type { ComputeOptions, Inference, RemoteModel } from '../inference.ts';
import { hashFile } from '../scan/hash.ts';
import type { HashedFile } from '../scan/hash.ts';
import { eachOf } from '../../schedule/each.ts';
import { Copies } from './copies.ts';
import { CrashRule, isCrash, isNotLoaded } from './crash-rule.ts';
import { bottleneck, noTimes } from './bottleneck.ts';

export interface WorkItem {
  key: number;
  path: string;
  facts: FileFacts;
  /** Null: not hashed yet. */
  contentId: number | null;
  /** It changed between hashing and decoding once already. */
  again?: boolean;
  /** It took too long once already, and is tried last. */
  late?: boolean;
}

export type Outcome =
  | { item: WorkItem; as: 'done' | 'known' }
  /** `known`: it failed in an earlier run and was not tried again. */
  | { item: WorkItem; as: 'failed'; failure: Failure; known: boolean };

/** Where the items come from and where it is written that they are done. */
export interface Work {
  /** The next items in order; none: that was all. Never the same twice. */
  take(limit: number): WorkItem[];
  /** Records what a file holds; answers with the content's row. Called in a transaction. */
  hashed(item: WorkItem, file: HashedFile): number;
  /** In the transaction that stores the results. */
  settle(outcomes: Outcome[], keyId: number): void;
  /** After it, outside. */
  settled(outcomes: Outcome[]): void;
  onLoaded(model: RemoteModel): void | Promise<void>;
}

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
const filesAtOnce = 4;

export class Pipeline {
  readonly #times = noTimes();
  readonly #options: PipelineOptions;
  readonly #work: Work;
  readonly #crashes = new CrashRule();
  readonly #inFlight = new Set<Promise<void>>();
  #model: RemoteModel | null = null;
  #loading: Promise<RemoteModel> | null = null;
  readonly #copies = new Copies();
  #ready: WorkItem[] = [];
  #late: WorkItem[] = [];
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
  }

  /** What held it up; null before a batch has been computed. */
  bottleneck(): string | null {
    return bottleneck(this.#times, { onCpu: this.#model?.placement.provider === 'cpu' });
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
  async prepare(): Promise<void> {
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
    if (this.#fatal) throw this.#fatal;
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
    const items = this.#work.take(Math.max(size * 2 - this.#ready.length, 1));
    if (items.length === 0) this.#exhausted = true;
    await this.#lookUp(items);
    if (idle) this.#times.readMs += performance.now() - began;
    await breathe();
  }

  async #lookUp(items: WorkItem[]): Promise<void> {
    const { catalog } = this.#options;
    const files = new Map<WorkItem, HashedFile>();
    const outcomes: Outcome[] = [];
    await eachOf(items, filesAtOnce, async (item) => {
      if (item.contentId !== null) return;
      try {
        files.set(item, await hashFile(item.path));
      } catch (error) {
        outcomes.push({ item, as: 'failed', failure: toFailure(error), known: false });
      }
    });
    const keyId = this.#model!.keyId;
    const store = () => {
      for (const [item, file] of files) {
        item.contentId = this.#work.hashed(item, file);
        item.facts = { bytes: file.bytes, modifiedMs: file.modifiedMs, changedMs: file.changedMs };
      }
      for (const item of items) {
        if (item.contentId === null) continue;
        const known = this.#known(item, item.contentId);
        if (known === null) {
          if (this.#copies.begin(item, item.contentId)) this.#ready.push(item);
        } else if (known === 'ok') outcomes.push({ item, as: 'known' });
        else outcomes.push({ item, as: 'failed', failure: known, known: true });
      }
      if (outcomes.length) this.#work.settle(outcomes, keyId);
    };
    if (items.length) catalog.transaction(store);
    if (outcomes.length) this.#work.settled(outcomes);
  }

  #known(item: WorkItem, contentId: number): 'ok' | Failure | null {
    const { catalog, topK, map, retryFailed, ignoreKnown } = this.#options;
    if (ignoreKnown) return null;
    const { keyId, installed } = this.#model!;
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
    const { topK, map, thumbnailEdge, inference } = this.#options;
    const limit = inference.hungAfterMs(items.length, this.#msPerPhoto) * queued;
    const watchdog = setTimeout(() => {
      this.#hung = true;
      model.kill();
    }, limit);
    const answer = await model
      .call('classify', {
        handle: model.handle,
        photos: items.map(({ path, facts: { bytes, modifiedMs } }) => ({ path, bytes, modifiedMs })),
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
    this.#store(items, results, model);
  }

  #store(
    items: WorkItem[],
    results: ({ ok: true; value: Classified } | { ok: false; error: Failure })[],
    { keyId, placement }: RemoteModel,
  ): void {
    const began = performance.now();
    const { catalog } = this.#options;
    const outcomes: Outcome[] = [];
    const changed: WorkItem[] = [];
    catalog.transaction(() => {
      items.forEach((item, i) => {
        const result = results[i]!;
        const contentId = item.contentId!;
        if (result.ok) {
          storeResult(catalog, keyId, contentId, placement.provider, result.value);
          outcomes.push({ item, as: 'done' });
          for (const copy of this.#copies.answered(contentId)) outcomes.push({ item: copy, as: 'known' });
        } else if (result.error.code === 'timed-out' && !item.late)
          // Not failed yet: the machine may have been busy with others, and is not once they are done.
          this.#late.push({ ...item, late: true });
        else if (result.error.code === 'changed-on-disk' && !item.again)
          // Not failed yet: hashed once more, as it is now. The item is not settled, so nothing is lost by a crash.
          changed.push({ ...item, again: true, contentId: null });
        else outcomes.push(...this.#failed(item, contentId, keyId, result.error));
        if (!result.ok && ofTheFile.has(result.error.code)) {
          const copy = this.#copies.successor(contentId);
          if (copy) this.#ready.push(copy);
        }
      });
      this.#work.settle(outcomes, keyId);
    });
    items.forEach((item, i) => {
      const result = results[i]!;
      if (result.ok && result.value.thumbnail)
        this.#options.onThumbnail(item.contentId!, result.value.thumbnail);
    });
    this.#work.settled(outcomes);
    this.#times.storeMs += performance.now() - began;
    if (changed.length) this.#rehash(changed);
  }

  /** In the transaction of the caller. */
  #failed(item: WorkItem, contentId: number, keyId: number, failure: Failure): Outcome[] {
    const own: Outcome = { item, as: 'failed', failure, known: false };
    if (ofTheFile.has(failure.code)) return [own];
    storeFailure(this.#options.catalog, keyId, contentId, failure);
    const copies = this.#copies.answered(contentId);
    return [own, ...copies.map((copy): Outcome => ({ item: copy, as: 'failed', failure, known: true }))];
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
        this.#setAside(items[0]!, this.#hung);
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

  #setAside(item: WorkItem, hung: boolean): void {
    const { catalog } = this.#options;
    const failure: Failure = hung
      ? {
          code: 'timed-out',
          message: `${item.path} took far longer than any photo should and was set aside. See whether other programs can open it.`,
        }
      : {
          code: 'crashed-inference',
          message: `${item.path} makes the process that computes crash and was set aside. See whether other programs can open it.`,
        };
    const { keyId } = this.#model!;
    const outcomes = catalog.transaction(() => {
      const all = this.#failed(item, item.contentId!, keyId, failure);
      this.#work.settle(all, keyId);
      return all;
    });
    this.#work.settled(outcomes);
    this.#crashes.pinned();
  }
}

/** Failures of the file as it lies there, not of its content: another copy may be well. */
const ofTheFile = new Set(['missing-file', 'unreadable', 'changed-on-disk', 'cancelled']);
