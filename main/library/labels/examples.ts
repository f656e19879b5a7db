/** Examples as teaching takes them: what each file holds, its feature, and its names as labels. */
import type { Examples } from '../../../models/heads/examples.ts';
import { nameKey, namesOf } from '../../../models/heads/label-names.ts';
import type { Label } from '../../../models/manifest.ts';
import { eachOf } from '../../schedule/each.ts';
import type { Catalog } from '../catalog/database.ts';
import { featuresOf } from '../catalog/features.ts';
import { contentNow } from '../catalog/path-contents.ts';
import { shownLabels } from '../lists/labels.ts';
import type { Found } from './sources.ts';

const filesAtOnce = 16;

/** In the order of `paths`; see `contentNow`. */
export async function contentsNow(
  catalog: Catalog,
  paths: readonly string[],
  outOfReach: Parameters<typeof contentNow>[2],
) {
  const contents = paths.map((path) => ({ path, contentId: null as number | null, error: null }));
  await eachOf(contents, filesAtOnce, async (each) => {
    each.contentId = await contentNow(catalog, each.path, outOfReach);
  });
  return contents;
}

export interface Gathered {
  examples: Examples;
  labels: Label[];
  /** Of each example. */
  paths: string[];
  contentIds: number[];
}

/**
 * By each of their names, the labels that share no name with another: ImageNet has two cranes, of which the bird is
 * another word in Chinese than the machine.
 */
function byName(labels: readonly Label[]): Map<string, Label> {
  const keysOf = (label: Label) => [...new Set(namesOf(label).map(nameKey))];
  const called = new Map<string, number>();
  for (const key of labels.flatMap(keysOf)) called.set(key, (called.get(key) ?? 0) + 1);
  const alone = labels.filter((label) => keysOf(label).every((key) => called.get(key) === 1));
  return new Map(alone.flatMap((label) => keysOf(label).map((key) => [key, label] as const)));
}

/**
 * Names become labels, one for all names of a label that is shown: a person's 船 and a confirmed "ship" are the same. It
 * is called by its English name where anybody said that, and else as it was said first.
 */
export function gatherExamples(
  catalog: Catalog,
  keyId: number,
  contents: readonly { path: string; contentId: number | null }[],
  found: Found,
): Gathered {
  const features = featuresOf(
    catalog,
    keyId,
    contents.flatMap(({ contentId }) => contentId ?? []),
  );
  const known = byName(shownLabels(catalog).all);
  const labels = new Map<string, Label>();
  const rows: { path: string; contentId: number; ids: string[] }[] = [];
  for (const { path, contentId } of contents) {
    const names = found.labelsOf(path);
    if (names === null || contentId === null || !features.rows.has(contentId)) continue;
    const ids = names.map((name) => {
      const own = nameKey(name);
      const shown = known.get(own);
      const english = shown?.names?.['en'] ?? shown?.name ?? name;
      const key = nameKey(english);
      const before = labels.get(key);
      if (!before || (own === key && nameKey(before.name) !== key))
        labels.set(key, {
          ...shown,
          names: own === key ? shown?.names : { ...shown?.names, en: english },
          id: key,
          name,
        });
      return key;
    });
    rows.push({ path, contentId, ids: [...new Set(ids)] });
  }
  const { length } = features;
  const data = new Float16Array(rows.length * length);
  for (const [i, { contentId }] of rows.entries()) {
    const row = features.rows.get(contentId)!;
    data.set(features.data.subarray(row * length, (row + 1) * length), i * length);
  }
  return {
    examples: {
      features: { data, length },
      labels: rows.map(({ ids }) => ids),
      names: rows.map(({ path }) => path),
      contents: rows.map(({ contentId }) => String(contentId)),
    },
    paths: rows.map(({ path }) => path),
    contentIds: rows.map(({ contentId }) => contentId),
    labels: [...labels.values()].sort((a, b) => a.name.localeCompare(b.name)),
  };
}
