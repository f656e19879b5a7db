/**
 * Files that were copied or downloaded in part, into room that was made before: zeros in the picture's place, from
 * somewhere to the end or for some blocks. Readers take zeros for a picture where a format has no sums to check.
 */
import type { PhotoFormat } from './format.ts';
import { endOfPicture } from './jpeg-segments.ts';

interface Range {
  from: number;
  to: number;
}

/** Of zeros at a picture's end, that say something: JPEG and GIF mark theirs, arithmetic coders may end in some. */
const fewestAtEnd: Partial<Record<PhotoFormat, number>> = {
  jpeg: 16,
  gif: 16,
  webp: Infinity,
  heif: Infinity,
};
/** Disks and downloads lose whole blocks, of as many bytes at least: zeros of a plain picture begin and end anywhere. */
const block = 4096;
const sector = 512;
const noBlock = Buffer.alloc(block);

/** Whether zeros stand where the first picture should go on; false in formats that check sums or are not packed. */
export function isLeftOff(format: PhotoFormat, file: Buffer): boolean {
  const fewest = fewestAtEnd[format];
  if (fewest === undefined) return false;
  const hole = lostBlocks(file);
  if (!hole && file.length - endBeforeZeros(file, file.length) < fewest) return false;
  const { from, to } = pictureIn(format, file);
  return to - endBeforeZeros(file, to) >= fewest || (hole !== null && hole.from >= from && hole.from < to);
}

function endBeforeZeros(file: Buffer, end: number): number {
  let at = end;
  while (at > 0 && file[at - 1] === 0) at--;
  return at;
}

/** The first zeros that begin and end where sectors do, or with the file. */
function lostBlocks(file: Buffer): Range | null {
  for (let at = 0; at + block <= file.length; at += block) {
    if (file[at] !== 0 || file.compare(noBlock, 0, block, at, at + block) !== 0) continue;
    const from = endBeforeZeros(file, at);
    let to = at + block;
    while (to < file.length && file[to] === 0) to++;
    if (from % sector === 0 && (to % sector === 0 || to === file.length)) return { from, to };
    at = to - (to % block);
  }
  return null;
}

/** The first picture's bytes, roughly: whatever stands behind it is left out. */
function pictureIn(format: PhotoFormat, file: Buffer): Range {
  if (format === 'jpeg') return { from: 0, to: endOfPicture(file, 2) };
  if (format === 'webp') return chunkOf(file) ?? { from: 0, to: 0 };
  if (format === 'heif') return mediaDataOf(file) ?? { from: 0, to: 0 };
  const end = endBeforeZeros(file, file.length);
  return { from: 0, to: file[end - 1] === 0x3b ? end : file.length };
}

/** RFC 9649; of an animation its first frame. */
function chunkOf(file: Buffer): Range | null {
  for (let at = 12; at + 8 <= file.length;) {
    const [kind, size] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)];
    if (kind === 'VP8 ' || kind === 'VP8L') return { from: at, to: Math.min(at + 8 + size, file.length) };
    at += kind === 'ANMF' ? 24 : 8 + size + (size % 2);
  }
  return null;
}

/** ISO/IEC 14496-12, 4.2: the first box of pictures. */
function mediaDataOf(file: Buffer): Range | null {
  for (let at = 0; at + 16 <= file.length;) {
    const told = file.readUInt32BE(at);
    const size = told === 1 ? Number(file.readBigUInt64BE(at + 8)) : told;
    const to = size < 8 ? file.length : Math.min(at + size, file.length);
    if (file.toString('latin1', at + 4, at + 8) === 'mdat') return { from: at, to };
    at = to;
  }
  return null;
}
