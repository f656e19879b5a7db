/** HEIC files put together after ISO/IEC 23008-12, of two small pictures that an encoder of HEVC made. */

const configuration = (spread: string) =>
  `AAAAeGh2Y0MBA3AAAAAAAAAAAAAe8AD8/fj4AAAPAyAAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAeugJAIQABACtCAQEDcAAAAwCQAAADAAADAB6g${spread}IgABAAdEAcFysCJA`;

export interface Picture {
  width: number;
  height: number;
  /** The box hvcC. */
  configuration: Buffer;
  coded: Buffer;
}

/** Left half red, right half blue. */
export const wide: Picture = {
  width: 96,
  height: 64,
  configuration: Buffer.from(configuration('MIEFlupJKa5uBAQMCAAAAwAIAAADAAhA'), 'base64'),
  coded: Buffer.from('AAAAIigBrwtg+sbB1//4mvv2oEHU/a8Nf7/Vbz0Z+eYy7ChRE8A=', 'base64'),
};
/** Upper half green, lower half yellow. */
export const tall: Picture = {
  width: 64,
  height: 128,
  configuration: Buffer.from(configuration('IICBZbqSSmubgQEDAgAAAwACAAADAAIQ'), 'base64'),
  coded: Buffer.from('AAAAISgBrwtg+sbB190Bv6kEfynXtM1N7T3f4n2er/h1ar/kwA==', 'base64'),
};

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const u32 = (...values: number[]) => Buffer.concat(values.map((value) => u16(value >>> 16, value & 0xffff)));
const box = (type: string, ...content: Uint8Array[]) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type), body]);
};
/** With version and flags. */
const full = (type: string, version: number, ...content: Uint8Array[]) =>
  box(type, Buffer.from([version, 0, 0, 0]), ...content);

/** Quarters of a turn to the left. */
export const turned = (quarters: number): Buffer => box('irot', Buffer.from([quarters]));
/** 0: upside down, 1: left and right exchanged. */
export const mirrored = (axis: 0 | 1): Buffer => box('imir', Buffer.from([axis]));
/** What is kept, around a middle that lies so far from that of the picture. */
export const cut = (width: number, height: number, right: number, down: number): Buffer =>
  box('clap', u32(width, 1, height, 1, right >>> 0, 1, down >>> 0, 1));

export interface Item {
  type: 'hvc1' | 'grid' | 'Exif';
  content: Buffer;
  properties: Buffer[];
  /** Numbers of the items that it is put together from, or says something of. */
  of?: { as: 'dimg' | 'cdsc'; items: number[] };
}

const sizeOf = (width: number, height: number) => full('ispe', 0, u32(width, height));

export const item = (picture: Picture, ...transforms: Buffer[]): Item => ({
  type: 'hvc1',
  content: picture.coded,
  properties: [picture.configuration, sizeOf(picture.width, picture.height), ...transforms],
});

/** One row of items 1 to `columns`. */
export const row = (columns: number, width: number, height: number, ...transforms: Buffer[]): Item => ({
  type: 'grid',
  content: Buffer.concat([Buffer.from([0, 0, 0, columns - 1]), u16(width, height)]),
  properties: [sizeOf(width, height), ...transforms],
  of: { as: 'dimg', items: Array.from({ length: columns }, (_, i) => i + 1) },
});

/** EXIF that speaks of an orientation and nothing else. */
export const orientation = (value: number, of: number): Item => ({
  type: 'Exif',
  content: Buffer.concat([
    u32(6),
    Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01', 'latin1'),
    u16(value, 0),
    u32(0),
  ]),
  properties: [],
  of: { as: 'cdsc', items: [of] },
});

/** @param primary number of the item that the file is shown by, from 1 on */
export function heic(items: Item[], primary = 1): Buffer {
  const properties = items.flatMap((each) => each.properties);
  const essential = (property: Buffer) => (property.toString('latin1', 4, 8) === 'ispe' ? 0 : 0x80);
  const links = items.map((each, i) =>
    Buffer.concat([
      u16(i + 1),
      Buffer.from([each.properties.length, ...each.properties.map((one) => essential(one) | (properties.indexOf(one) + 1))]),
    ]),
  ); // prettier-ignore
  const start = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic'));
  const meta = (dataAt: number) => {
    let at = dataAt;
    const places = items.map(({ content }, i) => {
      const place = Buffer.concat([u16(i + 1, 0, 1), u32(at, content.length)]);
      at += content.length;
      return place;
    });
    const references = items.flatMap(({ of }, i) => (of ? [box(of.as, u16(i + 1, of.items.length, ...of.items))] : [])); // prettier-ignore
    return full(
      'meta',
      0,
      full('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      full('pitm', 0, u16(primary)),
      full('iinf', 0, u16(items.length), ...items.map(({ type }, i) => full('infe', 2, u16(i + 1, 0), Buffer.from(`${type}\0`)))), // prettier-ignore
      full('iloc', 0, Buffer.from([0x44, 0]), u16(items.length), ...places),
      ...(references.length ? [full('iref', 0, ...references)] : []),
      box('iprp', box('ipco', ...properties), full('ipma', 0, u32(items.length), ...links)),
    );
  };
  const data = box('mdat', ...items.map(({ content }) => content));
  return Buffer.concat([start, meta(start.length + meta(0).length + 8), data]);
}
