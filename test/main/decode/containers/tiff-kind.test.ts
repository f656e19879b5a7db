import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { needsShared, shared } from '../../../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccade-tiff-'));
const width = 24;
const height = 16;

type Sample = 'u8' | 'u16' | 'u32' | 'i8' | 'i16' | 'f16' | 'f32' | 'f64';

interface Kind {
  photometric: number;
  sample?: Sample;
  channels?: number;
  compression?: number;
  planar?: boolean;
  tiles?: boolean;
  extra?: number[];
  /** Of a sample 0 … 1. */
  scale?: (value: number, channel: number) => number;
  bits?: number;
}

const valueAt = (x: number, y: number, channel: number): number =>
  Math.round(Math.abs(Math.sin(x * 0.4 + y * 0.23 + channel)) * 255) / 255;

const bytesOf: Record<Sample, number> = { u8: 1, u16: 2, u32: 4, i8: 1, i16: 2, f16: 2, f32: 4, f64: 8 };
const write: Record<Sample, (to: DataView, at: number, value: number) => void> = {
  u8: (to, at, value) => to.setUint8(at, Math.round(value * 255)),
  u16: (to, at, value) => to.setUint16(at, Math.round(value * 65535), true),
  u32: (to, at, value) => to.setUint32(at, Math.round(value * (2 ** 32 - 1)), true),
  i8: (to, at, value) => to.setInt8(at, Math.round(value * 127)),
  i16: (to, at, value) => to.setInt16(at, Math.round(value * 32767), true),
  f16: (to, at, value) => to.setFloat16(at, value, true),
  f32: (to, at, value) => to.setFloat32(at, value, true),
  f64: (to, at, value) => to.setFloat64(at, value, true),
};

/** Uncompressed, whatever it says of itself; one strip or tile a plane. */
function encode(kind: Kind): Buffer {
  const { photometric, sample = 'u8', channels = 3, planar = false, tiles = false, extra = [] } = kind;
  const { scale = (value) => value, compression = 1 } = kind;
  const size = bytesOf[sample];
  const format = sample.startsWith('u') ? 1 : sample.startsWith('i') ? 2 : 3;
  const planes = planar ? channels : 1;
  const plane = width * height * (channels / planes) * size;
  const entries: [tag: number, type: 3 | 4, values: number[]][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array<number>(channels).fill(kind.bits ?? size * 8)],
    [259, 3, [compression]],
    [262, 3, [photometric]],
    ...(tiles ? [] : [[273, 4, Array<number>(planes).fill(0)] as [number, 4, number[]]]),
    [277, 3, [channels]],
    ...(tiles
      ? []
      : ([
          [278, 4, [height]],
          [279, 4, Array<number>(planes).fill(plane)],
        ] as [number, 4, number[]][])),
    [284, 3, [planar ? 2 : 1]],
    ...(tiles
      ? ([
          [322, 4, [width]],
          [323, 4, [height]],
          [324, 4, Array<number>(planes).fill(0)],
          [325, 4, Array<number>(planes).fill(plane)],
        ] as [number, 4, number[]][])
      : []),
    ...(extra.length ? [[338, 3, extra] as [number, 3, number[]]] : []),
    [339, 3, Array<number>(channels).fill(format)],
  ];
  const values = 10 + entries.length * 12 + 4;
  const start = values + 256;
  const file = Buffer.alloc(start + plane * planes);
  file.write('II*\0\x08\0\0\0', 'latin1');
  file.writeUInt16LE(entries.length, 8);
  let spare = values;
  entries.forEach(([tag, type, list], i) => {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(list.length, at + 4);
    const each = type === 3 ? 2 : 4;
    const inside = list.length * each <= 4;
    const from = inside ? at + 8 : spare;
    if (!inside) {
      file.writeUInt32LE(spare, at + 8);
      spare += list.length * each;
    }
    list.forEach((value, n) => {
      const offset = tag === 273 || tag === 324 ? start + n * plane : value;
      if (type === 3) file.writeUInt16LE(offset, from + n * each);
      else file.writeUInt32LE(offset, from + n * each);
    });
  });
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = planar
          ? start + channel * plane + (y * width + x) * size
          : start + ((y * width + x) * channels + channel) * size;
        write[sample](view, at, scale(valueAt(x, y, channel), channel));
      }
  return file;
}

const decode = (name: string, bytes: Uint8Array) => {
  const path = join(folder, `${name}.tif`);
  writeFileSync(path, bytes);
  return decodePhoto(path, { atLeast: (size) => size });
};

const pixels = (channels: number, value = valueAt): Buffer =>
  Buffer.from(
    Array.from({ length: width * height * 3 }, (_, i) => {
      const at = Math.floor(i / 3);
      return Math.round(value(at % width, Math.floor(at / width), channels === 1 ? 0 : i % 3) * 255);
    }),
  );

