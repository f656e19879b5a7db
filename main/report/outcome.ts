/** What became of one photo, as reports and files need it. */
import type { Failure } from '../contract/result.ts';
import type { PersonWords } from '../contract/entities/photo.ts';
import type { Prediction, SeenRegion, StoredMap } from '../contract/entities/inspection.ts';
import type { Placement } from '../contract/entities/placement.ts';

export interface ClassifiedPhoto {
  status: 'ok';
  /** As shown to people: relative where it was asked for so. */
  path: string;
  /** Absolute. */
  file: string;
  /** Oriented pixels. */
  width: number;
  height: number;
  /** EXIF capture time, milliseconds since 1970; null: none. */
  takenMs: number | null;
  model: string;
  placement: Pick<Placement, 'provider' | 'precision'>;
  /** Best first. */
  predictions: Prediction[];
  /** Those that hold beside the first, where several may. */
  also: readonly Prediction[];
  /** Below the model's doubt threshold. */
  unsure: boolean;
  /** The file could be read only in part. */
  damaged: boolean;
  map: StoredMap | null;
  seen: SeenRegion | null;
  /** A person's, where they are known. */
  words?: PersonWords;
  /** Names of RAW files that it stands for. */
  stack?: readonly string[] | undefined;
}

export interface FailedPhoto {
  status: 'error';
  path: string;
  file: string;
  error: Failure;
  stack?: readonly string[] | undefined;
}

export type Outcome = ClassifiedPhoto | FailedPhoto;

/** Something that outcomes are written to, one at a time in path order. */
export interface Sink {
  add(outcome: Outcome): Promise<void>;
  /** `complete`: false when the run was interrupted; what was added is kept all the same. */
  end(complete: boolean): Promise<void>;
  /** Instead of `end`: nothing of it is kept. */
  abandon?(): Promise<void>;
}
