/** Pictures of one colour whose files say otherwise: a reader that gives up without a word fills with one colour. */
import { deflateRawSync } from 'node:zlib';
import type { Metadata } from 'sharp';

/** A plain picture repeats itself in its file too: what is left of that when packed, beside a header. */
const headerBytes = 1024;
const packedPerPixel = 0.01;
/** So much of a file tells enough. */
const looked = 4 << 20;

/**
 * Whether a file of a picture that came out as one colour holds more than that. Its profile and notes don't count, and
 * nothing is said of a picture that is transparent: its colours are there and not to be seen.
 */
export function holdsMore(file: Buffer, metadata: Metadata | null, pixels: number): boolean {
  if (metadata?.hasAlpha) return false;
  const beside = [
    metadata?.exif,
    metadata?.icc,
    metadata?.xmp,
    metadata?.iptc,
    metadata?.tifftagPhotoshop,
  ].reduce((sum, part) => sum + (part?.length ?? 0), 0);
  const packed = deflateRawSync(file.subarray(0, looked), { level: 1 }).length;
  return packed - beside > headerBytes + pixels * packedPerPixel;
}
