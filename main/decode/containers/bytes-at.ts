/** Parts of a file by their place, for readers of containers. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** `length` bytes at `at`. @throws RangeError beyond the file */
export type BytesAt = (at: number, length: number) => Buffer;

/** Of an open file of `size` bytes. */
export function bytesOf({ fd }: Pick<FileHandle, 'fd'>, size: number): BytesAt {
  return (at, length) => {
    if (!Number.isSafeInteger(at) || at < 0 || at + length > size) throw new RangeError('beyond the file');
    const part = Buffer.alloc(length);
    if (readSync(fd, part, 0, length, at) < length) throw new RangeError('beyond the file');
    return part;
  };
}

/** Of a file that is held. */
export function bytesOfBuffer(file: Buffer): BytesAt {
  return (at, length) => {
    if (at + length > file.length) throw new RangeError('beyond the file');
    return file.subarray(at, at + length);
  };
}
