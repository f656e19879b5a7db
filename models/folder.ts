/**
 * Files of a folder that somebody else filled: only regular ones, of a size that can be, and none that a link leads
 * out to. A device or a pipe would be read without end.
 */
import { closeSync, existsSync, lstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs'; // prettier-ignore
import { basename, dirname, join, sep } from 'node:path';
import { SaccadeError } from './error.ts';
import { textIn } from './text.ts';

const megabyte = 1024 * 1024;
/** More no file of its kind has: labels of 21,843 classes take 1 MB. */
export const largest = { config: 64 * megabyte, card: 4 * megabyte, weights: Infinity } as const;

const pointer = 'version https://git-lfs.github.com/spec/';

/** Hugging Face's cache keeps a snapshot's files in the `blobs` beside it and links to them. */
function isHubBlob(folder: string, file: string): boolean {
  const [, repository] = /^(.*[\\/]models--[^\\/]+)[\\/]snapshots[\\/]/.exec(folder + sep) ?? [];
  return repository !== undefined && dirname(file) === join(repository, 'blobs');
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether a file begins as Git LFS's stand-ins do. */
function isPointer(path: string, size: number): boolean {
  if (size < pointer.length || size > 1024) return false;
  const file = openSync(path, 'r');
  try {
    const start = new Uint8Array(pointer.length);
    return (
      readSync(file, start, 0, start.length, 0) === start.length &&
      new TextDecoder().decode(start) === pointer
    );
  } finally {
    closeSync(file);
  }
}

/** @throws SaccadeError `unsafe-file`, `lfs-pointer`: not a regular file of at most `most` bytes, or a stand-in */
export function checkFile(path: string, most: number): void {
  const name = basename(path);
  const refuse = (found: string) =>
    new SaccadeError('unsafe-file', `Expected ${name} to be a file; found ${found}. Put the file itself there.`); // prettier-ignore
  if (!existsSync(path)) throw refuse('a link that leads nowhere');
  const stat = statSync(path);
  if (!stat.isFile()) throw refuse(stat.isDirectory() ? 'a folder' : 'a device, a pipe or a socket');
  if (stat.size > most)
    throw new SaccadeError(
      'unsafe-file',
      `Expected ${name} to have at most ${most / megabyte} MB; it has ${Math.ceil(stat.size / megabyte)} MB.`,
    );
  if (isPointer(path, stat.size))
    throw new SaccadeError(
      'lfs-pointer',
      `${name} is a Git LFS pointer of ${stat.size} bytes, not the file it stands for. Run "git lfs pull" where it was cloned, or download the file itself.`,
    );
}

/**
 * The path of a file below `folder`; null where there is none.
 * @throws SaccadeError `unsafe-file`, `lfs-pointer`
 */
export function fileIn(folder: string, name: string, most: number): string | null {
  const path = join(folder, name);
  if (!isThere(path)) return null;
  checkFile(path, most);
  const [root, real] = [realpathSync(folder), realpathSync(path)];
  if (!real.startsWith(root + sep) && !isHubBlob(root, real))
    throw new SaccadeError(
      'unsafe-file',
      `Expected ${name} to lie in the model's folder; found a link out of it, to ${real}. Copy the file itself there.`,
    );
  return path;
}

/** Null where there is no such file. @throws SaccadeError as `fileIn` does, and `unsafe-file` where it is no text */
export function readIn(folder: string, name: string, most: number): string | null {
  const path = fileIn(folder, name, most);
  if (path === null) return null;
  const text = textIn(readFileSync(path));
  if (text === null)
    throw new SaccadeError(
      'unsafe-file',
      `Expected ${name} to be text in UTF-8 or UTF-16; found bytes that are neither. Save it as UTF-8.`,
    );
  return text;
}
