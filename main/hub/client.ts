import { statfs, type FileHandle } from 'node:fs/promises';
import { SaccadeError } from '../../models/error.ts';
import { usualPatience, type Patience } from './patience.ts';
import { hubSettings, type HubSettings } from './settings.ts';

/** What the downloads need of the disk; tests put a full one in its place. */
export interface Disk {
  /** Appends all of `bytes` where the handle stands. */
  write(handle: FileHandle, bytes: Uint8Array): Promise<void>;
  /** Bytes this user may still write in the file system of `folder`. */
  freeBytes(folder: string): Promise<number>;
}

export const realDisk: Disk = {
  async write(handle, bytes) {
    for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};

/** Everything a conversation with the Hub depends on. Making one connects to nothing. */
export interface HubClient {
  settings: HubSettings;
  patience: Patience;
  disk: Disk;
  /** Sent as User-Agent. */
  agent: string;
}

/** @throws SaccadeError `hub-endpoint` */
export function hubClient(env: NodeJS.ProcessEnv = process.env): HubClient {
  return { settings: hubSettings(env), patience: usualPatience, disk: realDisk, agent: 'saccade' };
}

/** ENOSPC and EDQUOT as a sentence; anything else as it is. */
export function diskError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new SaccadeError(
    'disk-full',
    'The disk is full. What has arrived is kept: free some space, then resume the download.',
    { cause: error },
  );
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;

/** @throws SaccadeError `disk-full` where `folder` has not room for `bytes` more */
export async function requireSpace(disk: Disk, folder: string, bytes: number): Promise<void> {
  const free = await disk.freeBytes(folder);
  if (free < bytes)
    throw new SaccadeError(
      'disk-full',
      `The download and its installed copy need ${megabytes(bytes)}, and ${megabytes(free)} are free in ${folder}. Free some space, then resume the download.`,
    );
}
