/** Files out of a zip archive, as they stream: the CUDA provider's library is larger than some machines' memory. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import yauzl from 'yauzl';
import { SaccadeError } from '../../models/error.ts';
import { isOfSystem } from '../files.ts';
import { diskError, requireSpace, type Disk } from '../hub/client.ts';

export interface Unpacked {
  bytes: number;
  /** Hex. */
  sha256: string;
}

/**
 * Writes the entries `wanted` (path in the archive → name in `folder`), whose CRC-32 and sizes are checked, and makes
 * sure that they are on the disk.
 * @throws SaccadeError `provider-archive`, `disk-full`, `cancelled` by `signal`
 */
export async function unpack(
  archive: string,
  wanted: Map<string, string>,
  folder: string,
  { disk, signal, onBytes }: { disk: Disk; signal: AbortSignal; onBytes(bytes: number, of: number): void },
): Promise<Record<string, Unpacked>> {
  const zip = await yauzl.openPromise(archive, { autoClose: false }).catch(broken);
  try {
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry())
      if (wanted.has(entry.fileName)) entries.set(entry.fileName, entry);
    const absent = [...wanted.keys()].filter((path) => !entries.has(path));
    if (absent.length > 0)
      throw new SaccadeError(
        'provider-archive',
        `The archive should hold ${absent.join(' and ')}, and does not. It may be of another version.`,
      );
    const all = [...entries.values()].reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    await requireSpace(disk, folder, all);
    const written: Record<string, Unpacked> = {};
    let bytes = 0;
    for (const [path, entry] of entries) {
      const name = wanted.get(path)!;
      const hash = createHash('sha256');
      const handle = await open(join(folder, name), 'w', 0o644);
      try {
        for await (const chunk of await zip.openReadStreamPromise(entry)) {
          signal.throwIfAborted();
          hash.update(chunk as Buffer);
          await disk.write(handle, chunk as Buffer).catch((error: unknown) => {
            throw diskError(error);
          });
          onBytes((bytes += (chunk as Buffer).length), all);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      written[name] = { bytes: entry.uncompressedSize, sha256: hash.digest('hex') };
    }
    return written;
  } catch (error) {
    signal.throwIfAborted();
    return broken(error);
  } finally {
    zip.close();
  }
}

/** What yauzl finds wrong with a file has no code of its own. */
function broken(error: unknown): never {
  if (error instanceof SaccadeError || isOfSystem(error)) throw error;
  throw new SaccadeError(
    'provider-archive',
    `The archive can't be read: ${error instanceof Error ? error.message : String(error)}.`,
    { cause: error },
  );
}
