/**
 * Sidecars that go where a photo goes: what other programs, and Saccade, say of it. photo.jpg.xmp speaks of one file;
 * photo.xmp of every file of that name, photo.jpg and photo.cr2 alike.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { systemPath, textOfName } from '../../file-names.ts';
import { isPhotoName, isVideoName } from '../scan/photo-extensions.ts';
import { sidecarFinder, sidecarName } from '../writing/sidecar-names.ts';

export interface Companions {
  /** The sidecar of this file alone. */
  own: string | null;
  /** The sidecar of all files of the name. */
  shared: string | null;
  /** Paths of these files, photos and videos: those it speaks of. */
  shot: string[];
}

/** What files of one shot have in common. */
export const stemOf = (name: string): string =>
  name
    .slice(0, name.length - extname(name).length)
    .normalize('NFC')
    .toLowerCase();
export const shotKey = (path: string): string => join(dirname(path), stemOf(basename(path)));

/** What a sidecar is to be called beside a file at `path`. */
export const ownBeside = (path: string): string => join(dirname(path), sidecarName(basename(path), 'full'));
export const sharedBeside = (path: string): string => join(dirname(path), sidecarName(basename(path), 'short')); // prettier-ignore

/** Names of photos and videos of a folder, by what they share. */
async function shotsIn(folder: string): Promise<Map<string, string[]>> {
  const names = await readdir(systemPath(folder), { encoding: 'buffer' }).catch(() => []);
  return Map.groupBy(
    names.map((name) => textOfName(name)).filter((name) => isPhotoName(name) || isVideoName(name)),
    stemOf,
  );
}

/** Of photos in turn, as their folders are when the first of it is asked for. */
export function companionFinder(): (photo: string) => Promise<Companions> {
  const find = sidecarFinder();
  const folders = new Map<string, Promise<Map<string, string[]>>>();
  return async (photo) => {
    const folder = dirname(photo);
    let shots = folders.get(folder);
    if (!shots) folders.set(folder, (shots = shotsIn(folder)));
    const { full = null, short = null } = (await find(photo, 'full')).there;
    const names = (await shots).get(stemOf(basename(photo))) ?? [];
    const others = names.filter((name) => name !== basename(photo)).map((name) => join(folder, name));
    return { own: full, shared: short === full ? null : short, shot: [photo, ...others] };
  };
}

interface ShotFile {
  id: number;
  path: string;
  own: string | null;
}

/** Files of one name that go together. */
export interface Shot {
  files: ShotFile[];
  shared: string | null;
  /** Paths of others of that name, which `shared` speaks of too. */
  others: string[];
}

/** Files that are to go, put together with what lies beside them; the order of the first of each is kept. */
export async function shotsOf(files: readonly { id: number; path: string }[]): Promise<Shot[]> {
  const companions = companionFinder();
  const going = new Set(files.map(({ path }) => path));
  const shots = new Map<string, Shot>();
  for (const { id, path } of files) {
    const { own, shared, shot: all } = await companions(path);
    const key = shotKey(path);
    let shot = shots.get(key);
    if (!shot) shots.set(key, (shot = { files: [], shared, others: all.filter((each) => !going.has(each)) }));
    shot.files.push({ id, path, own });
  }
  return [...shots.values()];
}
