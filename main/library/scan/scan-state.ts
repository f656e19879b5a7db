import type { Catalog } from '../catalog/database.ts';
import type { Settling } from './settling.ts';

export interface ScanEvents {
  /** Photos found so far. */
  onFound(found: number): void;
  onChanged(what: 'folders' | 'photos'): void;
  /** Photos that were not there before, or hold something else now. */
  onArrived?(ids: number[]): void;
  /** A link to a folder: looked through in the link's place, or left because it is reached in another. */
  onLinked?(path: string, entered: boolean): void;
}

/** One scan, as its parts share it. */
export interface Scan extends ScanEvents {
  catalog: Catalog;
  signal: AbortSignal | undefined;
  found: number;
  /** Folders reached already, by identity: links can lead in circles. */
  reached: Set<string>;
  /** Photos with larger ids are new. */
  lastId: number;
  /** Contents are read whatever sizes and times say. */
  fresh: boolean;
  /** Folders that were left out, by path. */
  leftOut: Set<string>;
  /** Folders that are there and were not looked into, by path. */
  passed: Set<string>;
  settling: Settling | undefined;
  passLinks: boolean;
  /** Folders with a file that is still being written. */
  unsettled: Set<string>;
}
