/** Made by `build/outlines.ts`: paths in whole numbers from 0 to `units` over the map's square. */
declare module 'virtual:outlines' {
  export interface Outlines {
    land: string;
    borders: string;
  }
  export const units: number;
  /** For the whole world, and for parts of it. */
  export const coarse: Outlines;
  export const fine: Outlines;
}
