/**
 * Classification of files and folders by path, for the command line: nothing is registered, results are kept by
 * content all the same. The list lies in a temporary table, so that a million files need no more memory than ten.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storedMethod } from '../../defaults.ts';
import type { ClassifiedPath, JobProgress } from '../../contract/internal.ts';
import type { MapMethod } from '../../contract/entities.ts';
import { systemPath } from '../../file-names.ts';
import { notAFile, readError } from '../../files.ts';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import { unpackMap, unpackRegion, unpackTop } from '../catalog/blobs.ts';
import { contentOf, setContent, setStray, strayContent } from '../catalog/contents.ts';
import type { Catalog } from '../catalog/database.ts';
import type { FileFacts } from '../catalog/photos.ts';
import type { ComputeOptions, Inference, RemoteModel } from '../inference.ts';
import { factsOf } from '../scan/hash.ts';
import type { HashedFile } from '../scan/hash.ts';
import { Rules } from '../scan/rules.ts';
import { folderIdentity, walkFolder } from '../scan/walk.ts';
import type { LeftOut } from '../scan/walk.ts';
import { JobLeftOut } from './job-left-out.ts';
import { Pipeline } from './pipeline.ts';
import type { Outcome, Work, WorkItem } from './pipeline.ts';
import { Throughput } from '../../throughput.ts';
import { labelAt } from '../../../models/manifest.ts';

export interface PathJobOptions {
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
}

const shape = `CREATE TEMP TABLE IF NOT EXISTS job_items (
  job_id INTEGER NOT NULL, path TEXT NOT NULL, bytes INTEGER, modified_ms INTEGER, changed_ms REAL,
  state INTEGER NOT NULL DEFAULT 0, content_id INTEGER, key_id INTEGER, code TEXT, message TEXT, PRIMARY KEY (job_id, path)
) WITHOUT ROWID`;
const pending = 0;
const done = 1;
const known = 2;
const failed = 3;

let nextJobId = 1;

export class PathJob implements Work {
  readonly id = nextJobId++;
  readonly #options: PathJobOptions;
  readonly #catalog: Catalog;
  readonly #pipeline: Pipeline;
  readonly #throughput = new Throughput();
  readonly #stop = new AbortController();
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
  #lastTaken = '';
  #lastGiven = '';
  #model: RemoteModel | null = null;
  #news = Promise.withResolvers<void>();
  readonly ended: Promise<void>;
  readonly leftOut: JobLeftOut;

  constructor(options: PathJobOptions) {
    this.#options = options;
    this.#catalog = options.catalog;
    this.#catalog.exec(shape);
    this.leftOut = new JobLeftOut(options.catalog, this.id);
    const { catalog, inference, compute, topK, keep, retryFailed, again } = options;
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
    try {
      for (const path of this.#options.paths) await this.#find(path);
      this.#progress.scanned = true;
      await this.#pipeline.run();
      this.#progress.state = 'finished';
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#progress.error = toFailure(error);
      this.#progress.state = 'stopped';
    }
    if (this.#stop.signal.aborted) this.#progress.state = 'stopped';
    this.#progress.bottleneck = this.#pipeline.bottleneck();
    this.#tell();
  }

  async #find(path: string): Promise<void> {
    const facts = await stat(systemPath(path)).catch((error: unknown) => error as Error);
    if (facts instanceof Error) return this.#add([{ path, failure: toFailure(readError(path, facts)) }]);
    if (facts.isFile()) return this.#add([{ path, facts: factsOf(facts) }]);
    if (!facts.isDirectory()) return this.#add([{ path, failure: toFailure(notAFile(path)) }]);
    const reached = new Set([folderIdentity(facts)]);
    const queue = [{ here: path, rules: Rules.below(path, this.#options.patterns) }];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const { here, rules } = next;
      const entries = {
        onPhotos: (photos: { name: string; facts: FileFacts }[]) =>
          this.#add(photos.map(({ name, facts: found }) => ({ path: join(here, name), facts: found }))),
        onUnreachable: (name: string, failure: Failure) => this.#add([{ path: join(here, name), failure }]),
        onFolder: (below: string, key: string, within: Rules) => {
          if (!this.#options.recursive || reached.has(key)) return;
          reached.add(key);
          queue.push({ here: below, rules: within });
        },
        onLeftOut: (left: LeftOut) => this.leftOut.add(here, left),
      };
      try {
        await walkFolder(here, rules, entries, this.#stop.signal);
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        this.#add([{ path: here, failure: toFailure(readError(here, error)) }]);
      }
    }
  }

  #add(items: { path: string; facts?: FileFacts; failure?: Failure }[]): void {
    this.#catalog.transaction(() => {
      for (const { path, facts, failure } of items) {
        const { changes } = this.#catalog.run(
          `INSERT OR IGNORE INTO temp.job_items (job_id, path, bytes, modified_ms, changed_ms, state, code, message)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          this.id,
          path,
          facts?.bytes ?? null,
          facts?.modifiedMs ?? null,
          facts?.changedMs ?? null,
          failure ? failed : pending,
          failure?.code ?? null,
          failure?.message ?? null,
        );
        this.#progress.total += changes;
        if (failure) {
          this.#progress.done += changes;
          this.#progress.failed += changes;
        }
      }
    });
  }

  onLoaded(model: RemoteModel): void {
    this.#model = model;
    this.#progress.placement = model.placement;
    this.#throughput.mark(this.#progress.done);
    this.#tell();
  }

  take(limit: number): WorkItem[] {
    const rows = this.#catalog.all<{ path: string; bytes: number; modified_ms: number; changed_ms: number }>(
      `SELECT path, bytes, modified_ms, changed_ms FROM temp.job_items
       WHERE job_id = ? AND path > ? AND state = ${pending} ORDER BY path LIMIT ?`,
      this.id,
      this.#lastTaken,
      limit,
    );
    this.#lastTaken = rows.at(-1)?.path ?? this.#lastTaken;
    return rows.map(({ path, bytes, modified_ms: modifiedMs, changed_ms: changedMs }) => {
      const key = this.#nextKey++;
      const facts = { bytes, modifiedMs, changedMs };
      const contentId = this.#options.fresh
        ? null
        : (this.#libraryPhoto(path, facts)?.content_id ?? strayContent(this.#catalog, path, facts));
      return { key, path, facts, contentId };
    });
  }

  #libraryPhoto(path: string, facts?: FileFacts): { id: number; content_id: number | null } | undefined {
    return this.#catalog.one(
      `SELECT p.id, p.content_id FROM photos p JOIN folders f ON f.id = p.folder_id
       WHERE f.path = ? AND p.name = ? AND (? IS NULL OR p.bytes = ? AND p.modified_ms = ? AND p.changed_ms = ?)`,
      dirname(path),
      basename(path),
      facts?.bytes ?? null,
      facts?.bytes ?? null,
      facts?.modifiedMs ?? null,
      facts?.changedMs ?? null,
    );
  }

  hashed(item: WorkItem, file: HashedFile): number {
    const contentId = contentOf(this.#catalog, file.hash);
    const photo = this.#libraryPhoto(item.path);
    if (photo) setContent(this.#catalog, photo.id, file, contentId);
    else setStray(this.#catalog, item.path, file, contentId);
    return contentId;
  }

  settle(outcomes: Outcome[], keyId: number): void {
    for (const outcome of outcomes) {
      const { item } = outcome;
      const failure = outcome.as === 'failed' ? outcome.failure : null;
      this.#catalog.run(
        `UPDATE temp.job_items SET state = ?, content_id = ?, key_id = ?, code = ?, message = ?
         WHERE job_id = ? AND path = ?`,
        { done, known, failed }[outcome.as],
        item.contentId,
        keyId,
        failure?.code ?? null,
        failure?.message ?? null,
        this.id,
        item.path,
      );
    }
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

  /** The next results in path order, waiting at most a second for one. */
  async results(limit: number): Promise<{ items: ClassifiedPath[]; next: boolean; progress: JobProgress }> {
    let rows = this.#settledRows(limit);
    if (rows.length === 0 && this.#progress.state === 'running') {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.#news.promise, new Promise((resolve) => (timer = setTimeout(resolve, 1000)))]);
      clearTimeout(timer);
      rows = this.#settledRows(limit);
    }
    const items = rows.map((row) => this.#describe(row));
    this.#lastGiven = rows.at(-1)?.path ?? this.#lastGiven;
    const { state, total, done: finished } = this.#progress;
    const progress: JobProgress = {
      ...this.#progress,
      leftOut: this.leftOut.counts(),
      photosPerSecond: this.#throughput.perSecond(),
      secondsLeft: this.#throughput.secondsLeft(total - finished),
    };
    return { items, next: state === 'running' || this.#settledRows(1).length > 0, progress };
  }

  #settledRows(limit: number): SettledRow[] {
    // While folders are still read, an earlier path may come.
    if (!this.#progress.scanned) return [];
    const rows = this.#catalog.all<SettledRow>(
      `SELECT i.path, i.state, i.key_id, i.code, i.message, c.width, c.height, c.taken_ms, c.damaged, r.provider,
         s.precision, r.unsure, r.top, r.map, r.seen
       FROM temp.job_items i
       LEFT JOIN contents c ON c.id = i.content_id
       LEFT JOIN results r ON r.content_id = i.content_id AND r.key_id = i.key_id
       LEFT JOIN result_keys s ON s.id = i.key_id
       WHERE i.job_id = ? AND i.path > ? ORDER BY i.path LIMIT ?`,
      this.id,
      this.#lastGiven,
      limit,
    );
    const open = rows.findIndex(({ state }) => state === pending);
    return open < 0 ? rows : rows.slice(0, open);
  }

  #describe(row: SettledRow): ClassifiedPath {
    const { path } = row;
    if (row.state === failed || !row.top) {
      const error = { code: row.code ?? 'internal', message: row.message ?? 'The result is gone.' };
      return { path, status: 'error', error };
    }
    const { labels, id: model } = this.#model!.installed.manifest;
    return {
      path,
      status: 'ok',
      width: row.width,
      height: row.height,
      takenMs: row.taken_ms,
      damaged: row.damaged === 1,
      unsure: row.unsure === 1,
      model,
      provider: row.provider,
      precision: row.precision,
      labels: unpackTop(row.top)
        .slice(0, this.#options.topK)
        .map(({ index, probability }) => ({
          index,
          label: labelAt(labels, index),
          probability,
        })),
      map: row.map && unpackMap(row.map),
      seen: row.seen && unpackRegion(row.seen),
      known: row.state === known,
    };
  }

  /** Keeps what is done; resolves when nothing of it is going on any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pipeline.cancel();
    await this.ended;
    this.#catalog.run('DELETE FROM temp.job_items WHERE job_id = ?', this.id);
    this.leftOut.forget();
  }
}

interface SettledRow {
  path: string;
  state: number;
  key_id: number | null;
  code: string | null;
  message: string | null;
  width: number;
  height: number;
  taken_ms: number | null;
  damaged: number;
  provider: Extract<ClassifiedPath, { status: 'ok' }>['provider'];
  precision: Extract<ClassifiedPath, { status: 'ok' }>['precision'];
  unsure: number;
  top: Uint8Array | null;
  map: Uint8Array | null;
  seen: Uint8Array | null;
}
