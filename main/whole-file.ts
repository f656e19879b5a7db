/** Files that appear whole or not at all: written beside their place under another name, and renamed into it. */
import { randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, open, readdir, realpath, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemPath, textOfName } from './file-names.ts';
import { dropEmpty, makeFolder } from './files.ts';
import { readerOf } from './named-pipe.ts';

export interface WholeFile {
  handle: FileHandle;
  /** Closes it and puts it in its place. */
  keep(): Promise<void>;
  /** Closes it and leaves what was there before; after `keep` nothing happens. */
  drop(): Promise<void>;
}

/** With the folders that were made for each. */
const unfinished = new Map<string, string[]>();
process.on('exit', () => {
  for (const [path, folders] of unfinished) {
    rmSync(systemPath(path), { force: true, recursive: true });
    dropEmpty(folders);
  }
});

/** Open for reading and writing, deleted by `drop` or at the latest with the process; in the folder of `path`. */
export async function openBeside(path: string, mode = 0o666): Promise<WholeFile> {
  // A short name: that of the file itself may be as long as names can be.
  const temporary = join(dirname(path), `.saccade-${randomBytes(6).toString('hex')}.part`);
  const folders = makeFolder(dirname(path));
  unfinished.set(temporary, folders);
  const handle = await open(systemPath(temporary), 'wx+', mode).catch((error: unknown) => {
    unfinished.delete(temporary);
    dropEmpty(folders);
    throw error;
  });
  let pending = true;
  const drop = async () => {
    if (!pending) return;
    pending = false;
    await handle.close().catch(() => {});
    await rm(systemPath(temporary), { force: true }).catch(() => {});
    dropEmpty(folders);
    unfinished.delete(temporary);
  };
  return {
    handle,
    drop,
    async keep() {
      try {
        await handle.close();
        await rename(systemPath(temporary), systemPath(path));
        pending = false;
        unfinished.delete(temporary);
      } finally {
        await drop();
      }
    },
  };
}

/**
 * Links are written through, and what is no plain file (a device, a pipe once somebody reads it) is written to as it
 * is. Missing folders are made. Throws the system's error.
 */
export async function openWhole(path: string): Promise<WholeFile> {
  const given = resolve(path);
  const there = await stat(systemPath(given)).catch(() => null);
  if (!there) return openBeside(given);
  if (there.isFile()) {
    const target = textOfName(await realpath(systemPath(given), { encoding: 'buffer' }));
    // A rename would ask the folder alone.
    await access(systemPath(target), constants.W_OK);
    return openBeside(target, there.mode & 0o777);
  }
  if (there.isFIFO()) await readerOf(given);
  const handle = await open(systemPath(given), 'a');
  const close = () => handle.close().catch(() => {});
  return { handle, keep: () => handle.close(), drop: close };
}

/** Whether `openWhole` can be done: throws what it would. A pipe is not asked: opening it would tell its reader the end. */
export async function expectWritable(path: string): Promise<void> {
  const there = await stat(systemPath(resolve(path))).catch(() => null);
  if (there?.isFIFO()) return;
  await (await openWhole(path)).drop();
}

export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await openWhole(path);
  try {
    await file.handle.writeFile(bytes);
    await file.keep();
  } catch (error) {
    await file.drop();
    throw error;
  }
}

export interface WholeFolder {
  /** Where to write until `keep`. */
  path: string;
  /** Puts it in its place. */
  keep(): Promise<void>;
  /** Deletes it; after `keep` nothing happens. */
  drop(): Promise<void>;
}

/** A folder in the folder of `path`, deleted by `drop` or at the latest with the process. */
export function openFolderBeside(path: string): { path: string; drop(): Promise<void> } {
  const temporary = join(dirname(resolve(path)), `.saccade-${randomBytes(6).toString('hex')}.part`);
  const folders = makeFolder(temporary);
  unfinished.set(temporary, folders);
  return {
    path: temporary,
    async drop() {
      await rm(systemPath(temporary), { force: true, recursive: true }).catch(() => {});
      dropEmpty(folders);
      unfinished.delete(temporary);
    },
  };
}

/** A folder that appears whole: nothing that is there is written over. Throws the system's error, or a sentence. */
export async function openWholeFolder(path: string): Promise<WholeFolder> {
  const target = resolve(path);
  const there = await readdir(systemPath(target)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (there?.length)
    throw new Error(
      `a folder that is not empty (${there.length} ${there.length === 1 ? 'entry' : 'entries'}); name another one`,
    );
  const folder = openFolderBeside(target);
  return {
    ...folder,
    async keep() {
      try {
        // Windows renames onto nothing that is there.
        if (there) await rmdir(systemPath(target));
        await rename(systemPath(folder.path), systemPath(target));
      } finally {
        await folder.drop();
      }
    },
  };
}
