/** Small photos, each of a content of its own, in folders of a hundred. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const side = 64;

export async function photosIn(folder: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const day = join(folder, `day ${Math.floor(i / 100)}`);
    mkdirSync(day, { recursive: true });
    const pixels = Buffer.alloc(side * side * 3);
    for (let at = 0; at < pixels.length; at++) pixels[at] = (at * (1 + (i % 97)) + i * 31) % 251;
    const raw = { width: side, height: side, channels: 3 } as const;
    writeFileSync(join(day, `${i}.jpg`), await sharp(pixels, { raw }).jpeg().toBuffer());
  }
}
