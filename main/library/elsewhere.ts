/** What other processes change in the data folder, the command line beside an open window: nobody here hears of it. */
import { statSync } from 'node:fs';
import type { ModelRoots } from '../../models/store.ts';
import { lastAct } from './catalog/acts.ts';
import type { Catalog } from './catalog/database.ts';
import type { Changes } from './changes.ts';

interface Options {
  catalog: Catalog;
  roots: ModelRoots;
  changes: Changes;
  /** Somebody has written. */
  onWritten(): void;
  /** Somebody has said or done something. */
  onActs(): void;
  /** Somebody has written, or changed models, and has not for a while: photos may have been seen. */
  onQuiet(): void;
  onFailed: (error: unknown) => void;
}

/** Both questions are answered without reading a page; lists are read again no more often than this while others write. */
const everyMs = 1000;
/** Longer than between two batches of what classifies, but for the slowest. */
const quietLooks = 5;

/** Looks now and then whether somebody else has written, and notes what that may have changed. */
export class Elsewhere {
  readonly #options: Options;
  readonly #timer: NodeJS.Timeout;
  #catalog: number;
  #models: number;
  #acts: number;
  /** Looks since somebody wrote. */
  #quiet = quietLooks;

  constructor(options: Options) {
    this.#options = options;
    this.#catalog = this.#catalogVersion();
    this.#models = this.#modelsVersion();
    this.#acts = lastAct(options.catalog);
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  /** Differs after each change that another connection committed, and after none of our own. */
  #catalogVersion(): number {
    return this.#options.catalog.one<{ data_version: number }>('PRAGMA data_version')!.data_version;
  }
  /** Models come and go by a name in their folder. */
  #modelsVersion(): number {
    return statSync(this.#options.roots.installed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  #look(): void {
    const { changes, onWritten, onActs, onQuiet, onFailed } = this.#options;
    try {
      const [catalog, models] = [this.#catalogVersion(), this.#modelsVersion()];
      if (catalog !== this.#catalog) {
        changes.note('folders', 'photos', 'labels', 'heads', 'settings');
        onWritten();
        const acts = lastAct(this.#options.catalog);
        if (acts !== this.#acts) onActs();
        this.#acts = acts;
        this.#quiet = 0;
      } else if (this.#quiet < quietLooks && ++this.#quiet === quietLooks) onQuiet();
      if (models !== this.#models) {
        changes.note('models');
        this.#quiet = 0;
      }
      this.#catalog = catalog;
      this.#models = models;
    } catch (error) {
      // A disk that went is told once; what is asked of the library from now on says the same.
      this.close();
      onFailed(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
