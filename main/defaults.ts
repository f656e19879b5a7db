/** Choices that window and command line share, so that what one stored the other finds. */
import type { MapMethod } from './contract/values.ts';

/**
 * The map stored for every photo of a run: of the maps that need no gradients the one most faithful to the
 * prediction (docs/faithfulness.md).
 */
export const storedMethod: MapMethod = 'class';
