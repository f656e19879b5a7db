/**
 * Joins the catalog of another data folder into this one: all of it or, where anything fails, nothing. What is there
 * already stays as it is; joining the same folder again changes nothing.
 */
import type { MergeReport } from '../../contract/entities/merge.ts';
import type { Catalog } from '../catalog/database.ts';
import { writeValue } from '../catalog/settings.ts';
import { countDiffering, dropMaps, joinAnswers } from './answers.ts';
import { joinHeads } from './heads.ts';
import { joinPhotos } from './photos.ts';
import { joinSearches } from './searches.ts';
import { shardValue, type KeptShard } from './shards.ts';
import { withCopy } from './source.ts';

/**
 * The photos' shown columns are not brought up to date: that is for `finishShowing`.
 * @throws SaccadeError `merge-itself`, `merge-busy`, `catalog-newer`, `catalog-damaged`
 */
export function mergeFolder(catalog: Catalog, home: string, folder: string): MergeReport {
  return withCopy(folder, home, (path) => {
    catalog.exec(`ATTACH '${path.replaceAll("'", "''")}' AS source`);
    try {
      return catalog.transaction(() => {
        dropMaps(catalog);
        const { conflicts, ...answers } = joinAnswers(catalog);
        const heads = joinHeads(catalog);
        const { folders, photos, ...found } = joinPhotos(catalog);
        joinSearches(catalog);
        dropMaps(catalog);
        writeValue(catalog, 'showing', true);
        return {
          folder,
          answers,
          person: { folders, photos, heads: heads.added },
          shard: shardOf(catalog),
          conflicts: [...found.conflicts, ...heads.conflicts, ...conflicts],
          differing: countDiffering(catalog),
        };
      });
    } finally {
      catalog.exec('DETACH source');
    }
  });
}

function shardOf(catalog: Catalog): KeptShard | null {
  const [row] = catalog.once<{ value: string }>(
    `SELECT value FROM source.settings WHERE name = '${shardValue}'`,
  );
  return row ? (JSON.parse(row.value) as KeptShard) : null;
}
