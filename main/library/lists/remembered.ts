/** Answers about lists that are kept between questions as long as nothing of the catalog changes. */
import type { Catalog } from '../catalog/database.ts';

interface Kept {
  /** Of the catalog when they were found. */
  version: string;
  answers: Map<string, unknown>;
}

const kept = new WeakMap<Catalog, Kept>();
/** The longest of them holds some ten thousand numbers. */
const most = 200;

/** Differs after every change, whether by this connection or by another process. */
function versionOf(catalog: Catalog): string {
  const { data_version: others } = catalog.one<{ data_version: number }>('PRAGMA data_version')!;
  return `${others} ${catalog.one<{ n: number }>('SELECT total_changes() AS n')!.n}`;
}

/** What `find` answers, or answered the last time `about` was asked for and nothing has changed since. */
export function remembered<T>(catalog: Catalog, about: readonly unknown[], find: () => T): T {
  const version = versionOf(catalog);
  let known = kept.get(catalog);
  if (known?.version !== version) kept.set(catalog, (known = { version, answers: new Map() }));
  const key = JSON.stringify(about);
  if (known.answers.has(key)) return known.answers.get(key) as T;
  const answer = find();
  if (known.answers.size >= most) known.answers.clear();
  known.answers.set(key, answer);
  return answer;
}
