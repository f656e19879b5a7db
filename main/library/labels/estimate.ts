/**
 * How right the head in use is on this library, from a person's word on photos drawn at random. They are drawn in an
 * order of their own that depends on nothing but the photo, so that the judged ones at its beginning are a random
 * sample of all whatever was looked at elsewhere; and no head is taught with them.
 */
import { estimate as share } from '../../../models/heads/audit.ts';
import { isCalled, noneOfThese } from '../../../models/heads/label-names.ts';
import type { Label } from '../../../models/manifest.ts';
import type { PersonWords } from '../../contract/entities/photo.ts';
import type { Estimate } from '../../contract/entities/review.ts';
import type { Catalog } from '../catalog/database.ts';
import { wordsOf } from '../catalog/person.ts';
import { isLabelled } from '../catalog/shown.ts';
import { predictionsOf, rowsOf } from '../lists/items.ts';
import { shownLabels } from '../lists/labels.ts';
import type { Condition } from '../lists/condition.ts';

/** Photos with an answer that were not learnt from. @param label index of the head in use; undefined: any */
export function population({ sql, values }: Condition, label: number | undefined): Condition {
  return {
    sql: `${sql} AND ${isLabelled} ${label === undefined ? '' : 'AND label = ?'}
      AND NOT EXISTS (SELECT 1 FROM person_words w WHERE w.photo_id = photos.id AND w.drawn = 0)`,
    values: label === undefined ? values : [...values, label],
  };
}

const atOnce = 100;

export function estimateOf(catalog: Catalog, condition: Condition, label: number | undefined): Estimate {
  const { sql, values } = population(condition, label);
  const { n } = catalog.one<{ n: number }>(`SELECT count(*) AS n FROM photos WHERE ${sql}`, ...values)!;
  // Of the order only its beginning can be judged: at most as many as were drawn.
  const drawn = catalog.one<{ n: number }>('SELECT count(*) AS n FROM person_words WHERE drawn = 1')!.n;
  const ids = catalog
    .all<{ id: number }>(
      `SELECT id FROM photos WHERE ${sql} ORDER BY draw_order(id), id LIMIT ?`,
      ...values,
      drawn,
    )
    .map(({ id }) => id);
  let judged = 0;
  let right = 0;
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce);
    const words = wordsOf(catalog, some);
    const tops = predictionsOf(rowsOf(catalog, some), shownLabels(catalog), 1);
    for (const [i, id] of some.entries()) {
      const said = tops[i]![0]?.label;
      const verdict = said === undefined ? null : isRight(said, words.get(id));
      if (verdict === null) return { population: n, judged, share: share(right, judged, n) };
      judged++;
      if (verdict) right++;
    }
  }
  return { population: n, judged, share: share(right, judged, n) };
}

/** Null: the person's word does not decide it. */
function isRight(said: Label, words: PersonWords | undefined): boolean | null {
  if (!words) return null;
  if (said.id === noneOfThese.id) return words.none || (words.labels.length ? false : null);
  const has = (names: string[]) => names.some((name) => isCalled(said, name));
  if (has(words.labels)) return true;
  return words.labels.length || words.none || has(words.rejected) ? false : null;
}
