/** Pictures with keywords in them, by exiftool. */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { exiftool } from '../../tools.ts';

export const formats = ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const;

export async function picture(path: string, format: (typeof formats)[number] = 'jpeg', colour = '#468') {
  const image = sharp({ create: { width: 64, height: 48, channels: 3, background: colour } });
  writeFileSync(path, await image.toFormat(format).toBuffer());
}

/** Such as `XMP-dc:Subject+=boat`. */
export const tag = (path: string, ...tags: string[]): string =>
  exiftool('-q', '-overwrite_original', ...tags.map((each) => `-${each}`), path);
