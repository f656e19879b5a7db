/** The library's folders: added, scanned one after another in the background, watched, removed. */
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SaccadeError } from '../../models/error.ts';
import type { Events } from '../contract/verbs.ts';
import type { Folder } from '../contract/entities/folder.ts';
import { systemPath, textOfName, textOfPath } from '../file-names.ts';
import { readError } from '../files.ts';
import type { Catalog } from './catalog/database.ts';
import {
  addFolder,
  describeFolder,
  folderById,
  folderByPath,
  type FolderRow,
  photosWithin,
  isWithin,
  rootFolders,
} from './catalog/folders.ts';
import { forgetLeftOut } from './catalog/left-out.ts';
import { setClassifiesNew } from './catalog/classify-new.ts';
import type { Changes } from './changes.ts';
import { lastPhoto } from './catalog/photos.ts';
import { scanFolder } from './scan/scan.ts';
import { movedRoot, moveRoot } from './scan/moved-root.ts';
import { Settling } from './scan/settling.ts';
import { Watchers, type SlowReason } from './scan/watch.ts';

export interface FoldersOptions {
  catalog: Catalog;
  changes: Changes;
  onProgress(progress: Events['scan.progress']): void;
  /** A scan failed in a way that no folder's row tells. */
  onFailed(error: unknown): void;
  /** A root is looked at only now and then. */
  onSlow(path: string, reason: SlowReason): void;
  /** A root that was not there any more was added from where it lies now. */
  onMoved(from: string, to: string): void;
  /** Photos came into a folder that was known before, or changed there. */
  onArrived(folderId: number, ids: readonly number[]): void;
  /** A scan of a folder is finished; `deep`: of all that is below it, too. */
  onScanned(path: string, deep: boolean): void;
  watch: boolean;
}

/** How a path is scanned: `shallow` where something changed just there, `waiting` where files may still be written. */
interface Look {
  shallow: boolean;
  waiting: boolean;
}

const progressEveryMs = 100;
/** A photo that is moved may be seen where it came to before it is seen to be gone, within this time. */
const moveMs = 60_000;

export class Folders {
  readonly #options: FoldersOptions;
  readonly #watchers: Watchers | null;
  readonly #stop = new AbortController();
  /** Paths to scan, each once. */
  readonly #queue = new Map<string, Look>();
  readonly #settling = new Settling();
  /** The last photo there was when each of the last scans began, oldest first. */
  #began: { atMs: number; id: number }[] = [];
  /** Those of them whose photos are to be read. */
  readonly #fresh = new Set<string>();
  /** Links to folders that a look through a whole root found, by its path. */
  readonly #links = new Map<string, ReadonlySet<string>>();
  #scanning: { path: string; controller: AbortController; ended: Promise<void> } | null = null;

  constructor(options: FoldersOptions) {
    this.#options = options;
    this.#watchers = options.watch
      ? new Watchers({
          onChange: (path) => this.#enqueue(path, { shallow: true, waiting: true }),
          onTime: (path) => this.#enqueue(path, { shallow: false, waiting: true }),
          onSlow: options.onSlow,
        })
      : null;
  }

