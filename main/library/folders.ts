/** The library's folders: added, scanned one after another in the background, watched, removed. */
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { Events } from '../contract/verbs.ts';
import type { Folder } from '../contract/entities.ts';
import { systemPath, textOfName, textOfPath } from '../file-names.ts';
import { readError } from '../files.ts';
import type { Catalog } from './catalog/database.ts';
import {
  addFolder,
  describeFolder,
  folderById,
  folderByPath,
  foldersWithin,
  isBelow,
  rootFolders,
} from './catalog/folders.ts';
import { forgetLeftOut } from './catalog/left-out.ts';
import type { Changes } from './changes.ts';
import { scanFolder } from './scan/scan.ts';
import { Watchers } from './scan/watch.ts';

export interface FoldersOptions {
  catalog: Catalog;
  changes: Changes;
  onProgress(progress: Events['scan.progress']): void;
  /** A scan failed in a way that no folder's row tells. */
  onFailed(error: unknown): void;
  watch: boolean;
}

const progressEveryMs = 100;

export class Folders {
  readonly #options: FoldersOptions;
  readonly #watchers: Watchers | null;
  readonly #stop = new AbortController();
  /** Paths to scan, each once. */
  readonly #queue = new Set<string>();
  /** Those of them whose photos are to be read. */
  readonly #fresh = new Set<string>();
  #scanning: { path: string; controller: AbortController; ended: Promise<void> } | null = null;

  constructor(options: FoldersOptions) {
    this.#options = options;
    this.#watchers = options.watch ? new Watchers((path) => this.#enqueue(path)) : null;
  }

  /** Looks for what has changed since the last time. */
  start(): void {
    for (const { path } of rootFolders(this.#options.catalog)) this.#enqueue(path);
  }

  /** @throws SaccadeError `no-such-folder`, `folder-unreadable` */
  async add(path: string): Promise<Folder> {
    const { catalog, changes } = this.#options;
    const absolute = await this.#checked(textOfPath(resolve(path)));
    const row = addFolder(catalog, absolute);
    changes.note('folders');
    this.#enqueue(row.path);
    return describeFolder(catalog, row);
  }

  async #checked(path: string): Promise<string> {
    try {
      const facts = await stat(systemPath(path));
      if (!facts.isDirectory())
        throw new SaccadeError('folder-unreadable', `Expected a folder at ${path}; found a file.`);
      // One folder under two names would be scanned twice.
      return textOfName(await realpath(systemPath(path), { encoding: 'buffer' }));
    } catch (error) {
      if (error instanceof SaccadeError) throw error;
      throw new SaccadeError('folder-unreadable', readError(path, error).message, { cause: error });
    }
  }

  /** Reads contents whatever sizes and times say. */
  rescan(folderId: number): void {
    const { path } = folderById(this.#options.catalog, folderId);
    this.#fresh.add(path);
    this.#enqueue(path);
  }

  setPatterns(folderId: number, patterns: string): void {
    const { catalog, changes } = this.#options;
    const { path } = folderById(catalog, folderId);
    catalog.run('UPDATE folders SET patterns = ? WHERE id = ?', patterns, folderId);
    changes.note('folders');
    this.#enqueue(path);
  }

  /** Only roots. What was found out about contents that no other photo has goes with it. */
  async remove(folderId: number): Promise<void> {
    const { catalog, changes } = this.#options;
    const row = folderById(catalog, folderId);
    if (row.parent_id !== null)
      throw new SaccadeError(
        'not-a-root',
        `Expected a folder that was added; ${row.path} is part of one. Remove that one instead.`,
      );
    for (const path of this.#queue) if (isWithin(path, row.path)) this.#queue.delete(path);
    if (this.#scanning && isWithin(this.#scanning.path, row.path)) {
      this.#scanning.controller.abort();
      await this.#scanning.ended;
    }
    this.#watchers?.forget(row.path);
    catalog.run('DELETE FROM folders WHERE id = ?', row.id);
    forgetLeftOut(catalog, row.path);
    changes.note('folders', 'photos', 'labels');
  }

  #enqueue(path: string): void {
    if (this.#stop.signal.aborted) return;
    this.#queue.add(path);
    if (!this.#scanning) void this.#drain();
  }

  async #drain(): Promise<void> {
    for (const path of this.#queue) {
      this.#queue.delete(path);
      const controller = new AbortController();
      const ended = this.#scan(path, AbortSignal.any([controller.signal, this.#stop.signal]));
      this.#scanning = { path, controller, ended };
      await ended;
      this.#scanning = null;
    }
  }

  async #scan(path: string, signal: AbortSignal): Promise<void> {
    const { catalog, changes, onProgress, onFailed } = this.#options;
    let found = 0;
    let lastMs = 0;
    const tell = (done: boolean) => {
      const folder = folderByPath(catalog, path);
      lastMs = performance.now();
      if (folder) onProgress({ folderId: folder.id, found, done });
    };
    const events = {
      onFound(count: number) {
        found = count;
        if (performance.now() - lastMs >= progressEveryMs) tell(false);
      },
      onChanged: (what: 'folders' | 'photos') => changes.note(what),
    };
    const fresh = this.#fresh.delete(path);
    try {
      await scanFolder(catalog, path, events, signal, fresh);
    } catch (error) {
      if (!signal.aborted) onFailed(error);
    }
    if (signal.aborted) return;
    tell(true);
    const root = rootFolders(catalog).find((each) => isWithin(path, each.path));
    if (root && this.#watchers)
      this.#watchers.set(
        root.path,
        foldersWithin(catalog, root).map((each) => each.path),
      );
  }

  /** Resolves when nothing is being scanned. */
  async idle(): Promise<void> {
    while (this.#scanning) await this.#scanning.ended.then(() => new Promise(setImmediate));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    this.#watchers?.close();
    await this.#scanning?.ended;
  }
}

function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || isBelow(path, ancestor);
}
