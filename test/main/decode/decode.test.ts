import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { readCapture } from '../../../main/decode/metadata/capture.ts';
import { bytesOfBuffer } from '../../../main/decode/containers/bytes-at.ts';
import { packedStrips } from '../../../main/decode/containers/tiff-kind.ts';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { shrunk } from '../../../main/decode/pixels.ts';
import type { ExpectedFile } from '../../../main/decode/file.ts';
import { sharp } from '../../../main/decode/engine.ts';
import { rendition, thumbnail } from '../../../main/decode/picture.ts';
import { needsShared, shared } from '../../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccade-decode-'));
const everything = { atLeast: (size: { width: number; height: number }) => size };

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A red picture with one blue quarter, lower right. */
const scene = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#ff0000' } }).composite([
    {
      input: {
        create: { width: width / 2, height: height / 2, channels: 3, background: '#0000ff' },
      },
      left: width / 2,
      top: height / 2,
    },
  ]);

const pixel = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test('JPEG shrinks on load as far as enough is left', async () => {
  const path = put('large.jpg', await scene(1600, 1200).jpeg().toBuffer());
  const { pixels, width, height } = await decodePhoto(path, { atLeast: () => ({ width: 300, height: 300 }) });
  assert.deepEqual([width, height, pixels.width, pixels.height], [1600, 1200, 533, 400]);
});

test('shrinking never leaves less than asked for, nor enlarges', () => {
  for (const jpeg of [true, false])
    for (const [width, height] of [
      [4001, 3007],
      [100, 50],
      [65_000, 40],
    ] as const) {
      const least = { width: 224, height: 30 };
      const got = shrunk({ width, height }, least, jpeg);
      assert.ok(got.width <= width && got.width >= Math.min(width, least.width));
      assert.ok(got.height <= height && got.height >= Math.min(height, least.height));
    }
});

const chunk = (type: string, ...parts: Uint8Array[]) => {
  const body = Buffer.concat([Buffer.from(type), ...parts]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
};

/** As exiv2 and ImageMagick write it. */
const hexText = (exif: Buffer) => {
  const all = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
  const lines = all
    .toString('hex')
    .match(/.{1,72}/g)!
    .join('\n');
  return Buffer.from(`\nexif\n${String(all.length).padStart(8)}\n${lines}\n`);
};

test('a PNG is upright and dated wherever its EXIF is written', async () => {
  const plain = await scene(40, 20).png().toBuffer();
  const exif = Buffer.from('4d4d002a0000000800020112000300000001000600000132000200000014000000260000000032303134', 'hex'); // prettier-ignore
  const told = Buffer.concat([exif.subarray(0, 38), Buffer.from('2014:07:03 12:30:00\0')]);
  const deflated = chunk('zTXt', Buffer.from('Raw profile type exif\0\0'), deflateSync(hexText(told)));
  const text = chunk('tEXt', Buffer.from('Raw profile type APP1\0'), hexText(told));
  const [start, end] = [plain.subarray(0, 33), plain.subarray(-12)];
  const body = plain.subarray(33, -12);
  for (const [name, parts] of Object.entries({
    before: [start, chunk('eXIf', told), body, end],
    after: [start, body, chunk('eXIf', told), end],
    marked: [start, chunk('eXIf', Buffer.from('Exif\0\0'), told), body, end],
    exiv2: [start, deflated, body, end],
    'exiv2-after': [start, body, deflated, end],
    magick: [start, text, body, end],
    // Two that say the same turn it once.
    both: [start, deflated, chunk('eXIf', told), body, end],
  })) {
    const path = put(`${name}.png`, Buffer.concat(parts));
    const { pixels, width, height, takenMs } = await decodePhoto(path, everything);
    assert.deepEqual([width, height], [20, 40], name);
    assert.deepEqual(pixel(pixels, 2, 38), [0, 0, 255], name);
    assert.deepEqual(pixel(pixels, 18, 38), [255, 0, 0], name);
    const taken = new Date(2014, 6, 3, 12, 30).getTime();
    assert.deepEqual([takenMs, (await readCapture(path)).takenMs], [taken, taken], name);
  }
  const broken = chunk('zTXt', Buffer.from('Raw profile type exif\0\0no stream'));
  const path = put('broken-text.png', Buffer.concat([start, broken, body, end]));
  assert.equal((await decodePhoto(path, everything)).width, 40);
});

test('a PNG too large to be held is upright by an EXIF after its picture', async () => {
  const plain = await scene(40, 20).png().toBuffer();
  const exif = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex');
  const ballast = Array.from({ length: 17 }, () => chunk('saCc', Buffer.alloc(4 << 20)));
  const path = put('large-late.png', Buffer.concat([plain.subarray(0, -12), ...ballast, chunk('eXIf', exif), plain.subarray(-12)])); // prettier-ignore
  const { pixels, width, height } = await decodePhoto(path, everything);
  rmSync(path);
  assert.deepEqual([width, height, pixel(pixels, 2, 38)], [20, 40, [0, 0, 255]]);
});

test('of an animation the whole canvas is seen, white where its first frame leaves it out', async () => {
  const whole = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#0f0' } })
    .gif()
    .toBuffer();
  const at = whole.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 20, 0, 10, 0]));
  assert.ok(at > 0);
  whole.writeUInt16LE(60, 6);
  whole.writeUInt16LE(40, 8);
  whole.writeUInt16LE(30, at + 1);
  whole.writeUInt16LE(20, at + 3);
  const second = Buffer.concat([whole.subarray(0, -1), whole.subarray(at)]);
  for (const [name, bytes] of Object.entries({ still: whole, moving: second })) {
    const { pixels, width, height } = await decodePhoto(put(`${name}.gif`, bytes), everything);
    assert.deepEqual([width, height], [60, 40], name);
    const seen = [pixel(pixels, 1, 1), pixel(pixels, 31, 21), pixel(pixels, 51, 31)];
    assert.deepEqual(seen, [[255, 255, 255], [0, 255, 0], [255, 255, 255]], name); // prettier-ignore
  }
});

