/** The labels of the session shown, kept between questions. */
import type { Label } from '../../../models/manifest.ts';
import type { Catalog } from '../catalog/database.ts';
import { searchable } from '../catalog/keys.ts';
import { modelOfSession } from '../catalog/results.ts';
import type { SessionModel } from '../catalog/results.ts';
import { shownSession } from '../catalog/shown.ts';

export interface ShownLabels {
  session: number | null;
  model: SessionModel | null;
  /** A class the model's labels don't name keeps its number. */
  label(index: number): Label;
  /** Classes whose name in any language contains `word`, which is `searchable` already. */
  containing(word: string): number[];
}

interface Kept {
  labels: ShownLabels;
  words: string[];
}

const kept = new WeakMap<Catalog, Kept>();

export function shownLabels(catalog: Catalog): ShownLabels {
  const session = shownSession(catalog);
  const have = kept.get(catalog);
  if (have && have.labels.session === session) return have.labels;
  const model = session === null ? null : modelOfSession(catalog, session);
  const words = (model?.labels ?? []).map(({ name, names, id }) =>
    searchable([name, id, ...Object.values(names ?? {})].join('\n')),
  );
  const labels: ShownLabels = {
    session,
    model,
    label: (index) => model?.labels[index] ?? { id: String(index), name: String(index) },
    containing: (word) => words.flatMap((text, index) => (text.includes(word) ? [index] : [])),
  };
  kept.set(catalog, { labels, words });
  return labels;
}
