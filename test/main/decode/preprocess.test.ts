import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { pixelsNeeded, preprocess } from '../../../main/decode/preprocess.ts';
import { resample } from '../../../main/decode/resample.ts';
import type { Filter, Pixels } from '../../../main/decode/resample.ts';
import type { Preprocessing } from '../../../models/manifest.ts';
import type { Size } from '../../../models/overlay/geometry.ts';
import { randomNumbers } from '../../models/tiny.ts';
import { golden, needsShared, shared } from '../../shared.ts';
import { temporaryFolder } from '../../temporary.ts';

const timm: Preprocessing = {
  resize: { mode: 'shortest-edge', size: 248 },
  interpolation: 'bicubic',
  crop: { height: 224, width: 224 },
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/** Mean and largest difference in levels of 255. */
function levels(a: Float32Array, b: Float32Array): { mean: number; largest: number } {
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!) * 127.5;
    sum += difference;
    largest = Math.max(largest, difference);
  }
  return { mean: sum / a.length, largest };
}

for (const photo of ['chelsea', 'coffee'])
  test(`pixel_values of ${photo} are within half a level of Pillow's`, needsShared, async (t) => {
    const wanted = golden('vit-tiny-patch16-224.safetensors')(`${photo}.timm.pixel_values`);
    const decoded = await decodePhoto(`${shared}photos/${photo}.png`, {
      atLeast: (size) => pixelsNeeded(size, timm),
    });
    const values = new Float32Array(3 * 224 * 224);
    await preprocess(decoded.pixels, decoded, timm, values);
    const { mean, largest } = levels(values, wanted.data);
    t.diagnostic(`mean ${mean.toFixed(3)}, largest ${largest.toFixed(1)} levels of 255`);
    assert.ok(mean < 0.5 && largest < 8, `mean ${mean}, largest ${largest}`);

    const own = await preprocessWith('ours', decoded.pixels, timm);
    assert.ok(levels(own, wanted.data).largest < 1e-3, 'our own resampling equals Pillow to the bit');
  });

/** The same steps with our own resampling, which enlarging and rarer filters use. */
async function preprocessWith(_: 'ours', pixels: Pixels, how: Preprocessing): Promise<Float32Array> {
  const { width, height } = { width: Math.trunc((248 * pixels.width) / pixels.height), height: 248 };
  const exact = resample(pixels, width, height, how.interpolation);
  const values = new Float32Array(3 * 224 * 224);
  const sized: Preprocessing = { ...how, resize: { mode: 'exact', width, height } };
  await preprocess(exact, exact, { ...sized, interpolation: 'nearest' }, values);
  return values;
}

const ramp = (width: number, height: number): Pixels => {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3)
      data.set([(x * 255) / width, (y * 255) / height, 128 + 100 * Math.sin((x + y) / 9)], at);
  return { data, width, height };
};

const filters: Filter[] = ['nearest', 'bilinear', 'bicubic', 'lanczos', 'box', 'hamming'];

test('enlarging and shrinking with every filter keeps the place of things', async () => {
  for (const interpolation of filters)
    for (const [source, size] of [
      [32, 224],
      [500, 224],
    ] as const) {
      const pixels = ramp(source, source);
      const values = new Float32Array(3 * size * size);
      const how: Preprocessing = {
        ...timm,
        interpolation,
        resize: { mode: 'exact', width: size, height: size },
        crop: null,
      };
      await preprocess(pixels, pixels, how, values);
      for (const at of [20, 111, 200]) {
        const red = (values[112 * size + at]! * 0.5 + 0.5) * 255;
        const position = ((at + 0.5) / size) * source - 0.5;
        assert.ok(
          Math.abs(red - (position * 255) / source) < 255 / Math.min(source, 64),
          `${interpolation} ${source} → ${size} at ${at}: ${red}`,
        );
      }
    }
});

