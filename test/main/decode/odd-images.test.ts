import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { toFailure } from '../../../main/contract/result.ts';
import { needsShared, shared } from '../../shared.ts';

const folder = `${shared}odd-images/`;

/** What every file must give: upright size and whether part is lost, or a code. */
const expected: Record<string, string> = {
  'empty.jpg': 'empty-file',
  'noise.png': 'unsupported-format',
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`orientation-${i + 1}.jpg`, '1800 × 1200'])),
  'pillow-broken.png': 'corrupt-image',
  'pillow-broken_data_stream.png': '128 × 128 damaged',
  'pillow-crash-0e16d3bfb83be87356d026d66919deaefca44dac.tif': 'truncated-image',
  'pillow-decompression_bomb.gif': 'corrupt-image',
  'pillow-flower.webp': '480 × 360',
  'pillow-hopper.avif': '128 × 128',
  'pillow-hopper.heif': '128 × 128',
  'pillow-hopper_bad.p7': 'unsupported-format',
  'pillow-hopper_bad_exif.jpg': '500 × 500',
  'pillow-invalid-exif.jpg': '200 × 200',
  'pillow-oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif': 'corrupt-image',
  'pillow-rgb24.bmp': '127 × 64',
  'pillow-shortfile.bmp': '127 × 64 damaged',
  'pillow-truncated_jpeg.jpg': '100 × 100 damaged',
  'sharp-16-bit-grey-alpha.png': '109 × 96',
  'sharp-65536-uint32-limit.png': 'too-large',
  'sharp-8bit_depth.tiff': '21 × 21',
  'sharp-Channel_digital_image_CMYK_color_no_profile.jpg': '500 × 333',
  'sharp-animated-loop-3.webp': '370 × 285',
  'sharp-corrupt-header.jpg': 'truncated-image',
  'sharp-full-transparent.png': '300 × 300',
  'sharp-giant-image.jpg': '20000 × 14000',
  'sharp-grey-8bit-alpha.png': '400 × 300',
  'sharp-pitm.avif': '4096 × 800',
  'sharp-rotating-squares.gif': '80 × 80',
  'sharp-truncated.jpg': '2725 × 2225 damaged',
  'sharp-truncated.png': '294 × 240 damaged',
  'text-renamed.jpg': 'unsupported-format',
};

const decode = (name: string) => decodePhoto(folder + name, { atLeast: () => ({ width: 336, height: 336 }) });

async function outcome(name: string): Promise<string> {
  try {
    const { width, height, damaged, pixels } = await decode(name);
    assert.equal(pixels.data.length, pixels.width * pixels.height * 3);
    return `${width} × ${height}${damaged ? ' damaged' : ''}`;
  } catch (error) {
    return toFailure(error).code;
  }
}

test('every odd file gives a picture or a code of its own', needsShared, async () => {
  const names = readdirSync(folder);
  const found = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await outcome(name)] as const)),
  );
  assert.deepEqual(found, expected);
});

test('the eight EXIF orientations of one scene come out upright and alike', needsShared, async () => {
  const pictures = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => (await decode(`orientation-${i + 1}.jpg`)).pixels),
  );
  const [upright, ...turned] = pictures;
  for (const [i, { data, width, height }] of turned.entries()) {
    assert.deepEqual([width, height], [upright!.width, upright!.height]);
    const difference = data.reduce((sum, value, at) => sum + Math.abs(value - upright!.data[at]!), 0);
    assert.ok(difference / data.length < 6, `orientation ${i + 2}: ${difference / data.length} levels`);
  }
});

test('a damaged photo that holds nothing but filling is an error', needsShared, async () => {
  assert.ok(existsSync(`${folder}pillow-crash-0e16d3bfb83be87356d026d66919deaefca44dac.tif`));
  await assert.rejects(decode('pillow-crash-0e16d3bfb83be87356d026d66919deaefca44dac.tif'), {
    code: 'truncated-image',
  });
});
