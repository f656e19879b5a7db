/** What each next item holds, and whether that was answered already. */
import { toFailure, type Failure } from '../../contract/result.ts';
import { eachOf } from '../../schedule/each.ts';
import type { Catalog } from '../catalog/database.ts';
import { named } from '../catalog/failure-name.ts';
import type { RemoteModel } from '../inference.ts';
import { hashFile, type HashedFile } from '../scan/hash.ts';
import type { Copies } from './copies.ts';
import type { OutOfReach } from './out-of-reach.ts';
import type { Outcome, Work, WorkItem } from './work.ts';

const filesAtOnce = 4;

export interface LookUp {
  catalog: Catalog;
  work: Work;
  copies: Copies;
  reach: OutOfReach;
  /** Asked when all is hashed: it may be another one by then, or gone and loaded anew. */
  model(): Promise<RemoteModel>;
  /** False: no more files are read, and those that were not are left unsettled. */
  goesOn(): boolean;
  /** What the catalog has of a content, a failure as `nameless`; null: nothing that counts. */
  known(contentId: number, model: RemoteModel): 'ok' | Failure | null;
}

/** Hashes where that is due, and settles what is known or can't be read. Answers with what is to be computed. */
export async function lookUp(
  taken: WorkItem[],
  { catalog, work, copies, reach, model, goesOn, known }: LookUp,
): Promise<WorkItem[]> {
  const items = taken.filter((item) => !reach.waits(item));
  const files = new Map<WorkItem, HashedFile>();
  const outcomes: Outcome[] = [];
  const ready: WorkItem[] = [];
  await eachOf(items, filesAtOnce, async (item) => {
    if (item.contentId !== null || !goesOn()) return;
    try {
      files.set(item, await hashFile(item.path));
    } catch (error) {
      const failure = toFailure(error);
      if (!(await reach.lost(item, failure))) outcomes.push({ item, as: 'failed', failure, known: false });
    }
  });
  const loaded = await model();
  const store = () => {
    for (const [item, file] of files) {
      item.contentId = work.hashed(item, file);
      item.facts = { bytes: file.bytes, modifiedMs: file.modifiedMs, changedMs: file.changedMs };
    }
    for (const item of items) {
      if (item.contentId === null) continue;
      const answered = known(item.contentId, loaded);
      if (answered === null) {
        if (copies.begin(item, item.contentId)) ready.push(item);
      } else if (answered === 'ok') outcomes.push({ item, as: 'known' });
      else {
        const { code, message } = answered;
        outcomes.push({ item, as: 'failed', failure: { code, message: named(message, item.path) }, known: true }); // prettier-ignore
      }
    }
    if (outcomes.length) work.settle(outcomes, loaded.keyId);
  };
  if (items.length) catalog.transaction(store);
  if (outcomes.length) work.settled(outcomes);
  return ready;
}
