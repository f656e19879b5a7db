/** What becomes of photos that come into a folder by themselves: nothing, until a person said that they are classified. */
import { SaccadeError } from '../../models/error.ts';
import { classifiesNew } from './catalog/classify-new.ts';
import type { Catalog } from './catalog/database.ts';
import { folderById } from './catalog/folders.ts';
import type { Runs } from './runs/runs.ts';

export interface ArrivalsOptions {
  catalog: Catalog;
  runs: Runs;
  /** Nobody has said yet what is to become of them. */
  ask(folderId: number, photos: number): void;
  /** No run could be started: they wait. */
  onFailed(error: unknown): void;
}

/** Of one run, and of one root while nobody has said. */
const mostAtOnce = 10_000;

export class Arrivals {
  readonly #options: ArrivalsOptions;
  /** Photos by their root that are left until somebody says otherwise. */
  readonly #undecided = new Map<number, Set<number>>();
  readonly #waiting = new Set<number>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  add(folderId: number, ids: readonly number[]): void {
    const { catalog, ask } = this.#options;
    const classifies = classifiesNew(catalog, folderById(catalog, folderId));
    if (classifies) return this.#classify(ids);
    const before = this.#undecided.get(folderId);
    const photos = new Set([...(before ?? []), ...ids.slice(0, mostAtOnce - (before?.size ?? 0))]);
    this.#undecided.set(folderId, photos);
    if (classifies === null) ask(folderId, photos.size);
  }

  decided(folderId: number, classify: boolean): void {
    const ids = this.#undecided.get(folderId);
    if (!classify || !ids) return;
    this.#undecided.delete(folderId);
    this.#classify([...ids]);
  }

  #classify(ids: readonly number[]): void {
    for (const id of ids) this.#waiting.add(id);
    this.next();
  }

  /**
   * Starts a run where none goes on: to be called when one has ended, here or elsewhere. One that a person paused is theirs
   * to go on with.
   */
  next(): void {
    const { runs, onFailed } = this.#options;
    if (this.#waiting.size === 0 || runs.underway) return;
    const ids = [...this.#waiting].slice(0, mostAtOnce);
    try {
      runs.start({ selection: { ids }, again: false, retryFailed: false });
      for (const id of ids) this.#waiting.delete(id);
    } catch (error) {
      // Another process was first: they wait for its run.
      if (!(error instanceof SaccadeError) || error.code !== 'run-active') onFailed(error);
    }
  }
}
