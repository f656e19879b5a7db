/**
 * Tells in which folder something has changed. What the system says is a hint, the scan is the truth: each root is also
 * looked through by itself now and then, and more often where the system can't tell.
 */
import { watch, type FSWatcher } from 'chokidar';
import { dirname, isAbsolute, join, sep } from 'node:path';
import type { Failure } from '../../contract/result.ts';
import { shownName } from '../../file-names.ts';
import { isRemote } from './remote.ts';
import { Rules } from './rules.ts';

/** Copying many photos makes many events: a look waits for a moment without one, but not for ever. */
const quietMs = 500;
const longestWaitMs = 5000;

export const lookAgain = { watchedMs: 60 * 60_000, slowMs: 10 * 60_000 };

/** Why a root is only looked at now and then. */
export type SlowReason = 'remote' | 'limit';

export function slowNotice(path: string, reason: SlowReason): Failure {
  const minutes = lookAgain.slowMs / 60_000;
  const why =
    reason === 'remote'
      ? 'it lies on another machine, whose changes this one is not told of'
      : 'it has more folders than this system watches at once (on Linux fs.inotify.max_user_watches)';
  return {
    code: 'watched-slowly',
    message: `What changes in ${shownName(path)} is found every ${minutes} minutes, or when you look for changes: ${why}.`,
  };
}

export interface WatchEvents {
  /** Something changed in this very folder, or the folder is new. */
  onChange(folder: string): void;
  /** It is time to look through a root. */
  onTime(root: string): void;
  /** Once a root. */
  onSlow(root: string, reason: SlowReason): void;
}

interface Root {
  watcher: FSWatcher | null;
  slow: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Of file systems' clocks: FAT keeps two seconds. */
const coarsestMs = 2000;

const limits = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

export class Watchers {
  readonly #events: WatchEvents;
  readonly #roots = new Map<string, Root>();
  /** When a folder was first and last touched. */
  readonly #waiting = new Map<string, { timer: NodeJS.Timeout; sinceMs: number }>();

  constructor(events: WatchEvents) {
    this.#events = events;
  }

  /** `lookedMs`: since when a scan has looked at it; what changed after is told. Once a root. */
  async add(path: string, lookedMs: number): Promise<void> {
    if (this.#roots.has(path)) return;
    const root: Root = { watcher: null, slow: false, timer: undefined };
    this.#roots.set(path, root);
    if (await isRemote(path)) this.#slow(path, root, 'remote');
    else if (this.#roots.get(path) === root) {
      this.#again(path, root);
      root.watcher = this.#watch(path, root, lookedMs);
    }
  }

  #watch(path: string, root: Root, lookedMs: number): FSWatcher {
    const rules = Rules.below(path);
    // Folders tell of the files in them; links are not followed, since they can lead in circles.
    const watcher = watch(path, {
      ignored: (each, facts) =>
        facts?.isFile() === true ||
        (each !== path && ['hidden', 'system'].includes(rules.verdict(each, true) ?? '')),
      ...{ persistent: false, followSymlinks: false, alwaysStat: true, atomic: false },
      ignorePermissionErrors: true,
    });
    let ready = false;
    watcher.on('ready', () => (ready = true));
    // Between the scan and this a folder may have changed: that shows in its time.
    watcher.on('addDir', (folder, facts) => {
      if (ready || !facts || facts.mtimeMs >= lookedMs - coarsestMs) this.#touched(folder);
    });
    watcher.on('unlinkDir', (folder) => this.#touched(folder === path ? path : dirname(folder)));
    watcher.on('raw', (_event, changed, details) => {
      const { watchedPath } = details as { watchedPath: string };
      if (!changed) return this.#touched(watchedPath);
      this.#touched(dirname(isAbsolute(changed) ? changed : join(watchedPath, changed)));
    });
    watcher.on('error', (error) => {
      if (limits.has((error as NodeJS.ErrnoException).code ?? '')) this.#slow(path, root, 'limit');
    });
    return watcher;
  }

  /** Watches that are half there would tell of half the changes. */
  #slow(path: string, root: Root, reason: SlowReason): void {
    if (root.slow || this.#roots.get(path) !== root) return;
    root.slow = true;
    void root.watcher?.close();
    root.watcher = null;
    this.#again(path, root);
    this.#events.onSlow(path, reason);
  }

  #again(path: string, root: Root): void {
    clearInterval(root.timer);
    const everyMs = root.slow ? lookAgain.slowMs : lookAgain.watchedMs;
    root.timer = setInterval(() => this.#events.onTime(path), everyMs);
    root.timer.unref();
  }

  /** After a look that found a file still being written, too. */
  touch(folder: string): void {
    this.#touched(folder);
  }

  #touched(folder: string): void {
    const waiting = this.#waiting.get(folder);
    clearTimeout(waiting?.timer);
    const now = performance.now();
    const sinceMs = waiting?.sinceMs ?? now;
    const timer = setTimeout(
      () => {
        this.#waiting.delete(folder);
        this.#events.onChange(folder);
      },
      Math.max(0, Math.min(quietMs, sinceMs + longestWaitMs - now)),
    );
    timer.unref();
    this.#waiting.set(folder, { timer, sinceMs });
  }

  forget(path: string): void {
    const root = this.#roots.get(path);
    this.#roots.delete(path);
    clearInterval(root?.timer);
    void root?.watcher?.close();
    for (const [folder, { timer }] of this.#waiting)
      if (folder === path || folder.startsWith(path + sep)) {
        clearTimeout(timer);
        this.#waiting.delete(folder);
      }
  }

  async close(): Promise<void> {
    const watchers = [...this.#roots.values()].map(({ watcher }) => watcher);
    for (const path of [...this.#roots.keys()]) this.forget(path);
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    await Promise.all(watchers.map((watcher) => watcher?.close()));
  }
}
