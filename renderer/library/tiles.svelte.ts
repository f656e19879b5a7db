import type { GridShape } from './grid-moves.ts';
import { recall, remember } from '../state/remembered.ts';

/** How tiles of the grid look; remembered. */
export class Tiles {
  #size = $state(recall('tile-size', 168));
  #overlays = $state(recall('overlays', false));
  #fileNames = $state(recall('file-names', false));
  /** Columns of the grid, and rows that the window shows at once. */
  shape: GridShape = $state.raw({ columns: 1, rows: 1 });

  /** CSS pixels of a side. */
  get size(): number {
    return this.#size;
  }
  set size(pixels: number) {
    this.#size = pixels;
    remember('tile-size', pixels);
  }
  /** Names of files on all tiles. */
  get fileNames(): boolean {
    return this.#fileNames;
  }
  set fileNames(shown: boolean) {
    this.#fileNames = shown;
    remember('file-names', shown);
  }
  /** Overlays on all tiles. */
  get overlays(): boolean {
    return this.#overlays;
  }
  set overlays(shown: boolean) {
    this.#overlays = shown;
    remember('overlays', shown);
  }
}