test('a picture is read by what it is, whatever its name says', async () => {
  for (const name of ['cr2', 'dng', 'orf', 'heic', 'bmp', 'png'])
    assert.equal((await decodePhoto(put(`jpeg.${name}`, await scene(40, 20).jpeg().toBuffer()), everything)).width, 40, name); // prettier-ignore
  const png = await scene(40, 20).png().toBuffer();
  assert.equal((await decodePhoto(put('png.nef', png), everything)).width, 40);
  // The first picture of a RAW that is not read is a thumbnail.
  await assert.rejects(decodePhoto(put('tiff.kdc', await scene(40, 20).tiff().toBuffer()), everything), {
    code: 'unsupported-format',
  });
});

test('transparent pixels become white', async () => {
  const clear = {
    create: { width: 4, height: 4, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  };
  const path = put('clear.png', await sharp(clear).png().toBuffer());
  const { pixels } = await decodePhoto(path, everything);
  assert.deepEqual(pixel(pixels, 1, 1), [255, 255, 255]);
});

test('a profile is left alone for the model and converted to sRGB for people', async () => {
  const path = put('p3.png', await scene(64, 64).withIccProfile('p3').png().toBuffer());
  const stored = [...(await sharp(path, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)];
  assert.ok(stored[1]! > 20, 'red of sRGB has some green in Display P3');
  const photo = await decodePhoto(path, everything);
  assert.deepEqual(pixel(photo.pixels, 0, 0), stored);
  const shown = await sharp((await thumbnail(path, 64)).bytes)
    .raw()
    .toBuffer();
  assert.ok(shown[0]! > 248 && shown[1]! < 12 && shown[2]! < 12, `${[...shown.subarray(0, 3)]}`);
});

/** Of grey whose numbers are shares of light (ICC.1: `curv` of one gamma, 1.0). */
function linearGrey(): Buffer {
  const tag = (type: string, ...words: number[]) => {
    const data = Buffer.alloc(8 + 4 * words.length);
    data.write(type, 'latin1');
    for (const [i, word] of words.entries()) data.writeUInt32BE(word, 8 + 4 * i);
    return data;
  };
  const text = Buffer.concat([tag('desc', 5), Buffer.from('grey\0'), Buffer.alloc(79)]);
  const tags = { desc: text, wtpt: tag('XYZ ', 63190, 65536, 54061), kTRC: tag('curv', 1, 0x01000000), cprt: tag('text', 0) }; // prettier-ignore
  const table = Buffer.alloc(4 + 12 * 4);
  table.writeUInt32BE(4);
  let at = 128 + table.length;
  for (const [i, [name, data]] of Object.entries(tags).entries()) {
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(data.length, 12 + 12 * i);
    at += data.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at);
  header.writeUInt32BE(0x02100000, 8);
  header.write('mntrGRAYXYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  for (const [i, word] of [63190, 65536, 54061].entries()) header.writeUInt32BE(word, 68 + 4 * i);
  return Buffer.concat([header, table, ...Object.values(tags)]);
}

test("a grey photo's profile is left alone too, and people see it converted", async () => {
  const levels = Uint8Array.from({ length: 64 * 64 }, (_, at) => (at < 32 * 64 ? 50 : 200));
  const grey = () => sharp(levels, { raw: { width: 64, height: 64, channels: 1 } }).toColourspace('b-w');
  const deep = () => grey().toColourspace('grey16');
  const paths: string[] = [];
  for (const [name, picture] of Object.entries({ grey, deep }))
    paths.push(put(`${name}.png`, withProfile(await picture().png().toBuffer(), linearGrey())));
  for (const path of paths) {
    const photo = await decodePhoto(path, everything);
    assert.deepEqual(pixel(photo.pixels, 9, 9), [50, 50, 50]);
    const shown = await sharp((await thumbnail(path, 64)).bytes)
      .raw()
      .toBuffer();
    assert.ok(Math.abs(shown[0]! - 122) < 4, `${shown[0]}`); // 50 / 255 of the light, in sRGB
  }
});

/** A PNG with an iCCP chunk behind its header. */
function withProfile(png: Buffer, profile: Buffer): Buffer {
  const end = 8 + 25;
  const named = chunk('iCCP', Buffer.from('grey\0\0'), deflateSync(profile));
  return Buffer.concat([png.subarray(0, end), named, png.subarray(end)]);
}

test('CMYK becomes sRGB', async () => {
  const path = put('cmyk.jpg', await scene(64, 64).toColourspace('cmyk').jpeg().toBuffer());
  const { pixels, profile } = await decodePhoto(path, everything);
  const [red, green, blue] = pixel(pixels, 4, 4);
  assert.equal(profile, null);
  assert.ok(red! > 200 && green! < 70 && blue! < 70, `${red} ${green} ${blue}`);
});

test('a JPEG of a kind that is not read is told apart from a broken one', async () => {
  const jpeg = await scene(64, 64).jpeg().toBuffer();
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  const deep = Buffer.from(jpeg);
  deep.set([0xff, 0xc1], frame);
  deep[frame + 4] = 12;
  const lossless = Buffer.from(jpeg);
  lossless[frame + 1] = 0xf7;
  for (const [name, bytes] of Object.entries({ 'deep.jpg': deep, 'ls.jpg': lossless }))
    await assert.rejects(decodePhoto(put(name, bytes), everything), { code: 'unsupported-format' });
});

test('a WebP that breaks off is told to, however much of it is there', async () => {
  const webp = await sharp(randomLevels(), { raw: { width: 64, height: 64, channels: 3 } })
    .webp()
    .toBuffer();
  for (const share of [0.1, 0.5, 0.95]) {
    const cut = put(`cut-${share}.webp`, webp.subarray(0, Math.floor(webp.length * share)));
    await assert.rejects(decodePhoto(cut, everything), { code: 'truncated-image' });
  }
});

const randomLevels = () => Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);

test('what is cut off is told as cut off, and what is broken as broken', async () => {
  const noise = Buffer.from(Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13));
  const picture = () => sharp(noise, { raw: { width: 96, height: 96, channels: 3 } });
  const files = {
    'interlaced.png': await picture().png({ progressive: true }).toBuffer(),
    // Its directory stands behind the picture.
    'packed.tif': await picture().tiff({ compression: 'lzw' }).toBuffer(),
    'cut.avif': await picture().avif().toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files))
    for (const share of [0.3, 0.6, 0.8])
      await assert.rejects(decodePhoto(put(name, bytes.subarray(0, bytes.length * share)), everything), {
        code: 'truncated-image',
      });
  const avif = files['cut.avif'];
  avif.fill(0x5a, Math.floor(avif.length / 3), Math.floor(avif.length / 2));
  await assert.rejects(decodePhoto(put('broken.avif', avif), everything), {
    code: 'corrupt-image',
    message: /^broken\.avif can't be decoded \(heif/,
  });
});

