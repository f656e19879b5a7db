import type { RawDirectories } from './raw-tiff.ts';

const [ascii, short, long] = [2, 3, 4];

/** An EXIF segment of a JPEG with what the RAW says of orientation and time; null: it says nothing. */
export function exifOf({ orientation, taken, offset }: Omit<RawDirectories, 'places'>): Buffer | null {
  const turned = orientation !== null && orientation >= 1 && orientation <= 8 ? orientation : null;
  if (turned === null && taken === null) return null;
  const texts: [tag: number, text: string][] = [];
  if (taken) texts.push([0x9003, taken]);
  if (offset) texts.push([0x9011, offset]);
  const first = 8;
  const count = (turned === null ? 0 : 1) + (texts.length ? 1 : 0);
  const below = first + 2 + count * 12 + 4;
  let free = below + 2 + texts.length * 12 + 4;
  const tiff = Buffer.alloc(free + texts.reduce((sum, [, text]) => sum + Math.max(5, text.length + 1), 0));
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(first, 4);
  let at = first;
  const entries = (number: number) => (at = tiff.writeUInt16LE(number, at));
  const entry = (tag: number, type: number, values: number, value: number) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(values, at + 4);
    tiff.writeUInt32LE(value, at + 8);
    at += 12;
  };
  entries(count);
  if (turned !== null) entry(274, short, 1, turned);
  if (texts.length) entry(0x8769, long, 1, below);
  at = below;
  entries(texts.length);
  for (const [tag, text] of texts) {
    const bytes = Math.max(5, text.length + 1);
    tiff.write(text, free, 'latin1');
    entry(tag, ascii, bytes, free);
    free += bytes;
  }
  const head = Buffer.from([0xff, 0xe1, 0, 0, ...Buffer.from('Exif\0\0')]);
  head.writeUInt16BE(tiff.length + 8, 2);
  return Buffer.concat([head, tiff]);
}
