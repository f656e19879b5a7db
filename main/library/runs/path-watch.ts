/** Photos that come into folders, or change there, for the command line: nothing is registered. */
import { stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Failure } from '../../contract/result.ts';
import { systemPath } from '../../file-names.ts';
import { readError } from '../../files.ts';
import type { Catalog } from '../catalog/database.ts';
import { isBelow } from '../catalog/folders.ts';
import { patternsIn, Rules } from '../scan/rules.ts';
import { Settling } from '../scan/settling.ts';
import { slowNotice, Watchers } from '../scan/watch.ts';
import { findPaths, type FoundPath } from './find-paths.ts';

export interface PathWatchOptions {
  catalog: Catalog;
  paths: string[];
  recursive: boolean;
  /** Photos that are there already come first. */
  existing: boolean;
  patterns: string[];
}

/** A million files need no more memory than ten. */
const shape = `CREATE TEMP TABLE IF NOT EXISTS watched_files (
  watch_id INTEGER NOT NULL, path TEXT NOT NULL, facts TEXT NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (watch_id, path)
) WITHOUT ROWID`;

let nextWatchId = 1;

export class PathWatch {
  readonly id = nextWatchId++;
  readonly #options: PathWatchOptions;
  readonly #watchers: Watchers;
  readonly #settling = new Settling();
  readonly #folders = new Set<string>();
  readonly #stop = new AbortController();
  readonly #notices: Failure[] = [];
  #turn: Promise<void> = Promise.resolve();
  #news = Promise.withResolvers<void>();

  constructor(options: PathWatchOptions) {
    this.#options = options;
    options.catalog.exec(shape);
    this.#watchers = new Watchers({
      onChange: (folder) => this.#next(folder, true),
      onTime: (root) => this.#next(root, false),
      onSlow: (root, reason) => {
        this.#notices.push(slowNotice(root, reason));
        this.#news.resolve();
      },
    });
  }

  /** @throws SaccadeError `folder-unreadable` */
  async start(): Promise<void> {
    const { paths, existing } = this.#options;
    for (const path of paths) {
      const facts = await stat(systemPath(path)).catch((error: unknown) => error as Error);
      if (facts instanceof Error || !facts.isDirectory())
        throw new SaccadeError(
          'folder-unreadable',
          facts instanceof Error
            ? readError(path, facts).message
            : `Expected a folder at ${path}; found a file.`,
        );
    }
    for (const path of paths) {
      const startedMs = Date.now();
      await this.#look(path, path, false, existing ? 'tell' : 'know');
      await this.#watchers.add(path, startedMs);
    }
  }

  #next(folder: string, shallow: boolean): void {
    const { paths } = this.#options;
    const root = paths.find((each) => each === folder || isBelow(folder, each));
    if (root === undefined) return;
    this.#turn = this.#turn.then(() => this.#look(root, folder, shallow, 'wait')).catch(() => {});
  }

  /** `wait`: for files that are still being written. */
  async #look(root: string, folder: string, shallow: boolean, how: 'know' | 'tell' | 'wait'): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { recursive, patterns } = this.#options;
    if (folder !== root && !recursive) return;
    const rules = await rulesDownTo(root, folder, patterns);
    if (!rules) return;
    const found: FoundPath[] = [];
    await findPaths(folder, {
      ...{ recursive, patterns, rules, signal: this.#stop.signal, onLeftOut: () => {} },
      enters: (below) => {
        const known = this.#folders.has(below);
        this.#folders.add(below);
        return !(shallow && known);
      },
      onFound: (some) => void found.push(...some),
    });
    this.#take(found, how);
  }

  #take(found: readonly FoundPath[], how: 'know' | 'tell' | 'wait'): void {
    const { catalog } = this.#options;
    const touched = new Set<string>();
    catalog.transaction(() => {
      for (const each of found) {
        const facts = 'facts' in each ? each.facts : null;
        const now = facts ? `${facts.bytes} ${facts.modifiedMs} ${facts.changedMs}` : 'unreachable';
        const before = catalog.one<{ facts: string }>(
          'SELECT facts FROM temp.watched_files WHERE watch_id = ? AND path = ?',
          this.id,
          each.path,
        );
        if (before?.facts === now) continue;
        if (how === 'wait' && facts && !this.#settling.isSettled(each.path, facts)) {
          touched.add(dirname(each.path));
          continue;
        }
        catalog.run(
          'INSERT OR REPLACE INTO temp.watched_files (watch_id, path, facts, told) VALUES (?, ?, ?, ?)',
          this.id,
          each.path,
          now,
          how === 'know' ? 1 : 0,
        );
      }
    });
    for (const folder of touched) this.#watchers.touch(folder);
    this.#news.resolve();
  }

  /** Those not told yet, in path order. */
  async arrivals(limit: number): Promise<{ paths: string[]; notices: Failure[] }> {
    let paths = this.#untold(limit);
    if (!paths.length && !this.#notices.length) {
      this.#news = Promise.withResolvers<void>();
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.#news.promise, new Promise((resolve) => (timer = setTimeout(resolve, 1000)))]);
      clearTimeout(timer);
      if (this.#stop.signal.aborted) return { paths: [], notices: [] };
      paths = this.#untold(limit);
    }
    return { paths, notices: this.#notices.splice(0) };
  }

  #untold(limit: number): string[] {
    const { catalog } = this.#options;
    const rows = catalog.all<{ path: string }>(
      'SELECT path FROM temp.watched_files WHERE watch_id = ? AND told = 0 ORDER BY path LIMIT ?',
      this.id,
      limit,
    );
    for (const { path } of rows)
      catalog.run('UPDATE temp.watched_files SET told = 1 WHERE watch_id = ? AND path = ?', this.id, path);
    return rows.map(({ path }) => path);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#news.resolve();
    await Promise.all([this.#watchers.close(), this.#turn]);
  }
}

/** Null: one of the folders on the way is left out. */
async function rulesDownTo(root: string, folder: string, patterns: string[]): Promise<Rules | null> {
  let rules = Rules.below(root, patterns);
  let above = root;
  for (const name of relative(root, folder).split(sep).filter(Boolean)) {
    rules = rules.within(above, await patternsIn(above).catch(() => []));
    above = join(above, name);
    const verdict = rules.verdict(above, true);
    if (verdict !== null && verdict !== 'wanted') return null;
  }
  return rules;
}
