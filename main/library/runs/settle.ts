/** What becomes of the photos of a batch that was answered, and of one that never can be. */
import type { ClassifyAnswer } from '../../contract/inference.ts';
import type { Failure } from '../../contract/result.ts';
import type { Catalog } from '../catalog/database.ts';
import { named, nameless } from '../catalog/failure-name.ts';
import { storeFailure, storeResult } from '../catalog/results.ts';
import type { RemoteModel } from '../inference.ts';
import type { Copies } from './copies.ts';
import type { OutOfReach } from './out-of-reach.ts';
import type { Outcome, Work, WorkItem } from './work.ts';

export interface Settling {
  catalog: Catalog;
  work: Work;
  copies: Copies;
  reach: OutOfReach;
  onThumbnail(contentId: number, bytes: Uint8Array): void;
}

/** Not settled, so that nothing of it is lost by a crash. */
export interface Left {
  /** The machine may have been busy with others, and is not once they are done. */
  late: WorkItem[];
  /** To be hashed once more, as they are now. */
  changed: WorkItem[];
  /** Other files of contents whose own file gave no answer. */
  instead: WorkItem[];
}

/** Failures of the file as it lies there, not of its content: another copy may be well. */
const ofTheFile = new Set(['missing-file', 'unreadable', 'changed-on-disk', 'cancelled']);

/** In one transaction. `results` in the order of `items`. */
export function storeBatch(
  settling: Settling,
  items: WorkItem[],
  results: ClassifyAnswer['results'],
  { keyId, placement }: Pick<RemoteModel, 'keyId' | 'placement'>,
): Left {
  const { catalog, work, copies, reach, onThumbnail } = settling;
  const outcomes: Outcome[] = [];
  const left: Left = { late: [], changed: [], instead: [] };
  catalog.transaction(() => {
    items.forEach((item, i) => {
      const result = results[i]!;
      const contentId = item.contentId!;
      if (result.ok) {
        storeResult(catalog, keyId, contentId, placement.provider, result.value);
        outcomes.push({ item, as: 'done' });
        for (const copy of copies.answered(contentId)) outcomes.push({ item: copy, as: 'known' });
        return;
      }
      const { code } = result.error;
      if (code === 'timed-out' && !item.late) left.late.push({ ...item, late: true });
      else if (code === 'changed-on-disk' && !item.again)
        left.changed.push({ ...item, again: true, contentId: null });
      else if (!reach.waits(item)) outcomes.push(...failed(settling, item, result.error, keyId));
      if (!ofTheFile.has(code)) return;
      const copy = copies.successor(contentId);
      if (copy) left.instead.push(copy);
    });
    work.settle(outcomes, keyId);
  });
  items.forEach((item, i) => {
    const result = results[i]!;
    if (result.ok && result.value.thumbnail) onThumbnail(item.contentId!, result.value.thumbnail);
  });
  work.settled(outcomes);
  return left;
}

/** In the transaction of the caller. */
function failed({ catalog, copies }: Settling, item: WorkItem, failure: Failure, keyId: number): Outcome[] {
  const own: Outcome = { item, as: 'failed', failure, known: false };
  if (ofTheFile.has(failure.code)) return [own];
  const contentId = item.contentId!;
  storeFailure(catalog, keyId, contentId, failure, item.path);
  const { code, message } = nameless(failure, item.path);
  return [
    own,
    ...copies.answered(contentId).map((copy): Outcome => {
      const ofCopy = { code, message: named(message, copy.path) };
      return { item: copy, as: 'failed', failure: ofCopy, known: true };
    }),
  ];
}

/** A file that hangs the process that computes, or makes it crash. */
export function setAside(settling: Settling, item: WorkItem, hung: boolean, keyId: number): void {
  const { catalog, work } = settling;
  const failure: Failure = hung
    ? {
        code: 'timed-out',
        message: `${item.path} took far longer than any photo should and was set aside. See whether other programs can open it.`,
      }
    : {
        code: 'crashed-inference',
        message: `${item.path} makes the process that computes crash and was set aside. See whether other programs can open it.`,
      };
  const outcomes = catalog.transaction(() => {
    const all = failed(settling, item, failure, keyId);
    work.settle(all, keyId);
    return all;
  });
  work.settled(outcomes);
}
