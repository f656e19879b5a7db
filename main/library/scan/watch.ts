/**
 * Tells in which folder something has changed. What the system says is a hint, the scan is the truth: each root is also
 * looked through by itself now and then, and more often where the system can't tell.
 */
import { watch, type FSWatcher } from 'chokidar';
import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Failure } from '../../contract/result.ts';
import { shownName, systemPath, textOfName } from '../../file-names.ts';
import { isWithin } from '../catalog/folders.ts';
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
  /** Once a root, or a linked folder in one. */
  onSlow(path: string, reason: SlowReason): void;
}

/** Links to folders that a look through a root, or a part of it, found. */
export interface Links {
  linked: readonly string[];
  /** All of the root was looked through: others are there no more. */
  whole: boolean;
}

interface Root {
  watcher: FSWatcher | null;
  /** By the path of the link. */
  links: Map<string, LinkedFolder>;
  slow: boolean;
  far: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface LinkedFolder {
  /** Where it leads. */
  real: string;
  /** Null: the root's own tells of what changes there. */
  watcher: FSWatcher | null;
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

  get roots(): readonly string[] {
    return [...this.#roots.keys()];
  }

  /** `lookedMs`: since when a scan has looked at it; what changed after is told. A root is added once, its links each time. */
  async add(path: string, lookedMs: number, links: Links = { linked: [], whole: false }): Promise<void> {
    const known = this.#roots.get(path);
    if (known) return this.#follow(path, known, lookedMs, links);
    const root: Root = { watcher: null, links: new Map(), slow: false, far: false, timer: undefined };
    this.#roots.set(path, root);
    if (await isRemote(path)) this.#slow(path, root, 'remote');
    else if (this.#roots.get(path) === root) {
      this.#again(path, root);
      root.watcher = this.#watch(path, path, root, lookedMs);
      await this.#follow(path, root, lookedMs, links);
    }
  }

  /** Each link by a watch of its own: the scan has seen to it that they lead in no circle. */
  async #follow(path: string, root: Root, lookedMs: number, { linked, whole }: Links): Promise<void> {
    if (whole)
      for (const [link, { watcher }] of root.links)
        if (!linked.includes(link)) {
          root.links.delete(link);
          void watcher?.close();
        }
    for (const link of linked) {
      const real = await realpath(systemPath(link), { encoding: 'buffer' }).then(textOfName, () => null);
      const known = root.links.get(link);
      if (real === null || known?.real === real || root.slow || this.#roots.get(path) !== root) continue;
      void known?.watcher?.close();
      const remote = await isRemote(real);
      const own = !remote && !isWithin(real, path);
      root.links.set(link, { real, watcher: own ? this.#watch(path, real, root, lookedMs) : null });
      if (remote) this.#far(path, root, link);
    }
  }

  /** Of the root at `path`: it, or a folder that a link in it leads to. */
  #watch(path: string, top: string, root: Root, lookedMs: number): FSWatcher {
    const rules = Rules.below(top);
    // Folders tell of the files in them; links are not followed, since they can lead in circles.
    const watcher = watch(top, {
      ignored: (each, facts) =>
        facts?.isFile() === true ||
        (each !== top && ['hidden', 'system'].includes(rules.verdict(each, true) ?? '')),
      ...{ persistent: false, followSymlinks: false, alwaysStat: true, atomic: false },
      ignorePermissionErrors: true,
    });
    let ready = false;
    const found = new Map<string, number>();
    watcher.on('ready', () => {
      ready = true;
      void this.#changedSince(path, root, found).then(() => found.clear());
    });
    // Between the scan and this a folder may have changed: that shows in its time. It is told of before the system
    // watches it, so that its time is compared once more when that is so.
    watcher.on('addDir', (folder, facts) => {
      if (ready || !facts || facts.mtimeMs >= lookedMs - coarsestMs) this.#changed(root, folder);
      if (!facts) return;
      if (ready)
        setTimeout(
          () => void this.#changedSince(path, root, [[folder, facts.mtimeMs]]),
          longestWaitMs,
        ).unref();
      else found.set(folder, facts.mtimeMs);
    });
    watcher.on('unlinkDir', (folder) => this.#changed(root, folder === top ? top : dirname(folder)));
    watcher.on('raw', (_event, changed, details) => {
      const { watchedPath } = details as { watchedPath: string };
      if (!changed) return this.#changed(root, watchedPath);
      this.#changed(root, dirname(isAbsolute(changed) ? changed : join(watchedPath, changed)));
    });
    watcher.on('error', (error) => {
      if (limits.has((error as NodeJS.ErrnoException).code ?? '')) this.#slow(path, root, 'limit');
    });
    return watcher;
  }

  /** `found`: folders and their times of change (ms) when they were told of. */
  async #changedSince(path: string, root: Root, found: Iterable<[string, number]>): Promise<void> {
    for (const [folder, mtimeMs] of found) {
      const facts = await stat(systemPath(folder)).catch(() => null);
      if (this.#roots.get(path) !== root) return;
      if (facts && facts.mtimeMs !== mtimeMs) this.#changed(root, folder);
    }
  }

  /** The library knows a folder that a link leads to under the link's path alone. */
  #changed(root: Root, folder: string): void {
    for (const [link, { real }] of root.links)
      if (isWithin(folder, real)) return this.#touched(join(link, relative(real, folder)));
    this.#touched(folder);
  }

  #end(root: Root): void {
    for (const watcher of [root.watcher, ...[...root.links.values()].map((each) => each.watcher)])
      void watcher?.close();
    root.watcher = null;
    root.links.clear();
  }

  /** Watches that are half there would tell of half the changes. */
  #slow(path: string, root: Root, reason: SlowReason): void {
    if (root.slow || this.#roots.get(path) !== root) return;
    root.slow = true;
    this.#end(root);
    this.#again(path, root);
    this.#events.onSlow(path, reason);
  }

  /** A part of the root lies on another machine: what is here is watched all the same. */
  #far(path: string, root: Root, link: string): void {
    root.far = true;
    this.#again(path, root);
    this.#events.onSlow(link, 'remote');
  }

  #again(path: string, root: Root): void {
    clearInterval(root.timer);
    const everyMs = root.slow || root.far ? lookAgain.slowMs : lookAgain.watchedMs;
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
    if (root) this.#end(root);
    for (const [folder, { timer }] of this.#waiting)
      if (folder === path || folder.startsWith(path + sep)) {
        clearTimeout(timer);
        this.#waiting.delete(folder);
      }
  }

  async close(): Promise<void> {
    const watchers = [...this.#roots.values()].flatMap(({ watcher, links }) => [
      watcher,
      ...[...links.values()].map((each) => each.watcher),
    ]);
    for (const path of [...this.#roots.keys()]) this.forget(path);
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    await Promise.all(watchers.map((watcher) => watcher?.close()));
  }
}
