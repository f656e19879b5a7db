/** What is written into a photo's file beside the picture. */
import { readError } from '../../files.ts';
import { sharp } from '../engine.ts';
import { lookAt, metadataSource, readParts } from '../file.ts';
import { type Embedded, embeddedInJpeg, nothing } from './jpeg-embedded.ts';
import { xpKeywordsIn, xpKeywordsOf } from './xp-keywords.ts';
import { embeddedInRaw } from './raw-embedded.ts';

/**
 * Of JPEG, PNG, WebP, TIFF, AVIF and HEIC, and of camera RAW; others and broken ones have nothing.
 * Reads the file's head, not the picture.
 * @throws SaccadeError `missing-file`, `unreadable`
 */
export async function embeddedIn(path: string): Promise<Embedded> {
  let source: string | Buffer;
  let inDirectory: string[] = [];
  try {
    const { format, bytes } = await lookAt(path);
    if (format === 'bmp' || format === 'gif') return nothing;
    if (format === 'jpeg')
      return await readParts(path, (bytesAt, length) => embeddedInJpeg(bytesAt, { at: 0, length }));
    if (format === 'raw') return await readParts(path, embeddedInRaw);
    const read = await metadataSource(path, format, bytes);
    if (read === null) return nothing;
    source = read;
    if (format === 'tiff') inDirectory = await readParts(path, xpKeywordsIn);
  } catch (error) {
    const { code } = readError(path, error);
    if (code === 'missing-file' || code === 'unreadable') throw error;
    return nothing;
  }
  try {
    const { xmp, iptc, exif } = await sharp(source, { limitInputPixels: false, failOn: 'none' }).metadata();
    const xpKeywords = inDirectory.length || !exif ? inDirectory : xpKeywordsOf(exif);
    return { ...nothing, xmp: xmp ?? null, iptc: iptc ?? null, xpKeywords };
  } catch {
    // What is wrong with the picture is told when it is classified.
    return nothing;
  }
}
