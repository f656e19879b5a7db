/**
 * Pictures inside a camera RAW of TIFF structure (CR2, NEF, ARW, DNG, ORF, RW2, PEF, SRW, and the headers of CR3), by
 * its directories: TIFF 6.0 and its supplement on JPEG, TIFF/EP's SubIFDs, EXIF, and what exiftool's tables say of
 * makers' notes. Nothing in it is believed: directories that come round again, offsets outside and huge counts end the walk.
 */
import type { BytesAt } from './bytes-at.ts';
import type { Place } from './jpeg-segments.ts';

export interface RawDirectories {
  /** Where a JPEG may lie. */
  places: Place[];
  /** EXIF, 1 … 8; null: not told. */
  orientation: number | null;
  /** "2024:01:31 12:00:00", and "+01:00". */
  taken: string | null;
  offset: string | null;
}

const tag = {
  compression: 259,
  stripOffsets: 273,
  orientation: 274,
  stripCounts: 279,
  date: 306,
  subDirectories: 330,
  jpegAt: 513,
  jpegLength: 514,
  exif: 0x8769,
  taken: 0x9003,
  takenOffset: 0x9011,
  makerNote: 0x927c,
  /** Panasonic's: a whole JPEG as the value. */
  jpgFromRaw: 0x002e,
} as const;

const mostDirectories = 64;
const mostEntries = 1024;
/** Values that are looked at; a strip of a preview is one. */
const mostValues = 64;
const sizes: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 9: 4, 13: 4 };

interface Entry {
  type: number;
  count: number;
  /** Of the value, counted in the file. */
  at: number;
}

/** A part of the file with a byte order, and an origin that its offsets are counted from. */
class Tiff {
  readonly #bytesAt: BytesAt;
  readonly little: boolean;
  readonly origin: number;

  constructor(bytesAt: BytesAt, origin: number, little: boolean) {
    this.#bytesAt = bytesAt;
    this.origin = origin;
    this.little = little;
  }

  short(at: number): number {
    const bytes = this.#bytesAt(at, 2);
    return this.little ? bytes.readUInt16LE() : bytes.readUInt16BE();
  }

