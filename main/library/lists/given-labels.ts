/** Labels that people gave, each once, whatever it was called. */
import type { Catalog } from '../catalog/database.ts';
import { personLabels, photosCalled } from '../catalog/person.ts';
import { keysOfName, shownLabels } from './labels.ts';

interface Given {
  name: string;
  photos: number;
}

/**
 * Most photos first. Those of the head in use are called as it calls them: a person's 船 is the same label as "ship",
 * which is 船 in Chinese, and a photo that is called both is counted once.
 */
export function givenLabels(catalog: Catalog, search: string, limit: number): Given[] {
  const labels = shownLabels(catalog);
  const found = new Map<string, Given>();
  for (const one of personLabels(catalog, search, limit)) {
    const name = labels.called(one.name)?.name ?? one.name;
    const photos = found.has(name) ? photosCalled(catalog, keysOfName(catalog, name)) : one.photos;
    found.set(name, { name, photos });
  }
  return [...found.values()].sort((a, b) => b.photos - a.photos);
}
