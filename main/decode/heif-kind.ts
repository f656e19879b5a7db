/** What codes the pictures of an HEIF container (ISO/IEC 23008-12), read off its items. */

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

/** How the primary item's pictures are coded, itself or its tiles; null: nothing tells it. @throws RangeError where the file is cut off */
function codedAs(bytes: Buffer): string[] | null {
  const inside = metaOf(bytes);
  const items = inside.find(({ type }) => type === 'iinf');
  const primary = inside.find(({ type }) => type === 'pitm');
  if (!items || !primary) return null;
  const wanted =
    bytes[primary.from] === 0 ? bytes.readUInt16BE(primary.from + 4) : bytes.readUInt32BE(primary.from + 4);
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
