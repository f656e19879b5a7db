import type { Features } from '../../../models/heads/apply.ts';
import { startThread, type Thread } from '../../rpc/thread.ts';

export interface GroupVerbs {
  /** Rows of the hashes that are near another, in ascending order. */
  near(request: { hashes: BigUint64Array }): Int32Array;
  /** Rows of the same picture; `greys` [n, 32, 32]. */
  same(request: { hashes: BigUint64Array; greys: Uint8Array }): number[][];
  /** Rows of features that are near. */
  alike(features: Features): number[][];
}

export type GroupThread = Thread<GroupVerbs>;

export const startGrouping = (): GroupThread => startThread<GroupVerbs>(import.meta.url, 'group-worker');