test('kinds of TIFF that are read give the samples that were put in', async () => {
  const right: Record<string, Kind> = {
    'RGB of 8 bits': { photometric: 2 },
    'RGB of 16 bits': { photometric: 2, sample: 'u16' },
    'RGB in planes': { photometric: 2, planar: true },
    'RGB of 16 bits in planes': { photometric: 2, sample: 'u16', planar: true },
    'RGB of half floats': { photometric: 2, sample: 'f16' },
    'RGB of floats': { photometric: 2, sample: 'f32' },
    'RGB of floats in planes': { photometric: 2, sample: 'f32', planar: true },
    'RGB with a channel that is not transparency': { photometric: 2, channels: 4, extra: [0] },
    'grey of 8 bits': { photometric: 1, channels: 1 },
    'grey of 16 bits': { photometric: 1, channels: 1, sample: 'u16' },
    'grey of floats': { photometric: 1, channels: 1, sample: 'f32' },
    'grey from white': { photometric: 0, channels: 1, scale: (value) => 1 - value },
    'RGB with opaque alpha': {
      photometric: 2,
      channels: 4,
      extra: [2],
      scale: (value, channel) => (channel === 3 ? 1 : value),
    },
  };
  for (const [name, kind] of Object.entries(right)) {
    const { pixels: found, damaged } = await decode(name, encode(kind));
    assert.equal(damaged, false, name);
    const wanted = pixels(kind.channels ?? 3);
    const off = Math.max(...found.data.map((value, i) => Math.abs(value - wanted[i]!)));
    assert.ok(off <= 1, `${name}: ${off} levels off`);
  }
});

test('kinds of TIFF that would come out wrong are refused by name, never called corrupt', async () => {
  const refused: Record<string, Kind> = {
    'floats that go up to 255': { photometric: 2, sample: 'f32', scale: (value) => value * 255 },
    'grey of half floats': { photometric: 1, channels: 1, sample: 'f16' },
    'grey of doubles': { photometric: 1, channels: 1, sample: 'f64' },
    'RGB of doubles': { photometric: 2, sample: 'f64' },
    'RGB of 32 bits': { photometric: 2, sample: 'u32' },
    'grey of 32 bits': { photometric: 1, channels: 1, sample: 'u32' },
    'signed bytes': { photometric: 1, channels: 1, sample: 'i8' },
    'signed 16 bits': { photometric: 2, sample: 'i16' },
    '12 bits': { photometric: 1, channels: 1, bits: 12 },
    '4 bits of RGB': { photometric: 2, bits: 4 },
    'a palette of 16 bits': { photometric: 3, channels: 1, sample: 'u16' },
    'Lab of 8 bits': { photometric: 8 },
    'ICC Lab': { photometric: 9 },
    'YCbCr without JPEG': { photometric: 6 },
    'tiles in planes': { photometric: 2, planar: true, tiles: true },
    'old-style JPEG': { photometric: 6, compression: 6 },
    'old-style JPEG in tiles': { photometric: 6, compression: 6, tiles: true },
    LogLuv: { photometric: 32845, compression: 34676, sample: 'f32' },
    Zstandard: { photometric: 2, compression: 50000 },
    'a mask': { photometric: 4, channels: 1 },
    'a colour filter array': { photometric: 32803, channels: 1, sample: 'u16' },
    'five channels': { photometric: 2, channels: 5, extra: [2, 0] },
  };
  for (const [name, kind] of Object.entries(refused))
    await assert.rejects(decode(name, encode(kind)), { code: 'unsupported-format' }, name);
});

test('Lab of 16 bits becomes sRGB', async () => {
  const neutral: Kind = { photometric: 8, sample: 'u16', scale: (_, channel) => (channel ? 0 : 0.5) };
  const { pixels: found } = await decode('lab16', encode(neutral));
  // L* 50 is 119 of sRGB.
  for (const value of found.data.subarray(0, 3)) assert.ok(Math.abs(value - 119) <= 2, `${value}`);
});

test('TIFF files of other writers', needsShared, async () => {
  const means = async (name: string): Promise<number[]> => {
    const { pixels: found } = await decodePhoto(`${shared}cases/files/${name}`, { atLeast: (size) => size });
    const sums = [0, 0, 0];
    found.data.forEach((value, i) => (sums[i % 3]! += value));
    return sums.map((sum) => Math.round((sum * 3) / found.data.length));
  };
  assert.deepEqual(await means('rgb-float.tif'), [133, 114, 127]);
  assert.deepEqual(await means('planar.tif'), [133, 114, 127]);
  await assert.rejects(means('lab8.tif'), { code: 'unsupported-format' });
});