test('a process that has read a broken HEIC ends by itself, and prints nothing of it', needsShared, () => {
  const cut = put('ends.heic', readFileSync(`${shared}odd-images/pillow-hopper.heif`).subarray(0, 2000));
  const script = `const { decodePhoto } = await import(${JSON.stringify(new URL('../../../main/decode/decode.ts', import.meta.url))});
    await decodePhoto(${JSON.stringify(cut)}, { atLeast: (size) => size }).catch(({ code }) => console.log(code));`;
  const { stdout, stderr, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.deepEqual([stdout, stderr, signal], ['truncated-image\n', '', null]);
});

test('a HEIC that breaks off is told to', needsShared, async () => {
  const heic = readFileSync(`${shared}odd-images/pillow-hopper.heif`);
  await assert.rejects(decodePhoto(put('cut.heic', heic.subarray(0, heic.length * 0.7)), everything), {
    code: 'truncated-image',
  });
});

test('EXIF capture time is the clock’s, and a broken one is none', async () => {
  const exif = { IFD2: { DateTimeOriginal: '2023:05:20 17:02:00', OffsetTimeOriginal: '+02:00' } };
  const path = put('taken.jpg', await scene(8, 8).withExif(exif).jpeg().toBuffer());
  assert.equal((await decodePhoto(path, everything)).takenMs, Date.UTC(2023, 4, 20, 17, 2));
  const local = { IFD2: { DateTimeOriginal: '2023:05:20 17:02:00' } };
  const there = put('local.jpg', await scene(8, 8).withExif(local).jpeg().toBuffer());
  assert.equal((await decodePhoto(there, everything)).takenMs, Date.UTC(2023, 4, 20, 17, 2));
  const never = { IFD2: { DateTimeOriginal: '    :  :     :  :  ' } };
  const broken = put('never.jpg', await scene(8, 8).withExif(never).jpeg().toBuffer());
  assert.equal((await decodePhoto(broken, everything)).takenMs, null);
});

/** 6 × 4, red, its last pixel in the last row blue; rows from bottom to top. */
function bmp(bits: 1 | 4 | 8 | 16 | 24 | 32): Buffer {
  const line = Math.ceil((6 * bits) / 32) * 4;
  const colours = bits <= 8 ? 2 : 0;
  const start = 54 + colours * 4;
  const file = Buffer.alloc(start + line * 4);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(6, 18);
  file.writeInt32LE(4, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  file.writeUInt32LE(colours, 46);
  if (colours) file.set([0, 0, 255, 0, 255, 0, 0, 0], 54);
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 6; x++) {
      const blue = x === 5 && y === 3;
      const at = start + (3 - y) * line + Math.floor((x * bits) / 8);
      if (bits <= 8) file[at]! |= (blue ? 1 : 0) << (8 - bits - ((x * bits) % 8));
      else if (bits === 16) file.writeUInt16LE(blue ? 31 : 31 << 10, at);
      else file.set(blue ? [255, 0, 0] : [0, 0, 255], at);
    }
  return file;
}

test('BMP of every depth is read', async () => {
  for (const bits of [1, 4, 8, 16, 24, 32] as const) {
    const path = put(`depth-${bits}.bmp`, bmp(bits));
    const { pixels, width, height } = await decodePhoto(path, everything);
    assert.deepEqual([width, height], [6, 4]);
    const [first, last] = [pixel(pixels, 0, 0), pixel(pixels, 5, 3)];
    assert.ok(first[0]! > 240 && first[2]! < 10, `${bits}: ${first}`);
    assert.ok(last[2]! > 240 && last[0]! < 10, `${bits}: ${last}`);
  }
});

test('what is wrong with a file is told apart', async () => {
  const path = put('photo.jpg', await scene(64, 64).jpeg().toBuffer());
  const { size: bytes, mtimeMs: modifiedMs, ctimeMs: changedMs } = statSync(path);
  await decodePhoto(path, { ...everything, expected: { bytes, modifiedMs, changedMs } });
  const cases: [string, string, Partial<ExpectedFile>?][] = [
    ['changed-on-disk', path, { bytes: bytes + 1 }],
    ['changed-on-disk', path, { modifiedMs: modifiedMs - 5 }],
    ['changed-on-disk', path, { changedMs: changedMs - 5 }],
    ['missing-file', join(folder, 'gone.jpg')],
    ['missing-file', join(path, 'below.jpg')],
    ['unreadable', folder],
    ['empty-file', put('empty.jpg', new Uint8Array())],
    ['unsupported-format', put('x.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"></svg>'))],
    ['no-preview', put('x.dng', await scene(64, 64).tiff().toBuffer())],
  ];
  for (const [code, file, changed] of cases) {
    const options = changed
      ? { ...everything, expected: { bytes, modifiedMs, changedMs, ...changed } }
      : everything;
    await assert.rejects(decodePhoto(file, options), { code }, file);
  }
});

