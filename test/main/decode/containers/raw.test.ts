import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodePhoto } from '../../../../main/decode/decode.ts';
import { rendition, thumbnail } from '../../../../main/decode/picture.ts';
import { rawExtensions } from '../../../../main/decode/containers/raw.ts';
import { exiftool, exiftoolBytes, needsExiftool } from '../../tools.ts';
import { jpeg, makers, oldNef, tiff, type TiffSample } from './raw-samples.ts';
import { temporaryFolder } from '../../../temporary.ts';

const root = temporaryFolder({ after }, 'raw');

const pictures = { large: await jpeg(640, 480), small: await jpeg(160, 120) };

function put(name: string, bytes: Buffer): string {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
}

const whole = { atLeast: (size: { width: number; height: number }) => size };
const taken = Date.UTC(2024, 2, 5, 10, 20, 30);

/** Which corner is red. */
async function redCorner(path: string): Promise<string> {
  const { pixels } = await decodePhoto(path, whole);
  const at = (x: number, y: number) => {
    const from = 3 * (Math.floor(y * pixels.height) * pixels.width + Math.floor(x * pixels.width));
    return pixels.data[from]! > pixels.data[from + 2]!;
  };
  const corners = { 'upper left': at(0.2, 0.2), 'upper right': at(0.8, 0.2), 'lower left': at(0.2, 0.8), 'lower right': at(0.8, 0.8) }; // prettier-ignore
  return Object.entries(corners)
    .filter(([, red]) => red)
    .map(([name]) => name)
    .join();
}

test('every kind has a sample', () => {
  assert.deepEqual(Object.keys(makers).sort(), [...rawExtensions].sort());
});

for (const [kind, make] of Object.entries({ ...makers, 'old.nef': oldNef })) {
  test(`${kind}: the largest preview, upright as the RAW says, with its time`, async () => {
    const path = put(`a.${kind.toUpperCase()}`, make(pictures, 6));
    const photo = await decodePhoto(path, whole);
    const inside = kind !== 'raf';
    assert.deepEqual([photo.width, photo.height], inside ? [480, 640] : [640, 480]);
    assert.equal(await redCorner(path), inside ? 'upper right' : 'upper left');
    assert.equal(photo.takenMs, inside ? taken : null);
    assert.equal(photo.damaged, false);
    const small = await thumbnail(path, 100);
    assert.deepEqual([small.width, small.height], [photo.width, photo.height]);
    assert.ok((await rendition(path, 320)).length > 100);
  });

  test(`${kind}: exiftool finds the same picture`, needsExiftool, () => {
    const path = put(`b.${kind}`, make(pictures, 1));
    const found = ['-JpgFromRaw', '-PreviewImage', '-OtherImage'].some((tag) => {
      return exiftoolBytes('-b', tag, path).equals(pictures.large);
    });
    assert.ok(found, exiftool('-G1', '-a', '-s', path));
  });

  test(`${kind}: cut anywhere it is a photo or a sentence`, async () => {
    const bytes = make(pictures, 1);
    for (const share of [0.02, 0.1, 0.3, 0.6, 0.9, 0.999]) {
      const path = put(`cut.${kind}`, bytes);
      truncateSync(path, Math.floor(bytes.length * share));
      await decodePhoto(path, whole).then(
        ({ width }) => assert.ok(width >= 160),
        ({ code }: { code: string }) =>
          assert.match(code, /^(no-preview|corrupt-image|truncated-image|unsupported-format)$/),
      );
    }
  });
}

test('a RAW with a thumbnail or nothing at all is told from a broken one', async () => {
  const thumb = put('thumb.cr2', tiff({ chain: [{ 274: { type: 'short', values: [1] } }, { 513: { at: 'small' }, 514: { lengthOf: 'small' } }], blobs: { small: await jpeg(160, 120) } })); // prettier-ignore
  await assert.rejects(decodePhoto(thumb, whole), { code: 'no-preview', message: /160 × 120 pixels/ });
  const none = put('none.dng', tiff({ chain: [{ 254: { type: 'long', values: [0] } }], blobs: {} }));
  await assert.rejects(decodePhoto(none, whole), { code: 'no-preview', message: /without a preview/ });
  const bytes = makers['nef']!(pictures, 1);
  bytes.writeUInt32BE(0xffffff00, 4);
  await assert.rejects(decodePhoto(put('outside.nef', bytes), whole), { code: 'corrupt-image' });
  await assert.rejects(
    decodePhoto(put('text.cr2', Buffer.from('no camera RAW at all, but a text of some length')), whole),
    {
      code: 'unsupported-format',
    },
  );
});

test('a JPEG that ends before its length says is told as cut', async () => {
  const bytes = makers['arw']!(pictures, 1);
  const path = put('cut-preview.arw', bytes);
  // Its picture last, so that what is cut off is the picture's.
  const sample: TiffSample = {
    chain: [{ 513: { type: 'long', values: [100] }, 514: { type: 'long', values: [1e6] } }],
    blobs: {},
  };
  writeFileSync(path, tiff(sample));
  appendFileSync(path, Buffer.alloc(100 - tiff(sample).length));
  appendFileSync(path, pictures.large);
  await assert.rejects(decodePhoto(path, whole), { code: 'truncated-image', message: /640 × 480/ });
});

test('a motion photo is read as its still, undamaged by the video that hangs on it', async () => {
  const video = Buffer.concat([
    Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0isommp42', 'latin1'),
    Buffer.alloc(50_000, 7),
  ]);
  const photo = await decodePhoto(put('MVIMG_1.jpg', Buffer.concat([pictures.large, video])), whole);
  assert.deepEqual([photo.width, photo.height, photo.damaged], [640, 480, false]);
});

test('directories that come round again, and counts beyond all bounds, end the walk', async () => {
  const loop = tiff({ chain: [{ 274: { type: 'short', values: [1] } }], blobs: {} });
  const first = loop.readUInt32LE(4);
  loop.writeUInt32LE(first, loop.length - 4); // next: itself
  await assert.rejects(decodePhoto(put('loop.cr2', loop), whole), { code: 'no-preview' });
  const below = tiff({ chain: [{ 330: { type: 'long', values: [0, 0, 0] } }], blobs: {} });
  for (let at = 8; at + 4 <= below.length; at += 2) below.writeUInt32LE(below.readUInt32LE(4), at);
  await assert.rejects(decodePhoto(put('below.dng', below), whole), ({ code }: { code: string }) => /no-preview|corrupt/.test(code)); // prettier-ignore
  const many = tiff({ chain: [{ 330: { type: 'long', values: [1] } }], blobs: {} });
  many.writeUInt16LE(0xffff, many.readUInt32LE(4));
  await assert.rejects(decodePhoto(put('many.arw', many), whole), { code: 'corrupt-image' });
  const nested = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from('\0\0\0\x08free', 'latin1')));
  const boxes = Buffer.concat([Buffer.from('\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'latin1'), nested]);
  await assert.rejects(decodePhoto(put('boxes.cr3', boxes), whole), { code: 'no-preview' });
});
