/** What is written into a JPEG beside the picture: EXIF, XMP, also where it is too long for one segment, and IPTC. */
import { bytesOfBuffer, type BytesAt } from '../containers/bytes-at.ts';
import { type WindowsTags, windowsTagsOf } from './windows-tags.ts';
import { type Place, segmentsOf, startOfScan } from '../containers/jpeg-segments.ts';

export interface Embedded extends WindowsTags {
  /** A packet, as it is. */
  xmp: Buffer | null;
  /** A second packet with what found no room in the first one. */
  extendedXmp: Buffer | null;
  /** IPTC-IIM: data sets, or Photoshop's resources with them. */
  iptc: Buffer | null;
}

export const nothing: Embedded = {
  xmp: null,
  extendedXmp: null,
  iptc: null,
  xpKeywords: [],
  hasStars: false,
};
export const photoshop = 'Photoshop 3.0\0';

const [app1, app13] = [0xe1, 0xed];
const xmpName = 'http://ns.adobe.com/xap/1.0/\0';
const extensionName = 'http://ns.adobe.com/xmp/extension/\0';
/** Before a part's text: digest, length and place. */
const digestLength = 32;
const partHead = extensionName.length + digestLength + 8;
/** Longer ones are depth maps and videos. */
const mostExtended = 16 << 20;

/** Of an extended packet: which one's it is, how long that is, and where in it this part stands. */
function partOf(content: Buffer) {
  const at = extensionName.length;
  return {
    digest: content.toString('latin1', at, at + digestLength),
    length: content.readUInt32BE(at + digestLength),
    from: content.readUInt32BE(at + digestLength + 4),
    bytes: content.subarray(partHead),
  };
}

/** The packet that the first one names; null: there is none, or parts of it are not there. */
function joined(parts: readonly ReturnType<typeof partOf>[], xmp: Buffer | null): Buffer | null {
  const named = parts.filter(({ digest }) => xmp?.includes(digest, 0, 'latin1'));
  const length = named[0]?.length ?? 0;
  if (length === 0 || length > mostExtended) return null;
  const whole = Buffer.alloc(length);
  let end = 0;
  for (const { from, bytes } of named.sort((a, b) => a.from - b.from)) {
    if (from > end) return null;
    bytes.copy(whole, from);
    end = Math.max(end, from + bytes.length);
  }
  return end < length ? null : whole;
}

/**
 * Adobe's XMP specification, part 3, 1.1.3. Of several packets the first; resources that are longer than a segment
 * are put together. What a cut file still has is told.
 */
export function embeddedInJpeg(bytesAt: BytesAt, place: Place): Embedded {
  let xmp: Buffer | null = null;
  let exif: Buffer | null = null;
  const parts: ReturnType<typeof partOf>[] = [];
  const resources: Buffer[] = [];
  try {
    for (const { marker, at, length } of segmentsOf(bytesAt, place)) {
      if (marker === startOfScan) break;
      if (marker !== app1 && marker !== app13) continue;
      const content = bytesAt(at, length);
      const begins = (name: string) => content.toString('latin1', 0, name.length) === name;
      if (marker === app13 && begins(photoshop))
        resources.push(resources.length ? content.subarray(photoshop.length) : content);
      else if (marker === app1 && begins('Exif')) exif ??= content;
      else if (marker === app1 && begins(xmpName)) xmp ??= content.subarray(xmpName.length);
      else if (marker === app1 && begins(extensionName) && length >= partHead) parts.push(partOf(content));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return {
    xmp,
    extendedXmp: joined(parts, xmp),
    iptc: resources.length ? Buffer.concat(resources) : null,
    ...(exif ? windowsTagsOf(exif) : { xpKeywords: [], hasStars: false }),
  };
}

/**
 * EXIF by a JPEG's first bytes, as libvips gives it: of several the first. Null: it has none; undefined: the bytes end
 * before that is known. To ask libvips for it takes four times as long.
 */
export function exifInJpeg(head: Buffer): Buffer | null | undefined {
  const bytesAt = bytesOfBuffer(head);
  try {
    for (const { marker, at, length } of segmentsOf(bytesAt, { at: 0, length: head.length })) {
      if (marker === startOfScan) return null;
      if (marker !== app1) continue;
      const content = bytesAt(at, length);
      if (content.toString('latin1', 0, 4) === 'Exif') return content;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}
