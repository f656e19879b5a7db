/**
 * Sidecars that go where a photo goes: what other programs, and Saccade, say of it. photo.jpg.xmp speaks of one file;
 * photo.xmp of every file of that name, photo.jpg and photo.cr2 alike.
 */
import { basename, dirname, join } from 'node:path';
import { foldersOfSidecars, sidecarName, sidecarsOf } from '../writing/sidecar-names.ts';

export interface Companions {
  /** The sidecar of this file alone. */
  own: string | null;
  /** The sidecar of all files of the name. */
  shared: string | null;
  /** The same for all files of the shot, and for no others. */
  key: string;
  /** Paths of these files, photos and videos: those it speaks of. */
  shot: string[];
}

/** What a sidecar is to be called beside a file at `path`. */
export const ownBeside = (path: string): string => join(dirname(path), sidecarName(basename(path), 'full'));
export const sharedBeside = (path: string): string => join(dirname(path), sidecarName(basename(path), 'short')); // prettier-ignore

/** Of photos in turn, as their folders are when the first of it is asked for. */
export function companionFinder(): (photo: string) => Promise<Companions> {
  const folders = foldersOfSidecars();
  return async (photo) => {
    const [folder, name] = [dirname(photo), basename(photo)];
    const there = await folders(folder);
    const { full = null, short = null } = sidecarsOf(photo, there, 'full').there;
    const others = there.shots.filesWith(name).filter((each) => each !== name);
    return {
      own: full,
      shared: short === full ? null : short,
      key: join(folder, there.shots.shotOf(name)),
      shot: [photo, ...others.map((each) => join(folder, each))],
    };
  };
}

interface ShotFile {
  id: number;
  path: string;
  own: string | null;
}

/** Files of one name that go together. */
export interface Shot {
  key: string;
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
    const { own, shared, key, shot: all } = await companions(path);
    let shot = shots.get(key);
    if (!shot)
      shots.set(key, (shot = { key, files: [], shared, others: all.filter((each) => !going.has(each)) }));
    shot.files.push({ id, path, own });
  }
  return [...shots.values()];
}
