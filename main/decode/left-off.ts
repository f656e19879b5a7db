/**
 * Files that were copied or downloaded in part, into room that was made before: zeros in the picture's place, from
 * somewhere to the end or for some blocks. Readers take zeros for a picture where a format has no sums to check.
 */
import type { PhotoFormat } from './format.ts';
import { bytesOfBuffer } from './containers/bytes-at.ts';
import { codedPictures } from './containers/heif-kind.ts';
import { endOfPicture } from './containers/jpeg-segments.ts';
import { packedStrips } from './containers/tiff-kind.ts';

interface Range {
  from: number;
  to: number;
}

/**
 * Of zeros at a picture's end, that say something, by its bytes: JPEG and GIF mark their ends, LZW and Deflate too, AV1
 * and HEVC were never seen with more than two. VP8 ends plain pictures in zeros, a nineteenth of their bytes at most.
 */
const fewestAtEnd: Partial<Record<PhotoFormat, (bytes: number) => number>> = {
  jpeg: () => 16,
  gif: () => 16,
  webp: (bytes) => Math.max(64, bytes / 10),
  heif: () => 64,
  tiff: () => 64,
};
/** Disks and downloads lose whole blocks, of as many bytes at least: zeros of a plain picture begin and end anywhere. */
const block = 4096;
const sector = 512;
const noBlock = Buffer.alloc(block);

/** Whether zeros stand where a picture should go on; false in formats that check sums or are not packed. */
export function isLeftOff(format: PhotoFormat, file: Buffer): boolean {
  const fewest = fewestAtEnd[format];
  if (!fewest) return false;
  const hole = lostBlocks(file);
  const whole = { from: 0, to: file.length };
  // To find a JPEG's end takes a walk through all of it.
  if (format === 'jpeg' && !hole && zerosAtEnd(file, whole) < fewest(file.length)) return false;
  return picturesIn(format, file).some(
    (range) =>
      zerosAtEnd(file, range) >= fewest(range.to - range.from) ||
      (hole !== null && hole.from >= range.from && hole.from < range.to),
  );
}

function zerosAtEnd(file: Buffer, { from, to }: Range): number {
  return to - Math.max(from, endBeforeZeros(file, to));
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

/** The first picture's bytes, roughly, or those of its parts: whatever stands behind it is left out. */
function picturesIn(format: PhotoFormat, file: Buffer): Range[] {
  if (format === 'jpeg') return [{ from: 0, to: endOfPicture(file, 2) }];
  if (format === 'webp') return chunkOf(file);
  if (format === 'heif') return codedPictures(file);
  if (format === 'tiff') return stripsOf(file);
  const end = endBeforeZeros(file, file.length);
  return [{ from: 0, to: file[end - 1] === 0x3b ? end : file.length }];
}

function stripsOf(file: Buffer): Range[] {
  try {
    return packedStrips(bytesOfBuffer(file)).filter(({ to }) => to <= file.length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
}

/** RFC 9649; of an animation its first frame. */
function chunkOf(file: Buffer): Range[] {
  for (let at = 12; at + 8 <= file.length;) {
    const [kind, size] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)];
    if (kind === 'VP8 ' || kind === 'VP8L') return [{ from: at, to: Math.min(at + 8 + size, file.length) }];
    at += kind === 'ANMF' ? 24 : 8 + size + (size % 2);
  }
  return [];
}
