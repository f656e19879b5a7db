/**
 * Which TIFF files libvips reads right. Found by comparing it with Pillow, ImageMagick and tifffile, kind by kind: what
 * it refuses is called corrupt, and some of what it reads comes out in other colours. Tags of TIFF 6.0 and BigTIFF.
 */
import type { BytesAt } from './bytes-at.ts';

const [
  bitsPerSample,
  compression,
  photometric,
  stripOffsets,
  samplesPerPixel,
  stripByteCounts,
  planar,
  tileWidth,
  tileOffsets,
  tileByteCounts,
  inkSet,
  extraSamples,
  sampleFormat,
] = [258, 259, 262, 273, 277, 279, 284, 322, 324, 325, 332, 338, 339];

const numbers: Record<
  number,
  { size: number; read: (bytes: Buffer, at: number, little: boolean) => number }
> = {
  1: { size: 1, read: (bytes, at) => bytes.readUInt8(at) },
  3: { size: 2, read: (bytes, at, little) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)) },
  4: { size: 4, read: (bytes, at, little) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)) },
  16: {
    size: 8,
    read: (bytes, at, little) => Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)),
  },
};
/** More entries or values are no picture's. */
const most = 4096;

/** Whole numbers of the first directory, by tag. @throws RangeError where it lies outside the file */
function readTiffTags(bytesAt: BytesAt): Map<number, number[]> {
  const start = bytesAt(0, 16);
  const little = start[0] === 0x49;
  const big = numbers[3]!.read(start, 2, little) === 43;
  const [counted, offset, entry] = big ? [16, 16, 20] : [3, 4, 12];
  const one = (type: number, at: number): number =>
    numbers[type]!.read(bytesAt(at, numbers[type]!.size), 0, little);
  const directory = one(offset, big ? 8 : 4);
  const first = directory + numbers[counted]!.size;
  const count = Math.min(most, one(counted, directory));
  const entries = bytesAt(first, count * entry);
  const tags = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const at = i * entry;
    const type = numbers[numbers[3]!.read(entries, at + 2, little)];
    if (!type) continue;
    const values = Math.min(most, numbers[offset]!.read(entries, at + 4, little));
    const inside = at + (big ? 12 : 8);
    const length = values * type.size;
    const list =
      length <= numbers[offset]!.size
        ? entries.subarray(inside, inside + length)
        : bytesAt(numbers[offset]!.read(entries, inside, little), length);
    tags.set(
      numbers[3]!.read(entries, at, little),
      Array.from({ length: values }, (_, each) => type.read(list, each * type.size, little)),
    );
  }
  return tags;
}

/**
 * Where the parts of the first picture lie, if they are packed so that each ends in a mark or a sum: LZW, JPEG, Deflate.
 * @throws RangeError where its directory lies outside the file
 */
export function packedStrips(bytesAt: BytesAt): { from: number; to: number }[] {
  const tags = readTiffTags(bytesAt);
  if (![lzw, jpeg, deflate, oldDeflate].includes(tags.get(compression)?.[0] ?? 1)) return [];
  const tiles = tags.has(tileWidth);
  const [starts = [], lengths = []] = (tiles ? [tileOffsets, tileByteCounts] : [stripOffsets, stripByteCounts]).map((tag) => tags.get(tag)); // prettier-ignore
  return starts.map((from, i) => ({ from, to: from + (lengths[i] ?? 0) }));
}

export interface TiffKind {
  /** Samples are floating point. */
  float: boolean;
  /** There is one more channel, and it is not transparency. */
  dropsChannel: boolean;
}

/** What libvips needs to be told of it, or what it is that is not read. */
export function tiffKind(bytesAt: BytesAt): TiffKind | { unsupported: string } {
  const tags = readTiffTags(bytesAt);
  // Zeros stand in its place.
  if (tags.size === 0) throw new RangeError('a directory without entries');
  const one = (tag: number, otherwise: number): number => tags.get(tag)?.[0] ?? otherwise;
  const bits = tags.get(bitsPerSample) ?? [1];
  const samples = one(samplesPerPixel, 1);
  const packed = one(compression, 1);
  const colour = one(photometric, -1);
  const format = one(sampleFormat, 1);
  const extra = tags.get(extraSamples) ?? [];

  const codec = compressions[packed];
  if (codec !== true) return { unsupported: `compressed with ${codec ?? `method ${packed}`}` };
  const known = colours[colour];
  if (!known)
    return { unsupported: colour < 0 ? 'that does not tell its kind of colour' : `of colour kind ${colour}` };
  if (colour === ycbcr && packed !== jpeg) return { unsupported: 'in YCbCr without JPEG' };
  if (tags.has(tileWidth) && one(planar, 1) === 2 && samples > 1)
    return { unsupported: 'of tiles with a plane for each colour' };
  const spare = colour <= 2 ? 1 : 0;
  if (samples < known.channels || samples > known.channels + spare)
    return { unsupported: `of ${samples} channels` };
  if (colour === cmyk && one(inkSet, 1) !== 1) return { unsupported: 'of other inks than CMYK' };
  if (bits.some((each) => each !== bits[0]) || (tags.get(sampleFormat) ?? []).some((each) => each !== format))
    return { unsupported: 'with channels of different depth' };
  const float = format === 3 && samples === known.channels && known.float.includes(bits[0]!);
  if (!float && format !== 1 && format !== 4)
    return {
      unsupported: `of ${format === 3 ? 'floating-point' : 'signed or complex'} samples of ${bits[0]} bits`,
    };
  if (!float && !known.bits.includes(bits[0]!)) return { unsupported: `of ${bits[0]} bits in ${known.name}` };
  return { float, dropsChannel: samples > known.channels && extra[0] === 0 };
}

const [cmyk, ycbcr] = [5, 6];
const [lzw, jpeg, deflate, oldDeflate] = [5, 7, 8, 32946];

interface Colour {
  name: string;
  channels: number;
  bits: number[];
  /** Bits of floating-point samples. */
  float: number[];
}

const colours: Record<number, Colour | undefined> = {
  0: { name: 'grey', channels: 1, bits: [1, 2, 4, 8, 16], float: [] },
  1: { name: 'grey', channels: 1, bits: [1, 2, 4, 8, 16], float: [32] },
  2: { name: 'RGB', channels: 3, bits: [8, 16], float: [16, 32] },
  3: { name: 'a palette', channels: 1, bits: [1, 2, 4, 8], float: [] },
  [cmyk]: { name: 'CMYK', channels: 4, bits: [8, 16], float: [] },
  [ycbcr]: { name: 'YCbCr', channels: 3, bits: [8], float: [] },
  8: { name: 'Lab', channels: 3, bits: [16], float: [] },
};

/** True: read; a name: known, and not read. */
const compressions: Record<number, true | string | undefined> = {
  1: true,
  2: true,
  3: true,
  4: true,
  5: true,
  [jpeg]: true,
  8: true,
  32773: true,
  32946: true,
  50001: true,
  6: 'old-style JPEG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34925: 'LZMA',
  50000: 'Zstandard',
};
