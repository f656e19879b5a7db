/** What a pipeline works through, and what becomes of each item. */
import type { Failure } from '../../contract/result.ts';
import type { FileFacts } from '../files/file-facts.ts';
import type { RemoteModel } from '../inference.ts';
import type { HashedFile } from '../scan/hash.ts';

export interface WorkItem {
  key: number;
  path: string;
  facts: FileFacts;
  /** Null: not hashed yet. */
  contentId: number | null;
  /** It changed between hashing and decoding once already. */
  again?: boolean;
  /** It took too long once already, and is tried last. */
  late?: boolean;
}

export type Outcome =
  | { item: WorkItem; as: 'done' | 'known' }
  /** `known`: it failed in an earlier run and was not tried again. */
  | { item: WorkItem; as: 'failed'; failure: Failure; known: boolean };

/** Where the items come from and where it is written that they are done. */
export interface Work {
  /** The next items in order; none: that was all. Never the same twice. */
  take(limit: number): WorkItem[];
  /** The folder that was asked for, in which it lies; null: it was asked for by its own name. */
  rootOf(item: WorkItem): string | null;
  /** Records what a file holds; answers with the content's row. Called in a transaction. */
  hashed(item: WorkItem, file: HashedFile): number;
  /** In the transaction that stores the results. */
  settle(outcomes: Outcome[], keyId: number): void;
  /** After it, outside. */
  settled(outcomes: Outcome[]): void;
  onLoaded(model: RemoteModel): void | Promise<void>;
}
