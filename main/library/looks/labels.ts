/** Which labels a head gives photos, and how many. */
import type { Answer, Request } from '../../contract/verbs.ts';
import type { Catalog } from '../catalog/database.ts';
import { shownHead } from '../catalog/shown.ts';
import { judgedBy } from '../labels/judges.ts';
import { labelCounts } from '../lists/facets.ts';
import type { Condition } from '../lists/condition.ts';
import { conditionOf } from '../lists/filter.ts';
import { remembered } from '../lists/remembered.ts';
import { ownerOf } from './asked.ts';

interface Called {
  label: number;
  photos: number;
}

/** Of a head that is not in use nothing is counted beforehand: it reads all features that are known. */
function countedAnew(catalog: Catalog, headId: number | null, condition: Condition): Called[] {
  const { sql, values } = condition;
  return remembered(catalog, ['called', headId, sql, values], () => {
    const photos = new Map<number, number>();
    for (const { index, also = [] } of judgedBy(catalog, { by: 'head', headId }, condition).of.values())
      for (const each of [index, ...also.map((other) => other.index)])
        photos.set(each, (photos.get(each) ?? 0) + 1);
    const found = Array.from(photos, ([label, many]) => ({ label, photos: many }));
    return found.sort((one, other) => other.photos - one.photos || one.label - other.label);
  });
}

/** @throws SaccadeError as `ownerOf` */
export function labelsCalled(
  catalog: Catalog,
  { headId, filter = {}, limit }: Request<'looks.labels'>,
): Answer<'looks.labels'> {
  const { labels } = ownerOf(catalog, headId);
  const condition = conditionOf(catalog, filter);
  const inUse = shownHead(catalog)?.row.id ?? null;
  const all = inUse === headId ? labelCounts(catalog, condition) : countedAnew(catalog, headId, condition);
  return {
    items: all
      .slice(0, limit)
      .map(({ label, photos }) => ({ index: label, label: labels.label(label), photos })),
  };
}
