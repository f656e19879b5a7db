/**
 * A white square on black, anywhere on the photo: the patch that is brightest in the model's own input is "attended",
 * and what the overlay then marks must be the square. Nothing here computes a region: preprocessing works on pixels.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../../main/decode/preprocess.ts';
import { defaultDrawing } from '../../../main/report/maps.ts';
import { overlayPng } from '../../../main/report/pictures.ts';
import type { Preprocessing } from '../../../models/manifest.ts';
import { seenRegion } from '../../../models/overlay/geometry.ts';
import { temporaryFolder } from '../../temporary.ts';

const folder = temporaryFolder({ after }, 'geometry');

const patch = 16;
const plain = {
  interpolation: 'bicubic' as const,
  mean: [0, 0, 0] as [number, number, number],
  std: [1, 1, 1] as [number, number, number],
};
interface Case {
  steps: Preprocessing;
  input: { width: number; height: number };
}
const cases: Record<string, Case> = {
  'resized only': {
    steps: { ...plain, resize: { mode: 'exact', height: 96, width: 96 }, crop: null },
    input: { width: 96, height: 96 },
  },
  'resized only, to an input that is not square': {
    steps: { ...plain, resize: { mode: 'exact', height: 64, width: 128 }, crop: null },
    input: { width: 128, height: 64 },
  },
  'shortest edge and a centre crop': {
    steps: { ...plain, resize: { mode: 'shortest-edge', size: 112 }, crop: { height: 96, width: 96 } },
    input: { width: 96, height: 96 },
  },
  'longest edge and padding': {
    steps: { ...plain, resize: { mode: 'longest-edge', size: 96 }, crop: null },
    input: { width: 96, height: 96 },
  },
};

type Box = { left: number; top: number; width: number; height: number };
const size = { width: 600, height: 400 };
const square: Box = { left: 330, top: 210, width: 60, height: 60 };

async function write(name: string, photo: { width: number; height: number }, box: Box, orientation: number) {
  const file = join(folder, `${name}.png`);
  const white = await sharp({
    create: { width: box.width, height: box.height, channels: 3, background: '#fff' },
  })
    .png()
    .toBuffer();
  const upright = await sharp({ create: { ...photo, channels: 3, background: '#000' } })
    .composite([{ input: white, left: box.left, top: box.top }])
    .png()
    .toBuffer();
  await sharp(await unturn(upright, orientation))
    .withMetadata({ orientation })
    .png()
    .toFile(file);
  return file;
}

/** The pixels that a camera which says `orientation` (EXIF 1 … 8) would have stored of an upright picture. */
async function unturn(upright: Buffer, orientation: number): Promise<Buffer> {
  const [quarters, mirrored] = (
    [
      [0, 0],
      [0, 1],
      [2, 0],
      [2, 1],
      [1, 1],
      [3, 0],
      [3, 1],
      [1, 0],
    ] as const
  )[orientation - 1]!;
  // Two passes: within one, sharp mirrors before it turns, whatever is asked first.
  const turned = await sharp(upright)
    .rotate(quarters * 90)
    .png()
    .toBuffer();
  return sharp(turned)
    .flop(mirrored === 1)
    .png()
    .toBuffer();
}

/** 1 for the patch that is brightest in pixel_values, 0 for the others. */
async function brightest(file: string, { steps, input }: Case) {
  const photo = await decodePhoto(file, { atLeast: (whole) => pixelsNeeded(whole, steps) });
  const values = new Float32Array(3 * input.width * input.height);
  await preprocess(photo.pixels, photo, steps, values);
  const columns = input.width / patch;
  const rows = input.height / patch;
  const light = new Float32Array(rows * columns);
  for (let y = 0; y < input.height; y++)
    for (let x = 0; x < input.width; x++)
      light[Math.floor(y / patch) * columns + Math.floor(x / patch)]! += values[y * input.width + x]!;
  const best = light.indexOf(Math.max(...light));
  return { photo, rows, columns, values: light.map((_, i) => (i === best ? 1 : 0)) };
}

async function marked(
  file: string,
  one: Case,
): Promise<{ left: number; top: number; right: number; bottom: number }> {
  const { photo, rows, columns, values } = await brightest(file, one);
  const png = await overlayPng(
    file,
    seenRegion(photo, one.steps),
    { method: 'cls', values, rows, columns },
    { ...defaultDrawing, interpolation: 'nearest', opacity: 1, colours: 'lagoon' },
  );
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual(
    [info.width, info.height],
    [photo.width, photo.height],
    'the overlay has the size of the photo',
  );
  const edges = { left: Infinity, top: Infinity, right: -1, bottom: -1 };
  for (let i = 0; i < info.width * info.height; i++) {
    // The last colour of the map is the only one that is light and not grey.
    if (!(data[i * 3 + 1]! > 200 && data[i * 3 + 2]! < 200)) continue;
    const [x, y] = [i % info.width, Math.floor(i / info.width)];
    if (y > info.height - 40 && x < 140) continue; // scale bar
    edges.left = Math.min(edges.left, x);
    edges.right = Math.max(edges.right, x + 1);
    edges.top = Math.min(edges.top, y);
    edges.bottom = Math.max(edges.bottom, y + 1);
  }
  return edges;
}

function assertOn(found: Awaited<ReturnType<typeof marked>>, box: Box, what: string) {
  const across = Math.min(found.right, box.left + box.width) - Math.max(found.left, box.left);
  const down = Math.min(found.bottom, box.top + box.height) - Math.max(found.top, box.top);
  const smaller = Math.min((found.right - found.left) * (found.bottom - found.top), box.width * box.height);
  const share = (across * down) / smaller;
  // Of four patches that share the square the brightest has a quarter of it.
  assert.ok(across > 0 && down > 0 && share > 0.24, `${what}: marked ${JSON.stringify(found)}, ${share}`);
}

for (const [name, one] of Object.entries(cases))
  for (const at of [square, { ...square, left: 180, top: 60 }, { ...square, left: 400, top: 300 }])
    test(`${name}: the overlay marks the square at ${at.left}, ${at.top}`, async () => {
      const file = await write(`${name}-${at.left}`, size, at, 1);
      assertOn(await marked(file, one), at, name);
    });

for (let orientation = 1; orientation <= 8; orientation++)
  test(`EXIF orientation ${orientation}: the overlay is upright and marks the square`, async () => {
    const file = await write(`exif-${orientation}`, size, square, orientation);
    assertOn(
      await marked(file, cases['shortest edge and a centre crop']!),
      square,
      `orientation ${orientation}`,
    );
  });
