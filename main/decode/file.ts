/** Reads a photo's file and says what is wrong with it before any decoder sees it. */
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemPath } from '../file-names.ts';
import { openFile, readError } from '../files.ts';
import { readBmpHeader } from './containers/bmp.ts';
import { bytesOf, type BytesAt } from './containers/bytes-at.ts';
import { decodeError } from './failures.ts';
import { formatOf } from './format.ts';
import { withClearCanvas } from './containers/gif-canvas.ts';
import { hasBrandOfCoding, withBrandOfCoding } from './containers/heif-kind.ts';
import { withEarlyExif } from './metadata/png-exif.ts';
import { previewOf } from './containers/raw.ts';
import type { PhotoFormat } from './format.ts';

/** The file as it was when its content was hashed. */
export interface ExpectedFile {
  bytes: number;
  modifiedMs: number;
  /** Of the file, not of what it holds: one that was renamed or exchanged for another of its size and time differs here. */
  changedMs: number;
}

export interface PhotoFile {
  format: PhotoFormat;
  /** All of it; of a large file its path, since readers of files hold no more of it than they need. */
  source: Buffer | string;
}

/** Larger files are no photos. */
const mostBytes = 2 ** 31;
/** Larger ones stay on the disk, so that memory follows the picture and not its file. */
export const mostHeld = 64 << 20;
/** Of the formats that have to be held whole to be read. */
const mostWhole = 512 << 20;

/** By its first bytes and its size alone. @throws SaccadeError `missing-file`, `unreadable`, `empty-file`, `changed-on-disk`, `too-large`, `unsupported-format` */
export async function lookAt(
  path: string,
  expected?: ExpectedFile,
): Promise<{ format: PhotoFormat; bytes: number }> {
  return withFile(path, expected, async (file, bytes) => {
    const start = await part(file, 0, Math.min(bytes, 64));
    return { format: photoFormat(path, start), bytes };
  });
}

/** Reads a file by its parts. `work` throws SaccadeError. */
export function readParts<T>(
  path: string,
  work: (bytesAt: BytesAt, bytes: number) => T,
  expected?: ExpectedFile,
): Promise<T> {
  return withFile(path, expected, (file, bytes) => Promise.resolve(work(bytesOf(file, bytes), bytes)));
}

/** A camera RAW's preview, as the JPEG it is. @throws SaccadeError `no-preview`, `corrupt-image`, `truncated-image` */
export async function readPreview(path: string, expected?: ExpectedFile): Promise<PhotoFile> {
  const source = await readParts(path, (bytesAt, bytes) => previewOf(path, bytesAt, bytes), expected);
  return { format: 'jpeg', source };
}

/** @param memory that it is read into, where there is any and the file fits in */
export function readWhole(
  path: string,
  format: PhotoFormat,
  expected?: ExpectedFile,
  memory?: Buffer | null,
): Promise<PhotoFile> {
  return withFile(path, expected, async (file, bytes) => {
    if (!memory || memory.length <= bytes) return heldWhole(format, await file.readFile());
    let read = 0;
    for (let last = -1; last !== 0 && read < memory.length; read += last)
      last = (await file.read(memory, read, memory.length - read, read)).bytesRead;
    // It has grown meanwhile.
    if (read === memory.length) return heldWhole(format, await file.readFile());
    return heldWhole(format, memory.subarray(0, read));
  });
}

/** What libvips needs to see what is there. */
const prepared: Partial<Record<PhotoFormat, (file: Buffer) => Buffer>> = {
  png: withEarlyExif,
  gif: withClearCanvas,
  heif: withBrandOfCoding,
};

const heldWhole = (format: PhotoFormat, source: Buffer): PhotoFile => ({
  format,
  source: prepared[format]?.(source) ?? source,
});

/** What libvips reads a photo's metadata from: the file, or what it holds; null: it is too large to be held. */
export async function metadataSource(
  path: string,
  format: PhotoFormat,
  bytes: number,
): Promise<Buffer | string | null> {
  // libvips takes no path that is not text.
  const named = systemPath(path);
  const told =
    format !== 'heif' ||
    (await readParts(path, (bytesAt) => hasBrandOfCoding(bytesAt(0, Math.min(bytes, 16)))));
  if (typeof named === 'string' && told) return named;
  return bytes > mostHeld ? null : (await readWhole(path, format)).source;
}

/** Of a file of more than `mostHeld`. @param all its readers need all of it */
export async function openLarge(path: string, format: PhotoFormat, all: boolean): Promise<PhotoFile> {
  if (!all) return { format, source: path };
  return withFile(path, undefined, async (file, bytes) => {
    if (format === 'bmp') {
      const { width, height, bits, offset } = readBmpHeader(
        await part(file, 0, 64 << 10),
        basename(path),
        bytes,
      );
      // Runs of one pixel, each with its two bytes, and a pair at the end of each row.
      const most = offset + (width + 4) * height * Math.max(2, Math.ceil(bits / 8));
      return { format, source: await part(file, 0, Math.min(bytes, most)) };
    }
    if (bytes > mostWhole)
      throw decodeError(
        'too-large',
        `${basename(path)} has more than 512 MiB, too much for one photo in ${format === 'heif' ? 'HEIF' : 'PNG with EXIF behind its picture'}.`,
      );
    return heldWhole(format, await file.readFile());
  });
}

async function part(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** @throws SaccadeError `unsupported-format`, `empty-file`, `too-large` */
function photoFormat(path: string, start: Buffer): PhotoFormat {
  const format = formatOf(path, start);
  if (!format)
    throw decodeError(
      'unsupported-format',
      `${basename(path)} is not a picture of a format that Saccade reads: JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF, BMP, camera RAW.`,
    );
  return format;
}

/** Times rounded: some file systems and archives keep whole milliseconds only. */
export function isAsExpected(
  facts: { size: number; mtimeMs: number; ctimeMs: number },
  expected: ExpectedFile,
): boolean {
  const { bytes, modifiedMs, changedMs } = expected;
  return (
    facts.size === bytes &&
    Math.trunc(facts.mtimeMs) === Math.trunc(modifiedMs) &&
    Math.trunc(facts.ctimeMs) === Math.trunc(changedMs)
  );
}

async function withFile<T>(
  path: string,
  expected: ExpectedFile | undefined,
  work: (file: FileHandle, bytes: number) => Promise<T>,
): Promise<T> {
  try {
    const { file: opened, facts } = await openFile(path);
    await using file = opened;
    if (expected && !isAsExpected(facts, expected))
      throw decodeError('changed-on-disk', `${path} changed while it was being classified; scan it again.`);
    if (facts.size === 0) throw decodeError('empty-file', `${basename(path)} is empty (0 bytes).`);
    if (facts.size > mostBytes)
      throw decodeError('too-large', `${basename(path)} has more than 2 GiB, too much for a photo.`);
    return await work(file, facts.size);
  } catch (error) {
    throw readError(path, error);
  }
}
