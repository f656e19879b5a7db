/**
 * Camera RAW files as their makers structure them, without a sensor's data: TIFF 6.0 and TIFF/EP directories, Canon's
 * boxes, Fujifilm's header, makers' notes of Nikon and Olympus. exiftool reads them as what they are.
 */
import { sharp } from '../../../../main/decode/engine.ts';

export type Value =
  | { type: 'short' | 'long'; values: number[] }
  | { type: 'ascii'; text: string }
  | { type: 'bytes'; bytes: Buffer }
  | { type: 'byte'; bytes: Buffer }
  /** Offset of a blob by its name, and its length. */
  | { at: string }
  | { lengthOf: string }
  | { directories: Directory[] };
export type Directory = Record<number, Value>;

export interface TiffSample {
  /** Each points to the next. */
  chain: Directory[];
  blobs: Record<string, Buffer>;
  magic?: string;
  big?: boolean;
}

const numbers = { short: [3, 2], long: [4, 4] } as const;

/** Offsets are those from its own start. */
export function tiff({ chain, blobs, magic, big = false }: TiffSample): Buffer {
  const parts: Buffer[] = [];
  let end = 8;
  const put = (bytes: Buffer): number => {
    const at = end;
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
    parts.push(padded);
    end += padded.length;
    return at;
  };
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    if (big) bytes.writeUInt16BE(value);
    else bytes.writeUInt16LE(value);
    return bytes;
  };
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (big) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  };
  const places = new Map(Object.entries(blobs).map(([name, bytes]) => [name, put(bytes)]));
  const encoded = (value: Value): { type: number; count: number; bytes: Buffer } => {
    if ('at' in value) return { type: 4, count: 1, bytes: u32(places.get(value.at)!) };
    if ('lengthOf' in value) return { type: 4, count: 1, bytes: u32(blobs[value.lengthOf]!.length) };
    if ('directories' in value) {
      const below = value.directories.map((each) => u32(directory(each, 0)));
      return { type: 4, count: below.length, bytes: Buffer.concat(below) };
    }
    if (value.type === 'ascii')
      return { type: 2, count: value.text.length + 1, bytes: Buffer.from(`${value.text}\0`, 'latin1') };
    if (value.type === 'byte') return { type: 1, count: value.bytes.length, bytes: value.bytes };
    if (value.type === 'bytes') return { type: 7, count: value.bytes.length, bytes: value.bytes };
    const [type, size] = numbers[value.type];
    return {
      type,
      count: value.values.length,
      bytes: Buffer.concat(value.values.map(size === 2 ? u16 : u32)),
    };
  };
  function directory(entries: Directory, next: number): number {
    const sorted = Object.entries(entries).sort(([a], [b]) => Number(a) - Number(b));
    const rows = sorted.map(([tag, value]) => {
      const { type, count, bytes } = encoded(value);
      const inside =
        bytes.length <= 4 ? Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)]) : u32(put(bytes));
      return Buffer.concat([u16(Number(tag)), u16(type), u32(count), inside]);
    });
    return put(Buffer.concat([u16(rows.length), ...rows, u32(next)]));
  }
  const first = chain.toReversed().reduce((next, entries) => directory(entries, next), 0);
  const start = Buffer.from(magic ?? (big ? 'MM\0*' : 'II*\0'), 'latin1');
  return Buffer.concat([start, u32(first), ...parts]);
}

const short = (...values: number[]): Value => ({ type: 'short', values });
const long = (...values: number[]): Value => ({ type: 'long', values });
const ascii = (text: string): Value => ({ type: 'ascii', text });

/** A picture whose upper left is red, so that turning shows. */
export async function jpeg(width: number, height: number): Promise<Buffer> {
  const red = await sharp({
    create: { width: width >> 1, height: height >> 1, channels: 3, background: '#e01010' },
  })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 3, background: '#1040c0' } })
    .composite([{ input: red, left: 0, top: 0 }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** As sensors' data are coded: the lossless process, which no reader of photos shows. */
const lossless = Buffer.from([
  0xff, 0xd8, 0xff, 0xc3, 0, 17, 8, 8, 0, 12, 0, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0, 0xff, 0xd9,
]);

const camera = (make: string, model: string, orientation: number): Directory => ({
  271: ascii(make),
  272: ascii(model),
  274: short(orientation),
  306: ascii('2020:01:01 00:00:00'),
});
const exif: Directory = { 0x9003: ascii('2024:03:05 10:20:30'), 0x9011: ascii('+02:00') };
const strip = (name: string): Directory => ({ 259: short(6), 273: { at: name }, 279: { lengthOf: name } });
const jpegTags = (name: string): Directory => ({ 513: { at: name }, 514: { lengthOf: name } });

export interface Pictures {
  large: Buffer;
  small: Buffer;
}

type Make = (pictures: Pictures, orientation: number) => Buffer;

function box(type: string, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, bytes]);
}

const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
};

