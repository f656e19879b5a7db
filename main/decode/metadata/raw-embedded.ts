/**
 * What is written into camera RAW beside the pictures: XMP and IPTC of a TIFF's first directory (tag 700 of Adobe's
 * XMP specification, part 3; 33723; Photoshop's 34377), the box of CR3 that Adobe names, and the segments of the JPEG
 * that RAF begins with.
 */
import type { BytesAt } from '../containers/bytes-at.ts';
import { type Embedded, embeddedInJpeg, nothing, photoshop } from './jpeg-embedded.ts';
import { xmpBox } from '../containers/raw-boxes.ts';
import { fujifilmJpeg } from '../containers/raw.ts';
import { firstDirectory } from '../containers/raw-tiff.ts';
import { isNotZero, starsTag } from './windows-tags.ts';

const [xmpTag, iptcTag, photoshopTag] = [700, 33723, 34377];

/** A broken one has nothing: what is wrong with it is told when its picture is read. */
export function embeddedInRaw(bytesAt: BytesAt, size: number): Embedded {
  try {
    return found(bytesAt, size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return nothing;
  }
}

function found(bytesAt: BytesAt, size: number): Embedded {
  const start = bytesAt(0, 16).toString('latin1');
  const place = fujifilmJpeg(bytesAt, start);
  if (place) return embeddedInJpeg(bytesAt, place);
  if (start.slice(4, 8) === 'ftyp') return { ...nothing, xmp: xmpBox(bytesAt, size) };
  const values = firstDirectory(bytesAt, [xmpTag, iptcTag, photoshopTag, starsTag]);
  const resources = values.get(photoshopTag);
  return {
    ...nothing,
    hasStars: isNotZero(values.get(starsTag)),
    xmp: values.get(xmpTag) ?? null,
    iptc: values.get(iptcTag) ?? (resources ? Buffer.concat([Buffer.from(photoshop), resources]) : null),
  };
}
