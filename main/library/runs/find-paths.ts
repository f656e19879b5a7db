/** The photos that files and folders named on the command line stand for. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import { systemPath } from '../../file-names.ts';
import { notAFile, readError } from '../../files.ts';
import type { FileFacts } from '../files/file-facts.ts';
import { factsOf } from '../scan/hash.ts';
import { Rules } from '../scan/rules.ts';
import { folderIdentity, walkFolder } from '../scan/walk.ts';
import type { LeftOut } from '../catalog/left-out.ts';

/** A photo, or what stands in the way of one. */
export type FoundPath = { path: string; facts: FileFacts } | { path: string; failure: Failure };

export interface FindOptions {
  /** Folders below a folder, too. */
  recursive: boolean;
  /** What a person leaves out or takes in, as in .gitignore. */
  patterns: string[] | undefined;
  /** Which files are looked for, absent: all; what keeps a folder from being read is told whatever it answers. */
  isWanted?(path: string): boolean;
  /** Of the folders above `path`; absent: it is the uppermost. */
  rules?: Rules;
  /** Which folders below are looked into, absent: all. */
  enters?(folder: string): boolean;
  signal: AbortSignal;
  onFound(found: FoundPath[]): void;
  onLeftOut(folder: string, left: LeftOut): void;
}

/**
 * Each folder once, however it is reached, and in an order that does not depend on the file system's: a folder that
 * links lead to has the same path on every machine. Throws the signal's reason when it is aborted.
 */
export async function findPaths(path: string, options: FindOptions): Promise<void> {
  const { recursive, patterns, isWanted = () => true, signal, onFound, onLeftOut } = options;
  const { rules: above = Rules.below(path, patterns), enters = () => true } = options;
  const facts = await stat(systemPath(path)).catch((error: unknown) => error as Error);
  if (facts instanceof Error) return onFound([{ path, failure: toFailure(readError(path, facts)) }]);
  if (facts.isFile()) return isWanted(path) ? onFound([{ path, facts: factsOf(facts) }]) : undefined;
  if (!facts.isDirectory()) return onFound([{ path, failure: toFailure(notAFile(path)) }]);
  const reached = new Set<string>();
  const queue = [{ here: path, key: folderIdentity(facts), rules: above }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { here, key: reachedBy, rules } = next;
    if (reached.has(reachedBy)) continue;
    reached.add(reachedBy);
    const below: typeof queue = [];
    const found = (each: FoundPath[]) => onFound(each.filter((one) => isWanted(one.path)));
    const entries = {
      onPhotos: (photos: { name: string; facts: FileFacts }[]) =>
        found(photos.map(({ name, facts: seen }) => ({ path: join(here, name), facts: seen }))),
      onUnreachable: (name: string, failure: Failure) => found([{ path: join(here, name), failure }]),
      onFolder(folder: string, key: string, within: Rules) {
        if (recursive && enters(folder)) below.push({ here: folder, key, rules: within });
      },
      onLeftOut(left: LeftOut) {
        if (isWanted(join(here, left.name))) onLeftOut(here, left);
      },
    };
    try {
      await walkFolder(here, rules, entries, signal);
    } catch (error) {
      signal.throwIfAborted();
      onFound([{ path: here, failure: toFailure(readError(here, error)) }]);
    }
    queue.push(...below.sort((a, b) => (a.here < b.here ? 1 : -1)));
  }
}
