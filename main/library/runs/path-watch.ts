/** Photos that come into folders, or change there, for the command line: nothing is registered. */
import { stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import type { Failure } from '../../contract/result.ts';
import { toFailure } from '../../contract/result.ts';
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
  /** Where the files that are known are kept, so that a watch goes on after its process has ended. */
  known: string;
  /** The last answer that came from the process before; null: this is the first. */
  turn: number | null;
}

/**
 * In a file: a million need no more memory than ten. `told`: the answer in which a file was, 0 for none yet, −1 for those
 * that were there before.
 */
const shape = (schema: string) => `
  PRAGMA ${schema}.synchronous = OFF;
  CREATE TABLE IF NOT EXISTS ${schema}.files (path TEXT PRIMARY KEY, facts TEXT NOT NULL, told INTEGER NOT NULL)
    WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ${schema}.looked (path TEXT PRIMARY KEY) WITHOUT ROWID`;

let nextWatchId = 1;

export class PathWatch {
  readonly id = nextWatchId++;
  readonly #options: PathWatchOptions;
  readonly #watchers: Watchers;
  readonly #settling = new Settling();
  readonly #folders = new Set<string>();
  readonly #stop = new AbortController();
  readonly #notices: Failure[] = [];
  /** Of tables. */
  readonly #schema: string;
  /** Of the last answer. */
  #answered: number;
  #turn: Promise<void> = Promise.resolve();
  #news = Promise.withResolvers<void>();

  constructor(options: PathWatchOptions) {
    this.#options = options;
    this.#schema = `watch${this.id}`;
    this.#answered = options.turn ?? 0;
    options.catalog.run(`ATTACH ? AS ${this.#schema}`, options.known);
    options.catalog.exec(shape(this.#schema));
    // Of an answer that never came.
    options.catalog.run(`UPDATE ${this.#schema}.files SET told = 0 WHERE told > ?`, this.#answered);
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
    const { catalog, paths, existing } = this.#options;
    const looked = new Set(catalog.column<string>(`SELECT path FROM ${this.#schema}.looked`));
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
      await this.#look(path, path, false, looked.has(path) ? 'wait' : existing ? 'tell' : 'know');
      catalog.run(`INSERT OR IGNORE INTO ${this.#schema}.looked (path) VALUES (?)`, path);
      await this.#watchers.add(path, startedMs);
    }
  }

  #next(folder: string, shallow: boolean): void {
    const { paths } = this.#options;
    const root = paths.find((each) => each === folder || isBelow(folder, each));
    if (root === undefined) return;
    this.#turn = this.#turn
      .then(() => this.#look(root, folder, shallow, 'wait'))
      .catch((error: unknown) => {
        // A folder that is gone again says nothing; photos that could not be written down are looked for again.
        if (error instanceof SaccadeError || this.#stop.signal.aborted) return;
        this.#notices.push(toFailure(error));
        this.#news.resolve();
      });
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
      // A folder below that has gone meanwhile is no photo that came.
      onFound: (some) => void found.push(...some.filter((each) => each.path !== folder || folder === root)),
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
          `SELECT facts FROM ${this.#schema}.files WHERE path = ?`,
          each.path,
        );
        if (before?.facts === now) continue;
        if (how === 'wait' && facts && !this.#settling.isSettled(each.path, facts)) {
          touched.add(dirname(each.path));
          continue;
        }
        catalog.run(
          `INSERT OR REPLACE INTO ${this.#schema}.files (path, facts, told) VALUES (?, ?, ?)`,
          each.path,
          now,
          how === 'know' ? -1 : 0,
        );
      }
    });
    for (const folder of touched) this.#watchers.touch(folder);
    this.#news.resolve();
  }

  /** Those not told yet, in path order. `turn`: of this answer, larger than any before. */
  async arrivals(limit: number): Promise<{ paths: string[]; notices: Failure[]; turn: number }> {
    let paths = this.#untold(limit);
    if (!paths.length && !this.#notices.length) {
      this.#news = Promise.withResolvers<void>();
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([this.#news.promise, new Promise((resolve) => (timer = setTimeout(resolve, 1000)))]);
      clearTimeout(timer);
      if (this.#stop.signal.aborted) return { paths: [], notices: [], turn: this.#answered };
      paths = this.#untold(limit);
    }
    return { paths, notices: this.#notices.splice(0), turn: this.#answered };
  }

  #untold(limit: number): string[] {
    const { catalog } = this.#options;
    const files = `${this.#schema}.files`;
    const paths = catalog.column<string>(`SELECT path FROM ${files} WHERE told = 0 ORDER BY path LIMIT ?`, limit); // prettier-ignore
    if (!paths.length) return paths;
    this.#answered++;
    catalog.transaction(() => {
      for (const path of paths)
        catalog.run(`UPDATE ${files} SET told = ? WHERE path = ?`, this.#answered, path);
    });
    return paths;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#news.resolve();
    await Promise.all([this.#watchers.close(), this.#turn]);
    if (this.#options.catalog.isOpen()) this.#options.catalog.run(`DETACH ${this.#schema}`);
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
