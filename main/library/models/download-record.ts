/** What is written down of a download, so that it survives the process: `<downloads>/<id>/download.json`. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../../models/alive.ts';
import { SaccadeError } from '../../../models/error.ts';
import { importAnswers } from '../../../models/formats/answers.ts';
import { failure } from '../../contract/failure.ts';
import { makeFolder } from '../../files.ts';

const hash = z.object({ kind: z.enum(['sha256', 'sha512', 'git-sha1']), hex: z.string() });
const file = z.object({
  path: z.string().regex(/^[A-Za-z0-9_][\w.-]*$/),
  bytes: z.int().nonnegative(),
  hash,
});
const record = z.object({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  startedMs: z.number(),
  /** `owner/name` and the branch, tag or commit that was asked for. */
  repository: z.string(),
  revision: z.string(),
  /** Id to install under. */
  name: z.string(),
  /** Null until the Hub was asked; then nothing about it changes any more. */
  plan: z.object({ repository: z.string(), revision: z.string(), files: z.array(file) }).nullable(),
  /** Why it stopped by itself; null otherwise. */
  error: failure.nullable(),
  failed: z.boolean(),
  /** What a person said where the files don't. */
  answers: importAnswers.optional(),
});
export type DownloadRecord = z.infer<typeof record>;

export function writeRecord(folder: string, value: DownloadRecord): void {
  makeFolder(folder);
  const path = join(folder, 'download.json');
  writeFileSync(`${path}.new`, JSON.stringify(value, null, 2));
  renameSync(`${path}.new`, path);
}

/** Every download below `root`, oldest first; folders without a readable record are left alone. */
export function readRecords(root: string): DownloadRecord[] {
  const read = (name: string): DownloadRecord[] => {
    try {
      const found = record.parse(JSON.parse(readFileSync(join(root, name, 'download.json'), 'utf8')));
      return found.id === name ? [found] : [];
    } catch {
      return [];
    }
  };
  let names: string[] = [];
  try {
    names = readdirSync(root);
  } catch {
    // No download was ever started.
  }
  return names.flatMap(read).sort((a, b) => a.startedMs - b.startedMs);
}

const staleMs = 60_000;

/**
 * Keeps two processes of one user (the application and the command line) from writing the same download. A lock that
 * nobody touched for a minute, or whose process is gone, holds nobody back.
 */
export class DownloadLock {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;

  /** @throws SaccadeError `download-busy` */
  constructor(folder: string) {
    this.#path = join(folder, 'lock');
    if (isLocked(folder))
      throw new SaccadeError(
        'download-busy',
        'Another Saccade is downloading this. Wait for it, or cancel it there.',
      );
    makeFolder(folder);
    writeFileSync(this.#path, String(process.pid));
    this.#timer = setInterval(() => this.#touch(), staleMs / 4);
    this.#timer.unref();
  }

  #touch(): void {
    try {
      utimesSync(this.#path, new Date(), new Date());
    } catch {
      // The folder was deleted under us; the download will notice.
    }
  }

  release(): void {
    clearInterval(this.#timer);
    rmSync(this.#path, { force: true });
  }
}

/** By a process other than this one. */
export function isLocked(folder: string): boolean {
  try {
    const path = join(folder, 'lock');
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid === process.pid || Date.now() - statSync(path).mtimeMs > staleMs) return false;
    return isAlive(pid);
  } catch {
    return false;
  }
}
