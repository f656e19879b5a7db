/**
 * Settings say how this machine computes and what its lists show: they are kept as they are, and told where both were set.
 * Below what a model is unsure is a person's word: it comes along where nobody said it here.
 */
import type { MergeConflict } from '../../contract/entities/merge.ts';
import type { Settings } from '../../contract/entities/settings.ts';
import type { Catalog } from '../catalog/database.ts';
import { doubtSet, readDoubts, setDoubt } from '../catalog/doubts.ts';
import { readSettings } from '../catalog/settings.ts';

/** Those that answers and lists depend on. */
const told = ['model', 'precision', 'topK', 'stacks'] as const satisfies (keyof Settings)[];

export function settingsThatDiffer(catalog: Catalog): MergeConflict[] {
  const [row] = catalog.once<{ value: string }>(`SELECT value FROM source.settings WHERE name = 'settings'`);
  const theirs = row ? (JSON.parse(row.value) as Partial<Settings>) : {};
  const ours = readSettings(catalog);
  return told.flatMap((name) =>
    theirs[name] === undefined || theirs[name] === ours[name]
      ? []
      : [{ about: 'setting', of: name, ours: String(ours[name]), theirs: String(theirs[name]) } as const],
  );
}

/** Within a transaction. */
export function joinDoubts(catalog: Catalog): MergeConflict[] {
  const conflicts: MergeConflict[] = [];
  for (const [hash, theirs] of Object.entries(readDoubts(catalog, 'source'))) {
    const ours = doubtSet(catalog, hash);
    if (ours === null) setDoubt(catalog, hash, theirs);
    else if (ours !== theirs) {
      const model = catalog.one<{ name: string }>('SELECT name FROM main.models WHERE hash = ?', hash);
      conflicts.push({ about: 'setting', of: `doubt of ${model?.name ?? hash}`, ours: String(ours), theirs: String(theirs) }); // prettier-ignore
    }
  }
  return conflicts;
}
