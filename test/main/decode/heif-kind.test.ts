import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCapture } from '../../../main/decode/capture.ts';
import { decodePhoto } from '../../../main/decode/decode.ts';
import { embeddedIn } from '../../../main/decode/embedded.ts';
import { sharp } from '../../../main/decode/engine.ts';
import { needsShared, shared } from '../../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'saccade-heif-'));
after(() => rmSync(folder, { recursive: true }));

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
