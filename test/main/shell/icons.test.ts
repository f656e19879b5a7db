import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';

const folder = join(import.meta.dirname, '..', '..', '..', 'build');

async function sideOf(png: Buffer): Promise<number> {
  const { width, height, format } = await sharp(png).metadata();
  assert.equal(format, 'png');
  assert.equal(width, height);
  return width;
}

test('Linux has a PNG of the size its name says, from 16 to 512 pixels', async () => {
  const names = readdirSync(join(folder, 'icons'));
  for (const name of names)
    assert.equal(`${await sideOf(readFileSync(join(folder, 'icons', name)))}`, name.split('x')[0]);
  assert.equal(names.length, 8);
});

test('Windows has an ICO whose entries say what they hold', async () => {
  const ico = readFileSync(join(folder, 'icon.ico'));
  const sides: number[] = [];
  for (let at = 6; at < 6 + 16 * ico.readUInt16LE(4); at += 16) {
    const offset = ico.readUInt32LE(at + 12);
    const side = await sideOf(ico.subarray(offset, offset + ico.readUInt32LE(at + 8)));
    assert.equal(ico.readUInt8(at) || 256, side);
    sides.push(side);
  }
  assert.deepEqual(sides, [16, 24, 32, 48, 64, 128, 256]);
});

test('macOS has an ICNS up to 1024 pixels', async () => {
  const icns = readFileSync(join(folder, 'icon.icns'));
  assert.equal(icns.toString('latin1', 0, 4), 'icns');
  assert.equal(icns.readUInt32BE(4), icns.length);
  const sides: Record<string, number> = {};
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    sides[icns.toString('latin1', at, at + 4)] = await sideOf(
      icns.subarray(at + 8, at + icns.readUInt32BE(at + 4)),
    );
  assert.equal(sides['ic07'], 128);
  assert.equal(sides['ic10'], 1024);
});
