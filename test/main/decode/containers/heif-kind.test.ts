import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCapture } from '../../../../main/decode/metadata/capture.ts';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { embeddedIn } from '../../../../main/decode/metadata/embedded.ts';
import { sharp } from '../../../../main/decode/engine.ts';
import { needsShared, shared } from '../../../shared.ts';
import { cut, heic, item, mirrored, orientation, row, tall, turned, wide } from './heif-samples.ts';
import { temporaryFolder } from '../../../temporary.ts';

const folder = temporaryFolder({ after }, 'heif');

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function under(brand: string, bytes: Buffer): Buffer {
  const branded = Buffer.from(bytes);
  branded.write(brand, 8, 'latin1');
  return branded;
}

const decode = (path: string) => decodePhoto(path, { atLeast: (size) => size });
const avif = () =>
  sharp({ create: { width: 48, height: 32, channels: 3, background: 'teal' } })
    .withExif({ IFD0: { Model: 'X100V' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>')
    .avif()
    .toBuffer();

test('pictures in AV1 are read under every brand of HEIF, animations among them, and so is what is written beside them', async () => {
  const bytes = await avif();
  const { pixels } = await decode(put('still.avif', bytes));
  for (const brand of ['avis', 'mif1', 'msf1', 'miaf']) {
    const path = put(`${brand}.avif`, under(brand, bytes));
    assert.deepEqual((await decode(path)).pixels, pixels, brand);
    assert.equal((await readCapture(path)).camera, 'X100V', brand);
    assert.ok((await embeddedIn(path)).xmp, brand);
  }
});

test('pictures in HEVC are read under every brand of HEIF', needsShared, async () => {
  const bytes = readFileSync(`${shared}odd-images/pillow-hopper.heif`);
  const { pixels } = await decode(put('still.heic', bytes));
  for (const brand of ['mif1', 'mif2', 'miaf', 'avif'])
    assert.deepEqual((await decode(put(`${brand}.heic`, under(brand, bytes)))).pixels, pixels, brand);
});

test('moving pictures without a still one are told as such, and not as broken', async () => {
  const bytes = await avif();
  bytes.write('free', bytes.indexOf('meta'), 'latin1');
  const moving = Buffer.concat([bytes, Buffer.from([0, 0, 0, 8]), Buffer.from('moov')]);
  await assert.rejects(decode(put('moving.avif', under('avis', moving))), {
    code: 'unsupported-format',
    message: /moving pictures without a still one/,
  });
});

const colours = { red: [220, 30, 30], blue: [30, 30, 220], green: [30, 200, 30], yellow: [230, 230, 30] };

/** What stands in the corners, from the upper left one on, row by row. */
async function cornersOf(name: string, bytes: Buffer) {
  const { pixels, width, height } = await decode(put(name, bytes));
  const at = (x: number, y: number) => {
    const from = (y * pixels.width + x) * 3;
    const seen = pixels.data.subarray(from, from + 3);
    const near = Object.entries(colours).find(([, each]) => each.every((level, i) => Math.abs(level - seen[i]!) < 30)); // prettier-ignore
    return near?.[0] ?? [...seen].join(',');
  };
  const [right, bottom] = [pixels.width - 5, pixels.height - 5];
  assert.deepEqual([pixels.width, pixels.height], [width, height]);
  return `${width} × ${height} ${at(4, 4)} ${at(right, 4)} ${at(4, bottom)} ${at(right, bottom)}`;
}

test('HEIC is turned as its container says and by nothing else, and shown by the picture that it names', async () => {
  const six = orientation(6, 1);
  const cases: [string, Buffer, string][] = [
    ['plain', heic([item(wide)]), '96 × 64 red blue red blue'],
    ['left', heic([item(wide, turned(1))]), '64 × 96 blue blue red red'],
    ['half', heic([item(wide, turned(2))]), '96 × 64 blue red blue red'],
    // As phones write it: what EXIF says is said by the container already.
    ['right', heic([item(wide, turned(3)), six]), '64 × 96 red red blue blue'],
    ['said', heic([item(wide), six]), '96 × 64 red blue red blue'],
    ['upside', heic([item(tall, mirrored(0))]), '64 × 128 yellow yellow green green'],
    ['mirror', heic([item(wide, mirrored(1))]), '96 × 64 blue red blue red'],
    ['both', heic([item(wide, turned(1), mirrored(0))]), '64 × 96 red red blue blue'],
    ['second', heic([item(wide, turned(1)), item(tall)], 2), '64 × 128 green green yellow yellow'],
    ['first', heic([item(wide), item(tall)], 1), '96 × 64 red blue red blue'],
    ['tiles', heic([item(wide), item(wide), row(2, 192, 64)], 3), '192 × 64 red blue red blue'],
    ['fewer', heic([item(tall), item(tall), row(2, 100, 90, turned(3)), orientation(6, 3)], 3), '90 × 100 yellow green yellow green'], // prettier-ignore
  ];
  for (const [name, bytes, expected] of cases)
    assert.equal(await cornersOf(`${name}.heic`, bytes), expected, name);
});

test('of HEIC that shows a part of its picture that part is seen, whichever way it is turned', async () => {
  const part = cut(40, 20, -4, 10);
  const cases: [string, Buffer, string][] = [
    ['part', heic([item(wide, part)]), '40 × 20 red blue red blue'],
    ['turned', heic([item(wide, part, turned(1))]), '20 × 40 blue blue red red'],
    ['mirrored', heic([item(wide, part, turned(3), mirrored(0))]), '20 × 40 blue blue red red'],
    ['corner', heic([item(tall, cut(16, 20, 24, 54))]), '16 × 20 yellow yellow yellow yellow'],
    ['nearly', heic([item(wide, cut(95, 63, 0, 0))]), '95 × 63 red blue red blue'],
  ];
  for (const [name, bytes, expected] of cases)
    assert.equal(await cornersOf(`${name}.heic`, bytes).catch(String), expected, name);
});