test('a header that claims more than its bytes can hold is a bomb, and a panorama is not', async () => {
  const flat = sharp({ create: { width: 12_000, height: 6_000, channels: 3, background: '#777' } });
  const wide = put('panorama.jpg', await flat.jpeg().toBuffer());
  const { width, pixels } = await decodePhoto(wide, { atLeast: () => ({ width: 224, height: 224 }) });
  assert.deepEqual([width, pixels.width], [12_000, 1333]);
  const png = await scene(8, 8).png().toBuffer();
  png.writeUInt32BE(15_000, 16);
  png.writeUInt32BE(15_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  await assert.rejects(decodePhoto(put('bomb.png', png), everything), { code: 'too-large' });
});

test(
  'a file without permission to read is unreadable',
  { skip: process.getuid?.() === 0 && 'root reads everything' },
  async () => {
    const path = put('locked.jpg', await scene(8, 8).jpeg().toBuffer());
    chmodSync(path, 0);
    await assert.rejects(decodePhoto(path, everything), { code: 'unreadable' });
  },
);

test('a JPEG cut in half is decoded and marked as damaged', async () => {
  const noise = Buffer.from(Uint8Array.from({ length: 256 * 256 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13));
  const path = put(
    'cut.jpg',
    await sharp(noise, { raw: { width: 256, height: 256, channels: 3 } })
      .jpeg()
      .toBuffer(),
  );
  truncateSync(path, Math.floor(statSync(path).size / 2));
  const { damaged, width } = await decodePhoto(path, everything);
  assert.deepEqual([damaged, width], [true, 256]);
});

test('a JPEG whose picture stops before its end is marked, wherever the end is marked, and one with bytes between is not', async () => {
  const levels = Buffer.from(Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13));
  const jpeg = await sharp(levels, { raw: { width: 96, height: 96, channels: 3 } })
    .jpeg()
    .toBuffer();
  const taller = Buffer.from(jpeg);
  taller.writeUInt16BE(192, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5);
  const end = jpeg.subarray(-2);
  const cut = Buffer.concat([jpeg.subarray(0, jpeg.length / 2), end]);
  const filled = Buffer.concat([jpeg.subarray(0, -2), Buffer.from('between'), end]);
  const isDamaged = async (name: string, bytes: Buffer) =>
    (await decodePhoto(put(name, bytes), everything)).damaged;
  assert.equal(await isDamaged('taller.jpg', taller), true);
  assert.equal(await isDamaged('closed.jpg', cut), true);
  assert.equal(await isDamaged('filled.jpg', filled), false);
  assert.equal(await isDamaged('sound.jpg', jpeg), false);
});

test('a progressive JPEG whose scans leave bytes over is marked, and one with bytes before its first scan is not', async () => {
  const levels = Buffer.from(Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13));
  const jpeg = await sharp(levels, { raw: { width: 96, height: 96, channels: 3 } })
    .jpeg({ progressive: true })
    .toBuffer();
  const [tables, scan] = [0xc4, 0xda].map((marker) => Buffer.from([0xff, marker]));
  const between = (at: number) =>
    Buffer.concat([jpeg.subarray(0, at), Buffer.from('left over'), jpeg.subarray(at)]);
  const first = jpeg.indexOf(scan!);
  const isDamaged = async (name: string, bytes: Buffer) =>
    (await decodePhoto(put(name, bytes), everything)).damaged;
  assert.equal(await isDamaged('between.jpg', between(jpeg.indexOf(tables!, first))), true);
  assert.equal(await isDamaged('before.jpg', between(jpeg.indexOf(tables!))), false);
  assert.equal(await isDamaged('progressive.jpg', jpeg), false);
});

