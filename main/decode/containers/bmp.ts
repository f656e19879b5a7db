/**
 * BMP to RGB or RGBA: headers of Windows 2 to 5 and of OS/2 1 and 2, palettes of 1, 2, 4 and 8 bits, RLE4, RLE8, 16,
 * 24 and 32 bits, any bit fields. After Microsoft's BITMAPINFOHEADER … BITMAPV5HEADER and [MS-WMF] 3.1.6.
 */
import { SaccadeError } from '../../../models/error.ts';

export interface BmpHeader {
  width: number;
  height: number;
  topDown: boolean;
  bits: number;
  compression: number;
  /** Of the pixels in the file. */
  offset: number;
  /** [colours · 3], R, G, B; null: the pixels hold their colours. */
  palette: Uint8Array | null;
  /** Of red, green, blue and, where there is one, alpha, for 16 bits and more. */
  fields: Field[];
}

export interface BmpPixels {
  /** Rows from top to bottom, [height · width · channels], alpha not premultiplied. */
  data: Uint8Array;
  channels: 3 | 4;
  /** The file ends before its last pixel, or names colours that it has not; what is missing is black. */
  damaged: boolean;
}

const [rgb, rle8, rle4, bitFields, alphaBitFields] = [0, 1, 2, 3, 6];

/** Sizes that a BMP's second header can have; 12, 16 and 64 are OS/2's. */
export const bmpHeaderSizes = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** Where a colour lies in a pixel, and the byte of each of its values. */
interface Field {
  shift: number;
  levels: Uint8Array;
}

/** @throws SaccadeError `unsupported-format`, `corrupt-image`, `truncated-image` */
export function readBmpHeader(file: Buffer, name: string, fileBytes = file.length): BmpHeader {
  const corrupt = (what: string) =>
    new SaccadeError('corrupt-image', `${name} can't be decoded: its BMP header ${what}.`);
  const endsEarly = (where: string) =>
    new SaccadeError('truncated-image', `${name} ends before ${where} does.`);
  const size = file.readUInt32LE(14);
  if (file.length < 14 + size) throw endsEarly('its header');
  const core = size === 12;
  const width = core ? file.readUInt16LE(18) : file.readInt32LE(18);
  const rows = core ? file.readUInt16LE(20) : file.readInt32LE(22);
  if (width <= 0 || rows === 0) throw corrupt(`claims ${width} × ${rows} pixels`);
  const bits = file.readUInt16LE(core ? 24 : 28);
  const compression = size < 20 ? rgb : file.readUInt32LE(30);
  const height = Math.abs(rows);
  const read = { width, height, topDown: rows < 0, bits, compression };
  const kind = unsupportedKind(read, size);
  if (kind)
    throw new SaccadeError(
      'unsupported-format',
      `${name} is a BMP ${kind}, which Saccade does not read. Save it as PNG.`,
    );

  const masked = compression === bitFields || compression === alphaBitFields;
  const maskBytes = size === 40 && masked ? (compression === alphaBitFields ? 16 : 12) : 0;
  const start = 14 + size + maskBytes;
  if (file.length < start) throw endsEarly('its header');
  const masks = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  if (masked) {
    const given = size === 40 ? maskBytes / 4 : size >= 56 ? 4 : 3;
    for (let i = 0; i < given; i++) masks[i] = file.readUInt32LE(54 + i * 4);
    if (masks.slice(0, 3).every((mask) => mask === 0)) throw corrupt('has bit fields for no colour');
  }

  const entry = core ? 3 : 4;
  const told = size >= 36 && file.readUInt32LE(46);
  const most = 2 ** bits;
  const stated = file.readUInt32LE(10);
  let palette: Uint8Array | null = null;
  let colours = 0;
  if (bits <= 8) {
    const room = Math.floor(((stated || fileBytes) - start) / entry);
    colours = Math.min(told || most, most, room);
    if (colours < 1) throw corrupt('leaves no room for its palette');
    if (file.length < start + colours * entry) throw endsEarly('its palette');
    palette = new Uint8Array(colours * 3);
    for (let i = 0; i < colours; i++)
      for (let channel = 0; channel < 3; channel++)
        palette[i * 3 + channel] = file[start + i * entry + 2 - channel]!;
  }
  const offset = stated || start + colours * entry;
  if (offset < start) throw corrupt(`puts its pixels at byte ${offset}, inside itself`);
  if (fileBytes <= offset) throw endsEarly('its header');
  const fields = palette ? [] : masks.slice(0, masks[3] ? 4 : 3).map(fieldOf);
  if (!fields.every((field) => field !== null)) throw corrupt('has bit fields with gaps');
  return { ...read, offset, palette, fields };
}

