/** What codes the pictures of an HEIF container (ISO/IEC 23008-12), read off its items. */
import type { Region, Size } from '../../../models/overlay/geometry.ts';

const readable = new Set(['hvc1', 'hev1', 'av01', 'grid', 'iden', 'iovl', 'tmap']);
const names: Record<string, string> = {
  vvc1: 'VVC (H.266)',
  avc1: 'AVC (H.264)',
  j2k1: 'JPEG 2000',
  jpeg: 'JPEG',
  unci: 'plain pixels',
  mski: 'a mask',
};

interface Box {
  type: string;
  from: number;
  to: number;
}

function* boxes(bytes: Buffer, from: number, to: number): Generator<Box> {
  for (let at = from; at + 8 <= to;) {
    let size = bytes.readUInt32BE(at);
    let header = 8;
    if (size === 1) {
      if (at + 16 > to) return;
      size = Number(bytes.readBigUInt64BE(at + 8));
      header = 16;
    } else if (size === 0) size = to - at;
    if (size < header) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), from: at + header, to: Math.min(to, at + size) };
    at += size;
  }
}

function metaOf(bytes: Buffer): Box[] {
  const meta = [...boxes(bytes, 0, bytes.length)].find(({ type }) => type === 'meta');
  return meta ? [...boxes(bytes, meta.from + 4, meta.to)] : [];
}

/** Types of items by their numbers. @throws RangeError where the file is cut off */
function typesIn(bytes: Buffer, items: Box): Map<number, string> {
  const start = items.from + (bytes[items.from] === 0 ? 6 : 8);
  const types = new Map<number, string>();
  for (const { type, from } of boxes(bytes, start, items.to)) {
    if (type !== 'infe' || bytes[from]! < 2) continue;
    const wide = bytes[from] === 3;
    const id = wide ? bytes.readUInt32BE(from + 4) : bytes.readUInt16BE(from + 4);
    const at = from + (wide ? 10 : 8);
    types.set(id, bytes.toString('latin1', at, at + 4));
  }
  return types;
}

/** Of the item that a `pitm` names. */
const numberIn = (bytes: Buffer, { from }: Box): number =>
  bytes[from] === 0 ? bytes.readUInt16BE(from + 4) : bytes.readUInt32BE(from + 4);

/** How the primary item's pictures are coded, itself or its tiles; null: nothing tells it. @throws RangeError where the file is cut off */
function codedAs(bytes: Buffer): string[] | null {
  const inside = metaOf(bytes);
  const items = inside.find(({ type }) => type === 'iinf');
  const primary = inside.find(({ type }) => type === 'pitm');
  if (!items || !primary) return null;
  const wanted = numberIn(bytes, primary);
  const types = typesIn(bytes, items);
  const own = types.get(wanted);
  if (own === undefined) return null;
  const derived = own === 'grid' || own === 'iden' || own === 'iovl';
  // Of what it is put together from: its tiles are the other items that are pictures.
  return derived ? [...types.values()].filter((type) => type in names || readable.has(type)) : [own];
}

/** Where a cut file ends before it is told, nothing is. */
function whereTold<T>(work: () => T | null): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const codings = { hvc1: 'heic', hev1: 'heic', av01: 'avif' } as const;

/** Where the file holds the pictures of its items that are coded so (`iloc`, ISO/IEC 14496-12, 8.11.3). */
export function codedPictures(bytes: Buffer): { from: number; to: number }[] {
  const found = whereTold(() => {
    const inside = metaOf(bytes);
    const [items, places] = ['iinf', 'iloc'].map((name) => inside.find(({ type }) => type === name));
    return items && places ? [...extents(bytes, places, typesIn(bytes, items))] : null;
  });
  return found ?? [];
}

function* extents(bytes: Buffer, places: Box, types: Map<number, string>) {
  const version = bytes[places.from]!;
  let at = places.from + 4;
  const next = (size: number) => {
    at += size;
    return size === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : size ? bytes.readUIntBE(at - size, size) : 0;
  };
  const [sizes, more] = [next(1), next(1)];
  const [ofOffset, ofLength, ofBase, ofIndex] = [sizes >> 4, sizes & 15, more >> 4, version ? more & 15 : 0];
  for (let left = next(version < 2 ? 2 : 4); left > 0 && at < places.to; left--) {
    const type = types.get(next(version < 2 ? 2 : 4)) ?? '';
    const inFile = version === 0 || (next(2) & 15) === 0;
    next(2);
    const base = next(ofBase);
    for (let parts = next(2); parts > 0 && at < places.to; parts--) {
      next(ofIndex);
      const from = base + next(ofOffset);
      const to = from + next(ofLength);
      if (inFile && type in codings && to <= bytes.length) yield { from, to };
    }
  }
}

/** What it is where neither of our readers has it; null: it is read, or there is nothing to tell it by. */
export function unsupportedHeif(bytes: Buffer): string | null {
  return whereTold(() => {
    const coded = codedAs(bytes);
    if (!coded) {
      const top = new Set([...boxes(bytes, 0, bytes.length)].map(({ type }) => type));
      return top.has('moov') && !top.has('meta') ? 'an HEIF of moving pictures without a still one' : null;
    }
    const unreadable = coded.filter((type) => !readable.has(type) && type !== 'mski');
    if (unreadable.length === 0 || coded.some((type) => type in codings)) return null;
    return `an HEIF coded as ${names[unreadable[0]!] ?? `"${unreadable[0]}"`}`;
  });
}

