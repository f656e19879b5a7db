/** Which sidecars a photo has, and which of them is written. */
import { basename, dirname, join } from 'node:path';
import type { SidecarNaming } from '../../contract/writing.ts';
import { namesIn } from '../../files.ts';
import { isPhotoName, isVideoName } from '../../decode/photo-extensions.ts';
import { foldCase, ShotNames, withoutEnding } from '../scan/shots.ts';

export const sidecarName = (name: string, naming: SidecarNaming): string =>
  `${naming === 'full' ? name : withoutEnding(name)}.xmp`;

export interface Sidecars {
  /** Paths of those there are, by naming. */
  there: Partial<Record<SidecarNaming, string>>;
  /** The one to write: one that is there, of this naming where there are both. */
  target: string;
}

/** Of one folder. */
export interface FolderSidecars {
  /** Names that end in .xmp, by what they are whatever their case. */
  sidecars: ReadonlyMap<string, readonly string[]>;
  /** Of the photos and videos. */
  shots: ShotNames;
}

export const noSidecars: FolderSidecars = { sidecars: new Map(), shots: new ShotNames([]) };

/** Folders that can't be read have none. */
export async function sidecarsIn(folder: string): Promise<FolderSidecars> {
  const names = await namesIn(folder).catch(() => []);
  return {
    sidecars: Map.groupBy(
      names.filter((name) => /\.xmp$/i.test(name)),
      foldCase,
    ),
    shots: new ShotNames(names.filter((name) => isPhotoName(name) || isVideoName(name))),
  };
}

/** `folder`: the photo's. Programs write `.xmp` and `.XMP`. */
export function sidecarsOf(
  photo: string,
  { sidecars, shots }: FolderSidecars,
  asked: SidecarNaming,
): Sidecars {
  const folder = dirname(photo);
  const name = basename(photo);
  const there: Sidecars['there'] = {};
  // Beside photo.cr2, photo.cr2.xmp is its own, and not what photo.cr2.jpg shares with others of its name.
  const namings = (['full', 'short'] as const).filter(
    (each) => each === 'full' || !shots.has(withoutEnding(name)),
  );
  for (const each of namings) {
    const wanted = sidecarName(name, each);
    const stem = wanted.slice(0, -'.xmp'.length);
    const all = sidecars.get(foldCase(wanted)) ?? [];
    const exact = all.find((one) => one === wanted) ?? all.find((one) => one.startsWith(stem));
    // Where only case tells the photo from another, it tells whose sidecar it is too.
    const mayDiffer = each === 'full' ? !shots.hasTwin(name) : !shots.isDivided(name);
    const found = exact ?? (mayDiffer ? all[0] : undefined);
    if (found !== undefined) there[each] = join(folder, found);
  }
  const naming = namings.find((each) => each === asked) ?? 'full';
  const target = there[naming] ?? there.full ?? there.short ?? join(folder, sidecarName(name, naming));
  return { there, target };
}

/** Lists each folder once. */
export function foldersOfSidecars(): (folder: string) => Promise<FolderSidecars> {
  const folders = new Map<string, Promise<FolderSidecars>>();
  return (folder) => {
    let there = folders.get(folder);
    if (!there) folders.set(folder, (there = sidecarsIn(folder)));
    return there;
  };
}

export function sidecarFinder(): (photo: string, naming: SidecarNaming) => Promise<Sidecars> {
  const folders = foldersOfSidecars();
  return async (photo, naming) => sidecarsOf(photo, await folders(dirname(photo)), naming);
}
