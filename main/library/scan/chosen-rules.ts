/** What a person, and the folders above, leave out of a folder of the library. */
import { dirname } from 'node:path';
import type { Catalog } from '../catalog/database.ts';
import { folderByPath, isBelow, rootFolders } from '../catalog/folders.ts';
import { patternsIn, Rules } from './rules.ts';

/** What the folders above a folder of the library, up to its root, leave out. */
export async function rulesAbove(catalog: Catalog, path: string): Promise<Rules> {
  const root = rootFolders(catalog).find((each) => each.path === path || isBelow(path, each.path));
  const above: string[] = [];
  for (let folder = path; root && folder !== root.path;) above.unshift((folder = dirname(folder)));
  let rules = Rules.below(root?.path ?? path);
  for (const folder of above)
    rules = rules.within(folder, await patternsIn(folder).catch(() => []), chosenFor(catalog, folder));
  return rules;
}

export function chosenFor(catalog: Catalog, path: string): string[] {
  return folderByPath(catalog, path)?.patterns.split('\n') ?? [];
}
