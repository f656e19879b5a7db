/**
 * The trash of Linux desktops (freedesktop.org, "The FreeDesktop.org Trash specification", 1.0): a file goes into
 * `files/`, and `info/` has its old place, so that every file manager can put it back, and so can we.
 */
import { closeSync, lstatSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { SaccadeError } from '../../../models/error.ts';
import { makeFolder } from '../../files.ts';
import { systemPath } from '../../file-names.ts';
import { freeNumber, numbered } from './transfer.ts';
import { isThere } from './whole.ts';

/** Whether this process can put files into the system's trash, and take them out again. */
export const hasTrash = process.platform === 'linux';

export const noTrash = (found: string): SaccadeError =>
  new SaccadeError(
    'no-trash',
    `Expected a trash to move photos to; ${found}. Move them into a folder instead.`,
  );

const deviceOf = (path: string): number | null =>
  statSync(systemPath(path), { throwIfNoEntry: false })?.dev ?? null;

function homeTrash(): string {
  const data = process.env['XDG_DATA_HOME'];
  return join(data?.startsWith('/') ? data : join(homedir(), '.local', 'share'), 'Trash');
}

/** The nearest folder above that is there. */
function above(path: string): string {
  return deviceOf(path) === null ? above(dirname(path)) : path;
}

/** Where the file system begins that a folder is on. */
function topOf(folder: string): string {
  const device = deviceOf(folder);
  let top = folder;
  while (dirname(top) !== top && deviceOf(dirname(top)) === device) top = dirname(top);
  return top;
}

/** The one that an administrator made for everybody on a disk; only where links can't lead elsewhere. */
function sharedTrash(top: string): string | null {
  const facts = lstatSync(join(top, '.Trash'), { throwIfNoEntry: false });
  const sticky = 0o1000;
  return facts?.isDirectory() && (facts.mode & sticky) !== 0
    ? join(top, '.Trash', String(process.getuid!()))
    : null;
}

/** The trash for a file, made where there is none, and the folder that paths in it begin at; null: at the root. */
function trashFor(path: string): { trash: string; from: string | null } {
  const home = homeTrash();
  const device = deviceOf(dirname(path));
  const top = deviceOf(above(home)) === device ? null : topOf(dirname(path));
  const trash = top === null ? home : (sharedTrash(top) ?? join(top, `.Trash-${process.getuid!()}`));
  try {
    for (const folder of ['files', 'info']) makeFolder(join(trash, folder), 0o700);
  } catch (cause) {
    throw noTrash(`${trash} can't be made (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`);
  }
  return { trash, from: top };
}

const infoOf = (to: string): string => join(dirname(dirname(to)), 'info', `${basename(to)}.trashinfo`);

/** A place in the trash that nothing has. @throws SaccadeError `no-trash` */
export function placeInTrash(path: string): string {
  const { trash } = trashFor(path);
  const wanted = join(trash, 'files', basename(path));
  return numbered(
    wanted,
    freeNumber([wanted], (place) => isThere(place) || isThere(infoOf(place))),
  );
}

const plain = /[A-Za-z0-9\-._~/]/;

function encoded(path: string): string {
  return Array.from(Buffer.from(systemPath(path)), (byte) => {
    const character = String.fromCharCode(byte);
    return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Written before the file comes, which the specification asks for. @throws the system's error; `EEXIST` */
export function writeTrashInfo(from: string, to: string): void {
  const { from: top } = trashFor(from);
  const path = encoded(top === null ? from : relative(top, from));
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const file = openSync(systemPath(infoOf(to)), 'wx', 0o600);
  try {
    writeFileSync(file, `[Trash Info]\nPath=${path}\nDeletionDate=${local}\n`);
  } catch (error) {
    dropTrashInfo(to);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** After the file has left the trash, or never came. */
export function dropTrashInfo(to: string): void {
  rmSync(systemPath(infoOf(to)), { force: true });
}
