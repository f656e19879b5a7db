/** Photos made for measuring: gradients, shapes and grain, so that they compress about as photographs do. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomNumbers } from '../models/tiny.ts';

/** Writes `count` JPEGs of quality 88, each different, into `folder`; those already there are kept. */
export async function writePhotos(
  folder: string,
  count: number,
  width: number,
  height: number,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const grainSide = 512;
  const grain = Buffer.from(randomNumbers(grainSide * grainSide * 3, 24, 7).map((value) => 128 + value));
  const tile = Buffer.from(Uint8Array.from(grain));
  const noise = await sharp(tile, { raw: { width: grainSide, height: grainSide, channels: 3 } })
    .png()
    .toBuffer();
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(folder, `photo-${String(i).padStart(4, '0')}.jpg`);
    paths.push(path);
    if (existsSync(path)) continue;
    const [a = 0, b = 0, c = 0, d = 0] = randomNumbers(4, 1, i + 1).map(Math.abs);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="hsl(${a * 360},60%,70%)"/>
      <stop offset="1" stop-color="hsl(${b * 360},50%,25%)"/></linearGradient></defs>
      <rect width="100%" height="100%" fill="url(#g)"/>
      <ellipse cx="${c * width}" cy="${d * height}" rx="${(0.1 + a / 4) * width}" ry="${(0.1 + b / 4) * height}" fill="hsl(${c * 360},55%,45%)"/>
      <rect x="${b * width * 0.7}" y="${a * height * 0.7}" width="${width / 4}" height="${height / 5}" fill="hsl(${d * 360},45%,60%)"/></svg>`;
    await sharp(Buffer.from(svg))
      .composite([{ input: noise, tile: true, blend: 'soft-light' }])
      .removeAlpha()
      .jpeg({ quality: 88 })
      .toFile(path);
  }
  return paths;
}
