import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toFailure } from '../../../main/contract/result.ts';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { sharp } from '../../../main/decode/engine.ts';
import { within } from '../../../main/decode/patience.ts';
import { needsShared, shared } from '../../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccade-beside-'));
const put = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

async function outcome(path: string): Promise<string> {
  try {
    const { width, height, damaged } = await decodePhoto(path, {
      atLeast: () => ({ width: 64, height: 64 }),
    });
    return `${width} × ${height} ${damaged}`;
  } catch (error) {
    const { code, message } = toFailure(error);
    return `${code}: ${message}`;
  }
}

/** A photo that breaks off, one with rubbish in it, a picture inside out: each fails in its own words. */
async function broken(): Promise<string[]> {
  const grain = Buffer.from(Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * 2_654_435_761) >>> 13));
  const picture = () => sharp(grain, { raw: { width: 96, height: 96, channels: 3 } });
  const tiff = await picture().tiff({ compression: 'lzw' }).toBuffer();
  const beyond = Buffer.from(tiff);
  beyond.writeUInt32LE(0x7fff_0000, 4);
  const png = await picture().png().toBuffer();
  const webp = await picture().webp().toBuffer();
  const jpeg = await picture().jpeg().toBuffer();
  const gif = await picture().gif().toBuffer();
  return [
    put('beyond.tif', beyond),
    put('half.tif', tiff.subarray(0, tiff.length >> 1)),
    put('rubbish.png', Buffer.concat([png.subarray(0, 60), Buffer.alloc(60, 0xa5)])),
    put('header.png', png.subarray(0, 40)),
    put('half.webp', webp.subarray(0, 200)),
    put('header.jpg', jpeg.subarray(0, 100)),
    put('header.gif', gif.subarray(0, 40)),
    put('well.jpg', jpeg),
  ];
}

async function sameBesideOthers(paths: string[]): Promise<void> {
  const alone: Record<string, string> = {};
  for (const path of paths) alone[path] = await outcome(path);
  const many = Array.from({ length: 6 }, () => paths).flat();
  const found = await Promise.all(many.map(outcome));
  many.forEach((path, i) => assert.equal(found[i], alone[path], path));
}

test('photos that fail side by side keep their own codes and sentences', async () => {
  await sameBesideOthers(await broken());
});

test('so do damaged files of other writers', needsShared, async () => {
  const all = ['cases/mixed-messages/', 'odd-images/'].flatMap((name) =>
    readdirSync(shared + name).map((each) => shared + name + each),
  );
  await sameBesideOthers(all.filter((path) => !path.includes('giant') && !path.includes('orientation')));
});

test('a picture of one colour is suspected where its file holds more', async () => {
  const dark = new Uint16Array(200 * 200 * 3).map((_, i) => (i * 2_654_435_761) >>> 25);
  const raw = { width: 200, height: 200, channels: 3 as const };
  const hidden = await sharp(dark, { raw }).toColourspace('rgb16').png().toBuffer();
  assert.match(await outcome(put('hidden.png', hidden)), /^unsupported-format: .*one colour/);
  const plain = sharp({ create: { width: 2000, height: 1500, channels: 3, background: '#4a7' } });
  for (const format of ['jpeg', 'png', 'webp', 'tiff', 'gif'] as const)
    assert.equal(
      await outcome(put(`plain.${format}`, await plain.toFormat(format).toBuffer())),
      '2000 × 1500 false',
    );
});

test('memory follows the picture and not its file', async () => {
  const scene = sharp({ create: { width: 60, height: 40, channels: 3, background: '#c33' } }).composite([
    { input: { create: { width: 20, height: 20, channels: 3, background: '#33c' } }, left: 3, top: 3 },
  ]);
  const rows = Buffer.alloc(54 + 60 * 40 * 3, 9);
  rows.write('BM');
  rows.writeUInt32LE(54, 10);
  rows.writeUInt32LE(40, 14);
  rows.writeInt32LE(60, 18);
  rows.writeInt32LE(40, 22);
  rows.writeUInt16LE(24, 28);
  rows.fill(0, 30, 54);
  rows[70] = 200;
  const files = [
    put('sparse.tif', await scene.tiff().toBuffer()),
    put('sparse.png', await scene.png().toBuffer()),
    put('sparse.jpg', await scene.jpeg().toBuffer()),
    put('sparse.bmp', rows),
    put('sparse-text.jpg', Buffer.from('no picture at all, and a good deal of it')),
  ];
  for (const path of files) truncateSync(path, 1_900_000_000);
  const before = process.memoryUsage().rss;
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 20);
  const found = await Promise.all([...files, ...files].map(outcome));
  clearInterval(watch);
  for (const path of files) truncateSync(path, 0);
  for (const [i, text] of found.entries())
    if (files[i % files.length]!.endsWith('text.jpg')) assert.match(text, /^unsupported-format/);
    else assert.equal(text, '60 × 40 false', files[i % files.length]);
  assert.ok(highest - before < 400e6, `${Math.round((highest - before) / 1e6)} MB more`);
});

test('patience ends with the reason and the signal, and time that stood still does not count', async () => {
  let aborted: unknown;
  const never = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (aborted = signal.reason)));
  await assert.rejects(
    within(300, () => new Error('late'), never),
    { message: 'late' },
  );
  assert.equal((aborted as Error).message, 'late');
  const stoodStill = async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 'done';
  };
  assert.equal(await within(1200, () => new Error('late'), stoodStill), 'done');
});