/** Null: all of it is read. */
function unsupportedKind(
  { bits, compression, topDown }: Pick<BmpHeader, 'bits' | 'compression' | 'topDown'>,
  headerSize: number,
): string | null {
  const depths: Record<number, number[]> = {
    [rgb]: [1, 2, 4, 8, 16, 24, 32],
    [rle8]: [8],
    [rle4]: [4],
    // The same number is Huffman 1D in OS/2.
    [bitFields]: headerSize === 64 ? [] : [16, 32],
    [alphaBitFields]: headerSize === 64 ? [] : [16, 32],
  };
  if (!depths[compression]?.includes(bits)) return `of ${bits} bits with compression ${compression}`;
  if (topDown && (compression === rle8 || compression === rle4))
    return 'whose compressed rows run from top to bottom';
  return null;
}

/** `header`: that of the file. */
export function decodeBmp(file: Buffer, header: BmpHeader): BmpPixels {
  const { palette } = header;
  if (!palette) return directColours(file, header);
  const { indices, complete } =
    header.compression === rgb ? packedIndices(file, header) : runLengths(file, header);
  const data = new Uint8Array(indices.length * 3);
  let damaged = !complete;
  for (let i = 0, to = 0; i < indices.length; i++, to += 3) {
    const from = indices[i]! * 3;
    if (from >= palette.length) damaged = true;
    else {
      data[to] = palette[from]!;
      data[to + 1] = palette[from + 1]!;
      data[to + 2] = palette[from + 2]!;
    }
  }
  return { data, channels: 3, damaged };
}

/** Rows of the file, each with the row of the picture that it is; false in the end: some are not all there. */
function* rowsOf(file: Buffer, { width, height, bits, offset, topDown }: BmpHeader) {
  const line = Math.ceil((width * bits) / 32) * 4;
  const used = Math.ceil((width * bits) / 8);
  for (let row = 0; row < height; row++) {
    const from = offset + row * line;
    yield { from, whole: from + used <= file.length, y: topDown ? row : height - 1 - row };
  }
}

interface Indices {
  /** [height · width] */
  indices: Uint8Array;
  complete: boolean;
}

function packedIndices(file: Buffer, header: BmpHeader): Indices {
  const { width, height, bits } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (const { from, whole, y } of rowsOf(file, header)) {
    if (!whole) return { indices, complete: false };
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits - (x % perByte) * bits;
      indices[y * width + x] = (file[from + Math.floor(x / perByte)]! >> shift) & mask;
    }
  }
  return { indices, complete: true };
}

/** Pixels that are skipped keep index 0, as in other readers; what runs over its row is left out. */
function runLengths(file: Buffer, { width, height, bits, offset }: BmpHeader): Indices {
  const indices = new Uint8Array(width * height);
  let [x, row, at] = [0, 0, offset];
  const put = (index: number) => {
    if (x < width) indices[(height - 1 - row) * width + x] = index;
    x++;
  };
  /** The i-th index of a run; RLE4 has two in a byte. */
  const nth = (from: number, i: number) =>
    bits === 8 ? file[from + i]! : (file[from + (i >> 1)]! >> (i % 2 ? 0 : 4)) & 15;
  while (row < height) {
    if (at + 2 > file.length) return { indices, complete: false };
    const count = file[at]!;
    const value = file[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : i % 2 ? value & 15 : value >> 4);
    } else if (value === 0) {
      x = 0;
      row++;
    } else if (value === 1) break;
    else if (value === 2) {
      if (at + 2 > file.length) return { indices, complete: false };
      x += file[at]!;
      row += file[at + 1]!;
      at += 2;
    } else {
      const bytes = bits === 8 ? value : Math.ceil(value / 2);
      if (at + bytes > file.length) return { indices, complete: false };
      for (let i = 0; i < value; i++) put(nth(at, i));
      at += bytes + (bytes % 2);
    }
  }
  return { indices, complete: true };
}

function directColours(file: Buffer, header: BmpHeader): BmpPixels {
  const { width, height, bits, fields } = header;
  const channels = fields.length === 3 ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  const bytes = bits / 8;
  let damaged = false;
  let opaque = channels === 3;
  for (const { from, whole, y } of rowsOf(file, header)) {
    if (!whole) {
      damaged = true;
      break;
    }
    for (let x = 0, to = y * width * channels; x < width; x++, to += channels) {
      const value = file.readUIntLE(from + x * bytes, bytes);
      for (const [channel, { shift, levels }] of fields.entries())
        data[to + channel] = levels[(value >>> shift) & (levels.length - 1)]!;
      opaque ||= data[to + 3] !== 0;
    }
  }
  // All of it transparent: the fourth byte was never meant as alpha.
  if (!opaque) for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { data, channels, damaged };
}

/** Of more than 16 bits the upper ones; null: they don't lie side by side. */
function fieldOf(mask: number): Field | null {
  if (mask === 0) return { shift: 0, levels: new Uint8Array(1) };
  let shift = 31 - Math.clz32(mask & -mask);
  const width = 32 - Math.clz32(mask >>> shift);
  if (mask >>> shift !== 2 ** width - 1) return null;
  const kept = Math.min(width, 16);
  shift += width - kept;
  const most = 2 ** kept - 1;
  return {
    shift,
    levels: Uint8Array.from({ length: most + 1 }, (_, value) => Math.round((value * 255) / most)),
  };
}