/** Boxes of what the primary item has said of it, in order (`ipma`, ISO/IEC 23008-12, 9.3). @throws RangeError where the file is cut off */
function propertiesOfPrimary(bytes: Buffer): Box[] {
  const inside = metaOf(bytes);
  const [primary, all] = ['pitm', 'iprp'].map((name) => inside.find(({ type }) => type === name));
  const [list, links] = ['ipco', 'ipma'].map((name) => all && [...boxes(bytes, all.from, all.to)].find(({ type }) => type === name)); // prettier-ignore
  if (!primary || !list || !links) return [];
  const wanted = numberIn(bytes, primary);
  const properties = [...boxes(bytes, list.from, list.to)];
  const [wide, long] = [bytes[links.from]! > 0, (bytes[links.from + 3]! & 1) === 1];
  let at = links.from + 8;
  for (let left = bytes.readUInt32BE(links.from + 4); left > 0; left--) {
    const id = wide ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
    at += wide ? 5 : 3;
    const count = bytes[at - 1]!;
    const numbers = Array.from({ length: count }, (_, i) => long ? bytes.readUInt16BE(at + 2 * i) & 0x7fff : bytes.readUInt8(at + i) & 0x7f); // prettier-ignore
    if (id === wanted) return numbers.flatMap((number) => properties[number - 1] ?? []);
    at += count * (long ? 2 : 1);
  }
  return [];
}

export interface Uncut {
  /** The file, its picture whole. */
  bytes: Buffer;
  /** What is shown of the whole picture, that being turned and mirrored already. */
  shown(whole: Size): Region;
}

/** A file of which a part of its picture is shown (`clap`); null: all is. */
export function uncut(bytes: Buffer): Uncut | null {
  const properties = whereTold(() => propertiesOfPrimary(bytes)) ?? [];
  const at = properties.findIndex(({ type }) => type === 'clap');
  if (at < 0) return null;
  const { from } = properties[at]!;
  const turns = properties.slice(at + 1).filter(({ type }) => type === 'irot' || type === 'imir');
  const quarters = turns.map(({ type, from: place }) => (type === 'irot' ? bytes[place]! & 3 : 0));
  const isTurned = quarters.reduce((sum, each) => sum + each, 0) % 2 === 1;
  const number = (i: number) => bytes.readInt32BE(from + 8 * i) / bytes.readUInt32BE(from + 8 * i + 4);
  const [width, height, right, down] = [0, 1, 2, 3].map(number) as [number, number, number, number];
  if (![width, height].every((side) => Number.isInteger(side) && side > 0)) return null;
  const whole = Buffer.from(bytes);
  whole.write('free', from - 4, 'latin1');
  const shown = (turned: Size) => {
    let full = isTurned ? { width: turned.height, height: turned.width } : turned;
    let region = { x: (full.width - width) / 2 + right, y: (full.height - height) / 2 + down, width, height };
    for (const [i, { type, from: place }] of turns.entries()) {
      for (let left = quarters[i]!; left > 0; left--) {
        region = { x: region.y, y: full.width - region.x - region.width, width: region.height, height: region.width }; // prettier-ignore
        full = { width: full.height, height: full.width };
      }
      if (type === 'imir' && bytes[place]! & 1) region.x = full.width - region.x - region.width;
      else if (type === 'imir') region.y = full.height - region.y - region.height;
    }
    return { ...region, x: Math.round(region.x), y: Math.round(region.y) };
  };
  return { bytes: whole, shown };
}

const [brandAt, brandLength] = [8, 4];

/**
 * The same file under the brand of what codes its pictures. libvips goes by the brand alone: animations (`avis`) it does
 * not know, and AV1 under one of all HEIF (`mif1`) it takes for HEVC.
 */
export function withBrandOfCoding(bytes: Buffer): Buffer {
  const coding = whereTold(() => {
    const types = codedAs(bytes)?.filter((type) => type in codings) as (keyof typeof codings)[] | undefined;
    const brands = new Set(types?.map((type) => codings[type]));
    return brands.size === 1 ? [...brands][0]! : null;
  });
  if (coding === null || isBrandOf(coding, bytes)) return bytes;
  const branded = Buffer.from(bytes);
  branded.write(coding, brandAt, 'latin1');
  return branded;
}

const isBrandOf = (coding: 'heic' | 'avif', bytes: Buffer): boolean => {
  const brand = bytes.toString('latin1', brandAt, brandAt + brandLength);
  return coding === 'avif' ? brand === 'avif' : /^he[iv][cxms]$/.test(brand);
};

/** Whether a file's first bytes tell how its pictures are coded, as those of most do. */
export const hasBrandOfCoding = (start: Buffer): boolean =>
  isBrandOf('avif', start) || isBrandOf('heic', start);