  long(at: number): number {
    const bytes = this.#bytesAt(at, 4);
    return this.little ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  entries(at: number): { entries: Map<number, Entry>; next: number } {
    const count = this.short(at);
    if (count > mostEntries) throw new RangeError('more entries than a directory has');
    const entries = new Map<number, Entry>();
    for (let i = 0; i < count; i++) {
      const from = at + 2 + i * 12;
      const type = this.short(from + 2);
      const values = this.long(from + 4);
      const inside = (sizes[type] ?? 8) * values <= 4;
      entries.set(this.short(from), {
        type,
        count: values,
        at: inside ? from + 8 : this.origin + this.long(from + 8),
      });
    }
    let next = 0;
    try {
      next = this.long(at + 2 + count * 12);
    } catch (error) {
      // The last directory of some ends with the file.
      if (!(error instanceof RangeError)) throw error;
    }
    return { entries, next };
  }

  numbers({ type, count, at }: Entry): number[] {
    const size = sizes[type];
    if (!size) return [];
    return Array.from({ length: Math.min(count, mostValues) }, (_, i) => {
      if (size === 2) return this.short(at + 2 * i);
      return size === 4 ? this.long(at + 4 * i) : this.#bytesAt(at + i, 1)[0]!;
    });
  }

  text({ count, at }: Entry): string | null {
    const text = this.#bytesAt(at, Math.min(count, 64)).toString('latin1');
    return text.replace(/\0.*$/s, '').trim() || null;
  }

  bytes(at: number, length: number): Buffer {
    return this.#bytesAt(at, length);
  }
}

/** What a directory that can't be read costs: itself, not what was found before. */
function within(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

class Walk {
  readonly found: RawDirectories = { places: [], orientation: null, taken: null, offset: null };
  readonly #seen = new Set<number>();

  directory(tiff: Tiff, at: number, main: boolean): void {
    for (let here = at; here > tiff.origin;) {
      if (this.#seen.has(here) || this.#seen.size >= mostDirectories) return;
      this.#seen.add(here);
      const { entries, next } = tiff.entries(here);
      within(() => this.#read(tiff, entries, main));
      if (next === 0) return;
      here = tiff.origin + next;
      main = false;
    }
  }

  #read(tiff: Tiff, entries: Map<number, Entry>, main: boolean): void {
    const one = (name: number): number | undefined => {
      const entry = entries.get(name);
      return entry && tiff.numbers(entry)[0];
    };
    const text = (name: number): string | null => {
      const entry = entries.get(name);
      return entry ? tiff.text(entry) : null;
    };
    if (main) this.found.orientation ??= one(tag.orientation) ?? null;
    this.found.taken ??= text(tag.taken);
    this.found.offset ??= text(tag.takenOffset);
    this.#places(tiff, entries, one);
    for (const name of [tag.subDirectories, tag.exif]) {
      const entry = entries.get(name);
      for (const below of entry ? tiff.numbers(entry) : [])
        within(() => this.directory(tiff, tiff.origin + below, false));
    }
    const note = entries.get(tag.makerNote);
    if (note) within(() => this.#makerNote(tiff, note));
    if (main) this.found.taken ??= text(tag.date);
  }

  #places(tiff: Tiff, entries: Map<number, Entry>, one: (name: number) => number | undefined): void {
    const add = (at: number | undefined, length: number | undefined) => {
      if (at && length) this.found.places.push({ at: tiff.origin + at, length });
    };
    add(one(tag.jpegAt), one(tag.jpegLength));
    const offsets = entries.get(tag.stripOffsets);
    // One strip is a whole JPEG, also of "old-style" compression in Canon's; a picture in several is none.
    if (offsets?.count === 1 && [6, 7].includes(one(tag.compression) ?? 0))
      add(one(tag.stripOffsets), one(tag.stripCounts));
    const whole = entries.get(tag.jpgFromRaw);
    if (whole?.type === 7 && whole.count > 4) this.found.places.push({ at: whole.at, length: whole.count });
  }

  #makerNote(outer: Tiff, { at, count }: Entry): void {
    const start = outer.bytes(at, Math.min(count, 18)).toString('latin1');
    // A TIFF of its own: Nikon's preview directory.
    if (start.startsWith('Nikon\0\x02')) {
      const little = start.slice(10, 12) === 'II';
      const tiff = new Tiff((...where) => outer.bytes(...where), at + 10, little);
      const { entries } = tiff.entries(at + 10 + tiff.long(at + 14));
      const preview = entries.get(0x0011);
      const below = preview && tiff.numbers(preview)[0];
      if (below) this.directory(tiff, at + 10 + below, false);
      return;
    }
    const olympus = { 'OLYMPUS\0': 12, 'OM SYSTEM': 16 };
    const [name, header] = Object.entries(olympus).find(([each]) => start.startsWith(each)) ?? [];
    if (name === undefined || header === undefined) return;
    const tiff = new Tiff(
      (...where) => outer.bytes(...where),
      at,
      start.slice(header - 4, header - 2) === 'II',
    );
    const settings = tiff.entries(at + header).entries.get(0x2020);
    if (!settings) return;
    const below = settings.type === 7 ? settings.at : at + (tiff.numbers(settings)[0] ?? 0);
    const { entries } = tiff.entries(below);
    const [from, length] = [0x0101, 0x0102].map((each) => {
      const entry = entries.get(each);
      return entry && tiff.numbers(entry)[0];
    });
    if (from && length) this.found.places.push({ at: at + from, length });
  }
}

/** At its start, and where its first directory is. */
function opened(bytesAt: BytesAt): { tiff: Tiff; first: number } {
  const tiff = new Tiff(bytesAt, 0, bytesAt(0, 2).toString('latin1') === 'II');
  return { tiff, first: tiff.long(4) };
}

/** @throws RangeError where its first directory can't be read */
export function rawDirectories(bytesAt: BytesAt): RawDirectories {
  const { tiff, first } = opened(bytesAt);
  const walk = new Walk();
  walk.directory(tiff, first, true);
  return walk.found;
}

/** Larger ones are no text that somebody wrote. */
const mostText = 16 << 20;

/**
 * Values of the first directory as they are; those outside the file are left out.
 * @param below instead of the one that this tag of it leads to; where it has none, nothing
 * @throws RangeError where it can't be read
 */
export function firstDirectory(
  bytesAt: BytesAt,
  tags: readonly number[],
  below: number | null = null,
): Map<number, Buffer> {
  const { tiff, first } = opened(bytesAt);
  const values = new Map<number, Buffer>();
  let { entries } = tiff.entries(first);
  if (below !== null) {
    const pointer = entries.get(below);
    const [at] = pointer ? tiff.numbers(pointer) : [];
    if (at === undefined) return values;
    ({ entries } = tiff.entries(at));
  }
  for (const name of tags) {
    const { type, count, at } = entries.get(name) ?? { type: 0, count: 0, at: 0 };
    const length = count * (sizes[type] ?? 0);
    if (length > 0 && length <= mostText) within(() => values.set(name, tiff.bytes(at, length)));
  }
  return values;
}
