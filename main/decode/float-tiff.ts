/** TIFF of floating-point samples, which libvips takes for linear light and most programs write as they show it. */
import { basename } from 'node:path';
import type { Metadata } from 'sharp';
import { pixelLimit, sharp } from './engine.ts';
import { decodeError } from './failures.ts';
import { encodeTiff } from './tiff.ts';

/** Rounding of half floats. */
const tolerance = 1 / 512;

/**
 * An RGB TIFF of 8 bits: samples 0 … 1 are levels 0 … 255, as for whole numbers. Whatever goes beyond has a meaning
 * that the file does not tell (linear light, 0 … 255, a measurement), and so may one with a profile.
 * @throws SaccadeError `unsupported-format`; of libvips
 */
export async function levelsOfFloats(
  path: string,
  source: Buffer | string,
  metadata: Metadata,
): Promise<Uint8Array> {
  const refused = (what: string) =>
    decodeError(
      'unsupported-format',
      `${basename(path)} is a TIFF of floating-point samples ${what}, which Saccade does not read. Save it as TIFF of 8 or 16 bits, or as PNG.`,
    );
  if (metadata.icc && !metadata.icc.includes('sRGB')) throw refused('with a colour profile');
  const space = metadata.space;
  const { data, info } = await sharp(source, { limitInputPixels: pixelLimit, ignoreIcc: true })
    .autoOrient()
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const samples = new Float32Array(
    data.buffer,
    data.byteOffset,
    data.byteLength / Float32Array.BYTES_PER_ELEMENT,
  );
  const { width, height, channels } = info;
  const levels = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < levels.length; i++) {
    const value = samples[channels === 1 ? Math.floor(i / 3) : i]!;
    if (!(value >= -tolerance && value <= 1 + tolerance)) throw refused('beyond 0 … 1');
    levels[i] = value * 255;
  }
  return encodeTiff(new Uint8Array(levels.buffer), width, height, 3, null);
}
