/** A photo's size and kind, before any of its pixels is decoded. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Metadata } from 'sharp';
import type { Size } from '../../models/overlay/geometry.ts';
import { inOwnWords } from './alone.ts';
import { readBmpHeader } from './containers/bmp.ts';
import type { BmpHeader } from './containers/bmp.ts';
import { bytesOf, bytesOfBuffer } from './containers/bytes-at.ts';
import { isCutOff } from './cut-off.ts';
import { sharp } from './engine.ts';
import { decodeError, endsEarly } from './failures.ts';
import type { PhotoFile } from './file.ts';
import { unsupportedHeif } from './containers/heif-kind.ts';
import { tiffKind } from './containers/tiff-kind.ts';
import type { TiffKind } from './containers/tiff-kind.ts';

export interface Header {
  /** Of the upright photo. */
  size: Size;
  /** Absent for BMP, which sharp can't read. */
  metadata: Metadata | null;
  bmp: BmpHeader | null;
  tiff: TiffKind | null;
}

/** @throws SaccadeError `unsupported-format`, `corrupt-image`, `truncated-image`; libvips's errors */
export async function readHeader(path: string, file: PhotoFile): Promise<Header> {
  const { format, source } = file;
  if (format === 'bmp') {
    const bmp = readBmpHeader(source as Buffer, basename(path));
    return { size: { width: bmp.width, height: bmp.height }, metadata: null, bmp, tiff: null };
  }
  const tiff = format === 'tiff' ? readTiffKind(path, file) : null;
  if (format === 'heif' && typeof source !== 'string') {
    const what = unsupportedHeif(source);
    if (what) throw unsupported(path, what, 'JPEG');
  }
  const metadata = await inOwnWords(() =>
    sharp(source, { limitInputPixels: false, failOn: 'none' }).metadata(),
  ).catch((error: unknown) => {
    if (typeof source !== 'string' && isCutOff(format, source)) throw endsEarly(path);
    throw error;
  });
  const { width, height } = metadata.autoOrient;
  return { size: { width, height }, metadata, bmp: null, tiff };
}

/** Null: its directory lies outside the file, and libvips says what that means. */
function readTiffKind(path: string, { source }: PhotoFile): TiffKind | null {
  const fd = typeof source === 'string' ? openSync(source, 'r') : null;
  const bytesAt = fd === null ? bytesOfBuffer(source as Buffer) : bytesOf({ fd }, fstatSync(fd).size);
  try {
    const kind = tiffKind(bytesAt);
    if ('unsupported' in kind)
      throw unsupported(path, `a TIFF ${kind.unsupported}`, 'TIFF of 8 or 16 bits in RGB, or as PNG');
    return kind;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

const unsupported = (path: string, what: string, instead: string) =>
  decodeError(
    'unsupported-format',
    `${basename(path)} is ${what}, which Saccade does not read. Save it as ${instead}.`,
  );
