/** Reads a photo's file once, whole, and says what is wrong with it before any decoder sees it. */
import { basename } from 'node:path';
import { openFile, readError } from '../files.ts';
import { decodeError } from './failures.ts';
import { formatOf } from './format.ts';
import type { PhotoFormat } from './format.ts';

/** The file as it was when its content was hashed. */
export interface ExpectedFile {
  bytes: number;
  modifiedMs: number;
}

export interface PhotoFile {
  bytes: Buffer;
  format: PhotoFormat;
}

/** Larger files are no photos, and would fill the memory. */
const mostBytes = 2 ** 31;

/** @throws SaccadeError `missing-file`, `unreadable`, `empty-file`, `changed-on-disk`, `too-large`, `unsupported-format` */
export async function readPhoto(path: string, expected?: ExpectedFile): Promise<PhotoFile> {
  const bytes = await readBytes(path, expected);
  const format = formatOf(path, bytes);
  if (!format)
    throw decodeError(
      'unsupported-format',
      `${basename(path)} is not a picture of a format that Saccade reads: JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF, BMP.`,
    );
  return { bytes, format };
}

async function readBytes(path: string, expected?: ExpectedFile): Promise<Buffer> {
  try {
    const { file: opened, facts } = await openFile(path);
    await using file = opened;
    // Rounded: some file systems and archives keep whole milliseconds only.
    if (
      expected &&
      (facts.size !== expected.bytes || Math.trunc(facts.mtimeMs) !== Math.trunc(expected.modifiedMs))
    )
      throw decodeError('changed-on-disk', `${path} changed while it was being classified; scan it again.`);
    if (facts.size === 0) throw decodeError('empty-file', `${basename(path)} is empty (0 bytes).`);
    if (facts.size > mostBytes)
      throw decodeError('too-large', `${basename(path)} has more than 2 GiB, too much for a photo.`);
    return await file.readFile();
  } catch (error) {
    throw readError(path, error);
  }
}
