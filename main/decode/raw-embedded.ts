/**
 * What is written into camera RAW beside the pictures: XMP and IPTC of a TIFF's first directory (tag 700 of Adobe's
 * XMP specification, part 3; 33723; Photoshop's 34377), the box of CR3 that Adobe names, and the segments of the JPEG
 * that RAF begins with.
 */
import type { BytesAt } from './bytes-at.ts';
import { segmentsOf, startOfScan } from './jpeg-segments.ts';
import { xmpBox } from './raw-boxes.ts';
import { fujifilmJpeg } from './raw.ts';
import { firstDirectory } from './raw-tiff.ts';

export interface Embedded {
  /** A packet, as it is. */
  xmp: Buffer | null;
  /** IPTC-IIM: data sets, or Photoshop's resources with them. */
  iptc: Buffer | null;
}

const [xmpTag, iptcTag, photoshopTag] = [700, 33723, 34377];
const [app1, app13] = [0xe1, 0xed];
const xmpName = 'http://ns.adobe.com/xap/1.0/\0';
const photoshop = 'Photoshop 3.0\0';

function inJpeg(bytesAt: BytesAt, place: { at: number; length: number }): Embedded {
  const told: Embedded = { xmp: null, iptc: null };
  for (const { marker, at, length } of segmentsOf(bytesAt, place)) {
    if (marker === startOfScan) break;
    if (marker !== app1 && marker !== app13) continue;
    const content = bytesAt(at, length);
    const begins = (name: string) => content.toString('latin1', 0, name.length) === name;
    if (marker === app1 && begins(xmpName)) told.xmp ??= content.subarray(xmpName.length);
    else if (marker === app13 && begins(photoshop)) told.iptc ??= content;
  }
  return told;
}

/** A broken one has nothing: what is wrong with it is told when its picture is read. */
export function embeddedInRaw(bytesAt: BytesAt, size: number): Embedded {
  try {
    return found(bytesAt, size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { xmp: null, iptc: null };
  }
}

function found(bytesAt: BytesAt, size: number): Embedded {
  const start = bytesAt(0, 16).toString('latin1');
  const place = fujifilmJpeg(bytesAt, start);
  if (place) return inJpeg(bytesAt, place);
  if (start.slice(4, 8) === 'ftyp') return { xmp: xmpBox(bytesAt, size), iptc: null };
  const values = firstDirectory(bytesAt, [xmpTag, iptcTag, photoshopTag]);
  const resources = values.get(photoshopTag);
  return {
    xmp: values.get(xmpTag) ?? null,
    iptc: values.get(iptcTag) ?? (resources ? Buffer.concat([Buffer.from(photoshop), resources]) : null),
  };
}