/** Of a video track, as Canon calls its pictures. */
const handler = box('hdlr', u32(0, 0), Buffer.from('vide'), u32(0, 0, 0), Buffer.from([0]));

/** Its data are in this file. */
const reference = box('dref', u32(0, 1), box('url ', u32(1)));

/** Canon's description of a track that holds a JPEG. */
function described(width: number, height: number): Buffer {
  const entry = Buffer.alloc(78);
  entry.writeUInt16BE(1, 6);
  entry.writeUInt16BE(width, 24);
  entry.writeUInt16BE(height, 26);
  entry.writeUInt16BE(1, 40);
  return box('stsd', u32(0, 1), box('CRAW', entry, u32(0), box('JPEG', u32(0))));
}

function cr3({ large, small }: Pictures, orientation: number): Buffer {
  const cmt1 = tiff({ chain: [camera('Canon', 'Canon EOS R', orientation)], blobs: {} });
  const cmt2 = tiff({ chain: [exif], blobs: {} });
  const make = (at: number): Buffer => {
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(BigInt(at));
    const table = box(
      'stbl',
      described(640, 480),
      box('stts', u32(0, 1, 1, 1)),
      box('stsc', u32(0, 1, 1, 1, 1)),
      box('stsz', u32(0, 0, 1, large.length)),
      box('co64', u32(0, 1), place),
    );
    const sizes = Buffer.alloc(12);
    sizes.writeUInt16BE(1, 4);
    sizes.writeUInt16BE(320, 6);
    sizes.writeUInt16BE(240, 8);
    sizes.writeUInt16BE(1, 10);
    return Buffer.concat([
      box('ftyp', Buffer.from('crx \0\0\0\x01crx isom', 'latin1')),
      box(
        'moov',
        box(
          'uuid',
          Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'),
          box('CNCV', Buffer.from('CanonCR3_001/00.09.00/00.00.00')),
          box('CMT1', cmt1),
          box('CMT2', cmt2),
        ),
        box('trak', box('mdia', handler, box('minf', box('dinf', reference), table))),
      ),
      box(
        'uuid',
        Buffer.from('eaf42b5e1c984b88b9fbb7dc406e4d16', 'hex'),
        u32(0, 1),
        box('PRVW', sizes, u32(small.length), small),
      ),
    ]);
  };
  const head = make(0).length + 8;
  return Buffer.concat([make(head), box('mdat', large)]);
}

/** Its header, its JPEG, an empty directory, and where a sensor's data would be. */
function raf({ large }: Pictures): Buffer {
  const head = Buffer.alloc(148);
  head.write('FUJIFILMCCD-RAW 0201FF389501', 0, 'latin1');
  head.write('X-T1', 28, 'latin1');
  head.write('0100', 60, 'latin1');
  const padding = Buffer.alloc(4 - (large.length % 4));
  const after = head.length + large.length + padding.length;
  for (const [at, value] of [
    [84, head.length],
    [88, large.length],
    [92, after],
    [96, 4],
    [100, after + 4],
    [104, 16],
  ] as const)
    // prettier-ignore
    head.writeUInt32BE(value, at);
  return Buffer.concat([head, large, padding, u32(0), Buffer.alloc(16)]);
}

/** A maker's note of Olympus: directories right behind its header, offsets counted from it. */
function olympusNote(at: number, length: number): Buffer {
  const note = Buffer.alloc(72);
  note.write('OLYMPUS\0II\x03\0', 0, 'latin1');
  let end = 12;
  const directory = (entries: [tag: number, type: number, value: number][]) => {
    end = note.writeUInt16LE(entries.length, end);
    for (const [tag, type, value] of entries) {
      note.writeUInt16LE(tag, end);
      note.writeUInt16LE(type, end + 2);
      note.writeUInt32LE(1, end + 4);
      note.writeUInt32LE(value, end + 8);
      end += 12;
    }
    end += 4;
  };
  directory([[0x2020, 13, 30]]);
  directory([
    [0x0100, 4, 1],
    [0x0101, 4, at],
    [0x0102, 4, length],
  ]);
  return note;
}

/** A maker's note of Nikon: a TIFF of its own, its directory first, offsets counted from its start. */
function nikonNote(at: number, length: number): Buffer {
  const inner = Buffer.alloc(80);
  inner.write('MM\0*', 0, 'latin1');
  inner.writeUInt32BE(8, 4);
  let end = 8;
  const directory = (entries: [tag: number, type: number, count: number, value: number][]) => {
    end = inner.writeUInt16BE(entries.length, end);
    for (const [tag, type, count, value] of entries) {
      inner.writeUInt16BE(tag, end);
      inner.writeUInt16BE(type, end + 2);
      inner.writeUInt32BE(count, end + 4);
      inner.writeUInt32BE(value, end + 8);
      end += 12;
    }
    end += 4;
  };
  directory([
    [0x0001, 7, 4, 0x30323130],
    [0x0011, 4, 1, 38],
  ]);
  directory([
    [259, 3, 1, 6 << 16],
    [513, 4, 1, at],
    [514, 4, 1, length],
  ]);
  return Buffer.concat([Buffer.from('Nikon\0\x02\x10\0\0', 'latin1'), inner]);
}

