/** sharp as Saccade uses it: one thread a picture (libuv's pool runs several), no cache, and only readers of photos. */
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);
// Readers of documents (SVG, PDF) follow references out of the file; nobody's photos are of those formats.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

export { sharp };

/** Passes a 200-megapixel panorama; above it a file is taken for a decompression bomb. */
export const pixelLimit = 300_000_000;
