import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { needsShared, shared } from '../../../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccade-bmp-'));

const width = 13;
const height = 5;
type Colour = [number, number, number];

interface Variant {
  /** Size of the second header. */
  header?: number;
  bits: number;
  compression?: number;
  topDown?: boolean;
  /** Bytes between the palette and the pixels. */
  gap?: number;
  /** Colours in the palette, where that is not all there can be. */
  colours?: number;
  masks?: number[];
  /** Compressed pixels as they stand. */
  data?: number[];
}

/** Colours far apart, so that no wrong one passes. */
const palette = Array.from({ length: 256 }, (_, i): Colour => [
  (i * 77) & 255,
  (i * 151 + 30) & 255,
  255 - i,
]);
const indexAt = (x: number, y: number, most: number): number => (x * 7 + y * 5 + ((x * y) >> 1)) % most;
const colourAt = (x: number, y: number): Colour => [(x * 19) & 255, (y * 51) & 255, (x * y * 4 + 7) & 255];

/** The value's bits moved to where a mask is. */
function into(mask: number, value: number): number {
  if (mask === 0) return 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return Math.round((value / 255) * most) * 2 ** shift;
}

function encode(variant: Variant): Buffer {
  const { header = 40, bits, compression = 0, topDown = false, gap = 0, masks = [], data } = variant;
  const colours = bits > 8 ? 0 : (variant.colours ?? 2 ** bits);
  const entry = header === 12 ? 3 : 4;
  const maskBytes = header === 40 ? masks.length * 4 : 0;
  const start = 14 + header + maskBytes + colours * entry + gap;
  const line = Math.ceil((width * bits) / 32) * 4;
  const file = Buffer.alloc(start + (data?.length ?? line * height));
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(header, 14);
  const signed = topDown ? -height : height;
  if (header === 12) {
    file.writeUInt16LE(width, 18);
    file.writeUInt16LE(height, 20);
    file.writeUInt16LE(1, 22);
    file.writeUInt16LE(bits, 24);
  } else {
    file.writeInt32LE(width, 18);
    file.writeInt32LE(signed, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(bits, 28);
    if (header >= 40) {
      file.writeUInt32LE(compression, 30);
      file.writeUInt32LE(file.length - start, 34);
      file.writeUInt32LE(variant.colours ?? 0, 46);
    }
    masks.forEach((mask, i) => file.writeUInt32LE(mask, 54 + i * 4));
  }
  for (let i = 0; i < colours; i++) {
    const [r, g, b] = palette[i]!;
    file.set([b, g, r], 14 + header + i * entry);
  }
  if (data) {
    file.set(data, start);
    return file;
  }
  const fields = masks.length ? masks : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  for (let y = 0; y < height; y++) {
    const at = start + (topDown ? y : height - 1 - y) * line;
    for (let x = 0; x < width; x++) {
      if (bits <= 8) {
        const index = indexAt(x, y, colours);
        file[at + Math.floor((x * bits) / 8)]! |= index << (8 - bits - ((x * bits) % 8));
      } else {
        const channels = [...colourAt(x, y), 255];
        const value = fields.reduce((sum, mask, i) => sum + into(mask, channels[i]!), 0);
        file.writeUIntLE(value, at + (x * bits) / 8, bits / 8);
      }
    }
  }
  return file;
}

/** What `encode` put in, as it comes back from fields of few bits. */
function expected({ bits, colours, masks }: Variant): Uint8Array {
  const result = new Uint8Array(width * height * 3);
  const fields = masks?.length ? masks : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff, 0xff, 0xff];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3)
      result.set(
        bits <= 8
          ? palette[indexAt(x, y, colours ?? 2 ** bits)]!
          : colourAt(x, y).map((value, i) => {
              const mask = fields[i]!;
              if (mask === 0) return 0;
              const most = mask >>> (31 - Math.clz32(mask & -mask));
              return Math.round((Math.round((value / 255) * most) * 255) / most);
            }),
        at,
      );
  return result;
}

async function read(name: string, bytes: Uint8Array) {
  const path = join(folder, `${name}.bmp`);
  writeFileSync(path, bytes);
  return decodePhoto(path, { atLeast: (size) => size });
}

const variants: Record<string, Variant> = {
  ...Object.fromEntries([1, 2, 4, 8, 16, 24, 32].map((bits) => [`${bits} bits`, { bits }])),
  ...Object.fromEntries([1, 4, 8, 24].map((bits) => [`OS2 1 ${bits} bits`, { bits, header: 12 }])),
  ...Object.fromEntries(
    [16, 64, 52, 56, 108, 124].flatMap((header) =>
      [1, 4, 8, 24].map((bits) => [`header of ${header} ${bits} bits`, { bits, header }]),
    ),
  ),
  'top down 8': { bits: 8, topDown: true },
  'top down 24': { bits: 24, topDown: true },
  'gap 8': { bits: 8, gap: 37 },
  'gap 24': { bits: 24, gap: 6 },
  'gap of 5-6-5': { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], gap: 10 },
  'few colours': { bits: 8, colours: 11 },
  'few colours of 4 bits': { bits: 4, colours: 5 },
  '5-6-5': { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] },
  '4-4-4': { bits: 16, compression: 3, masks: [0xf00, 0xf0, 0xf] },
  '5-5-5 of a field': { bits: 16, compression: 3, masks: [0x7c00, 0x3e0, 0x1f] },
  'fields the other way round': { bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff0000] },
  '10-10-10': { bits: 32, compression: 3, masks: [0x3ff00000, 0xffc00, 0x3ff] },
  'no blue': { bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0] },
  'alpha of header 56': { bits: 32, header: 56, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] },
  'alpha of header 124': {
    bits: 32,
    header: 124,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
  },
  'alpha 1-5-5-5': { bits: 16, header: 108, compression: 3, masks: [0x7c00, 0x3e0, 0x1f, 0x8000] },
  'alpha fields': { bits: 32, compression: 6, masks: [0xff0000, 0xff00, 0xff, 0xff000000] },
};