/** A file whose maker's note tells of a picture at its end, counted from `start` behind where the note begins. */
function noted(
  note: (at: number, length: number) => Buffer,
  picture: Buffer,
  start: number,
  sample: (note: Value) => TiffSample,
): Buffer {
  const make = (at: number) => tiff(sample({ type: 'bytes', bytes: note(at, picture.length) }));
  const empty = make(0);
  const from = empty.indexOf(note(0, picture.length)) + start;
  return Buffer.concat([make(empty.length - from), picture]);
}

export const makers: Record<string, Make> = {
  // Canon: the preview as the only strip of the first directory, the sensor's data in the last.
  cr2: (pictures, orientation) =>
    tiff({
      chain: [
        {
          ...camera('Canon', 'Canon EOS 5D', orientation),
          ...strip('large'),
          0x8769: { directories: [exif] },
        },
        jpegTags('small'),
        strip('sensor'),
      ],
      blobs: { ...pictures, sensor: lossless },
    }),
  cr3,
  // Nikon, Samsung: in the directories below the first.
  nef: (pictures, orientation) =>
    tiff({
      chain: [
        {
          ...camera('NIKON CORPORATION', 'NIKON D90', orientation),
          0x014a: {
            directories: [
              { 254: long(1), 259: short(6), ...jpegTags('large') },
              { 254: long(0), ...strip('sensor') },
            ],
          },
          0x8769: { directories: [exif] },
        },
      ],
      blobs: { ...pictures, sensor: lossless },
      big: true,
    }),
  // Sony: beside the first directory's own, and in the third.
  arw: (pictures, orientation) =>
    tiff({
      chain: [
        { ...camera('SONY', 'ILCE-7M3', orientation), ...jpegTags('small'), 0x8769: { directories: [exif] } },
        { 254: long(1) },
        jpegTags('large'),
      ],
      blobs: { ...pictures },
    }),
  dng: (pictures, orientation) =>
    tiff({
      chain: [
        {
          ...camera('Phone', 'Phone', orientation),
          254: long(1),
          259: short(7),
          273: { at: 'small' },
          279: { lengthOf: 'small' },
          330: {
            directories: [
              {
                254: long(0),
                259: short(7),
                262: short(32803),
                273: { at: 'sensor' },
                279: { lengthOf: 'sensor' },
              },
              {
                254: long(1),
                259: short(7),
                262: short(6),
                273: { at: 'large' },
                279: { lengthOf: 'large' },
              },
            ],
          },
          0x8769: { directories: [exif] },
          0xc612: { type: 'byte', bytes: Buffer.from([1, 4, 0, 0]) },
        },
      ],
      blobs: { ...pictures, sensor: lossless },
    }),
  raf,
  // Olympus: a preview that the maker's note names.
  orf: ({ large, small }, orientation) =>
    noted(olympusNote, large, 0, (note) => ({
      chain: [
        {
          ...camera('OLYMPUS CORPORATION', 'E-M1', orientation),
          0x8769: { directories: [{ ...exif, 0x927c: note }] },
        },
        jpegTags('small'),
      ],
      blobs: { small },
      magic: 'IIRO',
    })),
  // Panasonic: a whole JPEG as the value of a tag.
  rw2: ({ large }, orientation) =>
    tiff({
      chain: [
        {
          ...camera('Panasonic', 'DMC-GH4', orientation),
          0x002e: { type: 'bytes', bytes: large },
          0x8769: { directories: [exif] },
        },
      ],
      blobs: {},
      magic: 'IIU\0',
    }),
  // Pentax: along the chain, with the sensor's data first.
  pef: (pictures, orientation) =>
    tiff({
      chain: [
        {
          ...camera('PENTAX', 'PENTAX K-5', orientation),
          ...strip('sensor'),
          0x8769: { directories: [exif] },
        },
        jpegTags('small'),
        { 259: short(6), ...jpegTags('large') },
      ],
      blobs: { ...pictures, sensor: lossless },
      big: true,
    }),
  srw: (pictures, orientation) =>
    tiff({
      chain: [
        {
          ...camera('SAMSUNG', 'NX1', orientation),
          0x014a: { directories: [{ 254: long(1), 259: short(6), ...jpegTags('large') }] },
          0x8769: { directories: [exif] },
        },
        jpegTags('small'),
      ],
      blobs: { ...pictures },
    }),
};

/** Of Nikon's first cameras: the only preview is the one that the maker's note names. */
export const oldNef: Make = ({ large }, orientation) =>
  noted(nikonNote, large, 10, (note) => ({
    chain: [
      {
        ...camera('NIKON CORPORATION', 'NIKON D70', orientation),
        0x8769: { directories: [{ ...exif, 0x927c: note }] },
      },
    ],
    blobs: {},
    big: true,
  }));
