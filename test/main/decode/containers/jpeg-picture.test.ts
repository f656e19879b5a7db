/** The picture of a JPEG, the same whatever is written beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharp } from '../../../../main/decode/engine.ts';
import { bareJpeg, pictureHash } from '../../../../main/decode/containers/jpeg-picture.ts';

const made = (background: string, options = {}) =>
  sharp({ create: { width: 70, height: 50, channels: 3, background } })
    .composite([{ input: { create: { width: 20, height: 30, channels: 3, background: '#ff0' } } }])
    .jpeg(options)
    .toBuffer();

function withSegment(jpeg: Buffer, marker: number, content: string): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from(content, 'latin1'), jpeg.subarray(2)]);
}

for (const options of [{}, { progressive: true }])
  test(`what is written beside a picture does not change it (${JSON.stringify(options)})`, async () => {
    const jpeg = await made('#248', options);
    const hash = pictureHash(jpeg)!;
    assert.equal(hash.length, 32);
    for (const changed of [
      withSegment(jpeg, 0xe1, 'http://ns.adobe.com/xap/1.0/\0<x/>'),
      withSegment(withSegment(jpeg, 0xed, 'Photoshop 3.0\0'), 0xfe, 'a comment'),
      Buffer.concat([jpeg, Buffer.from('a video that hangs on it')]),
    ])
      assert.deepEqual(pictureHash(changed), hash);
    assert.notDeepEqual(pictureHash(await made('#249', options)), hash);
    // One byte of its scan.
    const other = Buffer.from(jpeg);
    const at = jpeg.length - 12;
    other[at] = other[at]! ^ 0x10;
    assert.notDeepEqual(pictureHash(other), hash);
  });

test('a bare JPEG has the same picture and colours, and says nothing about it', async () => {
  const jpeg = await sharp(await made('#248'))
    .withExif({ IFD0: { Make: 'Somebody' } })
    .withIccProfile('p3')
    .jpeg()
    .toBuffer();
  const written = Buffer.concat([
    withSegment(withSegment(jpeg, 0xe2, 'MPF\0'), 0xfe, 'at home'),
    Buffer.from('a video that hangs on it'),
  ]);
  const bare = bareJpeg(written)!;
  for (const word of ['Somebody', 'MPF', 'at home', 'video'])
    assert.deepEqual([written.includes(word), bare.includes(word)], [true, false], word);
  assert.deepEqual(pictureHash(bare), pictureHash(jpeg));
  assert.ok((await sharp(bare).metadata()).icc);
  assert.deepEqual(await sharp(bare).raw().toBuffer(), await sharp(written).raw().toBuffer());
});

test('what browsers do not read is not handed on as it is', async () => {
  const jpeg = await made('#248');
  assert.ok(bareJpeg(jpeg));
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg[at + 1] = 0xc9;
  assert.equal(bareJpeg(jpeg), null, 'coded arithmetically');
  assert.equal(bareJpeg(Buffer.from('text')), null);
});

test('what is no picture has none', async () => {
  const jpeg = await made('#248');
  assert.equal(pictureHash(Buffer.from('text')), null);
  assert.equal(pictureHash(Buffer.alloc(0)), null);
  assert.equal(pictureHash(jpeg.subarray(0, 40)), null);
  assert.ok(pictureHash(jpeg.subarray(0, jpeg.length - 30)), 'a cut one is another picture');
  assert.notDeepEqual(pictureHash(jpeg.subarray(0, jpeg.length - 30)), pictureHash(jpeg));
});