  /** Looks for what has changed since the last time. */
  start(): void {
    for (const { path } of rootFolders(this.#options.catalog)) this.#enqueue(path);
  }

  /** A file in it is not what it was: the folder alone is looked through. */
  lookAt(folder: string): void {
    if (this.#rootOf(folder)) this.#enqueue(folder, { shallow: true, waiting: this.#watchers !== null });
  }

  /** @throws SaccadeError `no-such-folder`, `folder-unreadable` */
  async add(path: string): Promise<Folder> {
    const { catalog, changes } = this.#options;
    const absolute = await this.#checked(textOfPath(resolve(path)));
    const row = (await this.#foundAgain(absolute)) ?? addFolder(catalog, absolute);
    changes.note('folders');
    this.#enqueue(row.path);
    return describeFolder(catalog, row);
  }

  /** A root that lies elsewhere now is that root, with all that is known of it. */
  async #foundAgain(path: string): Promise<FolderRow | null> {
    const { catalog, onMoved } = this.#options;
    const root = await movedRoot(catalog, path);
    if (!root) return null;
    await this.#letGo(root.path);
    const row = moveRoot(catalog, root, path);
    onMoved(root.path, path);
    return row;
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
    await this.#letGo(row.path);
    setClassifiesNew(catalog, row, null);
    catalog.run('DELETE FROM folders WHERE id = ?', row.id);
    forgetLeftOut(catalog, row.path);
    changes.note('folders', 'photos', 'labels');
  }

  async #letGo(root: string): Promise<void> {
    for (const path of [...this.#queue.keys()]) if (isWithin(path, root)) this.#queue.delete(path);
    this.#watchers?.forget(root);
    this.#links.delete(root);
    if (!this.#scanning || !isWithin(this.#scanning.path, root)) return;
    this.#scanning.controller.abort();
    await this.#scanning.ended;
  }

  /** Another window or a command may have removed roots. */
  dropGone(): void {
    const roots = new Set(rootFolders(this.#options.catalog).map(({ path }) => path));
    for (const path of this.#watchers?.roots ?? []) if (!roots.has(path)) void this.#letGo(path);
  }

  /** Another window may have added roots, and has had the time to look through them. */
  takeUpAdded(): void {
    const known = new Set([...(this.#watchers?.roots ?? []), this.#scanning?.path]);
    for (const { path } of rootFolders(this.#options.catalog)) if (!known.has(path)) this.#enqueue(path);
  }

  #enqueue(path: string, look: Look = { shallow: false, waiting: false }): void {
    if (this.#stop.signal.aborted) return;
    const before = this.#queue.get(path) ?? look;
    this.#queue.set(path, {
      shallow: look.shallow && before.shallow,
      waiting: look.waiting && before.waiting,
    });
    if (!this.#scanning) void this.#drain();
  }

  async #drain(): Promise<void> {
    for (const [path, look] of this.#queue) {
      this.#queue.delete(path);
      const controller = new AbortController();
      const ended = this.#scan(path, look, AbortSignal.any([controller.signal, this.#stop.signal]));
      this.#scanning = { path, controller, ended };
      await ended;
      this.#scanning = null;
    }
  }

  #newAfter(): number {
    const now = performance.now();
    const before = this.#began.filter(({ atMs }) => atMs > now - moveMs);
    this.#began = [...before, { atMs: now, id: lastPhoto(this.#options.catalog) }];
    return this.#began[0]!.id;
  }

  #rootOf(path: string): FolderRow | undefined {
    return rootFolders(this.#options.catalog).find((each) => isWithin(path, each.path));
  }

  async #scan(path: string, { shallow, waiting }: Look, signal: AbortSignal): Promise<void> {
    const { catalog, changes, onProgress, onFailed, onArrived, onScanned } = this.#options;
    let found = 0;
    const arrived: number[] = [];
    const links = { all: new Set<string>(), entered: [] as string[] };
    let lastMs = 0;
    const startedMs = Date.now();
    const root = this.#rootOf(path);
    // Removed by another window or a command.
    if (!root) return;
    // What an added folder holds when it is added does not arrive.
    const isKnown = photosWithin(catalog, root) > 0;
    let folderId = folderByPath(catalog, path)?.id;
    const tell = (done: boolean) => {
      folderId = folderByPath(catalog, path)?.id ?? folderId;
      lastMs = performance.now();
      if (folderId !== undefined) onProgress({ folderId, found, done });
    };
    const events = {
      onFound(count: number) {
        found = count;
        if (performance.now() - lastMs >= progressEveryMs) tell(false);
      },
      onChanged: (what: 'folders' | 'photos') => changes.note(what),
      onArrived: (ids: number[]) => void arrived.push(...ids),
      onLinked: (folder: string, entered: boolean) => {
        links.all.add(folder);
        if (entered) links.entered.push(folder);
      },
    };
    const fresh = this.#fresh.delete(path);
    const options = {
      signal,
      fresh,
      shallow,
      newAfter: this.#newAfter(),
      passLinks: shallow || path !== root.path,
      settling: waiting ? this.#settling : undefined,
    };
    try {
      const unsettled = await scanFolder(catalog, path, events, options);
      for (const folder of unsettled) this.#watchers?.touch(folder);
    } catch (error) {
      if (!signal.aborted && this.#rootOf(path)) onFailed(error);
    }
    if (this.#stop.signal.aborted) return;
    // Also where the folder was removed: nobody waits for it any more.
    tell(true);
    if (signal.aborted) return;
    onScanned(path, !shallow);
    const whole = path === root.path && !shallow;
    if (whole) this.#links.set(root.path, links.all);
    // Where a new one leads to may be reached in another place: only a look through everything can tell.
    else if (links.all.difference(this.#links.get(root.path) ?? new Set()).size) this.#enqueue(root.path);
    void this.#watchers?.add(root.path, startedMs, { linked: links.entered, whole });
    if (!isKnown || !arrived.length) return;
    // One that was moved is the photo that it was.
    const there = catalog.all<{ id: number }>(
      'SELECT id FROM photos WHERE id IN (SELECT value FROM json_each(?))',
      JSON.stringify(arrived),
    );
    if (there.length)
      onArrived(
        root.id,
        there.map(({ id }) => id),
      );
  }

  /** Resolves when nothing is being scanned. */
  async idle(): Promise<void> {
    while (this.#scanning) await this.#scanning.ended.then(() => new Promise(setImmediate));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#queue.clear();
    await Promise.all([this.#watchers?.close(), this.#scanning?.ended]);
  }
}
