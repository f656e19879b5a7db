/** Lists in the order of the probabilities of labels that are wanted, where one of them holds of photos beside their first. */
import { has, idsOfAll } from '../catalog/id-sets.ts';
import type { Catalog } from '../catalog/database.ts';
import type { Wanted } from './condition.ts';
import { memoryOf } from './remembered.ts';
import { among, both, setOf, type Part } from './sets.ts';

/** Photos ascending by value, then by id. */
export interface Confidences {
  ids: Int32Array;
  /** Probabilities in steps of 2⁻²⁴, as fine as a stored one is near 1; what is unknown is 0. */
  values: Int32Array;
}

const steps = 2 ** 24;
/** More than there are photos: a value and a place make one number so, and numbers sort without asking a function. */
const room = 2 ** 28;

/** Eight bytes a photo each. */
const kept = memoryOf(6);

/**
 * By the likeliest label of a group that a photo has; of several groups, by the one that is least likely. A photo that
 * has no such label, as one that a person's word leads to, goes by its first.
 */
export function confidencesOf(
  catalog: Catalog,
  { sql, values }: Part,
  { groups, bounds }: Wanted,
): Confidences {
  return kept(catalog, [sql, values, groups, bounds], () => {
    const found = setOf(catalog, `SELECT id FROM photos WHERE ${sql}`, values);
    const least = new Int32Array(found.bits.length * 8).fill(unknown);
    for (const labels of groups) {
      const most = new Int32Array(least.length).fill(-1);
      const wanted = both([among('label', labels), ...bounds]);
      const take = (id: number, value: number) => (most[id] = Math.max(most[id]!, value));
      eachValue(
        catalog,
        'id',
        { ...wanted, sql: `photos INDEXED BY photos_by_label WHERE ${wanted.sql}` },
        take,
      );
      eachValue(catalog, 'photo_id', { ...wanted, sql: `further_labels WHERE ${wanted.sql}` }, take);
      for (let id = 0; id < most.length; id++)
        if (most[id]! >= 0 && most[id]! < least[id]!) least[id] = most[id]!;
    }
    const ids = new Int32Array(found.size);
    let count = 0;
    for (let id = 0; id < least.length; id++) if (has(found.bits, id)) ids[count++] = id;
    const others = ids.filter((id) => least[id] === unknown);
    const named = {
      sql: 'photos WHERE id IN (SELECT value FROM json_each(?))',
      values: [JSON.stringify([...others])],
    };
    if (others.length) eachValue(catalog, 'id', named, (id, value) => (least[id] = value));
    return sorted(ids, least);
  });
}

/** Above all values. */
const unknown = 2 ** 30;

/** @param ids ascending @param valueOf by id */
function sorted(ids: Int32Array, valueOf: Int32Array): Confidences {
  const keys = new Float64Array(ids.length);
  for (let place = 0; place < ids.length; place++) keys[place] = valueOf[ids[place]!]! * room + place;
  keys.sort();
  const order = { ids: new Int32Array(ids.length), values: new Int32Array(ids.length) };
  for (let i = 0; i < keys.length; i++) {
    const value = Math.floor(keys[i]! / room);
    order.values[i] = value;
    order.ids[i] = ids[keys[i]! - value * room]!;
  }
  return order;
}

function eachValue(
  catalog: Catalog,
  id: 'id' | 'photo_id',
  { sql, values }: Part,
  take: (id: number, value: number) => void,
): void {
  const value = `CAST(max(probability, 0) * ${steps} AS INTEGER)`;
  const pairs = idsOfAll(catalog, `SELECT ${id} || ',' || ${value} AS id FROM ${sql}`, ...values);
  for (let i = 0; i < pairs.length; i += 2) take(pairs[i]!, pairs[i + 1]!);
}

/** How many come before this value and id. */
export function placeOf({ ids, values }: Confidences, value: number, id: number): number {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const before = values[middle]! < value || (values[middle] === value && ids[middle]! < id);
    if (before) from = middle + 1;
    else to = middle;
  }
  return from;
}
