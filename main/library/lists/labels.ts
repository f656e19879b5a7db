/** The labels of the model shown, kept between questions. */
import type { Label } from '../../../models/manifest.ts';
import { labelAt } from '../../../models/manifest.ts';
import type { Catalog } from '../catalog/database.ts';
import { searchable } from '../catalog/keys.ts';
import { modelOfKey } from '../catalog/results.ts';
import type { ShownModel } from '../catalog/results.ts';
import { shownKeyId } from '../catalog/shown.ts';

export interface ShownLabels {
  keyId: number | null;
  model: ShownModel | null;
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
  const keyId = shownKeyId(catalog);
  const have = kept.get(catalog);
  if (have && have.labels.keyId === keyId) return have.labels;
  const model = keyId === null ? null : modelOfKey(catalog, keyId);
  const words = (model?.labels ?? []).map(({ name, names, id }) =>
    searchable([name, id, ...Object.values(names ?? {})].join('\n')),
  );
  const labels: ShownLabels = {
    keyId,
    model,
    label: (index) => labelAt(model?.labels ?? [], index),
    containing: (word) => words.flatMap((text, index) => (text.includes(word) ? [index] : [])),
  };
  kept.set(catalog, { labels, words });
  return labels;
}