test('zeros where a picture should go on mark it as damaged, and those that belong to it or stand behind it do not', async () => {
  const levels = Buffer.from(
    Uint8Array.from({ length: 320 * 320 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13),
  );
  const noise = sharp(levels, { raw: { width: 320, height: 320, channels: 3 } });
  const emptied = (bytes: Buffer, from: number, to = bytes.length) => Buffer.from(bytes).fill(0, from, to);
  const isDamaged = async (name: string, bytes: Buffer) =>
    (await decodePhoto(put(name, bytes), everything)).damaged;
  const inBlocks = (share: number, { length }: Buffer) => Math.floor((share * length) / 4096) * 4096;
  const files = {
    jpg: await noise.clone().jpeg().toBuffer(),
    'progressive.jpg': await noise.clone().jpeg({ progressive: true }).toBuffer(),
    webp: await noise.clone().webp({ quality: 90 }).toBuffer(),
    gif: await noise.clone().gif().toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    assert.equal(await isDamaged(`whole.${name}`, bytes), false, name);
    assert.equal(
      await isDamaged(`behind.${name}`, Buffer.concat([bytes, Buffer.alloc(20_000)])),
      false,
      name,
    );
    const hole = inBlocks(0.4, bytes);
    assert.equal(await isDamaged(`hole.${name}`, emptied(bytes, hole, hole + 8192)), true, name);
    assert.equal(await isDamaged(`end.${name}`, emptied(bytes, inBlocks(0.7, bytes))), true, name);
  }
  for (const name of ['jpg', 'gif'] as const)
    assert.equal(await isDamaged(`few.${name}`, emptied(files[name], files[name].length - 777)), true, name);
  // Its decoder shows something, or finds that it can't be.
  const avif = await noise.clone().avif({ effort: 0 }).toBuffer();
  const ofAvif = (name: string, bytes: Buffer) =>
    isDamaged(name, bytes).catch(({ code }: { code?: string }) => code === 'truncated-image');
  assert.equal(await ofAvif('whole.avif', avif), false);
  for (const from of [0.3, 0.7, 0.98])
    assert.equal(await ofAvif(`cut${from}.avif`, emptied(avif, Math.floor(from * avif.length) + 1)), true);
  // A download breaks off where no block ends.
  for (const from of [0.3, 0.85])
    assert.equal(await isDamaged(`cut${from}.webp`, emptied(files.webp, Math.floor(from * files.webp.length) + 1)), true); // prettier-ignore
  for (const compression of ['lzw', 'deflate', 'jpeg'] as const) {
    const bytes = await noise
      .clone()
      .tiff({ compression, tile: compression === 'jpeg' })
      .toBuffer();
    const { to } = packedStrips(bytesOfBuffer(bytes)).at(-1)!;
    assert.equal(await isDamaged(`whole-${compression}.tif`, bytes), false, compression);
    assert.equal(await isDamaged(`cut-${compression}.tif`, emptied(bytes, to - 100, to)), true, compression);
    // Its directory stands behind its picture.
    await assert.rejects(isDamaged('half.tif', emptied(bytes, to - 100)), { code: 'truncated-image' });
  }
  const beside = Buffer.concat([files.jpg, emptied(files.jpg, 0)]);
  assert.equal(await isDamaged('second.jpg', beside), false, 'another picture is lost');
  const plain = scene(2400, 2000).flatten();
  const [flat, softly] = [
    await plain.jpeg({ optimiseCoding: true }).toBuffer(),
    await plain.webp().toBuffer(),
  ];
  assert.ok(flat.includes(Buffer.alloc(8192)), 'a picture of two colours has its own zeros');
  assert.deepEqual([await isDamaged('flat.jpg', flat), await isDamaged('flat.webp', softly)], [false, false]);
});

test('thumbnail and rendition fit the edge, and are never larger than the photo', async () => {
  const path = put('wide.jpg', await scene(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer());
  const made = async (edge: number) => {
    const { format, width, height } = await sharp((await thumbnail(path, edge)).bytes).metadata();
    return [format, width, height];
  };
  assert.deepEqual(await made(80), ['jpeg', 40, 80]);
  assert.deepEqual(await made(100), ['jpeg', 66, 133], 'decoded at a third, which is near enough');
  assert.deepEqual(await made(1000), ['jpeg', 200, 400]);
  const large = await sharp(await rendition(path, 1000)).metadata();
  assert.deepEqual([large.format, large.width, large.height], ['webp', 200, 400]);
});

test('a small JPEG is its own thumbnail, without what was written beside its picture', async () => {
  const small = scene(400, 200).withExif({ IFD0: { Make: 'Somebody' } });
  const shown = async (name: string, bytes: Buffer) =>
    Buffer.from((await thumbnail(put(name, bytes), 384)).bytes);
  const jpeg = await small.clone().jpeg({ quality: 97 }).toBuffer();
  const own = await shown('own.jpg', jpeg);
  assert.deepEqual(await sharp(own).raw().toBuffer(), await sharp(jpeg).raw().toBuffer());
  assert.equal(own.includes('Somebody'), false);
  const turned = await shown(
    'turned.jpg',
    await small.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  );
  const { width, height } = await sharp(turned).metadata();
  assert.deepEqual([width, height], [200, 400], 'upright, whatever a window makes of its orientation');
  const printed = await shown('printed.jpg', await small.clone().toColourspace('cmyk').jpeg().toBuffer());
  assert.equal((await sharp(printed).metadata()).space, 'srgb');
  const grain = Buffer.from(Uint8Array.from({ length: 500 * 400 * 3 }, (_, i) => (i * i * 7919) >> 5));
  const heavy = await sharp(grain, { raw: { width: 500, height: 400, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
  assert.ok(heavy.length > 64 << 10 && (await shown('heavy.jpg', heavy)).length < heavy.length);
});

test('files that are read into the same memory do not mix', async () => {
  const grainy = (seed: number) => {
    const data = Buffer.from(
      Uint8Array.from({ length: 900 * 600 * 3 }, (_, i) => (i * (i + seed) * 7919) >> 5),
    );
    return sharp(data, { raw: { width: 900, height: 600, channels: 3 } })
      .jpeg({ quality: 92 })
      .toBuffer();
  };
  const paths: string[] = [];
  for (let seed = 0; seed < 6; seed++) paths.push(put(`grain-${seed}.jpg`, await grainy(seed)));
  assert.ok(paths.every((path) => statSync(path).size > 1 << 18));
  const expected = await Promise.all(paths.map((path) => sharp(path).raw().toBuffer()));
  for (let round = 0; round < 2; round++) {
    const photos = await Promise.all(paths.map((path) => decodePhoto(path, everything)));
    photos.forEach(({ pixels }, i) => assert.deepEqual(Buffer.from(pixels.data), expected[i], paths[i]));
  }
});
