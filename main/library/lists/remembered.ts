/** Answers about lists that are kept between questions as long as nothing of the catalog changes. */
import type { Catalog } from '../catalog/database.ts';

interface Kept {
  /** Of the catalog when they were found. */
  version: string;
  answers: Map<string, unknown>;
}

/** Differs after every change, whether by this connection or by another process. */
function versionOf(catalog: Catalog): string {
  const { data_version: others } = catalog.one<{ data_version: number }>('PRAGMA data_version')!;
  return `${others} ${catalog.one<{ n: number }>('SELECT total_changes() AS n')!.n}`;
}

type Remember = <T>(catalog: Catalog, about: readonly unknown[], find: () => T) => T;

/** Of the last `most` answers, at most. */
export function memoryOf(most: number): Remember {
  const kept = new WeakMap<Catalog, Kept>();
  return <T>(catalog: Catalog, about: readonly unknown[], find: () => T) => {
    const version = versionOf(catalog);
    let known = kept.get(catalog);
    if (known?.version !== version) kept.set(catalog, (known = { version, answers: new Map() }));
    const key = JSON.stringify(about);
    if (known.answers.has(key)) return known.answers.get(key) as T;
    const answer = find();
    if (known.answers.size >= most) known.answers.clear();
    known.answers.set(key, answer);
    return answer;
  };
}

/**
 * What `find` answers, or answered the last time `about` was asked for and nothing has changed since. The longest of
 * them hold some ten thousand numbers.
 */
export const remembered = memoryOf(200);

/** The same for what holds a map a photo, of which there may be a hundred thousand: only the last one is kept. */
export const rememberedMaps = memoryOf(1);
