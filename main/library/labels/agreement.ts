/** Two judges side by side: who says what, as a table whose cells can be opened, and where they differ. */
import { sameLabel } from '../../../models/heads/label-names.ts';
import { type Label, labelAt } from '../../../models/manifest.ts';
import { wilson } from '../../../models/heads/figures.ts';
import type { Judge } from '../../contract/labels.ts';
import type { Agreement } from '../../contract/entities/review.ts';
import type { Catalog } from '../catalog/database.ts';
import { keepComparison } from '../catalog/compared.ts';
import type { Condition } from '../lists/condition.ts';
import { type Judged, judgedBy, type Judgement } from './judges.ts';

export function agreement(catalog: Catalog, rows: Judge, columns: Judge, condition: Condition): Agreement {
  const [a, b] = judgedByBoth(catalog, rows, columns, condition).map(given) as [Judged, Judged];
  const cells = new Map<number, Agreement['cells'][number]>();
  let both = 0;
  let same = 0;
  const photos = [...new Set([...a.of.keys(), ...b.of.keys()])].map((photoId) => ({
    photoId,
    row: a.of.get(photoId)?.index ?? a.labels.length,
    column: b.of.get(photoId)?.index ?? b.labels.length,
  }));
  for (const { row, column } of photos) {
    const key = row * (b.labels.length + 1) + column;
    const cell = cells.get(key) ?? { row, column, photos: 0 };
    cells.set(key, { ...cell, photos: cell.photos + 1 });
    if (row === a.labels.length || column === b.labels.length) continue;
    both++;
    if (sameLabel(a.labels[row]!, b.labels[column]!)) same++;
  }
  const comparison = keepComparison(catalog, photos);
  const said = ({ name, labels }: typeof a) => ({ name, labels });
  const most = [...cells.values()].sort(
    (x, y) => y.photos - x.photos || x.row - y.row || x.column - y.column,
  );
  return { comparison, rows: said(a), columns: said(b), cells: most, agree: wilson(same, both) };
}

function judgedByBoth(
  catalog: Catalog,
  one: Judge,
  other: Judge,
  condition: Condition,
): [a: Judged, b: Judged] {
  const [a, b] = [judgedBy(catalog, one, condition), judgedBy(catalog, other, condition)];
  const first = meeting(a, b);
  return [first, meeting(b, first)];
}

/** Of several labels of a photo the one that the other judge gives it too, where there is one; else the first. */
function meeting(judged: Judged, other: Judged): Judged {
  const all = ({ also = [], ...first }: Judgement) => [first, ...also];
  const of = new Map(judged.of);
  for (const [id, said] of judged.of) {
    const against = said.also && other.of.get(id);
    if (!against) continue;
    const labels = all(against).map(({ index }) => labelAt(other.labels, index));
    const met = all(said).find(({ index }) =>
      labels.some((label) => sameLabel(label, labelAt(judged.labels, index))),
    );
    if (met) of.set(id, met);
  }
  return { ...judged, of };
}

/** With the labels that are given to any photo and no others: a head may have ten thousand. */
function given({ name, labels, of }: Judged): Judged {
  const used = [...new Set([...of.values()].map(({ index }) => index))].sort((x, y) => x - y);
  const place = new Map(used.map((index, i) => [index, i]));
  return {
    name,
    labels: used.map((index) => labelAt(labels, index)),
    of: new Map([...of].map(([id, said]) => [id, { ...said, index: place.get(said.index)! }])),
  };
}

export interface Difference {
  photoId: number;
  given: Label;
  likely: Label;
  givenProbability: number;
  likelyProbability: number;
  /** How strongly the two are at odds, compared with others of the same kind. */
  strength: number;
}

/** Where the two say different names; strongest where both are surest. In no order. */
export function differences(catalog: Catalog, one: Judge, other: Judge, condition: Condition): Difference[] {
  const [a, b] = judgedByBoth(catalog, one, other, condition);
  const found: Difference[] = [];
  for (const [photoId, first] of a.of) {
    const second = b.of.get(photoId);
    if (!second) continue;
    const [said, other] = [labelAt(a.labels, first.index), labelAt(b.labels, second.index)];
    if (sameLabel(said, other)) continue;
    found.push({
      photoId,
      given: said,
      likely: other,
      givenProbability: first.probability,
      likelyProbability: second.probability,
      strength: first.probability * second.probability,
    });
  }
  return found;
}
