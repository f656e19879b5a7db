/** A thread that groups pictures: comparing very many would hold up every question meanwhile. */
import { groupedAlike } from '../../../models/search/alike.ts';
import { groupDuplicates, nearPairs } from '../../../models/search/duplicates.ts';
import { correlation, greySide, leastCorrelation } from '../../../models/search/phash.ts';
import { answer } from '../../rpc/calls.ts';
import { threadPort } from '../../rpc/thread.ts';
import type { Grouping } from '../../contract/entities/likeness.ts';
import type { GroupVerbs } from './group-thread.ts';

type Ask<Name extends keyof GroupVerbs> = Parameters<GroupVerbs[Name]>[0];
const pixels = greySide * greySide;

const everyMs = 100;

/** A message costs more than a step. */
function step(of: Grouping['of']): (done: number, total: number) => void {
  let toldMs = 0;
  return (done, total) => {
    if (performance.now() < toldMs + everyMs) return;
    toldMs = performance.now();
    emit('grouping', { of, share: done / total } satisfies Grouping);
  };
}

const { emit } = answer(threadPort(), {
  near({ hashes }: Ask<'near'>): Int32Array {
    const rows = new Set<number>();
    for (const [a, b] of nearPairs(hashes, step('same'))) rows.add(a).add(b);
    return Int32Array.from(rows).sort();
  },
  same({ hashes, greys }: Ask<'same'>): number[][] {
    const grey = (row: number) => greys.subarray(row * pixels, (row + 1) * pixels);
    return groupDuplicates(hashes, (a, b) => correlation(grey(a), grey(b)) >= leastCorrelation);
  },
  alike(features: Ask<'alike'>): Promise<number[][]> {
    const told = step('alike');
    return groupedAlike(features, { onstep: (share) => told(share, 1) });
  },
});
