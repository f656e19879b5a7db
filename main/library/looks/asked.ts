/** Whose label is looked at, and which photos have it. */
import { SaccadeError } from '../../../models/error.ts';
import type { Head } from '../../../models/heads/head.ts';
import { type Label, labelAt } from '../../../models/manifest.ts';
import type { PhotoFilter } from '../../contract/requests.ts';
import type { MapJudge } from '../../contract/looks.ts';
import type { Catalog } from '../catalog/database.ts';
import { headRow, readHead } from '../catalog/heads.ts';
import type { MapOwner } from '../catalog/label-maps.ts';
import { keyOfModel, modelOfKey } from '../catalog/results.ts';
import { isLabelled, shownHead, shownKeyId } from '../catalog/shown.ts';
import { judgedBy } from '../labels/judges.ts';
import { conditionOf } from '../lists/filter.ts';
import { labelsOfHead, type ShownLabels } from '../lists/labels.ts';

export interface Owner extends MapOwner {
  /** Null: the model's own. */
  head: Head | null;
  labels: ShownLabels;
}

/** A head of the chosen model. @throws SaccadeError `no-head`, `head-of-another-model`, `no-results` */
export function ownerOf(catalog: Catalog, headId: number | null): Owner {
  const keyId = shownKeyId(catalog);
  if (keyId === null)
    throw new SaccadeError(
      'no-results',
      'Expected photos that the chosen model has classified; found none. Classify some with it first.',
    );
  const labels = labelsOfHead(catalog, headId);
  if (headId === null) return { keyId, id: 0, version: 0, head: null, labels };
  const row = headRow(catalog, headId);
  return { keyId, id: headId, version: row.version, head: readHead(catalog, row), labels };
}

/** @throws SaccadeError `no-such-class` */
export function checkLabel({ labels, head }: Owner, label: number): void {
  const rows = labels.all.length + (head?.none ? 1 : 0);
  if (label < rows) return;
  throw new SaccadeError('no-such-class', `Expected a label of 0 … ${rows - 1} to look at; found ${label}.`);
}

export interface Called {
  id: number;
  label: number;
  probability: number;
}

/** The same content counts once, by the first of its photos in the list. */
function oncePerContent(catalog: Catalog, called: Called[]): Called[] {
  const contents = new Map(
    catalog
      .all<{ id: number; content: number }>(
        `SELECT id, content_id AS content FROM photos
         WHERE content_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(called.map(({ id }) => id)),
      )
      .map(({ id, content }) => [id, content]),
  );
  const seen = new Set<number>();
  return called.filter(({ id }) => {
    const content = contents.get(id);
    if (content === undefined || seen.has(content)) return false;
    seen.add(content);
    return true;
  });
}

/** Photos by the head's own first label, or those of which one label holds, be it the first or not, surest first. */
export function photosCalled(
  catalog: Catalog,
  owner: Owner,
  label: number | null,
  filter: PhotoFilter = {},
): Called[] {
  const condition = conditionOf(catalog, filter);
  const inUse = shownHead(catalog)?.row.id ?? 0;
  if (inUse === owner.id)
    return oncePerContent(
      catalog,
      catalog.all<Called>(
        `SELECT id, label, probability FROM photos WHERE ${condition.sql} AND ${label === null ? 'label IS NOT NULL' : 'label = ?'}
         AND ${isLabelled}
         UNION ALL SELECT photo_id, label, probability FROM further_labels
         WHERE label = ? AND photo_id IN (SELECT id FROM photos WHERE ${condition.sql}) ORDER BY probability DESC, id`,
        ...condition.values,
        ...(label === null ? [] : [label]),
        label,
        ...condition.values,
      ),
    );
  const { of } = judgedBy(catalog, { by: 'head', headId: owner.id || null }, condition);
  return oncePerContent(
    catalog,
    [...of]
      .flatMap(([id, { also = [], ...first }]) =>
        (label === null ? [first] : [first, ...also]).map(({ index, probability }) => ({
          id,
          label: index,
          probability,
        })),
      )
      .filter((each) => label === null || each.label === label)
      .sort((a, b) => b.probability - a.probability || a.id - b.id),
  );
}

export interface JudgedMaps {
  owner: MapOwner;
  called(filter: PhotoFilter): Called[];
  label(index: number): Label;
}

/** Whose maps a judge has, each for its own first label. @throws SaccadeError as `ownerOf` */
export function judgedMaps(catalog: Catalog, judge: MapJudge): JudgedMaps {
  if (judge.by === 'head') {
    const owner = ownerOf(catalog, judge.headId);
    const { label } = owner.labels;
    return { owner, called: (filter) => photosCalled(catalog, owner, null, filter), label };
  }
  const keyId = keyOfModel(catalog, judge.modelId);
  if (keyId === null)
    throw new SaccadeError(
      'no-results',
      `Expected photos that ${judge.modelId} has classified; found none. Classify some with it first.`,
    );
  const { labels } = modelOfKey(catalog, keyId);
  return {
    owner: { keyId, id: 0, version: 0 },
    called: (filter) =>
      oncePerContent(
        catalog,
        [...judgedBy(catalog, judge, conditionOf(catalog, filter)).of].map(
          ([id, { index, probability }]) => ({
            id,
            label: index,
            probability,
          }),
        ),
      ),
    label: (index) => labelAt(labels, index),
  };
}
