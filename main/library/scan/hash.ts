/** SHA-256 of files, streamed, without holding up anything else. */
import { createHash } from 'node:crypto';
import { SaccadeError } from '../../../models/error.ts';
import { lookAt, mostHeld } from '../../decode/file.ts';
import { openFile, readError } from '../../files.ts';
import { SpareMemory } from '../../spare-memory.ts';
import type { FileFacts } from '../files/file-facts.ts';

export interface HashedFile extends FileFacts {
  /** 32 bytes. */
  hash: Uint8Array;
}

/** Not longer: it stays in the processor's cache from reading to hashing. */
const chunk = 1 << 18;
const spare = new SpareMemory(Buffer.allocUnsafeSlow, 4);

/** What a file system says about a file; its time in whole milliseconds, because some keep no more. */
export function factsOf(stat: { size: number; mtimeMs: number; ctimeMs: number }): FileFacts {
  return { bytes: stat.size, modifiedMs: Math.trunc(stat.mtimeMs), changedMs: stat.ctimeMs };
}

/**
 * Hash of the whole content with the size and time it had while it was read. A file that changes meanwhile is read
 * once more, then given up.
 * Of a large file the first bytes and the size are looked at before: what is no photo is not read to its end.
 * @throws SaccadeError `missing-file`, `unreadable`, `changed-on-disk`, `cancelled`; of large ones `too-large`, `unsupported-format`
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<HashedFile> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const hashed = await hashOnce(path, signal);
    if (hashed) return hashed;
  }
  throw new SaccadeError('changed-on-disk', `${path} changed while it was read; scan it again.`);
}

async function hashOnce(path: string, signal?: AbortSignal): Promise<HashedFile | null> {
  try {
    const { file: opened, facts: before } = await openFile(path);
    await using file = opened;
    if (before.size > mostHeld) await lookAt(path);
    const hash = createHash('sha256');
    const buffer = spare.borrow(chunk);
    for (let read = 0; ;) {
      if (signal?.aborted) throw new SaccadeError('cancelled', `Hashing ${path} was cancelled.`);
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      // All of it: what is written behind it meanwhile changes what is asked below.
      if ((read += bytesRead) === before.size) break;
    }
    // Not where reading failed: a read that is still waiting for a drive may write into it.
    spare.giveBack(buffer);
    const after = await file.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ctimeMs !== before.ctimeMs)
      return null;
    return { ...factsOf(after), hash: hash.digest() };
  } catch (error) {
    throw readError(path, error);
  }
}
