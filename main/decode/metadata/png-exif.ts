/**
 * EXIF of a PNG where libvips does not look: after the picture, and as exiv2 (digiKam, darktable, GIMP, gThumb) and
 * ImageMagick write it, in hexadecimal digits of a text. Pillow and exiftool honour both.
 */
import { crc32, inflateSync } from 'node:zlib';
import type { BytesAt } from '../containers/bytes-at.ts';
import { bytesOfBuffer } from '../containers/bytes-at.ts';

/** After the signature there is the header, always of this size. */
const afterHeader = 8 + 25;
const mostBytes = 1 << 20;
const mostChunks = 1 << 20;
const rawProfile = /^Raw profile type (exif|APP1)\0/;
const exifStart = 'Exif\0\0';

/** The TIFF that EXIF is; null: there is none that is read, or libvips finds it by itself. */
export function hiddenExif(bytesAt: BytesAt, size: number): Buffer | null {
  let found: Buffer | null = null;
  let picture = false;
  try {
    for (let at = 8, n = 0; at + 12 <= size && n < mostChunks; n++) {
      const head = bytesAt(at, 8);
      const length = head.readUInt32BE(0);
      const type = head.toString('latin1', 4, 8);
      if (type === 'IEND') break;
      if (type === 'IDAT') picture = true;
      else if (length <= mostBytes && (type === 'eXIf' || type === 'zTXt' || type === 'tEXt')) {
        const chunk = bytesAt(at + 8, length);
        // Some put a JPEG's mark before it, which libvips does not look behind.
        const marked = chunk.toString('latin1', 0, exifStart.length) === exifStart;
        if (type === 'eXIf') return marked ? chunk.subarray(exifStart.length) : picture ? chunk : null;
        found ??= profileIn(chunk, type === 'zTXt');
      }
      at += 12 + length;
    }
  } catch (error) {
    // Cut off: what it lacks is said of its picture.
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

/** Of "\nexif\n  90\n45786966…": a name, a length, digits. */
function profileIn(chunk: Buffer, deflated: boolean): Buffer | null {
  const [name] = rawProfile.exec(chunk.toString('latin1', 0, 30)) ?? [];
  if (name === undefined) return null;
  try {
    const text = deflated
      ? inflateSync(chunk.subarray(name.length + 1), { maxOutputLength: mostBytes * 3 })
      : chunk.subarray(name.length);
    const [, digits] =
      /^\s*\S+\s+\d+\s([\da-f\s]+)$/i.exec(text.toString('latin1').replace(/\0+$/, '')) ?? [];
    const bytes = Buffer.from((digits ?? '').replace(/\s+/g, ''), 'hex');
    const at = bytes.indexOf(exifStart, 0, 'latin1');
    return at === 0 ? bytes.subarray(exifStart.length) : null;
  } catch {
    return null;
  }
}

/** The same PNG, its EXIF where libvips looks. */
export function withEarlyExif(png: Buffer): Buffer {
  const exif = hiddenExif(bytesOfBuffer(png), png.length);
  if (!exif) return png;
  const body = Buffer.concat([Buffer.from('eXIf'), exif]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(exif.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, afterHeader), length, body, check, png.subarray(afterHeader)]);
}
