/** Tells when something in a folder changes; where the system can't watch, when it is time to look again. */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { sep } from 'node:path';
import { systemPath } from '../../file-names.ts';

/** Copying many photos makes many events: the scan waits for a moment without one. */
const quietMs = 1000;
const lookAgainMs = 10 * 60_000;
/** Linux watches each folder by itself, and has a limit for all programs together. */
const mostWatchers = 4096;
const recursive = process.platform !== 'linux';

export class Watchers {
  readonly #onChange: (path: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #roots = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
    this.#timer = setInterval(() => {
      for (const root of this.#roots) onChange(root);
    }, lookAgainMs);
    this.#timer.unref();
  }

  /** All folders of a root as they are now. */
  set(root: string, folders: Iterable<string>): void {
    this.#roots.add(root);
    for (const path of recursive ? [root] : folders) this.#watch(path);
  }

  #watch(path: string): void {
    if (this.#watchers.has(path) || this.#watchers.size >= mostWatchers) return;
    try {
      const watcher = watch(systemPath(path), { recursive, persistent: false }, () => this.#touched(path));
      watcher.on('error', () => this.#drop(path));
      this.#watchers.set(path, watcher);
    } catch {
      // Not there, not allowed, or too many: the regular look sees to it.
    }
  }

  #touched(path: string): void {
    clearTimeout(this.#waiting.get(path));
    const timer = setTimeout(() => {
      this.#waiting.delete(path);
      this.#onChange(path);
    }, quietMs);
    this.#waiting.set(path, timer);
  }

  #drop(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
    this.#touched(path);
  }

  /** Of a root and all below it. */
  forget(root: string): void {
    this.#roots.delete(root);
    for (const path of [...this.#watchers.keys()])
      if (path === root || path.startsWith(root + sep)) {
        this.#watchers.get(path)?.close();
        this.#watchers.delete(path);
      }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}
