/** Photos by labels that hold of them beside their first: as conditions, and counted. */
import { anyFurther } from '../catalog/further-labels.ts';
import type { Catalog } from '../catalog/database.ts';
import { common, sizeOf } from '../catalog/id-sets.ts';
import { statusNumber } from '../../contract/values.ts';
import type { Condition, StatusRow } from './condition.ts';
import type { Alone } from './label-set.ts';
import { remembered } from './remembered.ts';
import { among, both, isLarge, type Part, setCondition, setOf } from './sets.ts';

/** Only photos that are sure have any. */
const ok = statusNumber('ok');

/** Rows of it look like photos, one a label. */
const asPhotos = `(SELECT label, photo_id AS id, folder_id, probability, ${ok} AS status FROM further_labels)`;

/** `photo_counts`, and what to ask in its place for how many photos have a label, be it their first or not. */
export const countsOf = (further: boolean): string =>
  further
    ? `(SELECT folder_id, label, status, photos FROM photo_counts
        UNION ALL SELECT folder_id, label, ${ok} AS status, photos FROM further_counts)`
    : 'photo_counts';

/** Null: there are none. @param bounds of the label's own probability */
export function furtherCondition(
  catalog: Catalog,
  labels: readonly number[],
  bounds: readonly Part[],
): (Part & { large: boolean }) | null {
  if (!anyFurther(catalog, labels)) return null;
  const { sql, values } = both([among('label', labels), ...bounds]);
  const set = setOf(catalog, `SELECT photo_id AS id FROM further_labels WHERE ${sql}`, values);
  return { ...setCondition(catalog, set), large: isLarge(set) };
}

/** Labels of so few photos are found by their ids; of more all there are are passed. */
const lookedUp = 65_536;

/** How many photos of a condition each label holds of beside their first. */
export function furtherUnder(catalog: Catalog, condition: Condition): { label: number; photos: number }[] {
  if (!anyFurther(catalog)) return [];
  const { found, beside = { bounds: [], rest: condition, plain: false } } = condition;
  const { bounds, rest, plain } = beside;
  return remembered(catalog, ['further under', rest.sql, rest.values, bounds], () => {
    const countedBy = (where: Part) => {
      const { sql, values } = both([where, ...bounds]);
      return catalog.all<{ label: number; photos: number }>(
        `SELECT label, count(*) AS photos FROM
           ${asPhotos}
         WHERE ${sql} GROUP BY label`,
        ...values,
      );
    };
    if (plain) return countedBy(rest);
    if (found?.plain) return countedBy(both([found, setCondition(catalog, found.set, lookedUp)]));
    const set = setOf(catalog, `SELECT id FROM photos WHERE ${rest.sql}`, rest.values);
    return countedBy(setCondition(catalog, set, lookedUp));
  });
}

/**
 * Photos that have any of some labels, all of them, or none, by status. Only those that are sure have labels beside their first,
 * so that of all others the counts that are kept are enough.
 * @param plain of folder and status @param kept the same on `photo_counts`
 */
export function statesOf(catalog: Catalog, plain: Part, kept: Part, alone: Alone): StatusRow[] {
  return remembered(catalog, ['states', plain, kept, alone], () => {
    const { labels, match, bounds } = alone;
    const byFirst = 'photos INDEXED BY photos_by_label';
    const having = (some: readonly number[]) => both([plain, among('label', some), ...bounds]);
    const photosOf = (some: readonly number[]) => {
      const { sql, values } = having(some);
      const ids = `SELECT id FROM ${byFirst} WHERE ${sql} UNION ALL SELECT id FROM ${asPhotos} WHERE ${sql}`;
      return setOf(catalog, ids, [...values, ...values]);
    };
    if (match === 'all') {
      const [one, ...others] = labels.map((label) => photosOf([label]).bits);
      return [{ status: ok, photos: sizeOf(others.reduce(common, one!)) }];
    }
    const counted = (what: string, from: string, { sql, values }: Part) =>
      new Map(
        catalog
          .all<StatusRow>(
            `SELECT status, ${what} AS photos FROM ${from} WHERE ${sql} GROUP BY status`,
            ...values,
          )
          .map(({ status, photos }) => [status, photos]),
      );
    const keptBy = (where: Part) => counted('sum(photos)', 'photo_counts', where);
    const states = bounds.length
      ? counted('count(*)', byFirst, having(labels))
      : keptBy(both([kept, among('label', labels)]));
    const all = (byStatus: Map<number, number>) => byStatus.values().reduce((sum, photos) => sum + photos, 0);
    // No label is a photo's first and a further one, so that of one label those of either are different photos.
    const beside =
      labels.length === 1
        ? all(counted('count(*)', asPhotos, having(labels)))
        : photosOf(labels).size - all(states);
    states.set(ok, (states.get(ok) ?? 0) + beside);
    const found = match === 'any' ? states : keptBy(kept);
    if (match === 'none')
      for (const [status, photos] of states) found.set(status, (found.get(status) ?? 0) - photos);
    return Array.from(found, ([status, photos]) => ({ status, photos }));
  });
}
