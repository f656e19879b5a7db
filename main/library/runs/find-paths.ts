/** The photos that files and folders named on the command line stand for. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFailure } from '../../contract/result.ts';
import type { Failure } from '../../contract/result.ts';
import { systemPath } from '../../file-names.ts';
import { notAFile, readError } from '../../files.ts';
import type { FileFacts } from '../catalog/photos.ts';
import { factsOf } from '../scan/hash.ts';
import { Rules } from '../scan/rules.ts';
import { folderIdentity, walkFolder } from '../scan/walk.ts';
import type { LeftOut } from '../scan/walk.ts';

/** A photo, or what stands in the way of one. */
export type FoundPath = { path: string; facts: FileFacts } | { path: string; failure: Failure };

export interface FindOptions {
  /** Folders below a folder, too. */
  recursive: boolean;
  /** What a person leaves out or takes in, as in .gitignore. */
  patterns: string[] | undefined;
  signal: AbortSignal;
  onFound(found: FoundPath[]): void;
  onLeftOut(folder: string, left: LeftOut): void;
}

/** Each folder once, however it is reached. Throws the signal's reason when it is aborted. */
export async function findPaths(path: string, options: FindOptions): Promise<void> {
  const { recursive, patterns, signal, onFound, onLeftOut } = options;
  const facts = await stat(systemPath(path)).catch((error: unknown) => error as Error);
  if (facts instanceof Error) return onFound([{ path, failure: toFailure(readError(path, facts)) }]);
  if (facts.isFile()) return onFound([{ path, facts: factsOf(facts) }]);
  if (!facts.isDirectory()) return onFound([{ path, failure: toFailure(notAFile(path)) }]);
  const reached = new Set([folderIdentity(facts)]);
  const queue = [{ here: path, rules: Rules.below(path, patterns) }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { here, rules } = next;
    const entries = {
      onPhotos: (photos: { name: string; facts: FileFacts }[]) =>
        onFound(photos.map(({ name, facts: found }) => ({ path: join(here, name), facts: found }))),
      onUnreachable: (name: string, failure: Failure) => onFound([{ path: join(here, name), failure }]),
      onFolder: (below: string, key: string, within: Rules) => {
        if (!recursive || reached.has(key)) return;
        reached.add(key);
        queue.push({ here: below, rules: within });
      },
      onLeftOut: (left: LeftOut) => onLeftOut(here, left),
    };
    try {
      await walkFolder(here, rules, entries, signal);
    } catch (error) {
      signal.throwIfAborted();
      onFound([{ path: here, failure: toFailure(readError(here, error)) }]);
    }
  }
}
