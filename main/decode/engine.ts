/** sharp as Saccade uses it: one thread a picture (libuv's pool runs several), no cache, and only readers of photos. */
import { createRequire } from 'node:module';
import type { Sharp, SharpInput, SharpOptions, default as Make } from 'sharp';

const nodeRequire = createRequire(import.meta.url);
let loaded: typeof Make | null = null;

/**
 * Its native libraries take 60 ms to load, for which no window's first page has to wait: they come with the first picture.
 * Before a thread that uses them they are loaded here, or they could be unloaded with it under another.
 */
export function loadSharp(): typeof Make {
  if (loaded) return loaded;
  loaded = nodeRequire('sharp') as typeof Make;
  loaded.concurrency(1);
  loaded.cache(false);
  // Readers of documents (SVG, PDF) follow references out of the file; nobody's photos are of those formats.
  loaded.block({ operation: ['VipsForeignLoad'] });
  loaded.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`),
  });
  return loaded;
}

export function sharp(options: SharpOptions): Sharp;
export function sharp(input: SharpInput | SharpInput[], options?: SharpOptions): Sharp;
export function sharp(...given: unknown[]): Sharp {
  return Reflect.apply(loadSharp(), null, given);
}

/** Passes a 200-megapixel panorama; above it a file is taken for a decompression bomb. */
export const pixelLimit = 300_000_000;
