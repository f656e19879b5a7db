import type { ModelManifest } from './manifest.ts';

/** What a checkpoint says of itself: a manifest but for its name and what the copied files decide. */
export type Draft = Omit<ModelManifest, 'format' | 'id' | 'name' | 'source' | 'card' | 'weights'> & {
  /** Relative to the folder it was found in. */
  files: string[];
  dtype: ModelManifest['weights']['dtype'];
};
