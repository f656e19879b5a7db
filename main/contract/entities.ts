/** What crosses between renderer, main, library and inference: plain data, safe for structured clone. By subject. */
export type { RolloutOptions } from '../../models/explain/options.ts';
export type * from './entities/download.ts';
export type * from './entities/folder.ts';
export type * from './entities/inspection.ts';
export type * from './entities/looks.ts';
export type * from './entities/model.ts';
export type * from './entities/photo.ts';
export type * from './entities/placement.ts';
export type * from './entities/run.ts';
export type * from './entities/settings.ts';
export type * from './entities/trial.ts';
export type { PhotoFilter, PhotoSort, Selection } from './requests.ts';
export type {
  Baseline,
  FaithfulnessMethod,
  Fields,
  LeftOutKind,
  MapMethod,
  PhotoStatus,
  Precision,
  PrecisionChoice,
  ProviderChoice,
  ProviderName,
  SortKey,
} from './values.ts';
