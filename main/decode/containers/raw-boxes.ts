/** Pictures inside CR3, Canon's RAW in an ISO base media file (ISO/IEC 14496-12), as its tracks and boxes tell. */
import type { BytesAt } from './bytes-at.ts';
import { rawDirectories, type RawDirectories } from './raw-tiff.ts';

interface Box {
  type: string;
  from: number;
  to: number;
}

const mostBoxes = 4096;
const mostMetadata = 1 << 20;
const mostXmp = 16 << 20;
/** Adobe's, in files of ISO's structure: XMP specification, part 3. */
const xmpUuid = 'be7acfcb97a942e89c71999491e3afac';
const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);
/** Canon's: metadata in `moov`, and the preview beside it. */
const uuids: Record<string, number> = { '85c0b687820f11e08111f4ce462b6a48': 16, 'eaf42b5e1c984b88b9fbb7dc406e4d16': 24 }; // prettier-ignore

class Boxes {
  readonly #bytesAt: BytesAt;
  #count = 0;

  constructor(bytesAt: BytesAt) {
    this.#bytesAt = bytesAt;
  }

  /** All that hold no others, outermost first; those of others' making by their UUID. @throws RangeError beyond the file */
  *leaves(from: number, to: number, track = 0): Generator<Box & { track: number }> {
    let tracks = 0;
    for (let at = from; at + 8 <= to;) {
      if (++this.#count > mostBoxes) return;
      const head = this.#bytesAt(at, 8);
      let size = head.readUInt32BE(0);
      const type = head.toString('latin1', 4, 8);
      let start = 8;
      if (size === 1) {
        size = Number(this.#bytesAt(at + 8, 8).readBigUInt64BE());
        start = 16;
      } else if (size === 0) size = to - at;
      if (size < start || at + size > to) return;
      if (type === 'uuid') {
        const name = this.#bytesAt(at + start, 16).toString('hex');
        const inner = uuids[name];
        if (inner) yield* this.leaves(at + start + inner, at + size, track);
        else yield { type: name, from: at + start + 16, to: at + size, track };
      } else if (containers.has(type))
        yield* this.leaves(at + start, at + size, type === 'trak' ? ++tracks : track);
      else yield { type, from: at + start, to: at + size, track };
      at += size;
    }
  }
}

/** @throws RangeError where nothing of it can be read */
export function boxDirectories(bytesAt: BytesAt, size: number): RawDirectories {
  const found: RawDirectories = { places: [], orientation: null, taken: null, offset: null };
  const tracks = new Map<number, { at?: number; length?: number }>();
  const boxes = new Boxes(bytesAt);
  for (const { type, from, to, track } of boxes.leaves(0, size)) {
    const long = (at: number) => bytesAt(at, 4).readUInt32BE();
    try {
      // Widths, heights and lengths before the JPEG itself: CR3 as Canon's cameras write it.
      if (type === 'PRVW')
        found.places.push({ at: from + 16, length: Math.min(long(from + 12), to - from - 16) });
      else if (type === 'CMT1' || type === 'CMT2') {
        const told = rawDirectories((at, length) => bytesAt(from + at, length));
        if (type === 'CMT1') found.orientation = told.orientation;
        else found.taken = told.taken ?? found.taken;
        found.taken ??= told.taken;
        found.offset ??= told.offset;
      } else if (track && (type === 'stsz' || type === 'co64' || type === 'stco')) {
        const place = tracks.get(track) ?? {};
        tracks.set(track, place);
        if (type === 'co64') place.at = Number(bytesAt(from + 8, 8).readBigUInt64BE());
        else if (type === 'stco') place.at = long(from + 8);
        else place.length = long(from + 4) || long(from + 12);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  for (const { at, length } of tracks.values()) if (at && length) found.places.push({ at, length });
  return found;
}

/** What the camera wrote of a CR3 beside its pictures, by the names of its boxes: each a TIFF. @throws RangeError */
export function metadataBoxes(bytesAt: BytesAt, size: number): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const { type, from, to } of new Boxes(bytesAt).leaves(0, size))
    if (['CMT1', 'CMT2', 'CMT4'].includes(type) && to - from <= mostMetadata)
      found.set(type, bytesAt(from, to - from));
  return found;
}

/** The packet beside the pictures; null: there is none. @throws RangeError */
export function xmpBox(bytesAt: BytesAt, size: number): Buffer | null {
  for (const { type, from, to } of new Boxes(bytesAt).leaves(0, size))
    if (type === xmpUuid && to - from <= mostXmp) return bytesAt(from, to - from);
  return null;
}
