/** What is about to be done with files, written down and on the disk before it is done: one JSON line a step, a file a batch. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemPath } from '../../file-names.ts';
import { dropEmpty, makeFolder } from '../../files.ts';
import type { Placing } from './place.ts';

/** `goesWith`: of a sidecar, where the photos go that it speaks of. */
export type Logged = Placing & { goesWith?: string[] };

type Line = Logged | { folder: string } | { failed: string };

const ending = '.jsonl';
const folderOf = (home: string) => join(home, 'organised');

/** Names, of batches that were taken back too. */
const logsIn = (home: string): string[] => (existsSync(folderOf(home)) ? readdirSync(folderOf(home)) : []);

/** Of a log, by its name, in milliseconds since 1970; 0: none of ours. */
const momentOf = (name: string): number =>
  Date.parse(name.replace(/^(.{10}T..)-(..)-(.{6}Z).*$/, '$1:$2:$3')) || 0;

export class PlacingLog {
  readonly path: string;
  #file: number | null = null;

  constructor(home: string) {
    // After those that are there, also within a millisecond and where the clock has gone back: the last is undone first.
    const newest = Math.max(0, ...logsIn(home).map(momentOf));
    const at = new Date(Math.max(Date.now(), newest + 1)).toISOString();
    this.path = join(folderOf(home), `${at.replaceAll(':', '-')}${ending}`);
  }

  /** With the folders that have to be made for it, outermost first. */
  begin(placing: Logged): void {
    if (this.#file === null) {
      makeFolder(dirname(this.path), 0o700);
      this.#file = openSync(this.path, 'wx', 0o600);
    }
    const lines: Line[] = [placing];
    for (let folder = dirname(placing.to); !existsSync(systemPath(folder)); folder = dirname(folder)) {
      lines.unshift({ folder });
      if (dirname(folder) === folder) break;
    }
    this.#write(lines);
  }

  /** It did not come about: what is there is somebody else's. */
  failed({ to }: Placing): void {
    this.#write([{ failed: to }]);
  }

  #write(lines: readonly Line[]): void {
    appendFileSync(this.#file!, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    fsyncSync(this.#file!);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** Folders that were made for what did not come about go again; of a batch of which nothing did, nothing is to be taken back. */
  tidy(): void {
    if (!existsSync(this.path)) return;
    const { placings, folders } = readLog(this.path);
    if (placings.length) dropEmpty(folders);
    else endLog(this.path, folders);
  }
}

/** Of the last batch that was not taken back; null: there is none. One of which nothing came about before a crash is ended. */
export function lastLog(home: string): string | null {
  const names = logsIn(home).filter((each) => each.endsWith(ending));
  for (const name of names.sort().reverse()) {
    const path = join(folderOf(home), name);
    const { placings, folders } = readLog(path);
    if (placings.length) return path;
    endLog(path, folders);
  }
  return null;
}

/** Last step first. A line that a crash cut off was of a step that did not begin. */
export function readLog(path: string): { placings: Logged[]; folders: string[] } {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line): Line[] => {
      try {
        return [JSON.parse(line) as Line];
      } catch {
        return [];
      }
    })
    .reverse();
  // The line before it of that place: another may have come there earlier.
  const failed = new Set<string>();
  const placings = lines.flatMap((line) => {
    if ('failed' in line) failed.add(line.failed);
    return 'way' in line && !failed.delete(line.to) ? [line] : [];
  });
  return {
    placings,
    folders: lines.flatMap((line) => ('folder' in line ? [line.folder] : [])),
  };
}

/** The batch is taken back: folders that were made for it go where they are empty, and it is not offered again. */
export function endLog(path: string, folders: readonly string[]): void {
  dropEmpty(folders);
  renameSync(path, `${path}.undone`);
}
