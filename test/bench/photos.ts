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
  const side = 256;
  const grain = Buffer.from(
    Uint8Array.from(randomNumbers(side * side * 3, 24, 7).map((value) => 128 + value)),
  );
  const tile = { width: side, height: side, channels: 3 } as const;
  const noise = await sharp(grain, { raw: tile }).png().toBuffer();
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(folder, `photo-${String(i).padStart(4, '0')}.jpg`);
    paths.push(path);
    if (existsSync(path)) continue;
    await sharp(scene(i + 1), { raw: { width: sceneWidth, height: sceneHeight, channels: 3 } })
      .resize(width, height, { kernel: 'cubic' })
      .composite([{ input: noise, tile: true, blend: 'soft-light' }])
      .jpeg({ quality: 88 })
      .toFile(path);
  }
  return paths;
}

const sceneWidth = 240;
const sceneHeight = 180;

/** RGB of a ground that fades downwards, with a disc and a box on it. */
function scene(seed: number): Buffer {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = randomNumbers(6, 1, seed).map(Math.abs);
  const pixels = Buffer.alloc(sceneWidth * sceneHeight * 3);
  for (let y = 0, at = 0; y < sceneHeight; y++)
    for (let x = 0; x < sceneWidth; x++) {
      const disc = Math.hypot(x - c * sceneWidth, y - d * sceneHeight) < 20 + 30 * a;
      const box = Math.abs(x - e * sceneWidth) < 30 && Math.abs(y - f * sceneHeight) < 20;
      const fade = 220 - (140 * y) / sceneHeight;
      for (const share of disc ? [a, c, 1] : box ? [1, b, d] : [0.6 + 0.4 * b, 0.8, 0.6 + 0.4 * e])
        pixels[at++] = fade * share;
    }
  return pixels;
}
