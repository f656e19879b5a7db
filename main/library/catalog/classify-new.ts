/** Of which roots photos that come into them are classified by themselves. */
import type { Catalog } from './database.ts';
import { readValue, writeValue } from './settings.ts';

const name = 'classifyNew';

/** By the path of a root; null: the person was not asked yet. */
export function classifiesNew(catalog: Catalog, root: { path: string }): boolean | null {
  return readValue<Record<string, boolean>>(catalog, name, {})[root.path] ?? null;
}

export function setClassifiesNew(
  catalog: Catalog,
  { path }: { path: string },
  classifies: boolean | null,
): void {
  const known = Object.entries(readValue<Record<string, boolean>>(catalog, name, {}));
  const others = known.filter(([each]) => each !== path);
  writeValue(
    catalog,
    name,
    Object.fromEntries(classifies === null ? others : [...others, [path, classifies]]),
  );
}
