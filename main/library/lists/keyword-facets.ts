/** Keywords of files and sidecars with how many photos have them. */
import { nameKey } from '../../../models/heads/label-names.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { KeywordFacet } from '../../contract/entities/keywords.ts';
import type { Catalog } from '../catalog/database.ts';
import { conditionOf } from './filter.ts';
import { remembered } from './remembered.ts';

/** Most photos first. */
export function keywordFacets(
  catalog: Catalog,
  filter: PhotoFilter,
  search: string | undefined,
  limit: number,
): KeywordFacet[] {
  // A library without any is asked nothing else.
  if (!catalog.one('SELECT 1 FROM file_keywords LIMIT 1')) return [];
  const others = { ...filter };
  delete others.keywords;
  const { sql, values } = conditionOf(catalog, others);
  const wanted = nameKey(search ?? '');
  return remembered(catalog, ['keywords', sql, values, wanted, limit], () =>
    catalog.all<KeywordFacet>(
      `SELECT min(label) AS name, count(*) AS photos FROM file_keywords
       WHERE instr(label_key, ?) AND photo_id IN (SELECT id FROM photos WHERE ${sql})
       GROUP BY label_key ORDER BY photos DESC, label_key LIMIT ?`,
      wanted,
      ...values,
      limit,
    ),
  );
}
