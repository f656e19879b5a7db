/**
 * Folders that are not there any more in the middle of a run, as of a drive that was unplugged. Their photos wait: none of
 * them is missing or failed for it.
 */
import { opendir } from 'node:fs/promises';
import { SaccadeError } from '../../../models/error.ts';
import type { Failure } from '../../contract/result.ts';
import { shownName, systemPath } from '../../file-names.ts';
import type { WorkItem } from './work.ts';

/** What a file says of itself, or its folder of it. */
const ofTheFolder = new Set(['missing-file', 'unreadable']);

export class OutOfReach {
  readonly #rootOf: (item: WorkItem) => string | null;
  readonly #waiting = new Map<string, Set<number>>();

  /** `rootOf`: the folder that was asked for, in which the item lies; null: a file by its own name, which is no drive. */
  constructor(rootOf: (item: WorkItem) => string | null) {
    this.#rootOf = rootOf;
  }

  /** Whether its folder was found gone before; it waits then. */
  waits(item: WorkItem): boolean {
    if (this.#waiting.size === 0) return false;
    const root = this.#rootOf(item);
    const waiting = root === null ? undefined : this.#waiting.get(root);
    waiting?.add(item.key);
    return waiting !== undefined;
  }

  /** Whether it failed because its folder is gone; it waits then. */
  async lost(item: WorkItem, { code }: Pick<Failure, 'code'>): Promise<boolean> {
    if (!ofTheFolder.has(code)) return false;
    const root = this.#rootOf(item);
    if (root === null) return false;
    if (!this.#waiting.has(root) && !(await isGone(root))) return false;
    this.#waiting.set(root, (this.#waiting.get(root) ?? new Set()).add(item.key));
    return true;
  }

  /** Why the work is not done; null: nothing waits. */
  failure(): SaccadeError | null {
    if (this.#waiting.size === 0) return null;
    const photos = [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
    const folders = [...this.#waiting.keys()].map(shownName).join(', ');
    return new SaccadeError(
      'folder-gone',
      `Expected ${folders} to stay until all was done; it is not there any more, as a drive that was unplugged. ${photos.toLocaleString('en')} ${photos === 1 ? 'photo waits' : 'photos wait'}, and what was done is kept: plug it in and classify again.`,
    );
  }
}

/** Where a drive was mounted an empty folder may be left. */
async function isGone(root: string): Promise<boolean> {
  try {
    await using folder = await opendir(systemPath(root));
    return (await folder.read()) === null;
  } catch (error) {
    // A right that was taken is told photo by photo.
    return !/^(EACCES|EPERM)$/.test(String((error as NodeJS.ErrnoException).code));
  }
}
