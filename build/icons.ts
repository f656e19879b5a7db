/**
 * Makes every icon from icon.svg: `node build/icons.ts`. The results are kept beside it, because packages are built
 * where sharp may have another platform's binary. ICO and ICNS are lists of PNG files behind a small header.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const folder = import.meta.dirname;
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const icoSizes = [16, 24, 32, 48, 64, 128, 256];
/** Type of an entry by its side in pixels (Apple's icns: ic04 … ic14, where 32 and 64 are @2x of 16 and 32). */
const icnsTypes: [string, number][] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

function render(size: number): Promise<Buffer> {
  // Rendered at its size, not shrunk from a large one: librsvg keeps edges on pixels.
  return sharp(join(folder, 'icon.svg'), { density: Math.max(1, (72 * size) / 1024) })
    .resize(size, size)
    .png({ compressionLevel: 9, palette: size <= 256 })
    .toBuffer();
}

/** https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10): ICONDIR, ICONDIRENTRY, here with PNG images. */
function ico(images: { size: number; png: Buffer }[]): Buffer {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  images.forEach(({ size, png }, i) => {
    const at = 6 + 16 * i;
    header.writeUInt8(size % 256, at); // 0 stands for 256
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...images.map(({ png }) => png)]);
}

function icns(images: { type: string; png: Buffer }[]): Buffer {
  const entries = images.map(({ type, png }) => {
    const header = Buffer.alloc(8);
    header.write(type, 'latin1');
    header.writeUInt32BE(8 + png.length, 4);
    return Buffer.concat([header, png]);
  });
  const header = Buffer.alloc(8);
  header.write('icns', 'latin1');
  header.writeUInt32BE(8 + entries.reduce((sum, entry) => sum + entry.length, 0), 4);
  return Buffer.concat([header, ...entries]);
}

mkdirSync(join(folder, 'icons'), { recursive: true });
for (const size of linuxSizes)
  writeFileSync(join(folder, 'icons', `${size}x${size}.png`), await render(size));
writeFileSync(join(folder, 'icon.png'), await render(1024));
const icoImages = await Promise.all(icoSizes.map(async (size) => ({ size, png: await render(size) })));
writeFileSync(join(folder, 'icon.ico'), ico(icoImages));
const icnsImages = await Promise.all(
  icnsTypes.map(async ([type, size]) => ({ type, png: await render(size) })),
);
writeFileSync(join(folder, 'icon.icns'), icns(icnsImages));
