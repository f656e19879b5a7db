/** Sidecars that go where a photo goes: what other programs, and Saccade, say of it. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { systemPath, textOfName } from '../../file-names.ts';
import { sidecarFinder, sidecarName } from '../writing/sidecar-names.ts';

export interface Companion {
  path: string;
  /** Beside the photo when that is at `photo`. */
  beside(photo: string): string;
}

const stemOf = (name: string) => name.slice(0, name.length - extname(name).length).toLowerCase();

/** Whether files of other kinds are called the same: photo.xmp speaks of photo.jpg and of photo.cr2. */
async function isShared(photo: string): Promise<boolean> {
  const names = await readdir(systemPath(dirname(photo)), { encoding: 'buffer' }).catch(() => []);
  const stem = stemOf(basename(photo));
  return names.map((name) => textOfName(name)).some((name) => name !== basename(photo) && extname(name).toLowerCase() !== '.xmp' && stemOf(name) === stem); // prettier-ignore
}

/** Of photos in turn. A sidecar that another file shares stays with that one. Lists each folder once. */
export function companionFinder(): (photo: string) => Promise<Companion[]> {
  const find = sidecarFinder();
  return async (photo) => {
    const { there } = await find(photo, 'full');
    const named = (naming: 'full' | 'short') => (at: string) =>
      join(dirname(at), sidecarName(basename(at), naming));
    return [
      ...(there.full ? [{ path: there.full, beside: named('full') }] : []),
      ...(there.short && !(await isShared(photo)) ? [{ path: there.short, beside: named('short') }] : []),
    ];
  };
}
