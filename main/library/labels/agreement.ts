/** Two judges side by side: who says what, as a table whose cells can be opened, and where they differ. */
import { nameKey } from '../../../models/heads/label-names.ts';
import { wilson } from '../../../models/heads/figures.ts';
import type { Agreement } from '../../contract/label-entities.ts';
import type { Catalog } from '../catalog/database.ts';
import { openComparison } from '../catalog/compared.ts';
import type { Condition } from '../lists/filter.ts';
import { type Judge, judgedBy } from './judges.ts';

export function agreement(catalog: Catalog, rows: Judge, columns: Judge, condition: Condition): Agreement {
  const a = judgedBy(catalog, rows, condition);
  const b = judgedBy(catalog, columns, condition);
  const counts = Array.from({ length: a.labels.length + 1 }, () =>
    new Array<number>(b.labels.length + 1).fill(0),
  );
  let both = 0;
  let same = 0;
  openComparison(catalog);
  catalog.transaction(() => {
    catalog.run('DELETE FROM temp.compared');
    for (const id of new Set([...a.of.keys(), ...b.of.keys()])) {
      const row = a.of.get(id)?.index ?? a.labels.length;
      const column = b.of.get(id)?.index ?? b.labels.length;
      counts[row]![column]! += 1;
      catalog.run('INSERT INTO temp.compared (photo_id, row, col) VALUES (?, ?, ?)', id, row, column);
      if (row === a.labels.length || column === b.labels.length) continue;
      both++;
      if (nameKey(a.labels[row]!.name) === nameKey(b.labels[column]!.name)) same++;
    }
  });
  const said = ({ name, labels }: typeof a) => ({ name, labels: labels.map((label) => label.name) });
  return { rows: said(a), columns: said(b), counts, agree: wilson(same, both) };
}

export interface Difference {
  photoId: number;
  given: string;
  likely: string;
  givenProbability: number;
  likelyProbability: number;
}

/** Where the two say different names, both surest first. */
export function differences(catalog: Catalog, one: Judge, other: Judge, condition: Condition): Difference[] {
  const a = judgedBy(catalog, one, condition);
  const b = judgedBy(catalog, other, condition);
  const found: Difference[] = [];
  for (const [photoId, first] of a.of) {
    const second = b.of.get(photoId);
    if (!second) continue;
    const given = a.labels[first.index]?.name ?? String(first.index);
    const likely = b.labels[second.index]?.name ?? String(second.index);
    if (nameKey(given) === nameKey(likely)) continue;
    found.push({
      photoId,
      given,
      likely,
      givenProbability: first.probability,
      likelyProbability: second.probability,
    });
  }
  const strength = ({ givenProbability, likelyProbability }: Difference) =>
    givenProbability * likelyProbability;
  return found.sort((x, y) => strength(y) - strength(x) || x.photoId - y.photoId);
}