test('every kind of BMP gives the colours that were put in', async () => {
  for (const [name, variant] of Object.entries(variants)) {
    const { pixels, damaged } = await read(name, encode(variant));
    assert.equal(damaged, false, name);
    assert.deepEqual(Buffer.from(pixels.data), Buffer.from(expected(variant)), name);
  }
});

const colours = (rows: number[][]): Buffer => Buffer.from(rows.flat().flatMap((index) => palette[index]!));
const line = (...indices: number[]): number[] => [
  ...indices,
  ...Array<number>(width - indices.length).fill(0),
];

test('RLE8 with runs, literals, jumps and what it leaves out', async () => {
  const data = [
    ...[4, 3, 0, 3, 9, 8, 7, 0, 0, 0], // bottom row: a run, three literals and their padding, end of row
    ...[0, 2, 2, 1, 3, 5, 0, 0], // jumps two on and a row up
    ...[20, 6, 0, 0], // longer than its row
    ...[1, 1, 0, 1], // the rest is never told
  ];
  const { pixels, damaged } = await read('rle8', encode({ bits: 8, compression: 1, data }));
  const rows = [
    line(1),
    Array<number>(width).fill(6),
    line(0, 0, 5, 5, 5),
    line(),
    line(3, 3, 3, 3, 9, 8, 7),
  ];
  assert.deepEqual(Buffer.from(pixels.data), colours(rows));
  assert.equal(damaged, false);
});

test('RLE4 with runs of two colours, literals of odd length and jumps', async () => {
  const data = [
    ...[5, 0x3a, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0], // five pixels of two colours, five literals and padding
    ...[2, 0x77, 0, 2, 1, 1, 3, 0x9b, 0, 1],
  ];
  const { pixels, damaged } = await read('rle4', encode({ bits: 4, compression: 2, data }));
  const rows = [line(), line(), line(0, 0, 0, 9, 11, 9), line(7, 7), line(3, 10, 3, 10, 3, 1, 2, 3, 4, 5)];
  assert.deepEqual(Buffer.from(pixels.data), colours(rows));
  assert.equal(damaged, false);
});

test('a BMP that breaks off is damaged, and one that holds nothing is truncated', async () => {
  const whole = encode({ bits: 24 });
  const line = Math.ceil((width * 24) / 32) * 4;
  const { pixels, damaged } = await read('cut', whole.subarray(0, whole.length - line - 3));
  assert.equal(damaged, true);
  const wanted = expected({ bits: 24 });
  assert.deepEqual(Buffer.from(pixels.data.subarray(width * 6)), Buffer.from(wanted.subarray(width * 6)));
  const cut = encode({ bits: 8, compression: 1, data: [13, 3, 0, 0, 13, 5] });
  assert.equal((await read('rle cut', cut)).damaged, true);
  await assert.rejects(read('header only', whole.subarray(0, 54)), { code: 'truncated-image' });
  await assert.rejects(read('less than a row', whole.subarray(0, 60)), { code: 'truncated-image' });
});

test('a colour that its palette has not is damage', async () => {
  const file = encode({ bits: 8, colours: 11 });
  file[file.length - 16] = 200;
  assert.equal((await read('beyond', file)).damaged, true);
});

test('what is not read is refused by name', async () => {
  const refused: Record<string, Variant> = {
    'JPEG inside': { bits: 24, compression: 4, data: [0xff, 0xd8, 0xff, 0xd9] },
    'PNG inside': { bits: 24, compression: 5, data: [0x89, 0x50, 0x4e, 0x47] },
    'Huffman of OS2': { bits: 1, header: 64, compression: 3, data: [0, 0, 0, 0] },
    'RLE24 of OS2': { bits: 24, header: 64, compression: 4, data: [3, 1, 2, 3] },
    'sixty-four bits': { bits: 64, data: Array<number>(width * height * 8).fill(7) },
    CMYK: { bits: 32, compression: 11, data: Array<number>(width * height * 4).fill(7) },
    'RLE8 from the top': { bits: 8, compression: 1, topDown: true, data: [0, 1] },
  };
  for (const [name, variant] of Object.entries(refused))
    await assert.rejects(read(name, encode(variant)), { code: 'unsupported-format' }, name);
  const gaps = encode({ bits: 32, compression: 3, masks: [0xf0f0000, 0xff00, 0xff] });
  await assert.rejects(read('fields with gaps', gaps), { code: 'corrupt-image' });
});

test('BMP files of other writers equal what Pillow 9.4 reads', needsShared, async () => {
  const sha256: Record<string, string> = {
    'cases/files/own4bit-159.bmp': 'e668c51666aabd812779d0343265752c5a57c52289a9162738e498274d608b4b',
    'cases/files/rle8.bmp': '389c3edecf09c62fa66647352e817c2b7cf316af49e2945e41a84424a7f3c161',
    'odd-images/pillow-rgb24.bmp': 'e2fb8640bc5fdb2c74bed4ea1fe494991a366b1808828c88bdc4ca27459602b3',
  };
  for (const [name, wanted] of Object.entries(sha256)) {
    const { pixels } = await decodePhoto(shared + name, { atLeast: (size) => size });
    assert.equal(createHash('sha256').update(pixels.data).digest('hex'), wanted, name);
  }
});
