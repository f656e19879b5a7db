/**
 * Joins the catalog of another data folder into this one: all of it or, where anything fails, nothing. What is there
 * already stays as it is; joining the same folder again changes nothing.
 */
import type { MergeReport } from '../../contract/entities/merge.ts';
import { shownName } from '../../file-names.ts';
import { recordAct, type PhotoChange } from '../catalog/acts.ts';
import type { Catalog } from '../catalog/database.ts';
import { writeValue } from '../catalog/settings.ts';
import { countDiffering, dropMaps, joinAnswers } from './answers.ts';
import { joinHeads } from './heads.ts';
import { joinLabelMaps } from './label-maps.ts';
import { joinPhotos } from './photos.ts';
import { joinSearches } from './searches.ts';
import { joinDoubts, settingsThatDiffer } from './settings.ts';
import { shardValue, type KeptShard } from './shards.ts';
import { withCopy } from './source.ts';

/**
 * The photos' shown columns are not brought up to date: that is for `finishShowing`.
 * @throws SaccadeError `merge-itself`, `merge-busy`, `catalog-newer`, `catalog-damaged`
 */
export function mergeFolder(catalog: Catalog, home: string, folder: string): MergeReport {
  return withCopy(folder, home, (path) =>
    withSource(catalog, path, () => {
      const { conflicts, ...answers } = joinAnswers(catalog);
      const heads = joinHeads(catalog);
      joinLabelMaps(catalog);
      const { folders, changes, ...found } = joinPhotos(catalog);
      joinSearches(catalog);
      takeDown(catalog, folder, changes);
      return {
        folder,
        answers,
        person: { folders, photos: changes.length, heads: heads.added },
        shard: shardOf(catalog),
        conflicts: [
          ...settingsThatDiffer(catalog),
          ...joinDoubts(catalog),
          ...found.conflicts,
          ...heads.conflicts,
          ...conflicts,
        ],
        differing: countDiffering(catalog),
      };
    }),
  );
}

/**
 * In the history it is one act, which can be undone. That of the other library stays with it: its acts lead back to what
 * was there before, not to what was here.
 */
function takeDown(catalog: Catalog, folder: string, changes: readonly PhotoChange[]): void {
  if (!changes.length) return;
  const words = { of: 'words' } as const;
  recordAct(
    catalog,
    { kind: 'import', about: [shownName(folder)], photos: changes.length, change: words, inverse: words },
    changes,
  );
}

/** Of the catalog at `path` what computers found out, and which files there are. Nothing that a person did is in it. */
export function joinComputed(catalog: Catalog, path: string): void {
  withSource(catalog, path, () => {
    joinAnswers(catalog);
    joinLabelMaps(catalog, false);
    joinPhotos(catalog);
  });
}

/** `work`, in a transaction, with the catalog at `path` as the schema `source`. */
function withSource<T>(catalog: Catalog, path: string, work: () => T): T {
  catalog.exec(`ATTACH '${path.replaceAll("'", "''")}' AS source`);
  try {
    return catalog.transaction(() => {
      dropMaps(catalog);
      const done = work();
      dropMaps(catalog);
      writeValue(catalog, 'showing', true);
      return done;
    });
  } finally {
    catalog.exec('DETACH source');
  }
}

function shardOf(catalog: Catalog): KeptShard | null {
  const [row] = catalog.once<{ value: string }>(
    `SELECT value FROM source.settings WHERE name = '${shardValue}'`,
  );
  return row ? (JSON.parse(row.value) as KeptShard) : null;
}
