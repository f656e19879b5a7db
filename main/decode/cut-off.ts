/** Files that say themselves how long they are, and are shorter: what readers that give up say of them is no reason. */
import type { PhotoFormat } from './format.ts';

/** Where one part ends and the next begins; beyond the file where the last one does not end in it. */
const ends: Partial<Record<PhotoFormat, (file: Buffer) => number>> = {
  webp: (file) => 8 + file.readUInt32LE(4),
  png: endOfPng,
  heif: endOfBoxes,
  tiff: directoryOfTiff,
};

/** Whether a file ends before what it says it has; false in formats that don't say it. */
export function isCutOff(format: PhotoFormat, file: Buffer): boolean {
  try {
    return (ends[format]?.(file) ?? 0) > file.length;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** PNG, 5.3: chunks up to IEND. Where the first is not what it has to be, they tell nothing. */
function endOfPng(file: Buffer): number {
  if (file.toString('latin1', 12, 16) !== 'IHDR') return 0;
  for (let at = 8; ;) {
    const next = at + 12 + file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IEND') return next;
    at = next;
  }
}

/** ISO/IEC 14496-12, 4.2: boxes one behind the other; a size of 0 goes to the file's end. */
function endOfBoxes(file: Buffer): number {
  let at = 0;
  while (at + 8 <= file.length) {
    const told = file.readUInt32BE(at);
    const size = told === 1 ? Number(file.readBigUInt64BE(at + 8)) : told;
    if (size < 8) return file.length;
    at += size;
  }
  return at;
}

/** TIFF 6.0: the start of the first directory, which many write behind the picture; without entries it is lost. */
function directoryOfTiff(file: Buffer): number {
  const little = file[0] === 0x49;
  const short = (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const big = short(2) === 43;
  const long = big
    ? Number(little ? file.readBigUInt64LE(8) : file.readBigUInt64BE(8))
    : little
      ? file.readUInt32LE(4)
      : file.readUInt32BE(4);
  // BigTIFF counts in eight bytes: the two that a count fits into.
  const at = big && !little ? long + 6 : long;
  return at + 2 <= file.length && short(at) === 0 ? Infinity : long;
}
