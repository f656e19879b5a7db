/** The labels of the head in use, kept between questions. */
import { holdsFrom } from '../../../models/heads/apply.ts';
import { checkFits, type Head } from '../../../models/heads/head.ts';
import { nameKey, namesOf, noneOfThese } from '../../../models/heads/label-names.ts';
import type { Label } from '../../../models/manifest.ts';
import { labelAt } from '../../../models/manifest.ts';
import type { Catalog } from '../catalog/database.ts';
import { headRow, readHead } from '../catalog/heads.ts';
import { searchable } from '../catalog/keys.ts';
import { modelOfKey } from '../catalog/results.ts';
import type { ShownModel } from '../catalog/results.ts';
import { shownDoubt, shownHead, shownKeyId } from '../catalog/shown.ts';

export interface ShownLabels {
  keyId: number | null;
  model: ShownModel | null;
  /** Null: what the model came with. */
  head: Head | null;
  /** Of several labels that may hold: from which probability each is given; null: the first alone is (`apply.ts`). */
  holdsFrom: number | null;
  /** In the order of their indices; without "none of these". */
  all: readonly Label[];
  /** A class the model's labels don't name keeps its number. */
  label(index: number): Label;
  /** The one label that has this name, in whatever language, its own name first; undefined: none has, or several. */
  called(name: string): Label | undefined;
  /** Classes whose name in any language contains `word`, or whose id it is; `searchable` already. */
  containing(word: string): number[];
}

interface Kept {
  labels: ShownLabels;
  version: string;
}

const kept = new WeakMap<Catalog, Kept>();

export function shownLabels(catalog: Catalog): ShownLabels {
  const keyId = shownKeyId(catalog);
  const used = shownHead(catalog);
  const version = JSON.stringify([
    keyId,
    shownDoubt(catalog),
    used && [used.row.id, used.row.version, used.row.name, used.row.doubt],
  ]);
  const have = kept.get(catalog);
  if (have && have.version === version) return have.labels;
  const model = keyId === null ? null : modelOfKey(catalog, keyId);
  const labels = labelsBy(keyId, model, used?.head ?? null);
  kept.set(catalog, { labels, version });
  return labels;
}

/** As if that head were in use; null: what the model came with. @throws SaccadeError `no-head`, `head-of-another-model` */
export function labelsOfHead(catalog: Catalog, headId: number | null): ShownLabels {
  const { keyId, model } = shownLabels(catalog);
  const head = headId === null ? null : readHead(catalog, headRow(catalog, headId));
  if (head && model && keyId !== null) {
    const { hash } = catalog.one<{ hash: string }>(
      'SELECT model_hash AS hash FROM result_keys WHERE id = ?',
      keyId,
    )!;
    checkFits(head, { ...head.fits, model: model.id, weights: hash });
  }
  return labelsBy(keyId, model, head);
}

/** `nameKey` of this name and, where a label of the head in use is called so in some language, of all its names. */
export function keysOfName(catalog: Catalog, name: string): string[] {
  const labels = shownLabels(catalog);
  const label = labels.called(name);
  const others = label ? namesOf(label).filter((other) => labels.called(other) === label) : [];
  return [...new Set([name, ...others].map(nameKey))];
}

function labelsBy(keyId: number | null, model: ShownModel | null, head: Head | null): ShownLabels {
  const all = head?.labels ?? model?.labels ?? [];
  const rows = head?.none ? [...all, noneOfThese] : all;
  const words = rows.map((label) => searchable(namesOf(label).join('\n')));
  const ids = rows.map(({ id }) => searchable(id));
  let named: ReadonlyMap<string, Label | null> | undefined;
  return {
    keyId,
    model,
    head,
    holdsFrom: head ? holdsFrom(head) : (model?.holdsFrom ?? null),
    all,
    label: (index) => labelAt(rows, index),
    called: (name) => (named ??= byName(rows)).get(nameKey(name)) ?? undefined,
    // Part of an id means nothing: every second of WordNet's has a 7.
    containing: (word) =>
      words.flatMap((text, index) => (text.includes(word) || ids[index] === word ? [index] : [])),
  };
}

/** By the keys of their own names, then of those in other languages; null: several are called so. */
function byName(rows: readonly Label[]): ReadonlyMap<string, Label | null> {
  const found = new Map<string, Label | null>();
  for (const label of rows) found.set(nameKey(label.name), label);
  const own = new Set(found.keys());
  for (const label of rows)
    for (const key of new Set(namesOf(label).map(nameKey)))
      if (!own.has(key)) found.set(key, found.has(key) ? null : label);
  return found;
}