test('the middle of a strip is what all of it resized would have there', async () => {
  for (const interpolation of filters)
    for (const [width, height] of [
      [300, 2],
      [2, 300],
      [24, 60],
      [96, 24],
    ] as const) {
      const pixels = ramp(width, height);
      const how: Preprocessing = { ...timm, interpolation, resize: { mode: 'shortest-edge', size: 24 }, crop: { width: 16, height: 20 } }; // prettier-ignore
      const whole = { width: Math.trunc((24 * width) / Math.min(width, height)), height: Math.trunc((24 * height) / Math.min(width, height)) }; // prettier-ignore
      const expected = resample(pixels, whole.width, whole.height, interpolation);
      const values = new Float32Array(3 * 16 * 20);
      await preprocess(pixels, pixels, how, values);
      const [left, top] = [(whole.width - 16) / 2, (whole.height - 20) / 2];
      for (let channel = 0; channel < 3; channel++)
        for (let y = 0; y < 20; y++)
          for (let x = 0; x < 16; x++) {
            const level = Math.round((values[(channel * 20 + y) * 16 + x]! * 0.5 + 0.5) * 255);
            const right = expected.data[((y + top) * whole.width + x + left) * 3 + channel]!;
            const allowed = Math.min(width, height) > 24 ? 1 : 0;
            assert.ok(
              Math.abs(level - right) <= allowed,
              `${interpolation} ${width} × ${height}: ${level}, not ${right}`,
            );
          }
    }
});

test('a long photo is seen as all of its pixels show it, also by a model of few', async (t) => {
  const folder = temporaryFolder(t, 'long');
  for (const [width, height] of [
    [1500, 4000],
    [4001, 333],
  ] as const) {
    const grain = randomNumbers(width * height, 1, 5);
    const data = new Uint8Array(width * height);
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++)
        data[i] = 128 + 90 * Math.sign(Math.sin(x / 11) * Math.sin(y / 17)) + 30 * grain[i]!;
    const path = join(folder, `${width}.jpg`);
    await sharp(data, { raw: { width, height, channels: 1 } })
      .jpeg({ quality: 90 })
      .toFile(path);
    const how: Preprocessing = { ...timm, resize: { mode: 'shortest-edge', size: 64 }, crop: { width: 56, height: 56 } }; // prettier-ignore
    const seen = async (atLeast: (size: Size) => Size) => {
      const photo = await decodePhoto(path, { atLeast });
      const values = new Float32Array(3 * 56 * 56);
      await preprocess(photo.pixels, photo, how, values);
      return values;
    };
    const { mean, largest } = levels(
      await seen((size) => pixelsNeeded(size, how)),
      await seen((size) => size),
    );
    t.diagnostic(
      `${width} × ${height}: mean ${mean.toFixed(3)}, largest ${largest.toFixed(1)} levels of 255`,
    );
    assert.ok(mean < 0.5 && largest < 8, `mean ${mean}, largest ${largest}`);
  }
});

test('a strip of one pixel takes the memory of the middle of it', async () => {
  const pixels = ramp(60_000, 1);
  const values = new Float32Array(3 * 224 * 224);
  const before = process.memoryUsage().arrayBuffers;
  await preprocess(pixels, pixels, { ...timm, resize: { mode: 'shortest-edge', size: 256 }, crop: { width: 224, height: 224 } }, values); // prettier-ignore
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
  const red = (values[112 * 224 + 112]! * 0.5 + 0.5) * 255;
  assert.ok(Math.abs(red - 127.5) <= 1, `${red}`);
});

test('padding of longest-edge is the mean colour, and the picture lies in the middle', async () => {
  const pixels: Pixels = { data: new Uint8Array(40 * 20 * 3).fill(255), width: 40, height: 20 };
  const how: Preprocessing = {
    resize: { mode: 'longest-edge', size: 8 },
    interpolation: 'bilinear',
    crop: null,
    mean: [0.2, 0.4, 0.6],
    std: [0.1, 0.2, 0.4],
  };
  const values = new Float32Array(3 * 64);
  await preprocess(pixels, pixels, how, values);
  const column = (channel: number) => Array.from({ length: 8 }, (_, y) => values[channel * 64 + y * 8]!);
  const white = [8, 3, 1];
  for (let channel = 0; channel < 3; channel++)
    for (const [y, value] of column(channel).entries())
      assert.ok(Math.abs(value - (y >= 2 && y < 6 ? white[channel]! : 0)) < 1e-5, `${channel} ${y} ${value}`);
});

test('a crop larger than the resized picture is padded with black', async () => {
  const pixels: Pixels = { data: new Uint8Array(4 * 4 * 3).fill(255), width: 4, height: 4 };
  const how: Preprocessing = {
    ...timm,
    resize: { mode: 'exact', width: 4, height: 4 },
    crop: { width: 6, height: 6 },
  };
  const values = new Float32Array(2 + 3 * 36);
  await preprocess(pixels, pixels, how, values, 2);
  assert.deepEqual([...values.subarray(0, 2)], [0, 0]);
  assert.deepEqual([...values.subarray(2, 8)], [-1, -1, -1, -1, -1, -1]);
  assert.deepEqual([...values.subarray(8, 14)], [-1, 1, 1, 1, 1, -1]);
});
