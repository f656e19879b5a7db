/** What is written into a photo's file beside the picture. */
import { readError } from '../../files.ts';
import { sharp } from '../engine.ts';
import { lookAt, metadataSource, readParts } from '../file.ts';
import { type Embedded, embeddedInJpeg, nothing } from './jpeg-embedded.ts';
import { type WindowsTags, windowsTagsIn, windowsTagsOf } from './windows-tags.ts';
import { embeddedInRaw } from './raw-embedded.ts';

/**
 * Of JPEG, PNG, WebP, TIFF, AVIF and HEIC, and of camera RAW; others and broken ones have nothing.
 * Reads the file's head, not the picture.
 * @throws SaccadeError `missing-file`, `unreadable`
 */
export async function embeddedIn(path: string): Promise<Embedded> {
  let source: string | Buffer;
  let inDirectory: WindowsTags | null = null;
  try {
    const { format, bytes } = await lookAt(path);
    if (format === 'bmp' || format === 'gif') return nothing;
    if (format === 'jpeg')
      return await readParts(path, (bytesAt, length) => embeddedInJpeg(bytesAt, { at: 0, length }));
    if (format === 'raw') return await readParts(path, embeddedInRaw);
    const read = await metadataSource(path, format, bytes);
    if (read === null) return nothing;
    source = read;
    if (format === 'tiff') inDirectory = await readParts(path, windowsTagsIn);
  } catch (error) {
    const { code } = readError(path, error);
    if (code === 'missing-file' || code === 'unreadable') throw error;
    return nothing;
  }
  try {
    const { xmp, iptc, exif } = await sharp(source, { limitInputPixels: false, failOn: 'none' }).metadata();
    // libvips tells no EXIF of a TIFF.
    const tags = inDirectory ?? (exif ? windowsTagsOf(exif) : {});
    return { ...nothing, xmp: xmp ?? null, iptc: iptc ?? null, ...tags };
  } catch {
    // What is wrong with the picture is told when it is classified.
    return nothing;
  }
}
