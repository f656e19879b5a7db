/** Which sidecars a photo has, and which of them is written. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { SidecarNaming } from '../../contract/writing.ts';
import { systemPath, textOfName } from '../../file-names.ts';

export const sidecarName = (name: string, naming: SidecarNaming): string =>
  naming === 'full' ? `${name}.xmp` : `${name.slice(0, name.length - extname(name).length)}.xmp`;

export interface Sidecars {
  /** Paths of those there are, by naming. */
  there: Partial<Record<SidecarNaming, string>>;
  /** The one to write: one that is there, of this naming where there are both. */
  target: string;
}

/** Names that end in .xmp, by their lower case. Folders that can't be read have none. */
export async function sidecarNames(folder: string): Promise<Map<string, string>> {
  const names = await readdir(systemPath(folder), { encoding: 'buffer' }).catch(() => []);
  return new Map(
    names
      .map((name) => textOfName(name))
      .filter((name) => /\.xmp$/i.test(name))
      .map((name) => [name.toLowerCase(), name]),
  );
}

/** `names`: of the photo's folder, as `sidecarNames` gives them. Programs write `.xmp` and `.XMP`. */
export function sidecarsOf(
  photo: string,
  names: ReadonlyMap<string, string>,
  naming: SidecarNaming,
): Sidecars {
  const folder = dirname(photo);
  const there: Sidecars['there'] = {};
  for (const each of ['full', 'short'] as const) {
    const name = names.get(sidecarName(basename(photo), each).toLowerCase());
    if (name !== undefined) there[each] = join(folder, name);
  }
  const target =
    there[naming] ?? there.full ?? there.short ?? join(folder, sidecarName(basename(photo), naming));
  return { there, target };
}

/** Lists each folder once. */
export function sidecarFinder(): (photo: string, naming: SidecarNaming) => Promise<Sidecars> {
  const folders = new Map<string, Promise<Map<string, string>>>();
  return async (photo, naming) => {
    const folder = dirname(photo);
    let names = folders.get(folder);
    if (!names) folders.set(folder, (names = sidecarNames(folder)));
    return sidecarsOf(photo, await names, naming);
  };
}
