import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/**
 * Frees what a model was loaded from. V8 collects when JavaScript needs room, and after loading it needs none for long:
 * of 1.9 GB with two sessions of ViT-B, 0.8 were weights that nobody would look at again.
 */
export const collectGarbage = runInNewContext('gc') as () => void;
